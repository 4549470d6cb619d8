"""What customers read about estimates, invoices and disputed charges, in both languages."""

from services.runtime.web.words import Phrase, Words

_STANDING = {
    "milestone.estimate_declined": Phrase("estimate declined", "estimation refusée"),
    "milestone.estimate_expired": Phrase("estimate expired", "estimation expirée"),
    "now.estimate_declined": Phrase(
        "You declined the estimate, so nothing was done and nothing is billed.",
        "Vous avez refusé l'estimation; rien n'a été fait et rien n'est facturé.",
    ),
    "now.estimate_expired": Phrase(
        "The estimate was not accepted in time, so nothing was done and nothing is billed.",
        "L'estimation n'a pas été acceptée à temps; rien n'a été fait et rien n'est facturé.",
    ),
    "next.answer_estimate": Phrase(
        "Accept the estimate or decline it. Nothing starts before you accept.",
        "Acceptez l'estimation ou refusez-la. Rien ne commence sans votre accord.",
    ),
}

_ESTIMATE = {
    "bill.estimate": Phrase("Estimate", "Estimation"),
    "bill.estimate.good": Phrase("Good until {moment}.", "Valide jusqu'au {moment}."),
    "bill.estimate.onsite": Phrase(
        "Once you accept, a technician comes to you by the end of the next business day.",
        "Dès votre accord, un technicien ira chez vous au plus tard à la fin du jour ouvrable suivant.",
    ),
    "bill.estimate.mail_in": Phrase(
        "Once you accept, you send us the device; we repair it at our workshop.",
        "Dès votre accord, vous nous envoyez l'appareil; nous le réparons à notre atelier.",
    ),
    "bill.estimate.arranged": Phrase(
        "Once you accept, our team arranges the repair with you.",
        "Dès votre accord, notre équipe organise la réparation avec vous.",
    ),
    "bill.estimate.accept": Phrase("Accept, {total}", "Accepter, {total}"),
    "bill.estimate.decline": Phrase("Decline", "Refuser"),
    "bill.estimate.decline.means": Phrase(
        "If you decline, the request is cancelled.", "Si vous refusez, la demande est annulée."
    ),
    "bill.estimate.withheld": Phrase(
        "The amounts are for the customer alone, and so is the answer. Sign in, or call us at {phone}.",
        "Les montants et la réponse sont réservés au client. Connectez-vous ou appelez-nous au {phone}.",
    ),
    "bill.estimate.accepted": Phrase(
        "You accepted the estimate of {total}, before taxes.",
        "Vous avez accepté l'estimation de {total}, avant taxes.",
    ),
    "bill.estimate.offer": Phrase(
        "The repair would cost {total}, before taxes. The estimate is good until {moment}.",
        "La réparation coûterait {total}, avant taxes. L'estimation est valide jusqu'au {moment}.",
    ),
}

_INVOICE = {
    "bill.invoice": Phrase("Invoice", "Facture"),
    "bill.invoice.issued": Phrase(
        "Invoice {number}: {total}, before taxes.", "Facture {number} : {total}, avant taxes."
    ),
    "bill.invoice.pdf": Phrase("Download the invoice (PDF)", "Télécharger la facture (PDF)"),
    "bill.invoice.see": Phrase("See the invoice, or dispute a line", "Voir la facture ou contester une ligne"),
    "bill.invoice.dispute_until": Phrase(
        "You can dispute a line until {moment}.", "Vous pouvez contester une ligne jusqu'au {moment}."
    ),
    "bill.dispute": Phrase("Your dispute", "Votre contestation"),
    "bill.dispute.held": Phrase(
        "You dispute {amount} of invoice {number}. You need not pay it while we look.",
        "Vous contestez {amount} de la facture {number}. Vous n'avez pas à payer ce montant pendant notre examen.",
    ),
    "bill.dispute.nothing": Phrase(
        "No line of invoice {number} is on hold.", "Aucune ligne de la facture {number} n'est suspendue."
    ),
    "bill.dispute.upheld": Phrase("The charge stands.", "Les frais sont maintenus."),
    "bill.dispute.credited": Phrase(
        "We give back {amount}: credit note {note}.", "Nous vous remboursons {amount} : note de crédit {note}."
    ),
    "bill.credit.pdf": Phrase("Download the credit note (PDF)", "Télécharger la note de crédit (PDF)"),
}

_LINES = {
    "bill.line.labour": Phrase("Labour, {quantity} h at {price}", "Main-d'œuvre, {quantity} h à {price}"),
    "bill.line.travel": Phrase("Travel, {quantity} × {price}", "Déplacement, {quantity} × {price}"),
    "bill.line.part": Phrase("{what}, {quantity} × {price}", "{what}, {quantity} × {price}"),
    "bill.what": Phrase("What", "Objet"),
    "bill.amount": Phrase("Amount", "Montant"),
    "bill.total": Phrase("Total before taxes", "Total avant taxes"),
}

BILL_WORDS = Words({**_STANDING, **_ESTIMATE, **_INVOICE, **_LINES})
