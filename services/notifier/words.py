"""What customers read about their requests, in both languages: short, active, the fact first."""

from services.notifier.bill_words import BILL_WORDS
from services.notifier.command_words import COMMAND_WORDS
from services.runtime.web.words import Phrase, Words

_MILESTONES = {
    "milestone.received": Phrase("received", "reçue"),
    "milestone.queued_for_technician": Phrase("a technician is coming", "un technicien va venir"),
    "milestone.technician_assigned": Phrase("technician chosen", "technicien désigné"),
    "milestone.en_route": Phrase("technician on the way", "technicien en route"),
    "milestone.on_site": Phrase("technician at your site", "technicien sur place"),
    "milestone.visit_incomplete": Phrase("another visit is needed", "une autre visite est nécessaire"),
    "milestone.repaired": Phrase("repaired", "réparé"),
    "milestone.awaiting_package": Phrase("send us the device", "envoyez-nous l'appareil"),
    "milestone.package_in_transit": Phrase("device on its way to us", "appareil en route vers nous"),
    "milestone.package_received": Phrase("device received", "appareil reçu"),
    "milestone.diagnosed": Phrase("device examined", "appareil examiné"),
    "milestone.return_shipped": Phrase("device sent back", "appareil renvoyé"),
    "milestone.delivered": Phrase("device delivered", "appareil livré"),
    "milestone.return_expired": Phrase("device not received", "appareil non reçu"),
    "milestone.parts_ordered": Phrase("parts ordered", "pièces commandées"),
    "milestone.parts_shipped": Phrase("parts sent", "pièces envoyées"),
    "milestone.estimate_in_preparation": Phrase("estimate in preparation", "estimation en préparation"),
    "milestone.estimate_sent": Phrase("estimate sent", "estimation envoyée"),
    "milestone.queued_for_support": Phrase("with our software support", "à notre assistance logicielle"),
    "milestone.renewal_offered": Phrase("subscription ended", "abonnement terminé"),
    "milestone.not_entitled": Phrase("not in your contracts", "hors de vos contrats"),
    "milestone.answered": Phrase("answered", "répondue"),
    "milestone.termination_scheduled": Phrase("end of maintenance scheduled", "fin de la maintenance fixée"),
    "milestone.notice_too_early": Phrase("notice too early", "avis trop tôt"),
    "milestone.triage": Phrase("with our team", "entre les mains de notre équipe"),
    "milestone.contract_desk": Phrase("with our contracts team", "à notre équipe des contrats"),
    "milestone.billing_desk": Phrase("with our billing team", "à notre équipe de facturation"),
    "milestone.general_desk": Phrase("with our team", "entre les mains de notre équipe"),
    "milestone.key_centre": Phrase("with our licence key team", "à notre équipe des clés de licence"),
    "milestone.under_review": Phrase("under review", "à l'étude"),
    "milestone.approved": Phrase("approved", "approuvée"),
    "milestone.rejected": Phrase("not accepted", "non acceptée"),
    "milestone.assigned": Phrase("someone is in charge of it", "une personne en est chargée"),
    "milestone.executed": Phrase("carried out", "exécutée"),
    "milestone.information_needed": Phrase("we need something from you", "il nous manque un renseignement"),
    "milestone.waiting_for_customer": Phrase("waiting for your answer", "en attente de votre réponse"),
    "milestone.waiting_for_access": Phrase("waiting for access to your site", "en attente d'un accès à votre site"),
    "milestone.cancelled": Phrase("cancelled", "annulée"),
    "milestone.reopened": Phrase("open again", "rouverte"),
    "milestone.closed": Phrase("closed", "fermée"),
}

