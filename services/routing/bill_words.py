"""The words of billing: estimates, invoices, credit notes, statements, and why one was refused; both languages side by side."""

from services.runtime.web.words import Phrase, Words

_REFUSED = {
    "error.estimate.none": Phrase("There is no estimate to answer.", "Il n'y a aucune estimation à laquelle répondre."),
    "error.estimate.not_wanted": Phrase(
        "This request is not waiting for an estimate.", "Cette demande n'attend pas d'estimation."
    ),
    "error.estimate.changed": Phrase(
        "The estimate has changed since you saw it. Look at it again before you answer.",
        "L'estimation a changé depuis que vous l'avez vue. Relisez-la avant de répondre.",
    ),
    "error.estimate.accepted": Phrase(
        "Not saved: the estimate was accepted on {time}.", "Non enregistré : l'estimation a été acceptée le {time}."
    ),
    "error.estimate.declined": Phrase(
        "Not saved: the estimate was declined on {time}.", "Non enregistré : l'estimation a été refusée le {time}."
    ),
    "error.estimate.expired": Phrase(
        "Not saved: the estimate was good until {time}. Ask for a new one.",
        "Non enregistré : l'estimation était valide jusqu'au {time}. Demandez-en une nouvelle.",
    ),
    "error.estimate.withdrawn": Phrase(
        "Not saved: the estimate was withdrawn on {time}.", "Non enregistré : l'estimation a été retirée le {time}."
    ),
    "error.estimate.needs_identity": Phrase(
        "Accepting an estimate means paying for it. Sign in, or call us.",
        "Accepter une estimation vous engage à la payer. Connectez-vous ou appelez-nous.",
    ),
    "error.dispute.none": Phrase(
        "No invoice of this customer's is disputed here. Answer in words instead.",
        "Aucune facture de ce client n'est contestée ici. Répondez plutôt par écrit.",
    ),
    "error.dispute.undecided": Phrase(
        "This holds lines of an invoice: decide the dispute instead of closing the case.",
        "Ce dossier suspend des lignes d'une facture : tranchez la contestation plutôt que de le fermer.",
    ),
    "error.payment.other": Phrase(
        "This reference was used for another payment.", "Cette référence a servi pour un autre paiement."
    ),
    "error.lines_wanted": Phrase("Give one line at least, {max} at most.", "Donnez au moins une ligne, au plus {max}."),
    "error.quantity_unfit": Phrase(
        "Enter a quantity above 0 and at most {max}, with two decimals at most.",
        "Entrez une quantité supérieure à 0 et d'au plus {max}, avec au plus deux décimales.",
    ),
    "error.price_unfit": Phrase(
        "Enter a price from 0 to {max}, with two decimals at most.",
        "Entrez un prix de 0 à {max}, avec au plus deux décimales.",
    ),
    "error.price_is_listed": Phrase(
        "The list says {price}. For another price choose the reason “agreed price”.",
        "La liste indique {price}. Pour un autre prix, choisissez le motif « prix convenu ».",
    ),
    "error.part_not_listed": Phrase(
        "This part is not on the list. Choose “quoted part” and enter its price.",
        "Cette pièce n'est pas dans la liste. Choisissez « pièce sur devis » et entrez son prix.",
    ),
    "error.nothing_to_credit": Phrase(
        "Nothing of these lines is left to give back.", "Il ne reste rien à rembourser sur ces lignes."
    ),
    "error.line_not_held": Phrase(
        "This line is not disputed here: give back 0.", "Cette ligne n'est pas contestée ici : remboursez 0."
    ),
    "error.credit_unfit": Phrase(
        "Enter an amount above 0 and at most {max}, with two decimals.",
        "Entrez un montant supérieur à 0 et d'au plus {max}, avec deux décimales.",
    ),
    "error.not_a_part": Phrase(
        "Give back a part: more than nothing, less than all.",
        "Remboursez une partie : plus que rien, moins que le tout.",
    ),
    "error.not_an_amount": Phrase("Enter an amount as 145.00.", "Entrez un montant sous la forme 145.00."),
}

