"""What customers and agents read at intake, in both languages: short, active, the fact first."""

from services.intake.one_time_code_words import SIGN_IN_WORDS
from services.intake.phone_words import PHONE_WORDS
from services.runtime.web.words import Phrase, Words

_REFUSALS = {
    "error.not_yours": Phrase(
        "You do not act for this customer. Check the number.", "Vous n'agissez pas pour ce client. Vérifiez le numéro."
    ),
    "error.not_for_channel": Phrase(
        "A notice from the provider is entered by its staff. Choose another party.",
        "Un avis du fournisseur est saisi par son personnel. Choisissez une autre partie.",
    ),
    "error.idempotency_key_reused": Phrase(
        "This key was used with another body. Use a new key.",
        "Cette clé a servi avec un autre contenu. Utilisez-en une nouvelle.",
    ),
    "error.backlog": Phrase(
        "We cannot take new requests just now. Try again in {seconds} seconds, or call us.",
        "Nous ne pouvons pas prendre de nouvelle demande en ce moment. Essayez de nouveau dans {seconds} secondes, ou "
        "appelez-nous.",
    ),
    "error.unsafe_text": Phrase(
        "Remove the characters that cannot be shown.", "Retirez les caractères qui ne peuvent être affichés."
    ),
    "error.not_a_country": Phrase(
        "Give the country as two letters, such as CA.", "Donnez le pays en deux lettres, comme CA."
    ),
    "error.not_an_email": Phrase(
        "Write the e-mail address as name@example.com.", "Écrivez l'adresse de courriel comme nom@exemple.com."
    ),
    "error.not_a_phone": Phrase(
        "Give the telephone number with its area code.", "Donnez le numéro de téléphone avec l'indicatif régional."
    ),
    "error.not_a_request_number": Phrase(
        "One digit is off. Check the number and try again.",
        "Un chiffre ne va pas. Vérifiez le numéro et essayez de nouveau.",
    ),
    "error.need_missing": Phrase("Choose what you need.", "Choisissez ce dont vous avez besoin."),
    "error.serial_missing": Phrase(
        'Enter the serial number, or choose "I can\'t find it".',
        "Entrez le numéro de série ou choisissez « Je ne le trouve pas ».",
    ),
    "error.text_missing": Phrase("Tell us in a few words.", "Dites-le-nous en quelques mots."),
    "error.severity_missing": Phrase("Choose what still works.", "Choisissez ce qui fonctionne encore."),
    "error.reach_missing": Phrase(
        "Enter an e-mail address or a telephone number, so that we can reach you.",
        "Entrez une adresse de courriel ou un numéro de téléphone, pour que nous puissions vous joindre.",
    ),
    "error.number_missing": Phrase("Enter the request number.", "Entrez le numéro de demande."),
    "error.password_wrong": Phrase(
        "This name and password do not go together. Check both.",
        "Ce nom et ce mot de passe ne vont pas ensemble. Vérifiez les deux.",
    ),
    "error.nothing_given": Phrase("Fill in at least one field.", "Remplissez au moins un champ."),
}

