"""The words of an explained decision, for staff: what was decided, each question and its answer, why items lost.

Codes (outcomes, levels, rules, statuses) are never translated; what stands around them is. The keys of `ANSWERS` are
``question.answer`` as rules ask them (`services.routing.rules.case.Case.ask`), ``{0}`` … what the step is about.
"""

from typing import Final

from schemas.vocabulary import SERIAL_TO_CHECK, Outcome, Reason
from services.routing.phrase import Phrase

#: What the parts of the text are called; a label is at most nine characters long.
LABELS: Final = {
    "ref": Phrase("ref", "ref"),
    "result": Phrase("result", "résultat"),
    "reasons": Phrase("reasons", "motifs"),
    "missing": Phrase("missing", "manque"),
    "kind": Phrase("kind", "genre"),
    "text": Phrase("text", "texte"),
    "asked": Phrase("asked", "questions"),
    "items": Phrase("items", "appareils"),
    "software": Phrase("software", "logiciels"),
    "dates": Phrase("dates", "dates"),
    "offers": Phrase("offers", "offres"),
    "clock": Phrase("clock", "délai"),
    "then": Phrase("then", "ensuite"),
    "error": Phrase("error", "erreur"),
}

HEADLINE: Final = Phrase(
    "{outcome} by {rule}, policy {policy}, as of {moment} {place}",
    "{outcome} selon {rule}, politique {policy}, en date du {moment} {place}",
)
REFUSED_LINE: Final = Phrase("line {line}: refused", "ligne {line} : refusée")
THEN: Final = Phrase("status {status}, milestone {milestone}", "statut {status}, étape {milestone}")
THEN_QUEUE: Final = Phrase("queue {queue}", "file {queue}")
THEN_DEPOT: Final = Phrase("depot {depot}", "atelier {depot}")

#: What the decision means, in one sentence.
RESULTS: Final = {
    Outcome.ONSITE_DISPATCH: Phrase(
        "A technician of {queue} goes to site {site}, by {due}.",
        "Un technicien de {queue} se rend au site {site}, au plus tard le {due}.",
    ),
    Outcome.MAIL_IN: Phrase(
        "The customer sends the device to the workshop {depot}; the clock starts when it arrives.",
        "Le client envoie l'appareil à l'atelier {depot}; le délai commence à son arrivée.",
    ),
    Outcome.PARTS_SHIPMENT: Phrase(
        "Parts are sent; the customer fits them. No clock runs.",
        "Des pièces sont envoyées; le client les pose. Aucun délai ne court.",
    ),
    Outcome.BILLABLE_ESTIMATE: Phrase(
        "Nothing covers the machine on that day: parts and labour are billed, and nothing starts before the customer "
        "accepts the estimate.",
        "Rien ne couvre la machine ce jour-là : les pièces et la main-d'œuvre sont facturées, et rien ne commence avant "
        "que le client accepte l'estimation.",
    ),
    Outcome.REMOTE_SUPPORT: Phrase(
        "A specialist answers the customer by {due}.",
        "Un spécialiste répond au client au plus tard le {due}.",
    ),
    Outcome.SUBSCRIPTION_LAPSED: Phrase(
        "The subscription ended on {until}. Two ways out: a new licence, or reinstatement fees.",
        "L'abonnement a pris fin le {until}. Deux issues : une nouvelle licence ou des frais de remise en vigueur.",
    ),
    Outcome.NOT_ENTITLED: Phrase(
        "The customer has no subscription that has begun for this product.",
        "Le client n'a pas d'abonnement commencé pour ce produit.",
    ),
    Outcome.ANSWERED: Phrase("The answer is given at once.", "La réponse est donnée sur-le-champ."),
    Outcome.TERMINATION_SCHEDULED: Phrase(
        "Maintenance ends: {end} is the first day without it.",
        "L'entretien prend fin : le {end} est le premier jour sans lui.",
    ),
    Outcome.TERMINATION_REFUSED: Phrase(
        "Too early: notice becomes possible on {earliest}.",
        "Trop tôt : un avis devient possible le {earliest}.",
    ),
    Outcome.TRIAGE: Phrase("A person looks at it first.", "Une personne l'examine d'abord."),
    Outcome.CONTRACT_DESK: Phrase("The contract desk goes on with it.", "Le bureau des contrats s'en charge."),
    Outcome.BILLING_DESK: Phrase("The billing desk goes on with it.", "Le bureau de la facturation s'en charge."),
    Outcome.GENERAL_DESK: Phrase("The general desk answers it.", "Le bureau général y répond."),
    Outcome.KEY_CENTRE: Phrase("The key centre makes the key.", "Le centre des clés produit la clé."),
    Outcome.APPROVAL: Phrase(
        "A person approves or rejects it; nothing is done before.",
        "Une personne l'approuve ou le rejette; rien n'est fait avant.",
    ),
    Outcome.INCOMPLETE: Phrase("The customer is asked for what is missing.", "On demande au client ce qui manque."),
}