_LINES = {
    "bill.sort.labour": Phrase("Labour", "Main-d'œuvre"),
    "bill.sort.travel": Phrase("Travel", "Déplacement"),
    "bill.sort.part": Phrase("Part", "Pièce"),
    "bill.reason.repair": Phrase("repair, hours", "réparation, heures"),
    "bill.reason.site_visit": Phrase("visit to your site", "visite chez vous"),
    "bill.reason.listed_part": Phrase("list price", "prix de liste"),
    "bill.reason.quoted_part": Phrase("price quoted for this part", "prix sur devis pour cette pièce"),
    "bill.reason.agreed_price": Phrase("agreed price", "prix convenu"),
    "bill.line": Phrase("Line", "Ligne"),
    "bill.what": Phrase("What", "Objet"),
    "bill.quantity": Phrase("Quantity", "Quantité"),
    "bill.unit_price": Phrase("Unit price", "Prix unitaire"),
    "bill.amount": Phrase("Amount", "Montant"),
    "bill.total": Phrase("Total before taxes", "Total avant taxes"),
    "bill.before_taxes": Phrase(
        "Amounts are before taxes, in {currency}.", "Les montants sont avant taxes, en {currency}."
    ),
    "bill.customer": Phrase("Customer", "Client"),
    "bill.request": Phrase("Request", "Demande"),
    "bill.device": Phrase("Device", "Appareil"),
    "bill.issued": Phrase("Date", "Date"),
    "bill.lines": Phrase("Lines", "Lignes"),
}

_DOCUMENTS = {
    "bill.title.invoice": Phrase("Invoice {number}", "Facture {number}"),
    "bill.title.credit_note": Phrase("Credit note {number}", "Note de crédit {number}"),
    "bill.title.statement": Phrase("Account of {number}", "Relevé de compte de {number}"),
    "bill.dispute_until": Phrase("You can dispute a line until", "Contestation d'une ligne jusqu'au"),
    "bill.invoice_number": Phrase("Invoice", "Facture"),
    "bill.total.credited": Phrase("Given back, before taxes", "Total remboursé avant taxes"),
    "bill.as_of": Phrase("As of", "En date du"),
    "bill.sort": Phrase("Sort", "Genre"),
    "bill.reference": Phrase("Reference", "Référence"),
    "bill.currency": Phrase("Currency", "Devise"),
    "bill.balance": Phrase("Balance", "Solde"),
    "bill.entry.invoice": Phrase("Invoice", "Facture"),
    "bill.entry.credit_note": Phrase("Credit note", "Note de crédit"),
    "bill.entry.payment": Phrase("Payment", "Paiement"),
    "bill.statement.account": Phrase("Account in {currency}", "Compte en {currency}"),
    "bill.statement.balance": Phrase(
        "Balance: {balance}, before taxes. Disputed, not to be paid for now: {held}.",
        "Solde : {balance}, avant taxes. Contesté, à ne pas payer pour l'instant : {held}.",
    ),
    "bill.statement.none": Phrase("Nothing was billed yet.", "Rien n'a encore été facturé."),
    "bill.file.statement": Phrase("statement", "releve"),
    "bill.sentence.upheld": Phrase(
        "We looked at this charge and it is right: it stands as billed.",
        "Nous avons vérifié ces frais et ils sont exacts : ils sont maintenus.",
    ),
    "bill.sentence.credited": Phrase(
        "You are right: we give back all that you disputed.",
        "Vous avez raison : nous vous remboursons tout ce que vous avez contesté.",
    ),
    "bill.sentence.partial": Phrase(
        "We looked at this charge and give back a part of it.",
        "Nous avons vérifié ces frais et vous en remboursons une partie.",
    ),
}