#: One sentence each: what is happening.
_NOW = {
    "now.received": Phrase(
        "We have your request and are deciding what comes next.", "Nous avons votre demande et décidons de la suite."
    ),
    "now.queued_for_technician": Phrase(
        "A technician will come to you. We are choosing who.", "Un technicien ira chez vous. Nous choisissons qui."
    ),
    "now.technician_assigned": Phrase("A technician has taken your job.", "Un technicien a pris votre intervention."),
    "now.en_route": Phrase("The technician is on the way.", "Le technicien est en route."),
    "now.on_site": Phrase("The technician is at your site.", "Le technicien est chez vous."),
    "now.visit_incomplete": Phrase(
        "The repair could not be finished. We are planning another visit.",
        "La réparation n'a pu être terminée. Nous préparons une autre visite.",
    ),
    "now.repaired": Phrase("The device is repaired.", "L'appareil est réparé."),
    "now.awaiting_package": Phrase(
        "We are waiting for your device at our workshop.", "Nous attendons votre appareil à notre atelier."
    ),
    "now.package_in_transit": Phrase(
        "Your device is on its way to our workshop.", "Votre appareil est en route vers notre atelier."
    ),
    "now.package_received": Phrase(
        "Your device has arrived at our workshop.", "Votre appareil est arrivé à notre atelier."
    ),
    "now.diagnosed": Phrase("We have examined your device.", "Nous avons examiné votre appareil."),
    "now.return_shipped": Phrase(
        "Your device is on its way back to you.", "Votre appareil est en route vers chez vous."
    ),
    "now.delivered": Phrase("Your device was delivered.", "Votre appareil a été livré."),
    "now.return_expired": Phrase(
        "The device did not reach us within 30 days, so we cancelled the request.",
        "L'appareil ne nous est pas parvenu en 30 jours; nous avons annulé la demande.",
    ),
    "now.parts_ordered": Phrase(
        "We have ordered the parts for your device.", "Nous avons commandé les pièces de votre appareil."
    ),
    "now.parts_shipped": Phrase(
        "The parts for your device are on their way to you.", "Les pièces de votre appareil sont en route vers vous."
    ),
    "now.estimate_in_preparation": Phrase(
        "We are preparing an estimate for you.", "Nous préparons une estimation pour vous."
    ),
    "now.estimate_sent": Phrase("Your estimate is ready.", "Votre estimation est prête."),
    "now.queued_for_support": Phrase(
        "Our software support will answer you.", "Notre assistance logicielle vous répondra."
    ),
    "now.renewal_offered": Phrase(
        "The subscription of this product has ended.", "L'abonnement de ce produit est terminé."
    ),
    "now.not_entitled": Phrase(
        "We cannot do this: your contracts do not hold it.",
        "Nous ne pouvons pas le faire : vos contrats ne le prévoient pas.",
    ),
    "now.answered": Phrase("Your answer is ready.", "Votre réponse est prête."),
    "now.termination_scheduled": Phrase("The end of maintenance is scheduled.", "La fin de la maintenance est fixée."),
    "now.notice_too_early": Phrase("It is too early to give notice.", "Il est trop tôt pour donner cet avis."),
    "now.triage": Phrase(
        "A person on our team is looking at your request.", "Une personne de notre équipe examine votre demande."
    ),
    "now.contract_desk": Phrase("Our contracts team has your request.", "Notre équipe des contrats a votre demande."),
    "now.billing_desk": Phrase("Our billing team has your request.", "Notre équipe de facturation a votre demande."),
    "now.general_desk": Phrase("Our team has your request.", "Notre équipe a votre demande."),
    "now.key_centre": Phrase(
        "Our licence key team has your request.", "Notre équipe des clés de licence a votre demande."
    ),
    "now.under_review": Phrase(
        "Your request is under review. Nothing is done before it is approved.",
        "Votre demande est à l'étude. Rien ne se fait avant son approbation.",
    ),
    "now.approved": Phrase(
        "Your request is approved. We are choosing who carries it out.",
        "Votre demande est approuvée. Nous choisissons qui s'en charge.",
    ),
    "now.rejected": Phrase("We cannot accept your request.", "Nous ne pouvons pas accepter votre demande."),
    "now.assigned": Phrase("Your request is approved and under way.", "Votre demande est approuvée et en cours."),
    "now.executed": Phrase(
        "It is done: from now on we serve the device in its new country.",
        "C'est fait : nous desservons désormais l'appareil dans son nouveau pays.",
    ),
    "now.information_needed": Phrase(
        "We need something from you before we can go on.", "Il nous manque un renseignement pour continuer."
    ),
    "now.waiting_for_customer": Phrase(
        "We have a question for you, and go on as soon as we have your answer.",
        "Nous avons une question pour vous et continuons dès que nous avons votre réponse.",
    ),
    "now.waiting_for_access": Phrase(
        "We will come as soon as we can enter your site.", "Nous irons dès que nous pourrons entrer sur votre site."
    ),
    "now.cancelled": Phrase("The request is cancelled.", "La demande est annulée."),
    "now.reopened": Phrase("The request is open again.", "La demande est rouverte."),
    "now.closed": Phrase("The request is closed.", "La demande est fermée."),
}