#: A sentence for each reason code, for staff; customers read `SERIAL_TO_CHECK` in place of two of them.
REASONS: Final = {
    Reason.KIND_CONFLICT: Phrase(
        "The text clearly speaks of the other kind than the one that was declared.",
        "Le texte parle clairement de l'autre genre que celui qui a été déclaré.",
    ),
    Reason.KIND_UNCLEAR: Phrase(
        "The text does not say clearly enough whether it is hardware or software.",
        "Le texte ne dit pas assez clairement s'il s'agit de matériel ou de logiciel.",
    ),
    Reason.OWNER_MISMATCH: Phrase(
        "The machine or product is not this customer's as far as we know; it may be another's.",
        "La machine ou le produit n'est pas à ce client, que l'on sache; il peut être à un autre.",
    ),
    Reason.MACHINE_TYPE_MISMATCH: Phrase(
        "This customer has the serial, but under another machine type.",
        "Ce client a ce numéro de série, mais sous un autre type de machine.",
    ),
    Reason.SITE_DIFFERS: Phrase(
        "The contracts, or the request, name different sites for the machine.",
        "Les contrats, ou la demande, indiquent des sites différents pour la machine.",
    ),
    Reason.SITE_UNKNOWN: Phrase(
        "A visit is covered, but it is not known where the machine stands.",
        "Une visite est couverte, mais on ne sait pas où se trouve la machine.",
    ),
    Reason.TERRITORY_UNKNOWN: Phrase(
        "A visit is covered, but no territory serves the site.",
        "Une visite est couverte, mais aucun territoire ne dessert le site.",
    ),
    Reason.DEPOT_UNKNOWN: Phrase(
        "Repair at a workshop is covered, but none serves the province.",
        "La réparation en atelier est couverte, mais aucun atelier ne dessert la province.",
    ),
    Reason.CONTRACT_UNKNOWN: Phrase(
        "The contract number is none of this customer's.",
        "Le numéro de contrat n'est pas de ce client.",
    ),
    Reason.CUSTOMER_UNKNOWN: Phrase(
        "The customer number is unknown or was not given.",
        "Le numéro de client est inconnu ou n'a pas été donné.",
    ),
    Reason.NOT_UNDER_CONTRACT: Phrase(
        "The machine is not under maintenance on that day.",
        "La machine n'est pas sous contrat d'entretien ce jour-là.",
    ),
    Reason.NO_BORDER: Phrase(
        "Origin and destination are the same country.",
        "Le pays d'origine et le pays de destination sont les mêmes.",
    ),
    SERIAL_TO_CHECK: Phrase(
        "The machine type or the serial number needs to be checked.",
        "Le type de machine ou le numéro de série est à vérifier.",
    ),
}

