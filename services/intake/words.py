"""What customers and agents read at intake, in both languages."""

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
    "error.overloaded": Phrase(
        "Too many requests at once. Try again in a moment.",
        "Trop de demandes à la fois. Essayez de nouveau dans un instant.",
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
        "Give the telephone number with its area code.",
        "Donnez le numéro de téléphone avec l'indicatif régional.",
    ),
    "error.not_a_request_number": Phrase(
        "One digit is off. Check the number and try again.",
        "Un chiffre ne va pas. Vérifiez le numéro et essayez de nouveau.",
    ),
}

INTAKE_WORDS = Words(_REFUSALS)
