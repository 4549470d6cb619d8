"""What staff read at the desks: the one template of all, what each does more, and who did what."""

from services.runtime.web.words import Phrase, Words

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
    "desk.explained": Phrase("How decision {index} was made", "Comment la décision {index} a été prise"),
    "desk.received": Phrase("Received", "Reçue"),
    "desk.triage.keys": Phrase("Arrow keys choose, Enter saves.", "Les flèches choisissent, Entrée enregistre."),
    "desk.kind.hardware_repair": Phrase("Hardware repair", "Réparation de matériel"),
    "desk.kind.software_support": Phrase("Software support", "Soutien logiciel"),
    "desk.kind.repair": Phrase("Repair, kind not said", "Réparation, genre non précisé"),
    "desk.kind.coverage_review": Phrase("Coverage disputed", "Couverture contestée"),
    "desk.kind.contract_copy": Phrase("Copy of a contract", "Copie d'un contrat"),
    "desk.kind.covered_devices": Phrase("List of covered devices", "Liste des appareils couverts"),
    "desk.kind.contract_renewal": Phrase("Renewal", "Renouvellement"),
    "desk.kind.contract_change": Phrase("Change of a contract", "Modification d'un contrat"),
    "desk.kind.machine_transfer": Phrase("Machine returned or sold", "Machine rendue ou vendue"),
    "desk.kind.termination": Phrase("End of maintenance", "Fin de l'entretien"),
    "desk.kind.software_key": Phrase("Licence key", "Clé de licence"),
    "desk.kind.software_download": Phrase("Download", "Téléchargement"),
    "desk.kind.appliance_move": Phrase("Appliance to another country", "Appareil vers un autre pays"),
    "desk.kind.billing_dispute": Phrase("Charge disputed", "Frais contestés"),
    "desk.kind.inquiry": Phrase("Question", "Question"),
    "desk.value.customer": Phrase("the customer, by notice", "le client, par un avis"),
    "desk.value.provider": Phrase("the provider, in writing", "le fournisseur, par écrit"),
    "desk.value.breach": Phrase("either, for a breach by the other", "l'un, pour manquement de l'autre"),
    "desk.value.lease_return": Phrase("end of the lease", "fin de la location"),
    "desk.value.sold": Phrase("sold", "vendue"),
    "desk.value.other": Phrase("another", "une autre"),
    "desk.value.add": Phrase("add", "ajouter"),
    "desk.value.cancel": Phrase("cancel", "annuler"),
    "desk.detail.party": Phrase("Who ends it", "Qui y met fin"),
    "desk.detail.requested_on": Phrase("Wanted for", "Souhaité pour"),
    "desk.detail.sent_on": Phrase("Sent on", "Envoyé le"),
    "desk.detail.evidence": Phrase("Proof", "Preuve"),
    "desk.detail.reason": Phrase("Reason", "Raison"),
    "desk.detail.event_date": Phrase("On", "Le"),
    "desk.detail.lease_quote_number": Phrase("Lease quote", "Devis de location"),
    "desk.detail.origin_country": Phrase("From", "De"),
    "desk.detail.destination_country": Phrase("To", "Vers"),
    "desk.detail.request_number": Phrase("First request", "Première demande"),
    "desk.detail.invoice_number": Phrase("Invoice", "Facture"),
    "desk.detail.lines": Phrase("Lines", "Lignes"),
    "desk.detail.action": Phrase("Action", "Action"),
    "desk.detail.services": Phrase("Services", "Services"),
    "desk.steps": Phrase("What was done", "Ce qui a été fait"),
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
    "desk.ending": Phrase("How does it end?", "Quelle est l'issue?"),
    "desk.ending.resolved": Phrase("Done", "Terminée"),
    "desk.ending.rejected": Phrase("Not accepted", "Non acceptée"),
    "desk.close": Phrase("Close the case", "Fermer le dossier"),
    "desk.hand_over": Phrase("To another desk", "À un autre service"),
    "desk.hand_over.send": Phrase("Hand it over", "Transmettre"),
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
}

_REFUSALS = {
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
}

