"""What routing's pages say to staff, and why it refuses something; both languages side by side."""

from services.routing.answer_words import ANSWER_WORDS
from services.routing.bill_words import BILL_WORDS
from services.routing.explain_page_words import EXPLAIN_PAGE_WORDS
from services.runtime.web.words import Phrase, Words

_TECH = {
    "tech.title": Phrase("My jobs", "Mes interventions"),
    "tech.mine": Phrase("Mine", "Les miennes"),
    "tech.open": Phrase("Open in my territory", "Libres dans mon territoire"),
    "tech.done": Phrase("Done today", "Terminées aujourd'hui"),
    "tech.none_mine": Phrase("You have taken no job.", "Vous n'avez pris aucune intervention."),
    "tech.none_open": Phrase(
        "No open jobs in {queues}. You are told here when one comes.",
        "Aucune intervention libre dans {queues}. Vous serez prévenu ici dès qu'il y en aura une.",
    ),
    "tech.none_done": Phrase("Nothing yet.", "Rien pour le moment."),
    "tech.all_queues": Phrase("all territories", "tous les territoires"),
    "tech.changed": Phrase("The list of jobs has changed.", "La liste des interventions a changé."),
    "tech.due": Phrase("Due {time}", "Échéance : {time}"),
    "tech.no_due": Phrase("No deadline", "Aucune échéance"),
    "tech.visit": Phrase("Visit {visit}", "Visite {visit}"),
    "tech.device": Phrase("Device", "Appareil"),
    "tech.level": Phrase("Level", "Niveau"),
    "tech.address": Phrase("Address", "Adresse"),
    "tech.contact": Phrase("Contact", "Contact"),
    "tech.text": Phrase("What is wrong", "Ce qui ne va pas"),
    "tech.history": Phrase("Earlier on this device", "Auparavant sur cet appareil"),
    "tech.lease": Phrase("Yours for {span}", "À vous pendant {span}"),
    "tech.lease_over": Phrase(
        "The time to accept is over; anybody of your territory may take it.",
        "Le délai pour accepter est écoulé; toute personne du territoire peut la prendre.",
    ),
    "tech.step.claim": Phrase("Take it", "La prendre"),
    "tech.step.accept": Phrase("Accept", "Accepter"),
    "tech.step.en-route": Phrase("On my way", "En route"),
    "tech.step.arrive": Phrase("I'm here", "Je suis arrivé"),
    "tech.step.complete": Phrase("Finish", "Terminer"),
    "tech.step.decline": Phrase("Decline", "Refuser"),
    "tech.step.release": Phrase("Give it back", "La rendre"),
    "tech.fixed": Phrase("Is it fixed?", "Est-ce réparé?"),
    "tech.fixed.yes": Phrase("Fixed", "Réparé"),
    "tech.fixed.no": Phrase("Not fixed", "Non réparé"),
    "tech.fixed.no.hint": Phrase("A new visit is planned.", "Une nouvelle visite est prévue."),
    "tech.parts": Phrase("Parts used", "Pièces utilisées"),
    "tech.parts.hint": Phrase("One a line: number, then quantity.", "Une par ligne : numéro, puis quantité."),
    "tech.note": Phrase("Note", "Note"),
    "tech.reason": Phrase("Why?", "Pourquoi?"),
    "tech.reason.too_far": Phrase("Too far", "Trop loin"),
    "tech.reason.no_skill": Phrase("Not my skill", "Hors de mes compétences"),
    "tech.reason.no_part": Phrase("Part missing", "Pièce manquante"),
    "tech.reason.no_access": Phrase("No access", "Accès impossible"),
    "tech.reason.safety": Phrase("Not safe", "Danger"),
    "tech.reason.other": Phrase("Other", "Autre"),
}

_DISPATCH = {
    "dispatch.title": Phrase("Queue {queue}", "File {queue}"),
    "dispatch.none": Phrase("Nothing waits here.", "Rien n'attend ici."),
    "dispatch.job": Phrase("Job", "Intervention"),
    "dispatch.due": Phrase("Due", "Échéance"),
    "dispatch.state": Phrase("State", "État"),
    "dispatch.act": Phrase("Do", "Agir"),
    "dispatch.assign": Phrase("Assign", "Attribuer"),
    "dispatch.technician": Phrase("Technician's username", "Nom d'utilisateur du technicien"),
    "dispatch.withdraw": Phrase("Take back", "Reprendre"),
    "dispatch.reason": Phrase("Reason", "Motif"),
    "dispatch.time_doubted": Phrase(
        "The device said {said}; that cannot be, so the time of receipt stands.",
        "L'appareil a indiqué {said}; c'est impossible, l'heure de réception est retenue.",
    ),
    "order.queued": Phrase("Open", "Libre"),
    "order.assigned": Phrase("Taken by {name}, not accepted yet", "Prise par {name}, pas encore acceptée"),
    "order.accepted": Phrase("Accepted by {name}", "Acceptée par {name}"),
    "order.en_route": Phrase("{name} is on the way", "{name} est en route"),
    "order.on_site": Phrase("{name} is on site", "{name} est sur place"),
    "order.completed": Phrase("Fixed by {name}", "Réparé par {name}"),
    "order.incomplete": Phrase("Not fixed, {name} was there", "Non réparé, {name} est passé"),
    "order.cancelled": Phrase("Withdrawn", "Retirée"),
}

