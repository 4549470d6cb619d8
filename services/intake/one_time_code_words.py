"""What customers read while they sign in."""

from typing import Final

from services.runtime.web.words import Phrase

SIGN_IN_WORDS: Final = {
    "sign_in.title": Phrase("Sign in", "Connexion"),
    "sign_in.request": Phrase("With a request number", "Avec un numéro de demande"),
    "sign_in.address": Phrase("With your e-mail address", "Avec votre adresse de courriel"),
    "sign_in.address.why": Phrase(
        "We send a code to the address in your file. It shows you everything that is yours.",
        "Nous envoyons un code à l'adresse de votre dossier. Il vous donne accès à tout ce qui est à vous.",
    ),
    "sign_in.email": Phrase("E-mail address", "Adresse de courriel"),
    "sign_in.ask": Phrase("Send me a code", "M'envoyer un code"),
    "code.title": Phrase("Enter your code", "Entrez votre code"),
    "code.sent": Phrase(
        "If that address is on file, a 6-digit code is on its way. It works for 10 minutes.",
        "Si cette adresse est à votre dossier, un code de 6 chiffres est en route. Il est valide 10 minutes.",
    ),
    "code.code": Phrase("Code", "Code"),
    "code.code.hint": Phrase("6 digits, from the subject of our message", "6 chiffres, dans l'objet de notre message"),
    "code.customer": Phrase("For which customer number?", "Pour quel numéro de client?"),
    "code.enter": Phrase("Sign in", "Se connecter"),
    "code.help": Phrase("The code does not come?", "Le code n'arrive pas?"),
    "code.help.what": Phrase(
        "Look among unwanted mail, or try the address that our messages go to.",
        "Regardez dans les courriels indésirables, ou essayez l'adresse à laquelle vous recevez nos messages.",
    ),
    "code.again": Phrase("Send another code", "Envoyer un autre code"),
    "code.other": Phrase("Use another address", "Utiliser une autre adresse"),
    "error.code_wrong": Phrase(
        "This is not the code we sent. Check its 6 digits.",
        "Ce n'est pas le code que nous avons envoyé. Vérifiez ses 6 chiffres.",
    ),
    "error.code_over": Phrase(
        "This code no longer works. Ask for another one.", "Ce code n'est plus valide. Demandez-en un autre."
    ),
    "error.code_too_soon": Phrase(
        "Wait {seconds} seconds before you ask for another code.",
        "Attendez {seconds} secondes avant de demander un autre code.",
    ),
    "error.customer_missing": Phrase("Choose a customer number.", "Choisissez un numéro de client."),
}

CODE_MAIL: Final = {
    "subject": Phrase("{code} is your Fixline code", "{code} est votre code Fixline"),
    "text": Phrase(
        "{code}\n\nEnter this code on the page that asked for it. It works for {minutes} minutes, once.\n"
        "If you did not ask for it, do nothing: nobody can sign in without it.\n",
        "{code}\n\nEntrez ce code sur la page qui l'a demandé. Il est valide {minutes} minutes, une seule fois.\n"
        "Si vous ne l'avez pas demandé, ne faites rien : personne ne peut se connecter sans lui.\n",
    ),
}
