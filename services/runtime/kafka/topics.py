"""Topics as the catalogue says: look, create what is missing, mend what differs, and refuse what would break order.

A key's order comes from its partition, so a topic that holds records never gets more partitions unless its consumers have
drained it and its producers stand still (``drained``). Fewer partitions Kafka itself cannot do.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from kafka import KafkaAdminClient  # type: ignore[import-untyped]  # kafka-python ships no types
from kafka.admin import ConfigResource, ConfigResourceType  # type: ignore[import-untyped]  # as above
from kafka.errors import KafkaError  # type: ignore[import-untyped]  # as above

from services.runtime.kafka.presence import BrokerAway, TopicsDiffer

_UNKNOWN_TOPIC = 3
_TIMEOUT_MS = 10_000


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """What a topic must be. ``config``: any further topic setting by Kafka's name. ``replicas`` None: the broker's default."""

    name: str
    partitions: int
    retention_ms: int
    config: Mapping[str, str] = field(default_factory=dict)
    replicas: int | None = None

    @property
    def settings(self) -> dict[str, str]:
        return {"retention.ms": str(self.retention_ms), **self.config}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing about one topic; the shape of a line of `fixline topics check`."""

    topic: str
    what: str  # "missing", "partitions", or a setting's name
    wanted: str
    found: str

    def __str__(self) -> str:
        if self.what == "missing":
            return f"{self.topic}: missing; `fixline topics apply` creates it with {self.wanted} partitions"
        return f"{self.topic}: {self.what} is {self.found}, the catalogue says {self.wanted}"


def check(bootstrap: str, catalogue: Sequence[TopicSpec]) -> list[Difference]:
    """Every difference between the broker's topics and ``catalogue``; empty when all is well. Raises `BrokerAway`."""
    with _admin(bootstrap) as admin:
        return _differences(admin, catalogue)


def apply(bootstrap: str, catalogue: Sequence[TopicSpec], *, drained: bool = False) -> list[Difference]:
    """Make the topics as ``catalogue`` says; returns what differed before. Twice changes nothing the second time.

    Raises `TopicsDiffer`, having changed nothing, where partitions would have to be raised without ``drained``, or lowered;
    and where the broker refuses a setting. Raises `BrokerAway`.
    """
    with _admin(bootstrap) as admin:
        found = _differences(admin, catalogue)
        _refuse_to_break_order(found, drained=drained)
        by_name = {spec.name: spec for spec in catalogue}
        try:
            _create(admin, [by_name[difference.topic] for difference in found if difference.what == "missing"])
            _widen(admin, found)
            _configure(admin, [difference for difference in found if difference.what not in ("missing", "partitions")])
        except KafkaError as error:
            raise TopicsDiffer(f"the broker refused: {_words(error)}") from error
    return found


@contextmanager
def _admin(bootstrap: str) -> Iterator[Any]:
    """An administration client. Raises `BrokerAway` when nobody answers, also in the middle of it."""
    try:
        client = KafkaAdminClient(
            bootstrap_servers=[server.strip() for server in bootstrap.split(",")],
            bootstrap_timeout_ms=_TIMEOUT_MS // 2,
            request_timeout_ms=_TIMEOUT_MS,
        )
    except (KafkaError, OSError) as error:
        raise BrokerAway(f"no Kafka broker answers at {bootstrap}: {_words(error)}") from error
    try:
        yield client
    except KafkaError as error:
        if getattr(error, "retriable", False):
            raise BrokerAway(f"the Kafka broker at {bootstrap} went away: {_words(error)}") from error
        raise
    finally:
        client.close()


def _describe(admin: Any, names: Sequence[str]) -> list[dict[str, Any]]:
    return [entry for entry in admin.describe_topics(list(names)) if entry["error_code"] != _UNKNOWN_TOPIC]


def _differences(admin: Any, catalogue: Sequence[TopicSpec]) -> list[Difference]:
    there = {entry["name"]: entry for entry in _describe(admin, [spec.name for spec in catalogue])}
    resources = [
        ConfigResource(ConfigResourceType.TOPIC, spec.name, list(spec.settings))
        for spec in catalogue
        if spec.name in there
    ]
    configs = admin.describe_configs(resources, config_filter="all").get("topic", {}) if resources else {}
    found: list[Difference] = []
    for spec in catalogue:
        if spec.name not in there:
            found.append(Difference(spec.name, "missing", str(spec.partitions), ""))
            continue
        partitions = len(there[spec.name]["partitions"])
        if partitions != spec.partitions:
            found.append(Difference(spec.name, "partitions", str(spec.partitions), str(partitions)))
        for name, wanted in spec.settings.items():
            value = configs.get(spec.name, {}).get(name, {}).get("value")
            if value != wanted:
                found.append(Difference(spec.name, name, wanted, "unknown" if value is None else value))
    return found


def _refuse_to_break_order(found: Sequence[Difference], *, drained: bool) -> None:
    for difference in found:
        if difference.what != "partitions":
            continue
        wanted, have = int(difference.wanted), int(difference.found)
        if wanted < have:
            raise TopicsDiffer(
                f"{difference}: Kafka cannot take partitions away; put {have} into the catalogue, or drain the topic, "
                "delete it and apply again"
            )
        if not drained:
            raise TopicsDiffer(
                f"{difference}: raising them moves keys between partitions, and a key's events would overtake each other. "
                "Stop the relays, let the consumers reach lag 0, then apply with --drained"
            )


def _create(admin: Any, specs: Sequence[TopicSpec]) -> None:
    if not specs:
        return
    wanted = {
        spec.name: {
            "num_partitions": spec.partitions,
            "replication_factor": spec.replicas if spec.replicas is not None else -1,
            "configs": spec.settings,
        }
        for spec in specs
    }
    admin.create_topics(wanted, wait_for_metadata=True)


def _widen(admin: Any, found: Sequence[Difference]) -> None:
    wider = {difference.topic: int(difference.wanted) for difference in found if difference.what == "partitions"}
    if wider:
        admin.create_partitions(wider)


def _configure(admin: Any, found: Sequence[Difference]) -> None:
    changes: dict[str, dict[str, str]] = {}
    for difference in found:
        changes.setdefault(difference.topic, {})[difference.what] = difference.wanted
    if not changes:
        return
    resources = [ConfigResource(ConfigResourceType.TOPIC, name, settings) for name, settings in changes.items()]
    try:
        results = admin.alter_configs(resources).get("topic", {})
    except ValueError as error:  # a setting that Kafka does not know
        raise TopicsDiffer(f"{', '.join(changes)}: {error}") from error
    refused = {name: words for name, words in results.items() if words != "OK"}
    if refused:
        raise TopicsDiffer("; ".join(f"{name}: {words}" for name, words in refused.items()))


def _words(error: BaseException) -> str:
    """The broker's own words where the client wraps them into the whole request and response."""
    text = str(error)
    _, found, rest = text.partition("error_message='")
    return f"{type(error).__name__}: {rest.split(chr(39))[0]}" if found else text
