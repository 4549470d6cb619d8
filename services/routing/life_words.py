"""What staff read where a request's life refuses: second decisions, and clocks that stand still."""

from services.runtime.web.words import Phrase, Words

LIFE_WORDS = Words(
    {
        "error.not_this_customers": Phrase("This is not the same customer's.", "Ceci n'appartient pas au même client."),
        "error.redecide.same": Phrase(
            "Not saved: with what you entered the decision stays the same. Enter what the papers say differently.",
            "Non enregistré : avec ce que vous avez saisi, la décision reste la même. Saisissez ce que les pièces disent d'autre.",
        ),
        "error.redecide.contract_desk_only": Phrase(
            "Not saved: only the contract desk enters coverage. Hand the case over to it.",
            "Non enregistré : seul le service des contrats saisit une couverture. Transmettez-lui le dossier.",
        ),
        "error.redecide.cancelled": Phrase(
            "Not saved: the request was cancelled, and that is final.",
            "Non enregistré : la demande est annulée, et c'est définitif.",
        ),
        "error.redecide.en_route": Phrase(
            "Not saved: a technician is on the way. Let the dispatcher take the job back first, or decide after the visit.",
            "Non enregistré : un technicien est en route. Que la répartition reprenne d'abord l'intervention, ou décidez après la visite.",
        ),
        "error.redecide.on_site": Phrase(
            "Not saved: a technician is on site. Decide again after the visit.",
            "Non enregistré : un technicien est sur place. Décidez de nouveau après la visite.",
        ),
        "error.redecide.package": Phrase(
            "Not saved: the device is on its way to the depot or there. Decide again when it is back.",
            "Non enregistré : l'appareil est en chemin vers l'atelier ou y est déjà. Décidez de nouveau à son retour.",
        ),
        "waits.customer": Phrase(
            "The clock has been stopped since {time}: waiting for the customer's answer.",
            "Le délai est suspendu depuis {time} : en attente de la réponse du client.",
        ),
        "waits.site_access": Phrase(
            "The clock has been stopped since {time}: waiting for access to the site.",
            "Le délai est suspendu depuis {time} : en attente d'un accès au site.",
        ),
        "waits.wait": Phrase("Wait for the customer", "Attendre le client"),
        "waits.answer": Phrase("The customer's answer", "La réponse du client"),
        "waits.go_on": Phrase("Go on: the clock runs again", "Reprendre : le délai court de nouveau"),
        "waits.what_for": Phrase("What for?", "Pourquoi?"),
        "waits.for.customer": Phrase("An answer", "Une réponse"),
        "waits.for.site_access": Phrase("Access to the site", "Un accès au site"),
        "waits.note": Phrase("What the customer reads", "Ce que le client lira"),
        "error.wait.waits_already": Phrase(
            "Not saved: the clock stands still already.", "Non enregistré : le délai est déjà suspendu."
        ),
        "error.wait.no_clock": Phrase(
            "Not saved: no response time is running that could wait.",
            "Non enregistré : aucun délai de réponse ne court.",
        ),
        "error.wait.not_waiting": Phrase(
            "Not saved: the clock was not standing still.", "Non enregistré : le délai n'était pas suspendu."
        ),
        "error.work_order.revise": Phrase(
            "Not saved: what is promised changed at {time}; read the job again. {name}",
            "Non enregistré : ce qui est promis a changé à {time}; relisez l'intervention. {name}",
        ),
    }
)