_DESK = {
    "bill.desk.prepare": Phrase("Prepare the estimate", "Préparer l'estimation"),
    "bill.desk.decide_dispute": Phrase("Decide the dispute", "Trancher la contestation"),
    "bill.desk.estimate": Phrase("Estimate for request {number}", "Estimation pour la demande {number}"),
    "bill.desk.place": Phrase("Place", "Lieu"),
    "bill.desk.no_place": Phrase("not known", "inconnu"),
    "bill.desk.total": Phrase("Saved total, before taxes", "Total enregistré, avant taxes"),
    "bill.desk.not_saved": Phrase("nothing saved yet", "rien d'enregistré"),
    "bill.desk.way": Phrase("How is it repaired?", "Comment se fait la réparation?"),
    "bill.way.onsite": Phrase("Somebody comes", "Quelqu'un se déplace"),
    "bill.way.mail_in": Phrase("The device is sent in", "L'appareil est envoyé"),
    "bill.way.arranged": Phrase("We arrange it with the customer", "Nous l'organisons avec le client"),
    "bill.desk.sort": Phrase("Kind of line", "Genre de ligne"),
    "bill.desk.no_line": Phrase("none", "aucun"),
    "bill.desk.part": Phrase("Part number", "Numéro de pièce"),
    "bill.desk.what": Phrase("What it is, in the customer's language", "Ce que c'est, dans la langue du client"),
    "bill.desk.price.hint": Phrase(
        "Name a price only for a quoted part or an agreed price; else the list's stands. A line without a kind is left out.",
        "Entrez un prix seulement pour une pièce sur devis ou un prix convenu; sinon, celui de la liste vaut. Une ligne "
        "sans genre est laissée de côté.",
    ),
    "bill.desk.send": Phrase("Send to the customer", "Envoyer au client"),
    "bill.desk.save": Phrase("Save", "Enregistrer"),
    "bill.desk.list": Phrase("Price list", "Liste de prix"),
    "bill.desk.dispute": Phrase("Dispute of invoice {number}", "Contestation de la facture {number}"),
    "bill.desk.held": Phrase("held", "suspendue"),
    "bill.desk.left": Phrase("Left to give back", "Reste remboursable"),
    "bill.desk.state": Phrase("State", "État"),
    "bill.desk.outcome": Phrase("How does it end?", "Quelle est l'issue?"),
    "bill.desk.outcome.hint": Phrase(
        "Under each: what the customer will read, unless you write something else.",
        "Sous chacune : ce que le client lira, sauf si vous écrivez autre chose.",
    ),
    "bill.outcome.upheld": Phrase("The charge stands", "Les frais sont maintenus"),
    "bill.outcome.credited": Phrase("All that is held is given back", "Tout ce qui est suspendu est remboursé"),
    "bill.outcome.partial": Phrase("A part is given back", "Une partie est remboursée"),
    "bill.desk.credit": Phrase(
        "Given back of line {line}, at most {most}", "Remboursé sur la ligne {line}, au plus {most}"
    ),
    "bill.desk.sentence": Phrase("What the customer reads instead", "Ce que le client lira à la place"),
    "bill.desk.decide": Phrase("Decide and tell the customer", "Trancher et l'annoncer au client"),
    "bill.dispute.title": Phrase("Is a charge wrong?", "Des frais vous semblent erronés?"),
    "bill.dispute.means": Phrase(
        "Until {moment} you can dispute lines. You need not pay them while we look.",
        "Jusqu'au {moment}, vous pouvez contester des lignes. Vous n'avez pas à les payer pendant notre examen.",
    ),
    "bill.dispute.which": Phrase("Which lines?", "Quelles lignes?"),
    "bill.dispute.already": Phrase("disputed already", "déjà contestée"),
    "bill.dispute.line_credited": Phrase("given back", "remboursée"),
    "bill.dispute.none_left": Phrase(
        "Every line was given back or is disputed already.", "Chaque ligne est remboursée ou déjà contestée."
    ),
    "bill.dispute.why": Phrase("What is wrong with them?", "Qu'est-ce qui ne va pas?"),
    "bill.dispute.send": Phrase("Dispute these lines", "Contester ces lignes"),
}

BILL_WORDS = Words({**_REFUSED, **_LINES, **_DOCUMENTS, **_DESK})
