"""What customers read of what they may ask: to give what is missing, cancel, reopen, dispute; and why it was refused."""

from services.runtime.web.words import Phrase, Words

COMMAND_WORDS = Words(
    {
        "refused.amend": Phrase("What you added could not be used.", "Ce que vous avez ajouté n'a pu servir."),
        "refused.cancel": Phrase("The request could not be cancelled.", "La demande n'a pu être annulée."),
        "refused.reopen": Phrase("The request could not be opened again.", "La demande n'a pu être rouverte."),
        "refused.already_cancelled": Phrase("It is cancelled already.", "Elle est déjà annulée."),
        "refused.already_closed": Phrase(
            "It is closed for good. Make a new request if you need us.",
            "Elle est fermée pour de bon. Faites une nouvelle demande au besoin.",
        ),
        "refused.already_rejected": Phrase(
            "It was answered with no. If you think that is wrong, call us.",
            "La réponse a été non. Si vous pensez que c'est une erreur, appelez-nous.",
        ),
        "refused.already_resolved": Phrase(
            "It is done already. If it is not in order, open the request again.",
            "Elle est déjà terminée. Si tout n'est pas en ordre, rouvrez la demande.",
        ),
        "refused.technician_on_the_way": Phrase(
            "A technician is on the way to you. Call us.", "Un technicien est en route vers chez vous. Appelez-nous."
        ),
        "refused.technician_on_site": Phrase("A technician is at your site.", "Un technicien est chez vous."),
        "refused.package_on_its_way": Phrase(
            "Your device is on its way to us, or here. Call us.",
            "Votre appareil est en route vers chez nous, ou déjà ici. Appelez-nous.",
        ),
        "refused.not_resolved": Phrase(
            "It is still open, so we are at it.", "Elle est encore ouverte : nous y travaillons."
        ),
        "refused.nothing_is_asked": Phrase(
            "We have nothing to ask at this point.", "Nous n'avons rien à vous demander à ce stade."
        ),
        "refused.answer_in_words": Phrase(
            "Write your answer in words; we correct the rest for you.",
            "Écrivez votre réponse en mots; nous corrigeons le reste pour vous.",
        ),
        "refused.not_readable": Phrase(
            "It does not fit what you asked at first. Check it and send it again.",
            "Cela ne va pas avec ce que vous aviez demandé. Vérifiez et envoyez de nouveau.",
        ),
        "refused.not_now": Phrase(
            "It is not possible at this point. Call us if you need it.",
            "Ce n'est pas possible à ce stade. Appelez-nous au besoin.",
        ),
        "tracking.reopen": Phrase("Open it again", "Rouvrir la demande"),
        "tracking.reopen.why": Phrase(
            "Not in order after all? You can open it again within 14 days.",
            "Pas en ordre, finalement? Vous pouvez la rouvrir dans les 14 jours.",
        ),
        "tracking.review": Phrase("Think this is wrong?", "Vous pensez que c'est une erreur?"),
        "tracking.by_code": Phrase("To change this request", "Pour modifier cette demande"),
        "tracking.by_code.why": Phrase(
            "It was not sent from your account. To answer, change or cancel it, enter its tracking code; without the code, call us at {phone}.",
            "Elle n'a pas été envoyée depuis votre compte. Pour y répondre, la modifier ou l'annuler, entrez son code de suivi; sans ce code, appelez-nous au {phone}.",
        ),
        "tracking.by_code.send": Phrase("Use this code", "Utiliser ce code"),
        "tracking.note": Phrase("What we wrote to you", "Ce que nous vous avons écrit"),
        "tracking.send": Phrase("Send", "Envoyer"),
        "tracking.or": Phrase("Fill in what you have.", "Remplissez ce que vous avez."),
        "tracking.cannot_cancel.en_route": Phrase(
            "A technician is on the way; to cancel now, call us at {phone}.",
            "Un technicien est en route; pour annuler maintenant, appelez-nous au {phone}.",
        ),
        "tracking.cannot_cancel.on_site": Phrase(
            "A technician is at your site, so it can be cancelled no more.",
            "Un technicien est chez vous : elle ne peut plus être annulée.",
        ),
        "tracking.cannot_cancel.package_in_transit": Phrase(
            "Your device is on its way to us; to cancel now, call us at {phone}.",
            "Votre appareil est en route vers chez nous; pour annuler maintenant, appelez-nous au {phone}.",
        ),
        "tracking.cannot_cancel.package_received": Phrase(
            "Your device is in our workshop; to cancel now, call us at {phone}.",
            "Votre appareil est à notre atelier; pour annuler maintenant, appelez-nous au {phone}.",
        ),
        "give.answer": Phrase("Your answer", "Votre réponse"),
        "give.party.customer": Phrase("We do, by notice", "Nous, par un avis"),
        "give.party.breach": Phrase(
            "We do, because you did not keep the contract", "Nous, parce que vous n'avez pas respecté le contrat"
        ),
        "give.reason.lease_return": Phrase("End of the lease", "Fin de la location"),
        "give.reason.sold": Phrase("Sold", "Vendu"),
        "give.reason.other": Phrase("Another reason", "Une autre raison"),
        "give.serial.hint": Phrase(
            "Look for a sticker on the back or underneath, often marked S/N. Type it as you see it.",
            "Cherchez une étiquette à l'arrière ou en dessous, souvent marquée S/N. Entrez le numéro comme vous le voyez.",
        ),
        "give.country.hint": Phrase("Two letters, such as CA or US.", "Deux lettres, comme CA ou US."),
    }
)
