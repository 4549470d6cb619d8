"""Every message type has an example that its class and its published schema accept; nothing generated has drifted."""

import json
from pathlib import Path

import jsonschema
import pytest
from pydantic import ValidationError

import schemas
from schemas.generate import VERSION, files, messages
from schemas.message import Message
from schemas.topics import TOPICS

FOLDER = Path(schemas.__file__).parent
TYPES = list(messages())


def example(message: type[Message]) -> str:
    return (FOLDER / "examples" / f"{message.TYPE}.v{VERSION}.json").read_text()


@pytest.mark.parametrize("message", TYPES, ids=lambda message: message.TYPE)
def test_the_example_survives_a_round_trip(message: type[Message]) -> None:
    """What is read from the example is what is written again, to the field."""
    read = message.model_validate_json(example(message))
    assert json.loads(read.model_dump_json()) == json.loads(example(message))


@pytest.mark.parametrize("message", TYPES, ids=lambda message: message.TYPE)
def test_the_example_is_valid_by_the_published_schema(message: type[Message]) -> None:
    """A program in another language reads the schema, not our classes."""
    published = json.loads((FOLDER / "json" / f"{message.TYPE}.v{VERSION}.json").read_text())
    jsonschema.validate(json.loads(example(message)), published, jsonschema.Draft202012Validator)


@pytest.mark.parametrize("message", TYPES, ids=lambda message: message.TYPE)
def test_an_unknown_field_is_refused(message: type[Message]) -> None:
    """A producer ahead of its consumers is found at once."""
    with pytest.raises(ValidationError):
        message.model_validate({**json.loads(example(message)), "surprise": 1})


def test_each_example_belongs_to_a_type() -> None:
    """An example of a type that is gone goes with it."""
    there = {path.name for path in (FOLDER / "examples").glob("*.json")}
    assert there == {f"{message.TYPE}.v{VERSION}.json" for message in TYPES}


def test_a_type_belongs_to_one_topic() -> None:
    """The catalogue is unambiguous: a type's name says where it travels."""
    names = [message.TYPE for message in TYPES]
    assert len(names) == len(set(names))
    assert all(topic.name == message.TOPIC for topic in TOPICS for message in topic.messages)


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_generated_files_are_as_the_code_says(path: Path) -> None:
    """Run `python -m schemas.generate` after changing a message."""
    assert path.read_text() == files()[path]
