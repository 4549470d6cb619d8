"""What `fixline doctor` says: what is there, what is not, and the mend."""

from typing import Final

from services.routing.phrase import Phrase

WORDS: Final = {
    "python.mend": Phrase("install Python 3.11 or newer", "installez Python 3.11 ou plus récent"),
    "settings": Phrase("settings", "paramètres"),
    "wrong": Phrase("wrong", "erronés"),
    "known": Phrase("(FIXLINE_*, {count} known)", "(FIXLINE_*, {count} connus)"),
    "clock": Phrase("clock moved to", "horloge déplacée à"),
    "keys": Phrase("keys", "clés"),
    "database": Phrase("database", "base de données"),
    "database.none": Phrase(
        "none yet in {folder} (`fixline up` makes it)", "aucune dans {folder} (`fixline up` la crée)"
    ),
    "database.locked": Phrase("{folder} is not writable", "{folder} n'est pas accessible en écriture"),
    "database.locked.mend": Phrase(
        "give this user the folder, or name another with --data-dir",
        "donnez le dossier à cet utilisateur, ou nommez-en un autre avec --data-dir",
    ),
    "database.empty": Phrase("holds no service's tables", "ne contient les tables d'aucun service"),
    "database.empty.mend": Phrase(
        "run `fixline db upgrade --service …`, or check FIXLINE_DATABASE_URL",
        "lancez `fixline db upgrade --service …`, ou vérifiez FIXLINE_DATABASE_URL",
    ),
    "database.mend": Phrase(
        "start it, or check FIXLINE_DATABASE_URL or --data-dir; `fixline up` needs no server",
        "démarrez-la, ou vérifiez FIXLINE_DATABASE_URL ou --data-dir; `fixline up` n'a besoin d'aucun serveur",
    ),
    "head": Phrase("{about}, migration head", "{about}, migrations à jour"),
    "behind": Phrase("{about}, migrations missing", "{about}, migrations manquantes"),
    "behind.mend": Phrase("run `fixline db upgrade` ({who})", "lancez `fixline db upgrade` ({who})"),
    "events": Phrase("events", "événements"),
    "events.none": Phrase("none waits", "aucun n'attend"),
    "events.wait": Phrase("{count} wait, the oldest {age}", "{count} attendent, le plus ancien depuis {age}"),
    "safe": Phrase("Safe in the outbox: {said}.", "À l'abri dans la boîte d'envoi : {said}."),
    "relay.mend": Phrase(
        "start `fixline relay {service}`, or look at its log",
        "démarrez `fixline relay {service}`, ou voyez son journal",
    ),
    "unread.mend": Phrase(
        "start `fixline up`; if it runs, `fixline dead list` says what it could not apply",
        "démarrez `fixline up`; s'il tourne, `fixline dead list` dit ce qu'il n'a pu appliquer",
    ),
    "kafka.none": Phrase("not needed (embedded)", "inutile (intégré)"),
    "kafka.away": Phrase("{address} does not answer", "{address} ne répond pas"),
    "kafka.mend": Phrase(
        "start it (docker compose up -d kafka), or run `fixline up`, which needs none.",
        "démarrez-le (docker compose up -d kafka), ou lancez `fixline up`, qui s'en passe.",
    ),
    "kafka.good": Phrase("{address}, {count} topics", "{address}, {count} sujets"),
    "address.mend": Phrase("start {service}, or check {setting}", "démarrez {service}, ou vérifiez {setting}"),
    "mail": Phrase("mail", "courriel"),
    "mail.none": Phrase("not set (messages wait)", "non réglé (les messages attendent)"),
    "mail.mend": Phrase(
        "start it, or check FIXLINE_SMTP_URL; messages wait and are sent later",
        "démarrez-le, ou vérifiez FIXLINE_SMTP_URL; les messages attendent et partent plus tard",
    ),
}
