"""The words of an answer: its page, its documents and its table, both languages side by side."""

from services.runtime.web.words import Phrase, Words

_TITLES = {
    "answer.title.covered_devices": Phrase("Your covered devices", "Vos appareils couverts"),
    "answer.title.contract_copy": Phrase("Your contract {number}", "Votre contrat {number}"),
    "answer.title.software_download": Phrase("Your software to download", "Vos logiciels à télécharger"),
    "answer.file.covered_devices": Phrase("covered-devices", "appareils-couverts"),
    "answer.file.contract_copy": Phrase("contract", "contrat"),
}

_LINES = {
    "answer.customer": Phrase("Customer", "Client"),
    "answer.request": Phrase("Request", "Demande"),
    "answer.day": Phrase("As of", "En date du"),
    "answer.contract": Phrase("Contract", "Contrat"),
    "answer.kind": Phrase("Kind", "Genre"),
    "answer.begins": Phrase("Begins", "Début"),
    "answer.ends": Phrase("Ends", "Fin"),
    "answer.level": Phrase("Service", "Service"),
    "answer.level.code": Phrase("Service level", "Niveau de service"),
    "answer.prepaid": Phrase("Prepaid until", "Payé d'avance jusqu'au"),
    "answer.customer_minimum": Phrase(
        "You may give notice after, in months", "Vous pouvez donner un avis après, en mois"
    ),
    "answer.customer_notice": Phrase("Your notice, in months", "Votre préavis, en mois"),
    "answer.provider_minimum": Phrase(
        "We may give notice after, in months", "Nous pouvons donner un avis après, en mois"
    ),
    "answer.provider_notice": Phrase("Our notice, in months", "Notre préavis, en mois"),
    "answer.page": Phrase("Page {page} of {pages}", "Page {page} de {pages}"),
}

_COLUMNS = {
    "answer.device": Phrase("Device", "Appareil"),
    "answer.type": Phrase("Type", "Type"),
    "answer.model": Phrase("Model", "Modèle"),
    "answer.serial": Phrase("Serial number", "Numéro de série"),
    "answer.site": Phrase("Site", "Site"),
    "answer.address": Phrase("Address", "Adresse"),
    "answer.from": Phrase("Covered from", "Couvert à partir du"),
    "answer.until": Phrase("Covered until", "Couvert jusqu'au"),
    "answer.product": Phrase("Product", "Produit"),
    "answer.quantity": Phrase("Quantity", "Quantité"),
    "answer.subscription": Phrase("Subscription", "Abonnement"),
    "answer.versions": Phrase("Versions", "Versions"),
}

_VALUES = {
    "answer.no_end": Phrase("No end date", "Sans date de fin"),
    "answer.renews": Phrase("Renews by itself; this term ends {date}", "Se renouvelle; la période finit le {date}"),
    "answer.renews.undated": Phrase("Renews by itself", "Se renouvelle"),
    "answer.versions.current": Phrase("All, up to the current ones", "Toutes, jusqu'aux versions actuelles"),
    "answer.versions.until": Phrase("Those released until {date}", "Celles parues jusqu'au {date}"),
    "answer.state.active": Phrase("Active until {date}", "En vigueur jusqu'au {date}"),
    "answer.state.active.undated": Phrase("Active", "En vigueur"),
    "answer.state.lapsed": Phrase("Ended {date}", "Terminé le {date}"),
    "answer.state.to_come": Phrase("Begins {date}", "Commence le {date}"),
    "answer.count.none": Phrase("No device is covered on that day.", "Aucun appareil n'est couvert ce jour-là."),
    "answer.count.one": Phrase("1 covered device.", "1 appareil couvert."),
    "answer.count.more": Phrase("{count} covered devices.", "{count} appareils couverts."),
    "answer.first": Phrase("The first {count} lines of {all}.", "Les {count} premières lignes sur {all}."),
    "answer.devices": Phrase("Devices", "Appareils"),
    "answer.products": Phrase("Software", "Logiciels"),
    "answer.csv": Phrase("Download as a table (CSV)", "Télécharger le tableau (CSV)"),
    "answer.pdf": Phrase("Download as a document (PDF)", "Télécharger le document (PDF)"),
    "answer.back": Phrase("Back to the request", "Retour à la demande"),
}

_CODES = {
    "answer.kind.hardware_maintenance": Phrase("Hardware maintenance", "Maintenance du matériel"),
    "answer.kind.warranty": Phrase("Warranty", "Garantie"),
    "answer.kind.servicepac": Phrase("Service package", "Forfait de service"),
    "answer.kind.software_subscription": Phrase("Software subscription", "Abonnement logiciel"),
    "answer.level.ONSITE_4H_24X7": Phrase(
        "At your site within 4 hours, day and night", "Chez vous en 4 heures, jour et nuit"
    ),
    "answer.level.ONSITE_4H_9X5": Phrase("At your site within 4 business hours", "Chez vous en 4 heures ouvrables"),
    "answer.level.ONSITE_SBD": Phrase("At your site the same business day", "Chez vous le jour ouvrable même"),
    "answer.level.ONSITE_NBD": Phrase(
        "At your site by the next business day", "Chez vous au plus tard le jour ouvrable suivant"
    ),
    "answer.level.DEPOT_COURIER": Phrase("At our workshop, by courier", "À notre atelier, par messagerie"),
    "answer.level.DEPOT_MAIL_IN": Phrase("At our workshop, by mail", "À notre atelier, par la poste"),
    "answer.level.PARTS_ONLY": Phrase("Parts only", "Pièces seulement"),
}

ANSWER_WORDS = Words({**_TITLES, **_LINES, **_COLUMNS, **_VALUES, **_CODES})