_HOME = {
    "home.title": Phrase("How can we help?", "Comment pouvons-nous vous aider?"),
    "home.repair": Phrase("Ask for repair or help", "Demander une réparation ou de l'aide"),
    "home.repair.what": Phrase(
        "A device, software, or you are not sure. Takes about 3 minutes.",
        "Un appareil, un logiciel, ou vous hésitez. Environ 3 minutes.",
    ),
    "home.see": Phrase("See a request", "Voir une demande"),
    "home.see.what": Phrase(
        "Where it stands, and what you can do. Have its number and code ready.",
        "Où elle en est, et ce que vous pouvez faire. Ayez son numéro et son code.",
    ),
    "home.contracts": Phrase("Contracts and bills", "Contrats et factures"),
    "home.contracts.what": Phrase("Call {phone}, {hours}.", "Composez le {phone}, {hours}."),
    "home.have": Phrase("You have a request number", "Vous avez un numéro de demande"),
    "home.number": Phrase("Request number", "Numéro de demande"),
    "home.number.hint": Phrase("12 digits, such as 4821-9034-7716", "12 chiffres, comme 4821-9034-7716"),
    "home.find": Phrase("Open it", "L'ouvrir"),
    "open.why": Phrase(
        "A request opens with its number and its tracking code. Both are in the message we sent you.",
        "Une demande s'ouvre avec son numéro et son code de suivi. Les deux sont dans le message que nous vous avons envoyé.",
    ),
    "open.code": Phrase("Tracking code", "Code de suivi"),
    "open.code.hint": Phrase("8 digits", "8 chiffres"),
    "open.send": Phrase("Open the request", "Ouvrir la demande"),
    "open.else": Phrase("Something else?", "Autre chose?"),
    "open.else.call": Phrase(
        "For contracts, bills, or a code you cannot find, call {phone}, {hours}.",
        "Pour un contrat, une facture ou un code introuvable, composez le {phone}, {hours}.",
    ),
    "staff.title": Phrase("Staff sign-in", "Connexion du personnel"),
    "staff.username": Phrase("User name", "Nom d'utilisateur"),
    "staff.password": Phrase("Password", "Mot de passe"),
    "staff.send": Phrase("Sign in", "Se connecter"),
    "staff.help": Phrase(
        "No account, or a password that does not work: ask your service manager.",
        "Pas de compte, ou un mot de passe qui ne marche pas : adressez-vous à votre responsable.",
    ),
}