#: Fields that can be missing, by path.
MISSING: Final = {
    "machine": Phrase("which machine it is", "de quelle machine il s'agit"),
    "machine.type": Phrase("the machine's type", "le type de la machine"),
    "machine.serial": Phrase("the machine's serial number", "le numéro de série de la machine"),
    "product_id": Phrase("which product it is", "de quel produit il s'agit"),
    "contract_number": Phrase("which contract it is", "de quel contrat il s'agit"),
    "text": Phrase("what it is about, in words", "de quoi il s'agit, en mots"),
    "details.party": Phrase("who gives notice", "qui donne l'avis"),
    "details.sent_on": Phrase("when the notice was sent", "quand l'avis a été envoyé"),
    "details.evidence": Phrase("what shows the breach", "ce qui montre le manquement"),
    "details.reason": Phrase("why the machine leaves", "pourquoi la machine s'en va"),
    "details.event_date": Phrase("when it was returned or sold", "quand elle a été rendue ou vendue"),
    "details.origin_country": Phrase("from which country it comes", "de quel pays il part"),
    "details.destination_country": Phrase("to which country it goes", "vers quel pays il va"),
    "details.invoice_number": Phrase("which invoice it is", "de quelle facture il s'agit"),
}

#: Each question that a rule asks and its answer; an answer of "*" stands for any.
ANSWERS: Final = {
    "customer.known": Phrase("customer {0} is known", "le client {0} est connu"),
    "customer.unknown": Phrase("no customer has the number {0}", "aucun client n'a le numéro {0}"),
    "customer.missing": Phrase("no customer number was given", "aucun numéro de client n'a été donné"),
    "contract.ignored": Phrase(
        "the contract named is none of this customer's; it is not needed",
        "le contrat nommé n'est pas de ce client; on n'en a pas besoin",
    ),
    "contract.named": Phrase("the contract is {0}", "le contrat est {0}"),
    "contract.of_machine": Phrase("the machine is on contract {0} alone", "la machine n'est qu'au contrat {0}"),
    "contract.several": Phrase(
        "the machine is on several contracts: {all}; which one is meant is not known",
        "la machine est à plusieurs contrats : {all}; on ne sait pas duquel il s'agit",
    ),
    "contract.missing": Phrase(
        "no contract is known by what was named", "ce qui a été nommé ne mène à aucun contrat connu"
    ),
    "kind.declared": Phrase("declared {0} → stands", "déclaré {0} → maintenu"),
    "kind.conflict": Phrase(
        "declared, but the text speaks of {0}: {1} sure, over {2} → a person decides",
        "déclaré, mais le texte parle de {0} : certitude {1}, plus de {2} → une personne décide",
    ),
    "kind.unclear": Phrase(
        "the text speaks of {0}: {1} sure, needs {2} → a person decides",
        "le texte parle de {0} : certitude {1}, il faut {2} → une personne décide",
    ),
    "kind.no_text": Phrase("not declared, and there is no text", "non déclaré, et il n'y a pas de texte"),
    "kind.by_machine": Phrase(
        "not declared; a machine of the customer's and a text on hardware → {0}",
        "non déclaré; une machine du client et un texte sur du matériel → {0}",
    ),
    "kind.by_product": Phrase(
        "not declared; a product of the customer's → {0}", "non déclaré; un produit du client → {0}"
    ),
    "kind.by_text": Phrase(
        "not declared; the text speaks of {0}, {1} sure", "non déclaré; le texte parle de {0}, certitude {1}"
    ),
    "machine.named": Phrase("the machine is {0} {1}", "la machine est {0} {1}"),
    "machine.missing": Phrase(
        "it is not known which machine is meant; missing: {0}",
        "on ne sait pas de quelle machine il s'agit; il manque : {0}",
    ),
    "covered.yes": Phrase("{0} covers it on {1}", "{0} la couvre le {1}"),
    "covered.no": Phrase("nothing covers {0} {1}", "rien ne couvre {0} {1}"),
    "covered.owner_mismatch": Phrase(
        "no item of this customer's covers {0} {1}; another customer's does",
        "aucun appareil de ce client ne couvre {0} {1}; celui d'un autre client, oui",
    ),
    "covered.machine_type_mismatch": Phrase(
        "this customer has {1} under another type than {0} only",
        "ce client n'a {1} que sous un autre type que {0}",
    ),
    "level.*": Phrase("the level is {answer}, by {0}", "le niveau est {answer}, selon {0}"),
    "sites.differ": Phrase("more than one site is named", "plus d'un site est nommé"),
    "site.unknown": Phrase("no site is known", "aucun site n'est connu"),
    "territory.found": Phrase("{0} serves site {1}", "{0} dessert le site {1}"),
    "territory.unknown": Phrase("no territory serves site {0}", "aucun territoire ne dessert le site {0}"),
    "depot.found": Phrase("{0} is the workshop for {1} {2}", "{0} est l'atelier pour {1} {2}"),
    "depot.unknown": Phrase("no workshop serves {0} {1}", "aucun atelier ne dessert {0} {1}"),
    "maintenance.found": Phrase("{0} is the maintenance that counts", "{0} est l'entretien qui compte"),
    "maintenance.none": Phrase("it is not under maintenance", "elle n'est pas sous contrat d'entretien"),
    "maintained.since": Phrase(
        "under maintenance without a break since {0}; notice from {2} ({1} months)",
        "sous contrat d'entretien sans interruption depuis le {0}; avis dès le {2} ({1} mois)",
    ),
    "notice.in_time": Phrase("the notice is in time", "l'avis est donné à temps"),
    "notice.too_early": Phrase("the notice is too early", "l'avis est donné trop tôt"),
    "end.of_notice": Phrase(
        "given on {0}, a {1}-month notice ends on {2}", "donné le {0}, un avis de {1} mois prend fin le {2}"
    ),
    "end.later": Phrase("the day named is later: {0}", "le jour indiqué est plus tard : {0}"),
    "end.not_sooner": Phrase(
        "the day named, {0}, is not later: the notice decides",
        "le jour indiqué, {0}, n'est pas plus tard : c'est l'avis qui décide",
    ),
    "end.of_coverage": Phrase(
        "but the coverage ends on {0}, and is never stretched",
        "mais la couverture prend fin le {0}, et n'est jamais étirée",
    ),
    "prepaid.until": Phrase("it is paid until {0}", "c'est payé jusqu'au {0}"),
    "entitled.active": Phrase("{0} is active, until {1}", "{0} est en vigueur, jusqu'au {1}"),
    "entitled.lapsed": Phrase("{0} has lapsed: it ran to {1}", "{0} est échu : il allait jusqu'au {1}"),
    "entitled.to_come": Phrase("a subscription to {0} has not begun", "un abonnement à {0} n'a pas commencé"),
    "entitled.no": Phrase("nothing was bought", "rien n'a été acheté"),
    "entitled.yes": Phrase("bought: {all}", "acheté : {all}"),
    "owner.this_customer": Phrase("it is this customer's", "c'est à ce client"),
    "owner.unknown": Phrase("it is not this customer's, as far as we know", "ce n'est pas à ce client, que l'on sache"),
    "border.crossed": Phrase("it goes from {0} to {1}", "il va de {0} à {1}"),
    "border.none": Phrase("it stays in {0}", "il reste en {0}"),
}