_APPROVAL = {
    "desk.recommended": Phrase("{name} recommends: {verdict}. {why}", "{name} recommande : {verdict}. {why}"),
    "desk.recommend": Phrase("Recommend", "Recommander"),
    "desk.recommend.hint": Phrase(
        "Two persons: one recommends, another decides.", "Deux personnes : l'une recommande, l'autre décide."
    ),
    "desk.decide": Phrase("Decide", "Décider"),
    "desk.decide.other": Phrase(
        "You recommended it or asked for it, so another person decides.",
        "Vous l'avez recommandé ou demandé; une autre personne décide.",
    ),
    "desk.verdict": Phrase("Verdict", "Avis"),
    "desk.verdict.approve": Phrase("Approve", "Approuver"),
    "desk.verdict.reject": Phrase("Reject", "Rejeter"),
    "desk.effective_end": Phrase("First day without maintenance", "Premier jour sans entretien"),
    "desk.why": Phrase("Why? (not seen by the customer)", "Pourquoi? (le client ne voit pas ceci)"),
    "desk.assign": Phrase("Assign it", "Confier"),
    "desk.assign.to": Phrase("Who carries it out", "Qui s'en charge"),
    "desk.execute": Phrase("It is done", "C'est fait"),
    "desk.execute.hint": Phrase(
        "From now on the appliance is served in {country}.", "Dès maintenant, l'appareil est desservi en {country}."
    ),
    "desk.ship": Phrase("Shipped", "Expédié"),
    "desk.ship.parcel": Phrase("The carrier's number", "Numéro du transporteur"),
    "desk.ship.hint": Phrase(
        "The request is done with this, and the customer is told.", "La demande est alors terminée, et le client avisé."
    ),
    "desk.bars": Phrase(
        "Coverage by contract over two years, around {day}", "Couverture par contrat sur deux ans, autour du {day}"
    ),
    "desk.papers.hint": Phrase(
        "Enter what the papers show; what is left empty is as the contract data say today. It is decided again as of the "
        "day of the request, and both decisions stay.",
        "Entrez ce que les pièces montrent; ce qui reste vide est comme dans les données d'aujourd'hui. On décide de "
        "nouveau à la date de la demande, et les deux décisions restent.",
    ),
    "desk.papers.level": Phrase("Level", "Niveau"),
    "desk.papers.level.contract": Phrase("the contract's", "celui du contrat"),
    "desk.papers.start": Phrase("Covered from", "Couvert du"),
    "desk.papers.end": Phrase("Covered to", "Couvert jusqu'au"),
    "desk.papers.see": Phrase("See what it comes to", "Voir ce que cela donne"),
    "desk.papers.comes_to": Phrase("If you accept this proof", "Si vous acceptez cette preuve"),
    "desk.papers.again": Phrase("Decide again by papers", "Décider de nouveau d'après des pièces"),
    "desk.papers.today": Phrase("Decision today", "Décision actuelle"),
    "desk.papers.then": Phrase("It would be", "Elle serait"),
    "desk.papers.accept": Phrase("Accept this proof", "Accepter cette preuve"),
    "desk.papers.decide": Phrase("Decide again by these papers", "Décider de nouveau d'après ces pièces"),
    "desk.phrase": Phrase("Begin with a reviewed sentence", "Commencer par une phrase révisée"),
    "desk.phrase.none": Phrase("none", "aucune"),
    "desk.clock.runs": Phrase(
        "Due {time}. The first answer to the customer stops the clock.",
        "Échéance : {time}. La première réponse au client arrête le délai.",
    ),
    "desk.clock.stopped": Phrase("Answered {time}; the clock has stopped.", "Répondu : {time}; le délai est arrêté."),
    "error.approval.two_persons": Phrase(
        "Not saved: this needs two persons. Recommend it at the approvals; another person decides.",
        "Non enregistré : il faut deux personnes. Recommandez aux approbations; une autre personne décide.",
    ),
    "error.approval.not_recommended": Phrase(
        "Not saved: nobody has recommended anything yet. One person recommends, another decides.",
        "Non enregistré : personne n'a encore rien recommandé. Une personne recommande, une autre décide.",
    ),
    "error.approval.same_person": Phrase(
        "Not saved: who recommended it or asked for it cannot decide it. Another person must.",
        "Non enregistré : qui l'a recommandé ou demandé ne peut décider. Une autre personne doit le faire.",
    ),
    "error.approval.not_asked": Phrase(
        "Not saved: there is nothing to approve here any more.", "Non enregistré : il n'y a plus rien à approuver ici."
    ),
    "error.approval.not_next": Phrase(
        "Not saved: this is not the next step of the move. Read the case again.",
        "Non enregistré : ce n'est pas la prochaine étape du déplacement. Relisez le dossier.",
    ),
    "error.approval.not_maintained": Phrase(
        "Not saved: the machine is under no maintenance on that day any more; contract data have changed.",
        "Non enregistré : la machine n'est plus sous contrat d'entretien ce jour-là; les données ont changé.",
    ),
    "error.parts.not_ordered": Phrase(
        "Not saved: no parts were ordered for this request.",
        "Non enregistré : aucune pièce n'a été commandée pour cette demande.",
    ),
}