_DESK = {
    "desk.all": Phrase("Queues", "Files"),
    "desk.queue": Phrase("Queue", "File"),
    "desk.open": Phrase("Open", "En attente"),
    "desk.oldest": Phrase("Oldest since", "La plus ancienne depuis"),
    "desk.next_due": Phrase("Next due", "Prochaine échéance"),
    "desk.title": Phrase("{desk}: {count} waiting", "{desk} : {count} en attente"),
    "desk.name.triage": Phrase("Triage", "Tri"),
    "desk.name.contract_desk": Phrase("Contract desk", "Contrats"),
    "desk.name.billing_desk": Phrase("Billing desk", "Facturation"),
    "desk.name.general_desk": Phrase("General desk", "Demandes générales"),
    "desk.name.key_centre": Phrase("Key centre", "Centre des clés"),
    "desk.name.approval": Phrase("Approvals", "Approbations"),
    "desk.name.remote_support": Phrase("Remote support", "Soutien à distance"),
    "desk.name.parts_desk": Phrase("Parts desk", "Pièces"),
    "desk.none": Phrase("Nothing waits here.", "Rien n'attend ici."),
    "desk.changed": Phrase("The list of cases has changed.", "La liste des dossiers a changé."),
    "desk.waiting": Phrase("Waiting", "En attente"),
    "desk.taken": Phrase("{name} works on it", "{name} s'en occupe"),
    "desk.due": Phrase("Due {time}", "Échéance : {time}"),
    "desk.request": Phrase("Request", "Demande"),
    "desk.number": Phrase("Number", "Numéro"),
    "desk.customer": Phrase("Customer", "Client"),
    "desk.unknown_customer": Phrase("Not known", "Inconnu"),
    "desk.device": Phrase("Device", "Appareil"),
    "desk.kind": Phrase("Kind", "Genre"),
    "desk.text": Phrase("In the customer's words", "Dans les mots du client"),
    "desk.weighed": Phrase(
        "The underlined words weighed. They say {kind}: {confidence}, needs {threshold}.",
        "Les mots soulignés ont compté. Ils disent {kind} : {confidence}, il faut {threshold}.",
    ),
    "desk.hardware": Phrase("hardware", "matériel"),
    "desk.software": Phrase("software", "logiciel"),
    "desk.decision": Phrase("Decision {index}", "Décision {index}"),
    "desk.explained": Phrase("How this was decided", "Comment cela a été décidé"),
    "desk.steps": Phrase("What was done", "Ce qui a été fait"),
    "desk.steps.hint": Phrase("Not seen by the customer.", "Le client ne voit pas ceci."),
    "desk.no_steps": Phrase("Nothing yet.", "Rien pour le moment."),
    "desk.actions": Phrase("Decide", "Décider"),
    "desk.take": Phrase("I take it", "Je m'en occupe"),
    "desk.note": Phrase("Note for ourselves", "Note interne"),
    "desk.note.save": Phrase("Save the note", "Enregistrer la note"),
    "desk.answer": Phrase("What the customer reads", "Ce que le client lira"),
    "desk.answer.hint": Phrase("In the request's language: {language}.", "Dans la langue de la demande : {language}."),
    "desk.language.en": Phrase("English", "anglais"),
    "desk.language.fr": Phrase("French", "français"),
    "desk.answer.send": Phrase("Answer, keep it open", "Répondre sans fermer"),
    "desk.reason": Phrase("Reason", "Motif"),
    "desk.ending": Phrase("How does it end?", "Quelle est l'issue?"),
    "desk.ending.resolved": Phrase("Done", "Terminée"),
    "desk.ending.rejected": Phrase("Not accepted", "Non acceptée"),
    "desk.close": Phrase("Close the case", "Fermer le dossier"),
    "desk.hand_over": Phrase("To another desk", "À un autre service"),
    "desk.hand_over.to": Phrase("Desk", "Service"),
    "desk.triage": Phrase("What is it?", "De quoi s'agit-il?"),
    "desk.triage.hardware": Phrase("Hardware", "Matériel"),
    "desk.triage.software": Phrase("Software", "Logiciel"),
    "desk.triage.ask": Phrase("Ask the customer", "Demander au client"),
    "desk.triage.elses": Phrase("Someone else's", "À quelqu'un d'autre"),
    "desk.triage.fields": Phrase("What to ask for", "Ce qu'il faut demander"),
    "desk.triage.save": Phrase("Save and open the next", "Enregistrer et ouvrir la suivante"),
    "desk.field.machine": Phrase("The machine: type and serial", "L'appareil : type et numéro de série"),
    "desk.field.machine.type": Phrase("The machine's type", "Le type de l'appareil"),
    "desk.field.machine.serial": Phrase("The serial number", "Le numéro de série"),
    "desk.field.product_id": Phrase("The product", "Le produit"),
    "desk.field.contract_number": Phrase("The contract number", "Le numéro de contrat"),
    "desk.field.site_id": Phrase("The site", "Le site"),
    "desk.field.text": Phrase("What is wrong, in words", "Ce qui ne va pas, en mots"),
    "step.taken": Phrase("{name}: {step}, {time}", "{name} : {step}, {time}"),
}