#: A text as it was read: how sure, then each word with what it added.
READ: Final = Phrase(
    "{kind}, {confidence} sure by model {model}; + speaks for hardware",
    "{kind}, certitude {confidence} par le modèle {model}; + parle de matériel",
)
NO_WORD: Final = Phrase("no word that we know speaks for either", "aucun mot connu ne parle de l'un ou de l'autre")
WORD: Final = Phrase("“{word}” {weight:+.2f}", "« {word} » {weight:+.2f}")

#: Why an item that was compared does not decide; {…} are fields of the comparison.
LOST: Final = {
    "wins": Phrase("wins", "l'emporte"),
    "covers": Phrase("covers", "couvre"),
    "not_begun": Phrase("begins {covered_from}, after {day}", "commence le {covered_from}, après le {day}"),
    "over": Phrase("covered to {covered_until}, before {day}", "couvert jusqu'au {covered_until}, avant le {day}"),
    "contract_not_begun": Phrase(
        "its contract begins {covered_from}, after {day}", "son contrat commence le {covered_from}, après le {day}"
    ),
    "contract_over": Phrase(
        "its contract ended {covered_until}, before {day}", "son contrat a pris fin le {covered_until}, avant le {day}"
    ),
    "ended_early": Phrase(
        "ended {ended_on}, its first day without cover; judged on {day}",
        "terminé le {ended_on}, premier jour sans couverture; jugé au {day}",
    ),
    "other_type": Phrase("same serial, other type {type}", "même numéro de série, autre type {type}"),
    "not_maintenance": Phrase("is no maintenance: {kind}", "n'est pas un entretien : {kind}"),
    "other_contract": Phrase("another contract was named", "un autre contrat a été nommé"),
    "lower_level": Phrase("lower level", "niveau moins favorable"),
    "ends_sooner": Phrase("same level, ends sooner", "même niveau, se termine plus tôt"),
    "higher_contract_number": Phrase(
        "same level and end, higher contract number", "mêmes niveau et fin, numéro de contrat plus élevé"
    ),
    "higher_site_id": Phrase("same contract, higher site id", "même contrat, identifiant de site plus élevé"),
    "same": Phrase("the same in all that counts", "pareil en tout ce qui compte"),
}

