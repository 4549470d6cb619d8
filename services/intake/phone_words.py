"""What agents read while they take a call, and what they read to the caller."""

from services.runtime.web.words import Phrase, Words

_PAGE = {
    "error.kind_missing": Phrase("Choose what it is about.", "Choisissez le sujet."),
    "error.call_sent": Phrase(
        "This call was sent already, with other answers. Send again to make a second request.",
        "Cet appel a déjà été envoyé, avec d'autres réponses. Envoyez de nouveau pour créer une deuxième demande.",
    ),
    "phone.title": Phrase("Take a call", "Prendre un appel"),
    "phone.caller": Phrase("Caller", "Personne qui appelle"),
    "phone.find": Phrase("Find a customer", "Trouver un client"),
    "phone.find.hint": Phrase("Number, telephone or part of the name", "Numéro, téléphone ou partie du nom"),
    "phone.search": Phrase("Search", "Chercher"),
    "phone.away": Phrase(
        "Customer look-up does not answer. Take the call: what is missing is asked for later.",
        "La recherche de clients ne répond pas. Prenez l'appel : ce qui manque sera demandé plus tard.",
    ),
    "phone.several": Phrase("Several fit. Choose one:", "Plusieurs correspondent. Choisissez :"),
    "phone.nobody": Phrase(
        "Nobody found. You can take the call without.", "Personne trouvé. Vous pouvez prendre l'appel sans cela."
    ),
    "phone.speaks.en": Phrase("speaks English", "parle anglais"),
    "phone.speaks.fr": Phrase("speaks French", "parle français"),
    "phone.open": Phrase("Open requests", "Demandes ouvertes"),
    "phone.open.none": Phrase("None.", "Aucune."),
    "phone.language": Phrase("Language of messages", "Langue des messages"),
    "phone.request": Phrase("Request", "Demande"),
    "phone.kind": Phrase("What is it about?", "De quoi s'agit-il?"),
    "phone.device": Phrase("Covered devices", "Appareils couverts"),
    "phone.device.other": Phrase("Another one, or none", "Un autre, ou aucun"),
    "phone.device.until": Phrase("{level}, until {until}", "{level}, jusqu'au {until}"),
    "phone.severity.none": Phrase("Not said", "Non dit"),
    "phone.site": Phrase("Site", "Site"),
    "phone.site.none": Phrase("As on file", "Comme au dossier"),
    "phone.sent.title": Phrase("Read the number back", "Relisez le numéro"),
    "phone.sent.say": Phrase("Your request number is:", "Votre numéro de demande :"),
    "phone.sent.say_code": Phrase(
        "To follow it on the web, your tracking code is:", "Pour la suivre sur le Web, votre code de suivi :"
    ),
    "phone.sent.next": Phrase("Next call", "Appel suivant"),
    "phone.sent.look": Phrase("See the request", "Voir la demande"),
}

_KINDS = {
    "phone.kind.hardware_repair": Phrase("Device repair", "Réparation d'un appareil"),
    "phone.kind.software_support": Phrase("Software problem", "Problème de logiciel"),
    "phone.kind.repair": Phrase("Repair, not sure which", "Réparation, à préciser"),
    "phone.kind.coverage_review": Phrase("Not covered, disputed", "Non couvert, contesté"),
    "phone.kind.contract_copy": Phrase("Copy of a contract", "Copie d'un contrat"),
    "phone.kind.covered_devices": Phrase("List of covered devices", "Liste des appareils couverts"),
    "phone.kind.contract_renewal": Phrase("Renew a contract", "Renouveler un contrat"),
    "phone.kind.contract_change": Phrase("Add or cancel services", "Ajouter ou annuler des services"),
    "phone.kind.machine_transfer": Phrase("Machine returned or sold", "Appareil rendu ou vendu"),
    "phone.kind.termination": Phrase("End maintenance", "Mettre fin à la maintenance"),
    "phone.kind.software_key": Phrase("Licence key", "Clé de licence"),
    "phone.kind.software_download": Phrase("Download", "Téléchargement"),
    "phone.kind.appliance_move": Phrase("Move to another country", "Déplacement vers un autre pays"),
    "phone.kind.billing_dispute": Phrase("A charge is wrong", "Montant contesté"),
    "phone.kind.inquiry": Phrase("Something else", "Autre chose"),
}

_DIGITS = {
    "digit.0": Phrase("zero", "zéro"),
    "digit.1": Phrase("one", "un"),
    "digit.2": Phrase("two", "deux"),
    "digit.3": Phrase("three", "trois"),
    "digit.4": Phrase("four", "quatre"),
    "digit.5": Phrase("five", "cinq"),
    "digit.6": Phrase("six", "six"),
    "digit.7": Phrase("seven", "sept"),
    "digit.8": Phrase("eight", "huit"),
    "digit.9": Phrase("nine", "neuf"),
}

PHONE_WORDS = Words({**_PAGE, **_KINDS, **_DIGITS})