_NEW = {
    "new.continue": Phrase("Continue", "Continuer"),
    "new.send": Phrase("Send request", "Envoyer la demande"),
    "new.need.question": Phrase("What do you need?", "De quoi avez-vous besoin?"),
    "new.need.device": Phrase("A device needs repair", "Un appareil à réparer"),
    "new.need.software": Phrase("Help with a software problem", "De l'aide pour un problème de logiciel"),
    "new.need.unsure": Phrase(
        "Something does not work, I am not sure what", "Quelque chose ne marche pas, je ne sais pas quoi"
    ),
    "new.need.not_covered": Phrase(
        "I was told it is not covered, and I think it is",
        "On m'a dit que ce n'est pas couvert, et je crois que ce l'est",
    ),
    "new.need.contract": Phrase(
        "A contract: a copy, renew, add or cancel", "Un contrat : copie, renouvellement, ajout ou annulation"
    ),
    "new.need.machine_gone": Phrase("I returned or sold a machine", "J'ai rendu ou vendu un appareil"),
    "new.need.charge": Phrase("A charge is wrong", "Un montant facturé est erroné"),
    "new.need.other": Phrase("Something else", "Autre chose"),
    "new.device.question": Phrase("Which device?", "Quel appareil?"),
    "new.serial.hint": Phrase(
        "Look for a sticker on the back or underneath, often marked S/N. Type it as you see it.",
        "Cherchez une étiquette à l'arrière ou en dessous, souvent marquée S/N. Entrez le numéro comme vous le voyez.",
    ),
    "new.type.hint": Phrase(
        "Often before the serial number, marked Type or MT.", "Souvent avant le numéro de série, marqué Type ou MT."
    ),
    "new.where": Phrase("Where is it?", "Où le trouver?"),
    "new.where.server": Phrase("Server: at the back", "Serveur : à l'arrière"),
    "new.where.laptop": Phrase("Laptop: underneath", "Portable : en dessous"),
    "new.where.screen": Phrase("On screen: in the system's menu, under About", "À l'écran : menu du système, À propos"),
    "new.where.command": Phrase("Or read it with a command:", "Ou lisez-le par une commande :"),
    "new.lost": Phrase("I can't find it", "Je ne le trouve pas"),
    "new.lost.short": Phrase("Not found", "Non trouvé"),
    "new.lost.question": Phrase("Another way to find the device", "Une autre façon de trouver l'appareil"),
    "new.lost.why": Phrase(
        "One of these is enough. If you have neither, continue: we will find it together.",
        "L'un des deux suffit. Si vous n'avez ni l'un ni l'autre, continuez : nous le trouverons ensemble.",
    ),
    "new.contract.hint": Phrase("On your contract or on a bill.", "Sur votre contrat ou sur une facture."),
    "new.place.hint": Phrase(
        "Street, city, and what helps to find it: floor, room, name.",
        "Rue, ville, et ce qui aide à le trouver : étage, local, nom.",
    ),
    "new.place.in_text": Phrase("Where it is:", "Où il se trouve :"),
    "new.problem.question": Phrase("What is wrong?", "Qu'est-ce qui ne va pas?"),
    "new.problem.hint": Phrase(
        "What you see or hear, since when, and any message on the screen. For example: it stops after a minute and the left light blinks.",
        "Ce que vous voyez ou entendez, depuis quand, et tout message à l'écran. Par exemple : il s'arrête après une minute et le voyant de gauche clignote.",
    ),
    "new.software.hint": Phrase(
        "What you were doing, what happened, and the message word for word.",
        "Ce que vous faisiez, ce qui est arrivé, et le message mot pour mot.",
    ),
    "new.other.question": Phrase("What would you like to know?", "Que voulez-vous savoir?"),
    "new.other.hint": Phrase("A sentence or two is enough.", "Une phrase ou deux suffisent."),
    "new.product.hint": Phrase(
        "Its name or number, as on your contract.", "Son nom ou son numéro, comme sur votre contrat."
    ),
    "new.severity.question": Phrase("What still works?", "Qu'est-ce qui fonctionne encore?"),
    "new.severity.1": Phrase("Nothing: our work has stopped", "Rien : notre travail est arrêté"),
    "new.severity.2": Phrase("An important part is missing", "Une partie importante ne fonctionne plus"),
    "new.severity.3": Phrase("Most of it, or we have a way around", "Presque tout, ou nous avons un détour"),
    "new.severity.4": Phrase("Everything: it is a question", "Tout : c'est une question"),
    "new.contact.question": Phrase("Who should we reach?", "Qui devons-nous joindre?"),
    "new.contact.question.place": Phrase(
        "Where is it, and who should we reach?", "Où est-il, et qui devons-nous joindre?"
    ),
    "new.reach.hint": Phrase(
        "Give an e-mail address, a telephone number, or both.",
        "Donnez une adresse de courriel, un numéro de téléphone, ou les deux.",
    ),
    "new.customer.hint": Phrase("Such as C-1001, on your contract.", "Comme C-1001, sur votre contrat."),
    "new.language.question": Phrase("Which language should we write in?", "Dans quelle langue devons-nous écrire?"),
    "new.language.en": Phrase("English", "Anglais"),
    "new.language.fr": Phrase("French", "Français"),
    "new.check.title": Phrase("Check your answers", "Vérifiez vos réponses"),
    "new.check.next": Phrase("What we will do", "Ce que nous ferons"),
    "new.check.what": Phrase(
        "You get a number at once. We check what covers you and tell you what happens next, usually within a minute.",
        "Vous recevez un numéro tout de suite. Nous vérifions votre couverture et vous disons la suite, le plus souvent en moins d'une minute.",
    ),
}

