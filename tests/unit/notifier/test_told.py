"""Second decisions, waits and clocks as people are told of them, in both languages."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import schemas
from schemas.request_status import (
    QUIET,
    ClockWarned,
    Recipient,
    RequestDecided,
    StatusChanged,
    StatusMessage,
)
from schemas.vocabulary import Because, Language, Undone, WaitsFor
from services.notifier.deliveries import due_messages
from services.notifier.messages import Messages, stands_still
from services.notifier.words import NOTIFIER_WORDS
from services.runtime.identity.codes import TrackingCodes
from services.runtime.log import Event
from services.runtime.web.assets import Assets
from services.runtime.web.pages import Pages, Site
from services.runtime.web.words import Phrase
from tests.builders import a_record, an_envelope

NOW = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)
EXAMPLES = Path(schemas.__file__).parent / "examples"
MANAGER = Recipient(email="manager@example.com", language=Language.FR, full=True)
SITE = Site("http://testserver", "+18005550199", Phrase("every day", "tous les jours"))
PAGES = Pages("services.notifier", NOTIFIER_WORDS, SITE, Assets(), lambda: NOW)
MESSAGES = Messages(PAGES, TrackingCodes(b"t" * 32))


def example(kind: type[StatusMessage], **changed: Any) -> Any:
    body = json.loads((EXAMPLES / f"{kind.TYPE}.v1.json").read_text())
    return kind.model_validate_json(json.dumps({**body, **changed}))


def told(message: StatusMessage, manager: Recipient | None = None) -> list[dict[str, Any]]:
    event: Event[StatusMessage] = Event(
        an_envelope(message, service="routing"), message.key, message, a_record(message)
    )
    return due_messages(event, message.model_dump(mode="json"), NOW, superseded=False, manager=manager)


def test_a_clock_that_runs_out_is_the_managers_matter() -> None:
    """Never the customer's; without an address nobody is written to."""
    warned = example(ClockWarned)
    assert told(warned) == []
    [row] = told(warned, MANAGER)
    assert row["recipient"]["email"] == "manager@example.com"
    subject, text = MESSAGES.write(row["body"], Language.FR, full=True)
    assert "75" in subject
    assert f"http://testserver/desk/requests/{warned.number}/decisions/1" in text


@pytest.mark.parametrize("reason", sorted(QUIET))
def test_a_step_that_only_passes_writes_to_nobody(reason: str) -> None:
    changed = example(StatusChanged, standing={"status": "inProgress", "milestone": "technician_assigned"})
    assert len(told(changed)) == len(changed.recipients) > 0
    assert told(changed.model_copy(update={"reason": reason})) == []


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("what_for", WaitsFor)
def test_a_wait_says_since_when_and_what_for(what_for: WaitsFor, language: Language) -> None:
    """In the hour of the place; the question stands in the message."""
    waiting = {"since": "2026-11-23T19:05:00Z", "what_for": what_for.value}
    standing = {"status": "pending", "milestone": "waiting_for_access", "waiting": waiting}
    changed = example(StatusChanged, standing=standing, note="Who opens the door?", timezone="America/Toronto")
    body = changed.model_dump(mode="json")
    [said] = stands_still(PAGES, language, body, now=NOW)
    assert {Language.EN: "2:05", Language.FR: "14\u00a0h\u00a005"}[language] in said
    _, text = MESSAGES.write(body, language, full=False)
    assert said in text
    assert "Who opens the door?" in text
    assert stands_still(PAGES, language, example(StatusChanged).model_dump(mode="json"), now=NOW) == []


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("because", Because)
def test_a_correction_says_why_and_what_no_longer_counts(because: Because, language: Language) -> None:
    """One message with the new decision: it holds both."""
    decided = example(RequestDecided, because=because.value, undone=["return", "estimate"], index=2)
    _, text = MESSAGES.write(decided.model_dump(mode="json"), language, full=True)
    for phrase in (f"again.{because.value}", f"undone.{Undone.RETURN}", f"undone.{Undone.ESTIMATE}"):
        assert NOTIFIER_WORDS.say(phrase, language) in text
    assert NOTIFIER_WORDS.say("undone.visit", language) not in text
