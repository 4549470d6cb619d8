"""The kit's own words: what every page needs, whatever it is about (docs/decisions/0007-typed-phrases.md).

A sentence about requests, devices or work orders belongs to the service that says it. Facts before courtesy, no
blame, a date instead of "soon". French: no-break space before a colon and inside « ».
"""

from services.runtime.web.words import Phrase, Words

_FRAME = {
    "site.name": Phrase("Fixline", "Fixline"),
    "site.home": Phrase("Fixline, home page", "Fixline, page d'accueil"),
    "skip": Phrase("Skip to the content", "Aller au contenu"),
    "toggle.label": Phrase("Language", "Langue"),
    "nav.label": Phrase("Main", "Principal"),
    "sign_out": Phrase("Sign out", "Se déconnecter"),
    "signed_in_as": Phrase("Signed in as {name}", "Connecté sous le nom de {name}"),
    "footer.call": Phrase(
        "Need a person? Call {phone}, {hours}.", "Besoin de parler à quelqu'un? Composez le {phone}, {hours}."
    ),
    "live.show": Phrase("Show what is new", "Afficher les nouveautés"),
    "live.news": Phrase("There is news on this page.", "Il y a du nouveau sur cette page."),
    "live.paused": Phrase(
        "Live updates paused, last news {time}", "Mise à jour en direct suspendue, dernières nouvelles : {time}"
    ),
    "live.as_of": Phrase("As of {time}", "En date de {time}"),
    "live.update": Phrase("Update this page", "Actualiser cette page"),
    "copy": Phrase("Copy", "Copier"),
    "copied": Phrase("Copied", "Copié"),
    "copy.typed": Phrase("Copy my text", "Copier mon texte"),
    "print": Phrase("Print", "Imprimer"),
    "back": Phrase("Back", "Retour"),
    "change": Phrase("Change", "Modifier"),
    "change.what": Phrase("Change: {what}", "Modifier : {what}"),
    "optional": Phrase("(optional)", "(facultatif)"),
    "step.of": Phrase("Step {step} of {steps}", "Étape {step} de {steps}"),
    "count.left": Phrase("You have {left} characters left", "Il vous reste {left} caractères"),
    "count.one": Phrase("You have 1 character left", "Il vous reste 1 caractère"),
    "count.over": Phrase("Your text is {over} characters too long", "Votre texte compte {over} caractères de trop"),
    "count.limit": Phrase("Up to {limit} characters", "Jusqu'à {limit} caractères"),
    "step.done": Phrase("done", "fait"),
    "step.now": Phrase("now", "en cours"),
    "step.to_come": Phrase("to come", "à venir"),
}

_STATUS = {
    "status.acknowledged": Phrase("We have your request", "Nous avons votre demande"),
    "status.inProgress": Phrase("In progress", "En cours"),
    "status.pending": Phrase("Waiting for you", "En attente de vous"),
    "status.held": Phrase("With our team", "Entre les mains de notre équipe"),
    "status.resolved": Phrase("Done", "Terminée"),
    "status.rejected": Phrase("Not accepted", "Non acceptée"),
    "status.cancelled": Phrase("Cancelled", "Annulée"),
    "status.closed": Phrase("Closed", "Fermée"),
    "clock.soon": Phrase("Due soon", "Échéance proche"),
    "clock.is_paused": Phrase("Clock stopped", "Délai suspendu"),
    "clock.is_late": Phrase("Late", "En retard"),
}