_LABELS = {
    "new.label.need": Phrase("Need", "Besoin"),
    "new.label.machine.serial": Phrase("Serial number", "Numéro de série"),
    "new.label.machine.type": Phrase("Machine type", "Type d'appareil"),
    "new.label.contract_number": Phrase("Contract number", "Numéro de contrat"),
    "new.label.place": Phrase("Where it is", "Où il se trouve"),
    "new.label.text": Phrase("What you told us", "Ce que vous nous avez dit"),
    "new.label.product_id": Phrase("Product", "Produit"),
    "new.label.severity": Phrase("What still works", "Ce qui fonctionne encore"),
    "new.label.contact.name": Phrase("Name", "Nom"),
    "new.label.contact.email": Phrase("E-mail", "Courriel"),
    "new.label.contact.phone": Phrase("Telephone", "Téléphone"),
    "new.label.customer_number": Phrase("Customer number", "Numéro de client"),
    "new.label.language": Phrase("Language", "Langue"),
}

_SENT = {
    "sent.title": Phrase("We have your request", "Nous avons votre demande"),
    "sent.number": Phrase("Your request number is", "Votre numéro de demande"),
    "sent.copy": Phrase("Copy the number", "Copier le numéro"),
    "sent.next": Phrase("What happens next", "Et maintenant"),
    "sent.deciding": Phrase(
        "We are checking what covers you. Your request's page shows the answer as soon as it is there.",
        "Nous vérifions votre couverture. La page de votre demande montre la réponse dès qu'elle est là.",
    ),
    "sent.mail": Phrase("We also write to {email}.", "Nous écrivons aussi à {email}."),
    "sent.follow": Phrase("Follow your request", "Suivre votre demande"),
    "sent.code": Phrase("Your tracking code", "Votre code de suivi"),
    "sent.code.why": Phrase(
        "With the number, it opens your request on any device. Keep it: we show it only here and in our message.",
        "Avec le numéro, il ouvre votre demande sur tout appareil. Conservez-le : nous ne le montrons qu'ici et dans notre message.",
    ),
    "gone.title": Phrase("This form is no longer here", "Ce formulaire n'est plus ici"),
    "gone.why": Phrase(
        "A form is kept for 24 hours, in the browser where it was begun. If you have a request number, your request is safe.",
        "Un formulaire est conservé 24 heures, dans le navigateur où il a été commencé. Si vous avez un numéro, votre demande est en sécurité.",
    ),
    "gone.again": Phrase("Begin a new request", "Commencer une nouvelle demande"),
    "identity.title": Phrase("For this, we must know who you are", "Pour cela, nous devons savoir qui vous êtes"),
    "identity.why": Phrase(
        "This touches a contract. We take it by telephone, so that nobody else can change what is yours.",
        "Cela touche un contrat. Nous le prenons par téléphone, pour que personne d'autre ne puisse modifier ce qui est à vous.",
    ),
    "identity.call": Phrase("Call {phone}", "Composer le {phone}"),
    "identity.hours": Phrase("A person answers, {hours}.", "Une personne vous répond, {hours}."),
    "identity.ready": Phrase("Have ready", "Ayez sous la main"),
    "identity.ready.customer": Phrase("your customer number, such as C-1001", "votre numéro de client, comme C-1001"),
    "identity.ready.contract": Phrase(
        "the number of the contract, the bill or the machine",
        "le numéro du contrat, de la facture ou de l'appareil",
    ),
    "identity.other": Phrase("I need something else", "J'ai besoin d'autre chose"),
}

