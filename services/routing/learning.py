"""Which model reads texts now: learnt from the corrections that stand, one version after another (docs/classifier.md).

A model's content is kept under its version and never changed; `model_steps` tells which came into use when, by whom and
why, and its last row is the one in use. Learning and undoing add a row; nothing is taken away. Each batch of requests
reads the version in use in its own transaction, so that a worker changes with the first batch after a commit, without a
restart, and no batch is judged by two.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final
from uuid import uuid4

import structlog
from sqlalchemy import Connection, Select, func, select, text, update

from services.routing.rules.text_kind_learning import MOST, Lesson, learnt, moved_between, with_moved
from services.routing.rules.text_kind_model import Model, packaged
from services.routing.tables import CORRECTIONS, DECISIONS, MODEL_STEPS, MODELS
from services.runtime.rows import insert_rows
from services.runtime.work import Work, Workshop

logger = structlog.get_logger()

Row = dict[str, Any]

#: Seconds between looks for new corrections: what was said meanwhile makes one version.
EVERY: Final = 300.0
LEARNT, UNDONE, REDONE = "learnt", "undone", "redone"


class NothingToChange(Exception):
    """None of the corrections named counts, or was taken out: a mistaken number, or somebody was faster."""


@dataclass
class Models:
    """The model in use, remembering the last few that it has met."""

    _known: dict[str, Model] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def in_use(self, connection: Connection) -> Model:
        return self.of(connection, connection.execute(_IN_USE).scalar_one_or_none())

    def of(self, connection: Connection, version: str | None) -> Model:
        """The model of the version in use. One made from another release's base waits until it is learnt anew."""
        if version is None or version == packaged().version:
            return packaged()
        with self._lock:
            known = self._known.get(version)
            if known is None:
                known = model(connection, version) or packaged()
                if len(self._known) >= _REMEMBERED:
                    self._known.clear()
                self._known[version] = known
            return known


def model(connection: Connection, version: str) -> Model | None:
    """The model of this version, to judge again as a former decision was; none if it is another release's."""
    base = packaged()
    if version == base.version:
        return base
    row = connection.execute(select(MODELS).where(MODELS.c.version == version)).mappings().one_or_none()
    return None if row is None or row["base"] != base.version else with_moved(base, row["moved"], version)


def learn(workshop: Workshop) -> int:
    """Learn what was corrected since the model in use was made: 1 if that makes another version, else 0.

    The reckoning is done outside the transaction that puts its result into use, which looks again whether it still holds:
    two workers that learn at once make the same model, and one of them finds it there.
    """
    with workshop.database.reading() as connection:
        seen = _standing(connection)
        if not _due(connection, seen):
            return 0
        made = learnt(packaged(), lessons(connection))
    with workshop.begin(origin=str(uuid4())) as work:
        _lock(work.connection)
        if _standing(work.connection) != seen or not _due(work.connection, seen):
            return 0
        _put_into_use(work, made, seen, LEARNT, "system", None, None)
    logger.info("model.learnt", version=made.version, corrections=seen.count)
    return 1


def undo(work: Work, ids: Collection[int], by: str, note: str) -> Model:
    """Take these corrections out, and put into use what the others teach. Raises `NothingToChange` if none of them counts."""
    return _change(work, ids, by, note, UNDONE)


def redo(work: Work, ids: Collection[int], by: str, note: str) -> Model:
    """Let corrections that were taken out count again."""
    return _change(work, ids, by, note, REDONE)


def lessons(connection: Connection) -> list[Lesson]:
    """What the newest corrections that stand say, with the text that was judged."""
    query = (
        select(CORRECTIONS.c.id, CORRECTIONS.c.language, CORRECTIONS.c.said, DECISIONS.c.request)
        .join(
            DECISIONS,
            (DECISIONS.c.number == CORRECTIONS.c.number) & (DECISIONS.c.index == CORRECTIONS.c.decision),
        )
        .where(CORRECTIONS.c.undone.is_(None))
        .order_by(CORRECTIONS.c.id.desc())
        .limit(MOST)
    )
    found = [(row, row.request.get("text")) for row in connection.execute(query)]
    return [Lesson(row.id, said_text, row.language, row.said) for row, said_text in found if said_text]


def corrections(
    connection: Connection, *, by: str | None = None, version: str | None = None, limit: int | None = None
) -> list[Row]:
    """Corrections, the newest first: one person's, or those that a version was the first to learn."""
    query = select(CORRECTIONS).order_by(CORRECTIONS.c.id.desc()).limit(limit)
    if by is not None:
        query = query.where(CORRECTIONS.c.by == by)
    if version is not None:
        query = query.where(CORRECTIONS.c.id.in_(_learnt_first_by(connection, version)))
    return [dict(row) for row in connection.execute(query).mappings()]