_PAGES = {
    "error.title_prefix": Phrase("Error: ", "Erreur : "),
    "error.summary": Phrase("There is a problem", "Il y a un problème"),
    "not_found.title": Phrase("We did not find this page", "Nous n'avons pas trouvé cette page"),
    "not_found.why": Phrase(
        "The address may be mistyped, or the page may not be yours to see.",
        "L'adresse est peut-être mal écrite, ou cette page n'est peut-être pas la vôtre.",
    ),
    "not_found.mend": Phrase(
        "Check the address. If you came by a link we sent you, open it again from the message.",
        "Vérifiez l'adresse. Si vous avez suivi un lien que nous vous avons envoyé, ouvrez-le de nouveau à partir du message.",
    ),
    "not_found.home": Phrase("Go to the home page", "Aller à la page d'accueil"),
    "moved_on.title": Phrase("Things moved on", "La situation a changé"),
    "moved_on.kept": Phrase("What you wrote is kept below.", "Ce que vous avez écrit est conservé ci-dessous."),
    "moved_on.typed": Phrase("Your text", "Votre texte"),
    "moved_on.look": Phrase("See how it is now", "Voir la situation actuelle"),
    "down.title": Phrase("We cannot answer right now", "Nous ne pouvons pas répondre pour le moment"),
    "down.why": Phrase(
        "The trouble is ours, not yours. We are on it.", "Le problème vient de nous. Nous y travaillons."
    ),
    "down.safe": Phrase(
        "Your request is not lost. Its number is {number}.",
        "Votre demande n'est pas perdue. Son numéro est le {number}.",
    ),
    "down.nothing_sent": Phrase(
        "What we already confirmed to you is safe. What you have just sent may not be saved: try again.",
        "Ce que nous vous avons déjà confirmé est en sécurité. Ce que vous venez d'envoyer n'est peut-être pas enregistré : essayez de nouveau.",
    ),
    "down.call": Phrase("You can also call {phone}, {hours}.", "Vous pouvez aussi composer le {phone}, {hours}."),
    "down.retry": Phrase("Try again", "Essayer de nouveau"),
    "down.reference": Phrase("If you call, say this: {reference}", "Si vous appelez, donnez ce repère : {reference}"),
    "slow.title": Phrase("Saved. Still deciding…", "Enregistré. Décision en cours…"),
    "slow.why": Phrase(
        "This takes a little longer than usual. You can leave this page; nothing is lost.",
        "C'est un peu plus long que d'habitude. Vous pouvez quitter cette page; rien n'est perdu.",
    ),
    "slow.fills": Phrase(
        "The page fills itself when it is done.", "La page se complète d'elle-même une fois la décision prise."
    ),
    "refused.title": Phrase("This could not be done", "Cela n'a pas pu être fait"),
    "refused.back": Phrase(
        "Go back, mend it and send it again.", "Revenez en arrière, corrigez et envoyez de nouveau."
    ),
}

_TITLES = {
    "error.title.invalid": Phrase(
        "Some of what was sent cannot be taken", "Une partie de ce qui a été envoyé ne peut pas être acceptée"
    ),
    "error.title.identity_required": Phrase("Say who you are", "Dites-nous qui vous êtes"),
    "error.title.forbidden": Phrase("Not allowed", "Non autorisé"),
    "error.title.not_found": Phrase("Not found", "Introuvable"),
    "error.title.conflict": Phrase("Things moved on", "La situation a changé"),
    "error.title.too_many": Phrase("Too many tries", "Trop d'essais"),
    "error.title.unavailable": Phrase("We cannot answer right now", "Nous ne pouvons pas répondre pour le moment"),
    "error.title.unexpected": Phrase("The trouble is ours", "Le problème vient de nous"),
    "error.title.method_not_allowed": Phrase("Not possible at this address", "Impossible à cette adresse"),
}

_REFUSALS = {
    "error.wrong": Phrase("Check this and send it again.", "Vérifiez ceci et envoyez de nouveau."),
    "error.invalid": Phrase(
        "Mend the fields named here and send it again.", "Corrigez les champs nommés ici et envoyez de nouveau."
    ),
    "error.malformed": Phrase("The body cannot be read.", "Le contenu ne peut pas être lu."),
    "error.unsupported_media_type": Phrase(
        "Send the content in the form that is asked for.", "Envoyez le contenu sous la forme demandée."
    ),
    "error.identity_required": Phrase("Sign in, or send an API token.", "Connectez-vous ou envoyez un jeton d'API."),
    "error.bearer_wrong": Phrase(
        "The API token is unknown, revoked or past its end. Ask for a new one.",
        "Le jeton d'API est inconnu, révoqué ou expiré. Demandez-en un nouveau.",
    ),
    "error.forbidden": Phrase("Your account may not do this.", "Votre compte ne permet pas de faire cela."),
    "error.cross_site": Phrase(
        "This was sent from another site. Open our page and send it from there.",
        "Ceci a été envoyé à partir d'un autre site. Ouvrez notre page et envoyez-le de là.",
    ),
    "error.not_found": Phrase(
        "There is nothing here, or it is not yours to see.", "Il n'y a rien ici, ou ce n'est pas à vous."
    ),
    "error.conflict": Phrase(
        "Not saved: somebody else changed this in the meantime.",
        "Non enregistré : quelqu'un d'autre a modifié cet élément entre-temps.",
    ),
    "error.too_many": Phrase("Wait {minutes} min, then try again.", "Attendez {minutes} min, puis essayez de nouveau."),
    "error.unavailable": Phrase(
        "The trouble is ours. Try again in a moment.", "Le problème vient de nous. Essayez de nouveau dans un instant."
    ),
    "error.overloaded": Phrase(
        "Too many requests at once. Try again in a moment.",
        "Trop de demandes à la fois. Essayez de nouveau dans un instant.",
    ),
    "error.unexpected": Phrase(
        "Something went wrong on our side. Try again; if it stays, call us with the correlation id.",
        "Une erreur s'est produite de notre côté. Essayez de nouveau; si elle persiste, appelez-nous avec l'identifiant de corrélation.",
    ),
    "error.method_not_allowed": Phrase(
        "This address does not take that method.", "Cette adresse n'accepte pas cette méthode."
    ),
    "error.tracking_code_wrong": Phrase(
        "This number and code do not go together. Check both and try again.",
        "Ce numéro et ce code ne vont pas ensemble. Vérifiez les deux et essayez de nouveau.",
    ),
    "error.request_number_wrong": Phrase(
        "One digit is off. Check the number and try again.",
        "Un chiffre ne va pas. Vérifiez le numéro et essayez de nouveau.",
    ),
}