_WHY = {
    "why.onsite": Phrase(
        "We are coming to you: until {date}, this device is covered for repair at your site.",
        "Nous allons chez vous : cet appareil est couvert jusqu'au {date} pour une réparation sur place.",
    ),
    "why.onsite.undated": Phrase(
        "We are coming to you: this device is covered for repair at your site.",
        "Nous allons chez vous : cet appareil est couvert pour une réparation sur place.",
    ),
    "why.mail_in": Phrase(
        "Send us the device: its coverage, until {date}, is for repair at our workshop.",
        "Envoyez-nous l'appareil : sa couverture, valide jusqu'au {date}, prévoit la réparation à notre atelier.",
    ),
    "why.mail_in.undated": Phrase(
        "Send us the device: its coverage is for repair at our workshop.",
        "Envoyez-nous l'appareil : sa couverture prévoit la réparation à notre atelier.",
    ),
    "why.none": Phrase(
        "We found no coverage on {date}, so parts and labour would be billed. Nothing starts until you accept the estimate.",
        "Nous n'avons trouvé aucune couverture en date du {date}; les pièces et la main-d'œuvre seraient facturées. Rien ne commence sans votre accord sur l'estimation.",
    ),
    "why.none.undated": Phrase(
        "We found no coverage for this device, so parts and labour would be billed. Nothing starts until you accept the estimate.",
        "Nous n'avons trouvé aucune couverture pour cet appareil; les pièces et la main-d'œuvre seraient facturées. Rien ne commence sans votre accord sur l'estimation.",
    ),
    "why.parts_shipment": Phrase(
        "The coverage of this device is for parts; we send them to you.",
        "La couverture de cet appareil prévoit les pièces; nous vous les envoyons.",
    ),
    "why.remote_support": Phrase(
        "Your subscription includes telephone support.", "Votre abonnement comprend l'assistance téléphonique."
    ),
    "why.subscription_lapsed": Phrase(
        "Your subscription has ended. You can buy a new licence or pay to reinstate it.",
        "Votre abonnement est terminé. Vous pouvez acheter une nouvelle licence ou payer pour le remettre en vigueur.",
    ),
    "why.not_entitled": Phrase(
        "We found no entitlement for this product in your contracts.",
        "Nous n'avons trouvé aucun droit pour ce produit dans vos contrats.",
    ),
    "why.answered": Phrase("The answer follows from your contracts.", "La réponse découle de vos contrats."),
    "why.termination_scheduled": Phrase("Your notice is in order.", "Votre avis est en règle."),
    "why.termination_refused": Phrase(
        "The maintenance of this machine has not yet run long enough.",
        "La maintenance de cet appareil n'a pas encore duré assez longtemps.",
    ),
    "why.triage": Phrase(
        "Something must be checked by a person first.", "Une personne doit d'abord vérifier un point."
    ),
    "why.contract_desk": Phrase(
        "A person decides this with your contract.", "Une personne en décide à partir de votre contrat."
    ),
    "why.billing_desk": Phrase("A person looks at the charge.", "Une personne examine ces frais."),
    "why.general_desk": Phrase("A person answers this.", "Une personne y répond."),
    "why.key_centre": Phrase("A person issues licence keys.", "Une personne émet les clés de licence."),
    "why.approval": Phrase("A person must approve this first.", "Une personne doit d'abord l'approuver."),
    "why.incomplete": Phrase("Something is missing to decide.", "Il manque un renseignement pour décider."),
    "reason.kind_conflict": Phrase(
        "What you describe does not fit what you chose: hardware or software.",
        "Ce que vous décrivez ne correspond pas à votre choix : matériel ou logiciel.",
    ),
    "reason.kind_unclear": Phrase(
        "We could not tell whether it is hardware or software.",
        "Nous n'avons pu établir s'il s'agit du matériel ou d'un logiciel.",
    ),
    "reason.serial_to_check": Phrase(
        "The type and serial number need to be checked.", "Le type et le numéro de série sont à vérifier."
    ),
    "reason.site_differs": Phrase(
        "The place you gave is not the one on the contract.", "Le lieu indiqué n'est pas celui du contrat."
    ),
    "reason.site_unknown": Phrase("We do not know where the device stands.", "Nous ignorons où se trouve l'appareil."),
    "reason.territory_unknown": Phrase(
        "We must find who serves your area.", "Nous devons trouver qui dessert votre région."
    ),
    "reason.depot_unknown": Phrase(
        "We must find the workshop that serves you.", "Nous devons trouver l'atelier qui vous dessert."
    ),
    "reason.contract_unknown": Phrase("The contract number does not match.", "Le numéro de contrat ne correspond pas."),
    "reason.customer_unknown": Phrase(
        "We did not find the customer number.", "Nous n'avons pas trouvé le numéro de client."
    ),
    "reason.not_under_contract": Phrase(
        "The machine is not under a maintenance contract.", "L'appareil n'est pas sous contrat de maintenance."
    ),
    "reason.no_border": Phrase("The two countries are the same.", "Les deux pays sont le même."),
}