#: Reviewed sentences that an answer can begin with, by desk; said in the request's language.
_REPLIES = {
    "reply.general_desk.more_time": Phrase(
        "We need a little more time and will write to you by the end of the next business day.",
        "Il nous faut un peu plus de temps; nous vous écrirons d'ici la fin du prochain jour ouvrable.",
    ),
    "reply.general_desk.call": Phrase(
        "Please call us, so that we can settle this together.", "Appelez-nous pour que nous réglions cela ensemble."
    ),
    "reply.key_centre.sent": Phrase(
        "Your licence key is made and goes to the address that we have on file.",
        "Votre clé de licence est produite et part à l'adresse inscrite à votre dossier.",
    ),
    "reply.key_centre.machine": Phrase(
        "A key is made for one machine. Tell us the type and serial number of yours.",
        "Une clé est produite pour un seul appareil. Indiquez-nous le type et le numéro de série du vôtre.",
    ),
    "reply.remote_support.restart": Phrase(
        "Restart the program, try again, and tell us word for word what you see.",
        "Redémarrez le logiciel, essayez de nouveau et dites-nous mot pour mot ce que vous voyez.",
    ),
    "reply.remote_support.call": Phrase(
        "We would like to look at it with you. When may we call, and at which number?",
        "Nous aimerions regarder cela avec vous. Quand pouvons-nous appeler, et à quel numéro?",
    ),
    "reply.approval.approved": Phrase("We have approved your request.", "Nous avons approuvé votre demande."),
    "reply.approval.papers": Phrase(
        "We cannot accept your request as it is: papers are missing.",
        "Nous ne pouvons accepter votre demande telle quelle : des pièces manquent.",
    ),
}

#: What was done, after the name of who did it.
_STEPS = {
    "step.taken": Phrase("{name}: {step}, {time}", "{name} : {step}, {time}"),
    "step.by.system": Phrase("Fixline", "Fixline"),
    "step.by.customer": Phrase("The customer", "Le client"),
    "step.customer_answered": Phrase("answered", "a répondu"),
    "step.take": Phrase("took the case", "a pris le dossier"),
    "step.note": Phrase("wrote a note", "a écrit une note"),
    "step.answer": Phrase("answered the customer", "a répondu au client"),
    "step.hand_over": Phrase("handed the case over", "a transmis le dossier"),
    "step.resolved": Phrase("closed the case: done", "a fermé le dossier : terminé"),
    "step.rejected": Phrase("closed the case: not accepted", "a fermé le dossier : non accepté"),
    "step.corrected": Phrase("said what it is", "a dit ce que c'est"),
    "step.asked": Phrase("asked the customer", "a demandé au client"),
    "step.recommend": Phrase("recommended", "a recommandé"),
    "step.approve": Phrase("approved", "a approuvé"),
    "step.approved": Phrase("approved", "a approuvé"),
    "step.assign": Phrase("assigned it", "l'a confié"),
    "step.executed": Phrase("carried it out", "l'a exécuté"),
    "step.shipped": Phrase("sent the parts", "a envoyé les pièces"),
    "step.withdrawn": Phrase("ended: not needed any more", "terminé : n'est plus nécessaire"),
    "step.wait": Phrase("waits for the customer", "attend le client"),
    "step.go_on": Phrase("goes on", "reprend"),
    "step.upheld": Phrase("accepted the proof", "a accepté la preuve"),
    "step.decided_again": Phrase("had it decided again", "a fait décider de nouveau"),
    "step.credited": Phrase("gave the charge back", "a remboursé les frais"),
    "step.not_seen": Phrase("not seen by the customer", "le client ne voit pas ceci"),
    "step.seen": Phrase("the customer reads this", "le client lit ceci"),
}

DESK_WORDS = Words({**_DESK, **_APPROVAL, **_REPLIES, **_STEPS, **_REFUSALS})
