"""The bundled sample decides as it says, today and in a year."""

import io
import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from schemas.decision import show_instant
from schemas.request import parse_request
from schemas.vocabulary import ANONYMOUS_KINDS, Channel, Kind, Language, ServiceLevel
from services.routing import sample
from services.routing.data_files import load
from services.routing.dry_run import as_json, as_text, load_book, run
from services.routing.rules.policy import standard_policy


def lines() -> bytes:
    """The day as `fixline decide` takes it."""
    return b"".join(
        json.dumps(
            {
                "ref": sent.request["external_id"],
                "received_at": show_instant(sample.OPENS + timedelta(seconds=sent.at)),
                "channel": sent.channel,
                **sent.request,
            }
        ).encode()
        + b"\n"
        for sent in sample.day()
    )


@pytest.fixture(scope="module")
def decisions() -> list[dict[str, Any]]:
    out = io.BytesIO()
    assert run(io.BytesIO(lines()), out, load_book(sample.data_dir()), standard_policy(), show=as_json)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_the_data_are_a_small_provider_s() -> None:
    """Forty customers in four provinces, about 160 covered items of every level, all kinds of contract."""
    data = load(sample.data_dir())
    assert (len(data.customers), len(data.items)) == (40, 160)
    assert {customer.province for customer in data.customers} == {"QC", "ON", "BC", "AB"}
    assert {customer.language for customer in data.customers} == set(Language)
    assert len({contract.kind for contract in data.contracts}) == 4
    own = {contract.number: contract.service_level for contract in data.contracts}
    assert {item.service_level or own[item.contract_number] for item in data.items} == set(ServiceLevel)


def test_the_day_comes_to_what_it_says(decisions: list[dict[str, Any]]) -> None:
    """`MIX` is shown in the README and checked wherever the day is run."""
    assert Counter(decision["outcome"] for decision in decisions) == sample.MIX


def test_its_special_cases_are_there(decisions: list[dict[str, Any]]) -> None:
    """The reasons that the day is there to show, and the first two lines as the README has them."""
    assert Counter(reason for decision in decisions for reason in decision["reasons"]) == {
        "owner_mismatch": 1,
        "kind_unclear": 1,
        "site_differs": 1,
    }
    first, second, *_ = decisions
    assert (first["queue"], first["contract_number"], first["respond_by"]) == (
        "CA-QC-MTL",
        "M-77",
        "2026-11-24T22:00:00Z",
    )
    assert (second["outcome"], second["depot"], second["covered_until"]) == ("mail_in", "MTL", "2027-01-14")


def test_the_day_is_such_as_people_may_send() -> None:
    """Sixty requests, named day-001 to day-060, in order, both languages on both channels; nobody asks more than may."""
    day = sample.day()
    assert [sent.request["external_id"] for sent in day] == [f"day-{number:03d}" for number in range(1, 61)]
    assert [sent.at for sent in day] == sorted(sent.at for sent in day)
    assert {(sent.channel, sent.request["language"]) for sent in day} == {
        (channel, language.value) for channel in (Channel.WEB, Channel.PHONE) for language in Language
    }
    for sent in day:
        assert parse_request(sent.request).external_id == sent.request["external_id"]
        assert sent.channel is Channel.PHONE or Kind(sent.request["kind"]) in ANONYMOUS_KINDS
    assert len({sent.request["text"] for sent in day}) == 60


@pytest.mark.parametrize("language", list(Language))
def test_every_decision_of_the_day_can_be_explained(language: Language) -> None:
    """In both languages, without a code that has no words."""
    book, policy, out = load_book(sample.data_dir()), standard_policy(), io.BytesIO()
    assert run(io.BytesIO(lines()), out, book, policy, show=as_text(book, policy, language))
    texts = out.getvalue().decode().strip().split("\n\n")
    assert len(texts) == 60
    assert all(text.count("\n") > 3 for text in texts)