_DEPOT = {
    "depot.title": Phrase("Depot bench", "Atelier"),
    "depot.scan": Phrase("Scan or type", "Lisez ou tapez"),
    "depot.scan.hint": Phrase(
        "Return number, request number, or type and serial.", "Numéro de retour, numéro de demande, ou type et série."
    ),
    "depot.go": Phrase("Go", "Valider"),
    "depot.ready": Phrase("Ready to scan. {count} expected.", "Prêt à lire. {count} attendus."),
    "depot.received": Phrase("Received", "Reçu"),
    "depot.received.what": Phrase(
        "{device} for request {number}. Next: diagnose.", "{device} pour la demande {number}. Ensuite : diagnostic."
    ),
    "depot.already": Phrase("Already received {time} by {name}", "Déjà reçu {time} par {name}"),
    "depot.not_expected": Phrase("Not expected here", "Non attendu ici"),
    "depot.not_expected.mend": Phrase(
        "Check the number, or put it aside and tell triage.",
        "Vérifiez le numéro, ou mettez-le de côté et avisez le tri.",
    ),
    "depot.several": Phrase(
        "Several fit. Scan the return number.", "Plusieurs conviennent. Lisez le numéro de retour."
    ),
    "depot.here": Phrase("On the bench", "À l'atelier"),
    "depot.state.issued": Phrase("Expected", "Attendu"),
    "depot.state.in_transit": Phrase("On its way", "En chemin"),
    "depot.state.received": Phrase("Received", "Reçu"),
    "depot.state.diagnosed": Phrase("Diagnosed", "Diagnostiqué"),
    "depot.state.repaired": Phrase("Repaired", "Réparé"),
    "depot.state.replaced": Phrase("Replaced", "Remplacé"),
    "depot.state.unrepairable": Phrase("Cannot be repaired", "Irréparable"),
    "depot.state.return_shipped": Phrase("Sent back", "Renvoyé"),
    "depot.state.delivered": Phrase("Delivered", "Livré"),
    "depot.state.expired": Phrase("Expired", "Expiré"),
    "depot.step.ship": Phrase("On its way to us", "En chemin vers nous"),
    "depot.step.receive": Phrase("Receive", "Recevoir"),
    "depot.step.diagnose": Phrase("Diagnosed", "Diagnostiqué"),
    "depot.step.repair": Phrase("Repaired", "Réparé"),
    "depot.step.replace": Phrase("Replaced", "Remplacé"),
    "depot.step.give-up": Phrase("Cannot be repaired", "Irréparable"),
    "depot.step.ship-back": Phrase("Ship back", "Renvoyer"),
    "depot.step.deliver": Phrase("Delivered", "Livré"),
}