_COMMANDS = {
    "cancel.title": Phrase("Cancel this request?", "Annuler cette demande?"),
    "cancel.means": Phrase(
        "We stop all work on it, and no technician comes. To start again, make a new request.",
        "Nous arrêtons tout travail, et aucun technicien ne vient. Pour recommencer, faites une nouvelle demande.",
    ),
    "cancel.on_the_way": Phrase(
        "If a technician is already on the way, call {phone}.",
        "Si un technicien est déjà en route, composez le {phone}.",
    ),
    "cancel.reason": Phrase("Why do you cancel?", "Pourquoi annulez-vous?"),
    "cancel.send": Phrase("Cancel the request", "Annuler la demande"),
    "cancel.keep": Phrase("Keep the request", "Garder la demande"),
    "reopen.title": Phrase("Open this request again?", "Rouvrir cette demande?"),
    "reopen.means": Phrase(
        "We take it up again where it was: the same number, the same coverage.",
        "Nous la reprenons où elle en était : le même numéro, la même couverture.",
    ),
    "reopen.reason": Phrase("What is still wrong?", "Qu'est-ce qui ne va toujours pas?"),
    "reopen.send": Phrase("Open it again", "Rouvrir la demande"),
    "reopen.keep": Phrase("Leave it closed", "La laisser telle quelle"),
    "review.title": Phrase("You think it is covered?", "Vous pensez qu'il est couvert?"),
    "review.means": Phrase(
        "A person on our contracts team looks at your proof and judges again, as of the day of your request. "
        "What was decided until then stays until they have answered.",
        "Une personne de notre équipe des contrats examine votre preuve et juge de nouveau, à la date de votre demande. "
        "Ce qui est décidé reste en place jusqu'à sa réponse.",
    ),
    "review.evidence": Phrase("What shows that it is covered?", "Qu'est-ce qui montre qu'il est couvert?"),
    "review.evidence.hint": Phrase(
        "A contract or invoice number, the date of purchase, what you were told and by whom.",
        "Un numéro de contrat ou de facture, la date d'achat, ce que l'on vous a dit et qui.",
    ),
    "review.send": Phrase("Ask for a review", "Demander une révision"),
    "error.proof_missing": Phrase(
        "Say what shows that the device is covered.", "Dites ce qui montre que l'appareil est couvert."
    ),
    "complete.title": Phrase("Give what is missing", "Donnez ce qui manque"),
    "complete.how": Phrase(
        "Fill in what you have. What you leave empty stays as it is.",
        "Remplissez ce que vous avez. Ce que vous laissez vide reste tel quel.",
    ),
    "complete.text.hint": Phrase("This replaces what you told us before.", "Ceci remplace ce que vous nous aviez dit."),
    "complete.answer": Phrase("Your answer", "Votre réponse"),
    "complete.send": Phrase("Send", "Envoyer"),
    "complete.site_id": Phrase("Site number", "Numéro du site"),
    "complete.details.party": Phrase("Who ends the maintenance?", "Qui met fin à l'entretien?"),
    "complete.details.party.customer": Phrase("We do, by notice", "Nous, par un avis"),
    "complete.details.party.breach": Phrase(
        "We do, because you did not keep the contract", "Nous, parce que vous n'avez pas respecté le contrat"
    ),
    "complete.details.sent_on": Phrase("When was the notice sent?", "Quand l'avis a-t-il été envoyé?"),
    "complete.details.evidence": Phrase("What is the proof?", "Quelle est la preuve?"),
    "complete.details.reason": Phrase("Why does the machine leave?", "Pourquoi l'appareil s'en va-t-il?"),
    "complete.details.reason.lease_return": Phrase("End of the lease", "Fin de la location"),
    "complete.details.reason.sold": Phrase("Sold", "Vendu"),
    "complete.details.reason.other": Phrase("Another reason", "Une autre raison"),
    "complete.details.event_date": Phrase("On which day?", "Quel jour?"),
    "complete.details.origin_country": Phrase("Country it leaves", "Pays de départ"),
    "complete.details.destination_country": Phrase("Country it goes to", "Pays d'arrivée"),
    "complete.country.hint": Phrase("Two letters, such as CA or US.", "Deux lettres, comme CA ou US."),
    "complete.details.request_number": Phrase("Number of the first request", "Numéro de la première demande"),
    "complete.details.invoice_number": Phrase("Invoice number", "Numéro de la facture"),
}

INTAKE_WORDS = Words({**_REFUSALS, **_HOME, **_NEW, **_LABELS, **_SENT, **_COMMANDS, **SIGN_IN_WORDS}) | PHONE_WORDS
