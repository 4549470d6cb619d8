"""What the service manager reads: late jobs of all queues, and the versions of the model that reads texts."""

from services.runtime.web.words import Phrase, Words

MANAGER_WORDS = Words(
    {
        "late.title": Phrase("Late and nearly late", "En retard ou presque"),
        "late.count": Phrase(
            "{overdue} late, {soon} with three quarters of their time gone.",
            "En retard : {overdue}. Aux trois quarts du délai : {soon}.",
        ),
        "late.none": Phrase(
            "Nothing is late, and nothing has used three quarters of its time.",
            "Rien n'est en retard ni aux trois quarts de son délai.",
        ),
        "late.due": Phrase("Due", "Échéance"),
        "late.where": Phrase("Where", "Où"),
        "late.who": Phrase("Who has it", "Qui s'en occupe"),
        "late.nobody": Phrase("nobody yet", "personne pour l'instant"),
        "late.workshop": Phrase("Workshop", "Atelier"),
        "late.why": Phrase("Why", "Pourquoi"),
        "late.explained": Phrase("Why and when", "Pourquoi et pour quand"),
        "models.title": Phrase("What corrections taught", "Ce que les corrections ont appris"),
        "models.in_use": Phrase(
            "Texts are read with version {version}; {packaged} came with this release.",
            "Les textes sont lus avec la version {version}; {packaged} vient avec cette version de Fixline.",
        ),
        "models.none": Phrase("Nothing was learnt yet.", "Rien n'a encore été appris."),
        "models.versions": Phrase("Versions, the newest first", "Versions, la plus récente d'abord"),
        "models.version": Phrase("Version", "Version"),
        "models.step": Phrase("What was done", "Ce qui a été fait"),
        "models.step.learnt": Phrase("learnt", "apprise"),
        "models.step.undone": Phrase("corrections taken out", "corrections retirées"),
        "models.step.redone": Phrase("corrections count again", "corrections rétablies"),
        "models.by": Phrase("By", "Par"),
        "models.at": Phrase("When", "Quand"),
        "models.from": Phrase("Corrections behind it", "Corrections à l'appui"),
        "models.note": Phrase("Note", "Note"),
        "models.change": Phrase("A version learnt something wrong?", "Une version a mal appris?"),
        "models.change.means": Phrase(
            "All that this version was the first to learn is taken out, and a new version is learnt at once from the rest. "
            "Decisions that were made stay.",
            "Tout ce que cette version a été la première à apprendre est retiré, et une nouvelle version est apprise "
            "aussitôt du reste. Les décisions prises restent.",
        ),
        "models.why": Phrase("Why?", "Pourquoi?"),
        "models.undo": Phrase("Take it out", "Retirer"),
        "models.redo": Phrase("Let it count again", "Rétablir"),
        "models.corrections": Phrase("The last corrections", "Les dernières corrections"),
        "models.request": Phrase("Request", "Demande"),
        "models.guessed": Phrase("Read as", "Lu comme"),
        "models.said": Phrase("Corrected to", "Corrigé en"),
        "models.counts": Phrase("Counts", "Compte"),
        "models.counts.yes": Phrase("yes", "oui"),
        "models.counts.no": Phrase("no", "non"),
        "error.model.nothing_to_change": Phrase(
            "Not saved: none of these corrections counts, or none was taken out. Somebody may have been faster.",
            "Non enregistré : aucune de ces corrections ne compte, ou aucune n'a été retirée. Quelqu'un a pu être plus rapide.",
        ),
    }
)