_NEXT = {
    "next.none": Phrase(
        "You have nothing to do for now. We will write at the next step.",
        "Vous n'avez rien à faire pour l'instant. Nous vous écrirons à la prochaine étape.",
    ),
    "next.done": Phrase("You have nothing to do.", "Vous n'avez rien à faire."),
    "next.send": Phrase(
        "Send the device to: {address}. Write the return number {return_number} on the parcel and on a sheet inside it.",
        "Envoyez l'appareil à : {address}. Écrivez le numéro de retour {return_number} sur le colis et sur une feuille à l'intérieur.",
    ),
    "next.give": Phrase("Give us: {missing}.", "Donnez-nous : {missing}."),
    "next.answer": Phrase("Answer our question.", "Répondez à notre question."),
    "next.renew": Phrase(
        "Call us to buy a new licence or to reinstate the subscription.",
        "Appelez-nous pour acheter une nouvelle licence ou remettre l'abonnement en vigueur.",
    ),
    "missing.machine": Phrase(
        "the device's type and serial number, or your contract number",
        "le type et le numéro de série de l'appareil, ou votre numéro de contrat",
    ),
    "missing.machine.serial": Phrase("the device's serial number", "le numéro de série de l'appareil"),
    "missing.machine.type": Phrase("the device's type", "le type de l'appareil"),
    "missing.product_id": Phrase("the product", "le produit"),
    "missing.contract_number": Phrase("your contract number", "votre numéro de contrat"),
    "missing.site_id": Phrase("the site's number", "le numéro du site"),
    "missing.text": Phrase("what is wrong", "ce qui ne va pas"),
    "missing.details.party": Phrase("who ends the maintenance", "qui met fin à la maintenance"),
    "missing.details.sent_on": Phrase("the day the notice was sent", "le jour d'envoi de l'avis"),
    "missing.details.evidence": Phrase("the proof", "la preuve"),
    "missing.details.reason": Phrase("the reason", "la raison"),
    "missing.details.event_date": Phrase("the date", "la date"),
    "missing.details.origin_country": Phrase("the country it leaves", "le pays de départ"),
    "missing.details.destination_country": Phrase("the country it goes to", "le pays d'arrivée"),
    "missing.details.request_number": Phrase("the number of the first request", "le numéro de la première demande"),
    "missing.details.invoice_number": Phrase("the invoice number", "le numéro de la facture"),
    "when.by": Phrase("By {moment}.", "D'ici le {moment}."),
    "waiting.customer": Phrase(
        "Our time to respond has been stopped since {moment}: we are waiting for your answer.",
        "Notre délai de réponse est suspendu depuis le {moment} : nous attendons votre réponse.",
    ),
    "waiting.site_access": Phrase(
        "Our time to respond has been stopped since {moment}: we are waiting for access to your site.",
        "Notre délai de réponse est suspendu depuis le {moment} : nous attendons l'accès à votre site.",
    ),
}

_AGAIN = {
    "again.coverage_review": Phrase(
        "We looked at your coverage again and corrected our decision.",
        "Nous avons revu votre couverture et corrigé notre décision.",
    ),
    "again.triage_correction": Phrase(
        "A person on our team has looked at your request and decided again.",
        "Une personne de notre équipe a examiné votre demande et en a décidé de nouveau.",
    ),
    "again.contract_data": Phrase(
        "Your contract details were brought up to date, so we decided again as of the day of your request.",
        "Les données de votre contrat ont été mises à jour; nous avons décidé de nouveau, à la date de votre demande.",
    ),
    "undone.visit": Phrase(
        "The visit that we had planned is cancelled.", "La visite que nous avions prévue est annulée."
    ),
    "undone.return": Phrase(
        "Please do not send us the device: the return number that we gave you no longer counts.",
        "N'envoyez pas l'appareil : le numéro de retour que nous vous avions donné n'est plus valable.",
    ),
    "undone.estimate": Phrase(
        "The estimate no longer counts: you do not have to answer it.",
        "L'estimation n'est plus valable : vous n'avez pas à y répondre.",
    ),
}

