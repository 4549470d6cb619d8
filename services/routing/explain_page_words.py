"""The words around an explained decision on its page; those of the explanation itself are in `explain_words`."""

from services.runtime.web.words import Phrase, Words

EXPLAIN_PAGE_WORDS = Words(
    {
        "explain.title": Phrase("Request {number}, decision {index}", "Demande {number}, décision {index}"),
        "explain.at_desk": Phrase("now at", "maintenant à"),
        "explain.asked": Phrase("Question by question", "Question par question"),
        "explain.decided": Phrase("this decided", "ceci a décidé"),
        "explain.items": Phrase("Items compared", "Appareils comparés"),
        "explain.item.contract": Phrase("Contract", "Contrat"),
        "explain.item.item": Phrase("Item", "Appareil"),
        "explain.item.level": Phrase("Level", "Niveau"),
        "explain.item.window": Phrase("Covered", "Couvert"),
        "explain.item.site": Phrase("Site", "Site"),
        "explain.item.covers": Phrase("Covers the day?", "Couvre ce jour?"),
        "explain.item.yes": Phrase("yes", "oui"),
        "explain.item.no": Phrase("no", "non"),
        "explain.item.why": Phrase("Why it won or lost", "Pourquoi retenu ou écarté"),
        "explain.clock": Phrase("Clock, day by day", "Délai, jour par jour"),
        "explain.clock.title": Phrase(
            "The response clock, a row a day; the list below says the same.",
            "Le délai de réponse, une ligne par jour; la liste ci-dessous dit la même chose.",
        ),
        "explain.clock.spare": Phrase("{count} more days are not drawn.", "{count} autres jours ne sont pas dessinés."),
        "explain.legend.open": Phrase("open", "ouvert"),
        "explain.legend.closed": Phrase("closed", "fermé"),
        "explain.legend.counted": Phrase("counted", "compté"),
        "explain.legend.paused": Phrase("paused", "suspendu"),
        "explain.legend.warn": Phrase("75% gone", "75 % écoulé"),
        "explain.legend.due": Phrase("due", "échéance"),
        "explain.legend.stop": Phrase("stopped", "arrêté"),
        "explain.other": Phrase("Decision {index}", "Décision {index}"),
        "explain.others": Phrase("Decisions on this request", "Décisions sur cette demande"),
        "explain.by": Phrase("Made {time} by {by}.", "Prise {time} par {by}."),
        "explain.by_rules": Phrase("Made {time} by the rules.", "Prise {time} selon les règles."),
        "explain.because.coverage_review": Phrase(
            "Decided again: the coverage was reviewed.", "Décidée de nouveau : la couverture a été revue."
        ),
        "explain.because.triage_correction": Phrase(
            "Decided again: a person said what it is.", "Décidée de nouveau : une personne a dit ce que c'est."
        ),
        "explain.because.contract_data": Phrase(
            "Decided again: contract data changed.", "Décidée de nouveau : les données de contrat ont changé."
        ),
        "explain.entered": Phrase("What the papers say", "Ce que disent les pièces"),
        "explain.again": Phrase("Run again", "Refaite à l'instant"),
        "explain.again.same": Phrase("Same", "Pareille"),
        "explain.again.differs": Phrase("It differs", "Elle diffère"),
        "explain.again.same_data": Phrase(
            "The stored request through today's rules, with the contract data that decided (import {then}).",
            "La demande conservée, selon les règles d'aujourd'hui, avec les données de contrat d'alors (import {then}).",
        ),
        "explain.again.other_data": Phrase(
            "The stored request through today's rules. Contract data have changed: import {then} decided, import {now} "
            "was read now.",
            "La demande conservée, selon les règles d'aujourd'hui. Les données de contrat ont changé : l'import {then} a "
            "décidé, l'import {now} vient d'être lu.",
        ),
        "explain.again.other_model": Phrase(
            "The text was read by model {then} then, by model {now} now: corrections were learnt or undone meanwhile.",
            "Le texte a été lu par le modèle {then} alors, par le modèle {now} maintenant : des corrections ont été apprises ou "
            "retirées entre-temps.",
        ),
        "explain.again.by_person": Phrase(
            "A person had a part in this decision; the rules alone say otherwise.",
            "Une personne a pris part à cette décision; les règles seules disent autre chose.",
        ),
        "explain.again.refused": Phrase(
            "Today's rules refuse the request itself.", "Les règles d'aujourd'hui refusent la demande elle-même."
        ),
        "explain.again.field": Phrase("Field", "Champ"),
        "explain.again.then": Phrase("Stored", "Conservé"),
        "explain.again.now": Phrase("Now", "Maintenant"),
        "explain.what_if": Phrase("What if …", "Et si …"),
        "explain.what_if.hint": Phrase(
            "Nothing of this is saved. Territories go by postal code and stay.",
            "Rien de ceci n'est enregistré. Les territoires suivent le code postal et restent.",
        ),
        "explain.what_if.province": Phrase("Province", "Province"),
        "explain.what_if.level": Phrase("Level of the customer's items", "Niveau des appareils du client"),
        "explain.what_if.as_it_is": Phrase("as it is", "tel quel"),
        "explain.what_if.at": Phrase("Received at ({zone})", "Reçue le ({zone})"),
        "explain.what_if.ask": Phrase("See what would be", "Voir ce qui serait"),
        "explain.what_if.answer": Phrase("It would be", "Ce serait"),
        "explain.what_if.would": Phrase("Would be", "Serait"),
        "explain.what_if.nothing": Phrase("Nothing would differ.", "Rien ne différerait."),
        "explain.events": Phrase("Events", "Événements"),
        "explain.events.caption": Phrase(
            "What was said of the request. This decision was caused by {cause}.",
            "Ce qui a été dit de la demande. Cette décision a pour cause {cause}.",
        ),
        "explain.event.version": Phrase("Version", "Version"),
        "explain.event.type": Phrase("Type", "Type"),
        "explain.event.time": Phrase("Time", "Heure"),
        "explain.event.id": Phrase("Id", "Id"),
        "explain.event.cause": Phrase("Caused by", "Causé par"),
        "explain.event.position": Phrase("Place in the log", "Place au journal"),
        "explain.event.call": Phrase("call {id}", "appel {id}"),
        "error.not_a_moment": Phrase(
            "Enter a day and an hour as 2026-11-24T10:00.",
            "Entrez un jour et une heure sous la forme 2026-11-24T10:00.",
        ),
    }
)