HIDDEN: Final = (
    Phrase("1 item of another customer (hidden)", "1 appareil d'un autre client (caché)"),
    Phrase("{count} items of other customers (hidden)", "{count} appareils d'autres clients (cachés)"),
)

STATES: Final = {
    "active": Phrase("active", "en vigueur"),
    "lapsed": Phrase("lapsed", "échu"),
    "to_come": Phrase("begins {begins}", "commence le {begins}"),
}

DATES: Final = {
    "earliest_notice_on": Phrase("notice possible from {day}", "avis possible dès le {day}"),
    "effective_end": Phrase("first day without coverage {day}", "premier jour sans couverture : {day}"),
    "last_billed_on": Phrase("last day billed {day}", "dernier jour facturé : {day}"),
    "credit_days": Phrase("{day} prepaid days are credited", "{day} jours payés d'avance sont crédités"),
    "ends_before": Phrase("the coverage ends before that, on {day}", "la couverture prend fin avant, le {day}"),
}

OFFERS: Final = {
    "new_licence": Phrase("new licence {price} {currency}", "nouvelle licence {price} {currency}"),
    "reinstatement": Phrase("reinstatement {price} {currency}", "remise en vigueur {price} {currency}"),
}

#: The promise of a response clock, then what its days are marked with.
CLOCK: Final = {
    "elapsed": Phrase("{hours} h on any day, at any hour", "{hours} h, à toute heure et tous les jours"),
    "business_time": Phrase("{hours} business hours", "{hours} heures ouvrables"),
    "same_day": Phrase(
        "end of the business day if qualified before {cutoff}, else of the next",
        "fin du jour ouvrable si l'on a tout avant {cutoff}, sinon du suivant",
    ),
    "next_business_day": Phrase(
        "end of the next business day after the base day",
        "fin du premier jour ouvrable après le jour de départ",
    ),
    "business_days": Phrase(
        "end of business, {days} business days after the base day",
        "fin de la journée, {days} jours ouvrables après le jour de départ",
    ),
    "qualified": Phrase("qualified", "tout est connu"),
    "base_day": Phrase("base day", "jour de départ"),
    "due": Phrase("due", "échéance"),
    "warn": Phrase("75% gone", "75\u00a0% écoulé"),
    "stop": Phrase("stopped", "arrêté"),
    "counted": Phrase("{hours} counted", "{hours} comptées"),
    "not_counted": Phrase("too late to count", "trop tard pour compter"),
    "weekend": Phrase("closed: weekend", "fermé : fin de semaine"),
    "holiday": Phrase("closed: {name} ({place})", "fermé : {name} ({place})"),
    "closure": Phrase("closed: the provider's own day", "fermé : jour de fermeture du fournisseur"),
    "pause": Phrase("paused {began} to {ended}: {reason}", "suspendu de {began} à {ended} : {reason}"),
    "pause.customer": Phrase("waiting for the customer", "en attente du client"),
    "pause.site_access": Phrase("waiting for access to the site", "en attente d'un accès au site"),
    "open_end": Phrase("still paused: nobody can say yet", "encore suspendu : échéance inconnue"),
    "sum": Phrase(
        "{elapsed} on the wall clock, {business} of business time", "{elapsed} en tout, dont {business} ouvrables"
    ),
}

NO_END: Final = Phrase("no end", "sans fin")