_MAIL = {
    "mail.subject": Phrase("Request {number}: {what}", "Demande {number} : {what}"),
    "mail.greeting": Phrase("Hello,", "Bonjour,"),
    "mail.follow": Phrase("Follow your request here: {address}", "Suivez votre demande ici : {address}"),
    "mail.closing": Phrase("Fixline", "Fixline"),
}

#: To the service manager, not to customers.
_ESCALATION = {
    "escalation.subject": Phrase(
        "Request {number}: {percent} of its time has gone", "Demande {number} : {percent} du délai écoulé"
    ),
    "escalation.what": Phrase(
        "{percent} of the time promised for request {number} has gone. It is due {moment}.",
        "{percent} du délai promis pour la demande {number} est écoulé. L'échéance est le {moment}.",
    ),
    "escalation.where": Phrase("Where it stands: {what}. Device: {device}.", "État : {what}. Appareil : {device}."),
    "escalation.see": Phrase("See why it is due then: {address}", "Voir le calcul de l'échéance : {address}"),
}

_PAGE = {
    "tracking.title": Phrase("Request {number}", "Demande {number}"),
    "tracking.next": Phrase("What you need to do", "Ce que vous devez faire"),
    "tracking.when": Phrase("When", "Quand"),
    "tracking.why": Phrase("Why", "Pourquoi"),
    "tracking.steps": Phrase("Steps", "Étapes"),
    "tracking.history": Phrase("What happened", "Ce qui s'est passé"),
    "tracking.earlier": Phrase("Earlier", "Plus tôt"),
    "tracking.more": Phrase("More", "Autres actions"),
    "tracking.technician": Phrase("Technician", "Technicien"),
    "tracking.in": Phrase("in {span}", "dans {span}"),
    "tracking.late": Phrase(
        "We missed the time we promised, {time}. A manager was told.",
        "Nous n'avons pas respecté l'heure promise, {time}. Un responsable en a été avisé.",
    ),
    "tracking.deciding": Phrase(
        "We have your request and are deciding what comes next. This page fills itself.",
        "Nous avons votre demande et décidons de la suite. Cette page se remplit toute seule.",
    ),
    "tracking.open": Phrase("See your request", "Voir votre demande"),
    "tracking.open.number": Phrase("Request number", "Numéro de demande"),
    "tracking.open.code": Phrase("Tracking code", "Code de suivi"),
    "tracking.open.code.hint": Phrase(
        "8 digits, in the message we sent you.", "8 chiffres, dans le message que nous vous avons envoyé."
    ),
    "tracking.open.send": Phrase("See the request", "Voir la demande"),
    "tracking.cancel": Phrase("Cancel this request", "Annuler cette demande"),
    "tracking.says": Phrase("Your request: {what}.", "Votre demande : {what}."),
    "tracking.answer": Phrase("Your answer", "Votre réponse"),
    "tracking.answer.page": Phrase("See the answer", "Voir la réponse"),
    "tracking.answer.pdf": Phrase("Download the document (PDF)", "Télécharger le document (PDF)"),
    "tracking.answer.csv": Phrase("Download the table (CSV)", "Télécharger le tableau (CSV)"),
    "tracking.answer.withheld": Phrase(
        "It holds contract details, which a tracking code alone does not open. Call us at {phone}.",
        "Elle contient des détails de contrat, que le code de suivi seul n'ouvre pas. Appelez-nous au {phone}.",
    ),
    "by.customer": Phrase("you", "vous"),
    "by.system": Phrase("Fixline", "Fixline"),
    "by.agent": Phrase("our telephone team", "notre équipe au téléphone"),
    "by.technician": Phrase("the technician", "le technicien"),
    "by.desk": Phrase("our team", "notre équipe"),
    "by.depot": Phrase("our workshop", "notre atelier"),
    "by.ops": Phrase("our team", "notre équipe"),
    "line.decided": Phrase("Decided: {what}", "Décidé : {what}"),
    "line.again": Phrase("Decided again: {what}", "Décidé de nouveau : {what}"),
    "line.clock": Phrase("{percent} of the promised time has gone", "{percent} du délai promis est écoulé"),
    "line.answered": Phrase("Your answer", "Votre réponse"),
    "line.moved": Phrase("Another time by which we answer", "Nouvelle échéance de notre réponse"),
    "line.refused": Phrase("Not possible: {what}", "Impossible : {what}"),
}

NOTIFIER_WORDS = (
    Words({**_MILESTONES, **_NOW, **_WHY, **_NEXT, **_AGAIN, **_MAIL, **_ESCALATION, **_PAGE})
    | BILL_WORDS
    | COMMAND_WORDS
)
