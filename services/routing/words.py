"""What routing's pages say to staff, and why it refuses something; both languages side by side."""

from services.routing.answer_words import ANSWER_WORDS
from services.routing.bill_words import BILL_WORDS
from services.routing.desk_words import DESK_WORDS
from services.routing.explain_page_words import EXPLAIN_PAGE_WORDS
from services.routing.life_words import LIFE_WORDS
from services.routing.manager_words import MANAGER_WORDS
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
    "dispatch.jobs": Phrase("Jobs by due time", "Interventions par échéance"),
    "dispatch.open": Phrase("{open} of {all} to assign", "{open} de {all} à attribuer"),
    "dispatch.late": Phrase("{count} late", "{count} en retard"),
    "dispatch.soon": Phrase("{count} due soon", "{count} à échéance proche"),
    "dispatch.all_assigned": Phrase("All assigned.", "Tout est attribué."),
    "dispatch.next_due": Phrase("Next due: {time}.", "Prochaine échéance : {time}."),
    "dispatch.technicians": Phrase("Technicians today", "Les techniciens aujourd'hui"),
    "dispatch.strip": Phrase("{name}: {count} due today", "{name} : {count} pour aujourd'hui"),
    "dispatch.free": Phrase("Holds no job here.", "N'a pas d'intervention ici."),
    "dispatch.nobody": Phrase(
        "Nobody has worked in this queue in the last 30 days.",
        "Personne n'a travaillé dans cette file depuis 30 jours.",
    ),
    "dispatch.explained": Phrase("Why and by when", "Pourquoi et pour quand"),
    "dispatch.choose": Phrase("Choose", "Choisir"),
    "dispatch.other": Phrase("or another, by username", "ou une autre personne, par nom d'utilisateur"),
    "dispatch.username": Phrase("Technician's username", "Nom d'utilisateur du technicien"),
    "dispatch.assign": Phrase("Assign", "Attribuer"),
    "dispatch.technician": Phrase("Technician", "Technicien"),
    "dispatch.withdraw": Phrase("Take back", "Reprendre"),
    "dispatch.reason": Phrase("Reason", "Motif"),
    "dispatch.time_doubted": Phrase(
        "The device said {said}; that cannot be, so the time of receipt stands.",
        "L'appareil a indiqué {said}; c'est impossible, l'heure de réception est retenue.",
    ),
    "order.short.assigned": Phrase("not accepted yet", "pas encore acceptée"),
    "order.short.accepted": Phrase("accepted", "acceptée"),
    "order.short.en_route": Phrase("on the way", "en route"),
    "order.short.on_site": Phrase("on site", "sur place"),
    "order.queued": Phrase("Open", "Libre"),
    "order.assigned": Phrase("Taken by {name}, not accepted yet", "Prise par {name}, pas encore acceptée"),
    "order.accepted": Phrase("Accepted by {name}", "Acceptée par {name}"),
    "order.en_route": Phrase("{name} is on the way", "{name} est en route"),
    "order.on_site": Phrase("{name} is on site", "{name} est sur place"),
    "order.completed": Phrase("Fixed by {name}", "Réparé par {name}"),
    "order.incomplete": Phrase("Not fixed, {name} was there", "Non réparé, {name} est passé"),
    "order.cancelled": Phrase("Withdrawn", "Retirée"),
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
    Words({**_TECH, **_DISPATCH, **_DEPOT, **_REFUSALS})
    | ANSWER_WORDS
    | BILL_WORDS
    | DESK_WORDS
    | EXPLAIN_PAGE_WORDS
    | LIFE_WORDS
    | MANAGER_WORDS
)
