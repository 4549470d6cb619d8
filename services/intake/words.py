"""What customers and agents read at intake, in both languages."""

from services.runtime.web.words import Phrase, Words

INTAKE_WORDS = Words(
    {
        "error.not_yours": Phrase(
            "You do not act for this customer. Check the number.",
            "Vous n'agissez pas pour ce client. Vérifiez le numéro.",
        ),
        "error.not_for_channel": Phrase(
            "A notice from the provider is entered by its staff. Choose another party.",
            "Un avis du fournisseur est saisi par son personnel. Choisissez une autre partie.",
        ),
        "error.idempotency_key_reused": Phrase(
            "This key was used with another body. Use a new key.",
            "Cette clé a servi avec un autre contenu. Utilisez-en une nouvelle.",
        ),
        "error.overloaded": Phrase(
            "Too many requests at once. Try again in a moment.",
            "Trop de demandes à la fois. Essayez de nouveau dans un instant.",
        ),
    }
)
