"""A request's live stream is for whom the request itself is."""

from collections.abc import Iterator

import pytest

from tests.embedded import Fixline, running

pytestmark = pytest.mark.slow

ASKED = {"kind": "hardware_repair", "machine": {"type": "9999", "serial": "NOBODYS"}, "text": "Dead."}


@pytest.fixture(scope="module")
def fixline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fixline]:
    with running(tmp_path_factory.mktemp("follow")) as started:
        yield started


def test_it_opens_for_whom_the_request_is_and_for_nobody_else(fixline: Fixline) -> None:
    """Another customer learns no more than of a number that does not exist."""
    mine, anothers = fixline.as_customer("C-1001"), fixline.as_customer("C-1002")
    number = fixline.submits({**ASKED, "customer_number": "C-1001"}, mine)
    fixline.decided(number, mine)
    assert told(fixline, number, mine) == ["beat", "change", "change"]
    for who in (anothers, {}):
        assert answered(fixline, number, who) == answered(fixline, "482190347716", who)
        assert answered(fixline, number, who) in (401, 404)


def test_it_opens_before_anything_has_come(fixline: Fixline) -> None:
    """Who has just been given a number and its code follows it at once: the notifier hears of it a moment later."""
    number = fixline.submits(ASKED)
    assert told(fixline, number, {"Tracking-Code": fixline.stack.parts.codes.code(number)}) == [
        "beat",
        "change",
        "change",
    ]


def answered(fixline: Fixline, number: str, who: dict[str, str]) -> int:
    """The status with which the stream begins, or is refused."""
    with fixline.http.stream("GET", f"{fixline.url}/api/requests/{number}/events", headers=who, timeout=30) as answer:
        return answer.status_code


def told(fixline: Fixline, number: str, who: dict[str, str]) -> list[str]:
    """The first three events of the stream, by name."""
    names: list[str] = []
    with fixline.http.stream("GET", f"{fixline.url}/api/requests/{number}/events", headers=who, timeout=30) as answer:
        assert answer.status_code == 200
        for line in answer.iter_lines():
            if line.startswith("event:"):
                names.append(line.partition(":")[2].strip())
            if len(names) == 3:
                break
    return names