def history(connection: Connection) -> list[Row]:
    """Every step, the newest first, with the number of corrections that its model was learnt from."""
    query = (
        select(MODEL_STEPS, MODELS.c.base, MODELS.c.corrections.label("learnt_from"))
        .join(MODELS, MODELS.c.version == MODEL_STEPS.c.version)
        .order_by(MODEL_STEPS.c.id.desc())
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def moved(connection: Connection, version: str) -> Mapping[str, float] | None:
    """What a version adds to the base model's weights; none if there is no such version."""
    if version == packaged().version:
        return {}
    return connection.execute(select(MODELS.c.moved).where(MODELS.c.version == version)).scalar_one_or_none()


# ---- putting a model into use


@dataclass(frozen=True, slots=True)
class _Standing:
    """The corrections that count: how many, and the newest."""

    count: int
    newest: int


def _standing(connection: Connection) -> _Standing:
    columns = CORRECTIONS.c
    query = select(func.count(), func.coalesce(func.max(columns.id), 0)).where(columns.undone.is_(None))
    return _Standing(*connection.execute(query).one())


def _due(connection: Connection, standing: _Standing) -> bool:
    """Something was said since, or this release has a newer base. A base newer than ours is another worker's to use."""
    last = connection.execute(_LAST).mappings().one_or_none()
    if last is None:
        return standing.count > 0
    ours, theirs = _release(packaged().version), _release(last["base"])
    return ours > theirs or (
        ours == theirs and (last["corrections"], last["newest"]) != (standing.count, standing.newest)
    )


def _release(base: str) -> int:
    return int(base)


def _change(work: Work, ids: Collection[int], by: str, note: str, step: str) -> Model:
    connection = work.connection
    _lock(connection)
    columns = CORRECTIONS.c
    stands = columns.undone.is_(None) if step == UNDONE else columns.undone.is_not(None)
    wanted = sorted(connection.execute(select(columns.id).where(columns.id.in_(ids), stands)).scalars())
    if not wanted:
        raise NothingToChange
    number = (connection.execute(select(func.max(MODEL_STEPS.c.id))).scalar_one() or 0) + 1
    undone = number if step == UNDONE else None
    connection.execute(update(CORRECTIONS).where(columns.id.in_(wanted)).values(undone=undone))
    made = learnt(packaged(), lessons(connection))
    _put_into_use(work, made, _standing(connection), step, by, note, wanted)
    logger.info("model.changed", step=step, version=made.version, corrections=len(wanted), by=by)
    return made


def _put_into_use(
    work: Work, made: Model, seen: _Standing, step: str, by: str, note: str | None, changed: Sequence[int] | None
) -> None:
    content = {
        "version": made.version,
        "base": packaged().version,
        "corrections": seen.count,
        "newest": seen.newest,
        "moved": moved_between(packaged(), made),
        "made_at": work.now,
    }
    insert_rows(work.connection, MODELS, [content], ignore=True)  # learnt before, undone and redone: the same content
    row = {"version": made.version, "step": step, "by": by, "note": note, "corrections": changed, "at": work.now}
    insert_rows(work.connection, MODEL_STEPS, [row])


def _learnt_first_by(connection: Connection, version: str) -> list[int]:
    """The corrections between the newest that an earlier version had learnt from and this one's newest."""
    query = select(MODELS.c.version, MODELS.c.newest).order_by(MODELS.c.newest)
    newest = {row.version: row.newest for row in connection.execute(query)}
    if version not in newest:
        return []
    before = max((one for one in newest.values() if one < newest[version]), default=0)
    columns = CORRECTIONS.c
    between = select(columns.id).where(columns.id > before, columns.id <= newest[version])
    return list(connection.execute(between).scalars())


def _lock(connection: Connection) -> None:
    """One at a time puts a model into use; readers do not wait. On SQLite whoever writes holds the file already."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"LOCK TABLE {MODEL_STEPS.name} IN SHARE ROW EXCLUSIVE MODE"))


_REMEMBERED: Final = 4
_IN_USE: Final[Select[Any]] = select(MODEL_STEPS.c.version).order_by(MODEL_STEPS.c.id.desc()).limit(1)
_LAST: Final[Select[Any]] = (
    select(MODELS)
    .join(MODEL_STEPS, MODEL_STEPS.c.version == MODELS.c.version)
    .order_by(MODEL_STEPS.c.id.desc())
    .limit(1)
)