_REFUSALS = {
    "error.work_order.claim": Phrase(
        "Not saved: {name} took this job at {time}.", "Non enregistré : {name} a pris cette intervention à {time}."
    ),
    "error.work_order.assign": Phrase(
        "Not saved: the dispatcher {name} gave this job to somebody at {time}.",
        "Non enregistré : {name}, à la répartition, a attribué cette intervention à {time}.",
    ),
    "error.work_order.accept": Phrase(
        "Not saved: {name} accepted this job at {time}.",
        "Non enregistré : {name} a accepté cette intervention à {time}.",
    ),
    "error.work_order.decline": Phrase(
        "Not saved: {name} declined this job at {time}; it is open again.",
        "Non enregistré : {name} a refusé cette intervention à {time}; elle est libre de nouveau.",
    ),
    "error.work_order.release": Phrase(
        "Not saved: {name} gave this job back at {time}.",
        "Non enregistré : {name} a rendu cette intervention à {time}.",
    ),
    "error.work_order.withdraw": Phrase(
        "Not saved: the dispatcher {name} took this job back at {time}.",
        "Non enregistré : {name}, à la répartition, a repris cette intervention à {time}.",
    ),
    "error.work_order.lapse": Phrase(
        "Not saved: the time to accept was over at {time}; {name} did not accept.",
        "Non enregistré : le délai pour accepter était écoulé à {time}; {name} n'a pas accepté.",
    ),
    "error.work_order.en_route": Phrase(
        "Not saved: {name} has been on the way since {time}.", "Non enregistré : {name} est en route depuis {time}."
    ),
    "error.work_order.arrive": Phrase(
        "Not saved: {name} has been on site since {time}.", "Non enregistré : {name} est sur place depuis {time}."
    ),
    "error.work_order.complete": Phrase(
        "Not saved: {name} finished this job at {time}.",
        "Non enregistré : {name} a terminé cette intervention à {time}.",
    ),
    "error.work_order.leave": Phrase(
        "Not saved: {name} left at {time} without a repair; a new visit is planned.",
        "Non enregistré : {name} est reparti à {time} sans réparer; une nouvelle visite est prévue.",
    ),
    "error.work_order.cancel": Phrase(
        "Not saved: this job was withdrawn at {time}. {name}",
        "Non enregistré : cette intervention a été retirée à {time}. {name}",
    ),
    "error.work_order.held_by": Phrase(
        "Not saved: this job is {name}'s.", "Non enregistré : cette intervention est à {name}."
    ),
    "error.work_order.is_queued": Phrase(
        "Not saved: this job is open; read it again.", "Non enregistré : cette intervention est libre; relisez-la."
    ),
    "error.case.taken": Phrase(
        "Not saved: {name} works on this case.", "Non enregistré : {name} s'occupe de ce dossier."
    ),
    "error.case.closed": Phrase(
        "Not saved: this case was closed. {name}", "Non enregistré : ce dossier est fermé. {name}"
    ),
    "error.case.moved": Phrase(
        "Not saved: this case changed in the meantime. {name}",
        "Non enregistré : ce dossier a changé entre-temps. {name}",
    ),
    "error.case.same_desk": Phrase(
        "Not saved: the case is at this desk already.", "Non enregistré : le dossier est déjà à ce service."
    ),
    "error.triage.not_sortable": Phrase(
        "Not saved: only a repair is hardware or software.",
        "Non enregistré : seule une réparation est du matériel ou du logiciel.",
    ),
    "error.return.is_issued": Phrase(
        "Not saved: the parcel has not come yet.", "Non enregistré : le colis n'est pas encore arrivé."
    ),
    "error.return.ship": Phrase(
        "Not saved: the parcel is on its way since {time}. {name}",
        "Non enregistré : le colis est en chemin depuis {time}. {name}",
    ),
    "error.return.receive": Phrase("Already received {time} by {name}.", "Déjà reçu {time} par {name}."),
    "error.return.diagnose": Phrase(
        "Not saved: {name} diagnosed it at {time}.", "Non enregistré : {name} l'a diagnostiqué à {time}."
    ),
    "error.return.repair": Phrase(
        "Not saved: {name} repaired it at {time}.", "Non enregistré : {name} l'a réparé à {time}."
    ),
    "error.return.replace": Phrase(
        "Not saved: {name} replaced it at {time}.", "Non enregistré : {name} l'a remplacé à {time}."
    ),
    "error.return.give_up": Phrase(
        "Not saved: {name} found at {time} that it cannot be repaired.",
        "Non enregistré : {name} a constaté à {time} qu'il est irréparable.",
    ),
    "error.return.ship_back": Phrase(
        "Not saved: {name} sent it back at {time}.", "Non enregistré : {name} l'a renvoyé à {time}."
    ),
    "error.return.deliver": Phrase(
        "Not saved: it was delivered at {time}. {name}", "Non enregistré : il a été livré à {time}. {name}"
    ),
    "error.return.expire": Phrase(
        "Not saved: the return ended at {time}. {name}", "Non enregistré : le retour a pris fin à {time}. {name}"
    ),
}

ROUTING_WORDS = (
    Words({**_TECH, **_DISPATCH, **_DESK, **_DEPOT, **_REFUSALS}) | ANSWER_WORDS | EXPLAIN_PAGE_WORDS | BILL_WORDS
)