_BODIES = {
    "error.content_type": Phrase("Send it as {expected}.", "Envoyez-le en tant que {expected}."),
    "error.content_encoding": Phrase("Send it uncompressed.", "Envoyez-le sans compression."),
    "error.too_large": Phrase("Send at most {kib} KiB.", "Envoyez au plus {kib} Kio."),
    "error.body_cut_off": Phrase("The content ended too early.", "Le contenu s'est terminé trop tôt."),
    "error.form_unreadable": Phrase(
        "The form cannot be read. Send it again from our page.",
        "Le formulaire ne peut pas être lu. Envoyez-le de nouveau à partir de notre page.",
    ),
    "error.not_utf8": Phrase("Use UTF-8; byte {at} is not.", "Utilisez UTF-8; l'octet {at} n'en est pas."),
    "error.not_json": Phrase(
        "Not JSON at line {line}, column {column}.", "Ce n'est pas du JSON à la ligne {line}, colonne {column}."
    ),
    "error.key_twice": Phrase("Give this key once.", "Donnez cette clé une seule fois."),
    "error.too_deep": Phrase("Nest at most {levels} levels.", "Imbriquez au plus {levels} niveaux."),
    "error.number_out_of_range": Phrase(
        "Use a finite number of at most 64 bits.", "Utilisez un nombre fini d'au plus 64 bits."
    ),
    "error.nul_character": Phrase("Leave out the NUL character.", "Retirez le caractère NUL."),
    "error.lone_surrogate": Phrase(
        "Leave out the lone surrogate: it is no character.", "Retirez le demi-code isolé : ce n'est pas un caractère."
    ),
}

_FIELDS = {
    "error.required": Phrase("Enter this.", "Entrez cette information."),
    "error.unknown_field": Phrase(
        "Remove this field: we do not know it.", "Retirez ce champ : nous ne le connaissons pas."
    ),
    "error.not_text": Phrase("Enter text.", "Entrez du texte."),
    "error.too_short": Phrase("Enter at least {min} characters.", "Entrez au moins {min} caractères."),
    "error.too_long": Phrase("Enter at most {max} characters.", "Entrez au plus {max} caractères."),
    "error.too_few": Phrase("Give at least {min}.", "Donnez-en au moins {min}."),
    "error.too_many_items": Phrase("Give at most {max}.", "Donnez-en au plus {max}."),
    "error.wrong_form": Phrase("Check how this is written.", "Vérifiez la façon dont ceci est écrit."),
    "error.not_one_of": Phrase("Choose one of {choices}.", "Choisissez parmi {choices}."),
    "error.not_a_boolean": Phrase("Enter true or false.", "Entrez true ou false."),
    "error.not_a_whole_number": Phrase("Enter a whole number.", "Entrez un nombre entier."),
    "error.not_a_number": Phrase("Enter a number.", "Entrez un nombre."),
    "error.too_small": Phrase("Enter {min} or more.", "Entrez {min} ou plus."),
    "error.too_big": Phrase("Enter {max} or less.", "Entrez {max} ou moins."),
    "error.not_a_date": Phrase("Enter a date as 2026-11-24.", "Entrez une date sous la forme 2026-11-24."),
    "error.not_an_instant": Phrase(
        "Enter a date and time with an offset, as 2026-11-24T17:00:00-05:00.",
        "Entrez une date et une heure avec décalage, comme 2026-11-24T17:00:00-05:00.",
    ),
    "error.not_an_object": Phrase("Give an object.", "Donnez un objet."),
    "error.not_a_list": Phrase("Give a list.", "Donnez une liste."),
}

KIT_WORDS = Words({**_FRAME, **_STATUS, **_PAGES, **_TITLES, **_REFUSALS, **_BODIES, **_FIELDS})
