"""Writes ``schemas/json/*.json`` and ``schemas/asyncapi.yaml`` from the messages and the topic catalogue.

``python -m schemas.generate`` writes; ``--check`` says what would change and ends with 1. The files are for readers and for
programs in other languages; the classes are the truth.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from schemas.message import Message
from schemas.topics import TOPICS, Topic

HERE = Path(__file__).parent
VERSION = "1"  # of every message today; a message that changes incompatibly gets a type name of its own


def files() -> dict[Path, str]:
    """Every generated file and what it should hold."""
    made = {HERE / "json" / f"{message.TYPE}.v{VERSION}.json": _text(schema(message)) for message in messages()}
    made[HERE / "asyncapi.yaml"] = yaml.safe_dump(asyncapi(), sort_keys=False, allow_unicode=True, width=110)
    return made


def messages() -> Iterator[type[Message]]:
    """All message classes, by topic."""
    for topic in TOPICS:
        yield from topic.messages


def schema(message: type[Message]) -> dict[str, Any]:
    """JSON Schema 2020-12 of one message's body."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:fixline:{message.TYPE}:v{VERSION}",
        **message.model_json_schema(mode="serialization"),
    }


def asyncapi() -> dict[str, Any]:
    """AsyncAPI 3.0: which service sends and receives which message on which topic."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Fixline events",
            "version": VERSION,
            "description": "CloudEvents 1.0 in the Kafka binary binding; the body is JSON.",
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": dict(_operations()),
        "components": {
            "messages": {message.TYPE: _message(topic, message) for topic in TOPICS for message in topic.messages}
        },
    }


def _channel(topic: Topic) -> dict[str, Any]:
    return {
        "address": topic.name,
        "description": f"Key: {topic.key}. Written by {topic.producer}.",
        "bindings": {
            "kafka": {
                "partitions": topic.partitions,
                "topicConfiguration": {"retention.ms": int(topic.retention.total_seconds() * 1000)},
            }
        },
        "messages": {message.TYPE: {"$ref": f"#/components/messages/{message.TYPE}"} for message in topic.messages},
    }


def _operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for topic in TOPICS:
        channel = {"$ref": f"#/channels/{topic.name}"}
        yield f"{topic.producer}-sends-{topic.name}", {"action": "send", "channel": channel}
        for consumer in topic.consumers:
            yield f"{consumer}-receives-{topic.name}", {"action": "receive", "channel": channel}


def _message(topic: Topic, message: type[Message]) -> dict[str, Any]:
    attributes = ["specversion", "id", "type", "source", "subject", "time", "correlationid", topic.counter]
    return {
        "name": message.TYPE,
        "summary": (message.__doc__ or message.TYPE).split("\n")[0],
        "headers": {
            "type": "object",
            "required": [f"ce_{name}" for name in attributes],
            "properties": {f"ce_{name}": {"type": "string"} for name in [*attributes, "causationid"]},
        },
        "payload": {"$ref": f"json/{message.TYPE}.v{VERSION}.json"},
    }


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the files, or with ``--check`` compare them."""
    wanted = files()
    stale = [path for path, content in wanted.items() if not path.exists() or path.read_text() != content]
    stale += [path for path in (HERE / "json").glob("*.json") if path not in wanted]
    if "--check" in sys.argv[1:]:
        if stale:
            names = ", ".join(sorted(path.name for path in stale))
            raise SystemExit(f"schemas: {names} differ from the code; run `python -m schemas.generate`")
        return
    (HERE / "json").mkdir(exist_ok=True)
    for path in stale:
        if path in wanted:
            path.write_text(wanted[path])
        else:
            path.unlink()


if __name__ == "__main__":
    main()
