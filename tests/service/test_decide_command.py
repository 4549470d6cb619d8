"""`fixline decide`: requests as lines in, decisions as lines out (docs/rules.md §2), by its command and its function."""

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from schemas.vocabulary import Language
from services.cli import app
from services.routing import sample
from services.routing.data_files import BrokenData
from services.routing.decide import decide
from services.routing.dry_run import LONGEST_LINE, answers, as_json, load_book, run
from services.routing.rules.policy import standard_policy
from tests.unit.data_files.folders import rows, write

AT = "2026-11-23T10:00:00-05:00"
REPAIR = {
    "kind": "hardware_repair",
    "customer_number": "C-1",
    "machine": {"type": "8286", "serial": "21-0F3AT"},
    "received_at": AT,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("data"))


def line(ref: object = "r", **given: Any) -> str:
    """A good line, but for what is given."""
    return json.dumps({"ref": ref} | REPAIR | given)


def fixline(folder: Path, lines: str | bytes, *options: str) -> Result:
    command = ["decide", "--data", str(folder), "--lang", "en", *options]
    return CliRunner().invoke(app, command, input=lines, catch_exceptions=False)


def answered(result: Result) -> list[dict[str, Any]]:
    return [json.loads(answer) for answer in result.stdout.splitlines()]


def wrong(result: Result) -> tuple[str, str]:
    """Path and code of the only answer, an error."""
    (answer,) = answered(result)
    assert result.exit_code == 1
    assert list(answer) == ["ref", "error"]
    assert list(answer["error"]) == ["path", "code", "message"]
    assert answer["error"]["message"]
    return answer["error"]["path"], answer["error"]["code"]


def test_a_decision_is_printed_whole(folder: Path) -> None:
    """Every field, in the order that programs were promised."""
    result = fixline(folder, line("first"))
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        '{"ref":"first","as_of":"2026-11-23T15:00:00Z","kind":"hardware_repair",'
        '"classification":{"kind":"hardware","confidence":1.0,"by":"declared"},"outcome":"onsite_dispatch",'
        '"rule":"coverage.onsite","reasons":[],"missing":[],"service_level":"ONSITE_NBD","contract_number":"M-1",'
        '"covered_until":"2027-03-31","machine":{"type":"8286","serial":"210F3AT"},"site_id":"S-1",'
        '"queue":"CA-QC-MTL","depot":null,"respond_by":"2026-11-24T22:00:00Z","dates":{"earliest_notice_on":null,'
        '"effective_end":null,"last_billed_on":null,"credit_days":null},"status":"inProgress",'
        '"milestone":"queued_for_technician","policy":"2026-11-01"}\n'
    )


def test_what_is_printed_is_what_is_stored() -> None:
    """Decisions are written out as they are, past `Decision.to_json`: both say the same of every request of the day."""
    requests = [sent.request for sent in sample.day()]
    lines = "\n".join(json.dumps({"ref": at, "received_at": AT} | asked) for at, asked in enumerate(requests)).encode()
    stream = answers(io.BytesIO(lines), load_book(sample.data_dir()), standard_policy(), now=None, language=Language.EN)
    found = [answer for batch in stream for answer in batch]
    assert len(found) == len(requests)
    for answer in found:
        assert answer.decided is not None
        assert json.loads(as_json(answer)) == answer.decided.decision.to_json()


def test_answers_come_in_the_order_of_the_lines(folder: Path) -> None:
    """Blank lines are skipped; a bad line has its error in its place and ends the command with 1."""
    lines = [line(1), "", line(2, kind="nonsense"), " \t\r", "not json", line(4)]
    result = fixline(folder, "\n".join(lines))
    assert [(answer["ref"], "error" in answer) for answer in answered(result)] == [
        (1, False),
        (2, True),
        (None, True),
        (4, False),
    ]
    assert result.exit_code == 1


def test_a_file_is_read_as_standard_input_is(folder: Path, tmp_path: Path) -> None:
    """`--requests FILE`, with the line ends and the byte order mark that other programs write."""
    file = tmp_path / "requests.ndjson"
    file.write_bytes(b"\xef\xbb\xbf" + f"{line(1)}\r\n{line(2)}\r\n".encode())
    result = fixline(folder, "", "--requests", str(file))
    assert [answer["ref"] for answer in answered(result)] == [1, 2]
    assert result.exit_code == 0


@pytest.mark.parametrize(
    "ref", ["é 中", "", 0, -7, 1.5, 2**63, 12345678901234567890123456789, True, False, None], ids=repr
)
def test_a_line_s_own_name_comes_back_as_it_was(folder: Path, ref: object) -> None:
    """With a decision and with an error; a line may have none."""
    result = fixline(folder, f"{line(ref)}\n{line(ref, kind=None)}")
    good, bad = answered(result)
    assert (good["ref"], bad["ref"]) == (ref, ref)
    assert (type(good["ref"]), type(bad["ref"])) == (type(ref), type(ref))


def without(name: str) -> str:
    return json.dumps({key: value for key, value in REPAIR.items() if key != name})


BAD: dict[str, tuple[str | bytes, str, str]] = {
    "no JSON": ("{", "", "not_json"),
    "cut off": (line()[:-1], "", "not_json"),
    "two objects": (line() + line(), "", "not_json"),
    "NaN": ('{"ref": NaN}', "", "not_json"),
    "an endless number": ('{"ref": 1e999, "kind": "inquiry"}', "ref", "not_text"),
    "nested too deeply": ("[" * 100_000, "", "not_json"),
    "a raw NUL": (line(text="a").replace('"a"', '"\0"'), "", "not_json"),
    "not UTF-8": (line(text="a").replace('"a"', '"é"').encode("latin-1"), "", "not_utf8"),
    "too long": (line(text="x" * LONGEST_LINE), "", "line_too_long"),
    "a list": ("[]", "", "not_an_object"),
    "a word": ('"hardware_repair"', "", "not_an_object"),
    "null": ("null", "", "not_an_object"),
    "a ref that is no name": (line({"a": 1}), "ref", "not_text"),
    "a ref with a NUL": (line("\0"), "ref", "unsafe_text"),
    "no kind": (without("kind"), "kind", "required"),
    "another kind": (line(kind="repairs"), "kind", "not_a_choice"),
    "no moment": (without("received_at"), "received_at", "required"),
    "a moment that is null": (line(received_at=None), "received_at", "required"),
    "a moment without offset": (line(received_at="2026-11-23T10:00:00"), "received_at", "not_an_instant"),
    "a day": (line(received_at="2026-11-23"), "received_at", "not_an_instant"),
    "a number for a moment": (line(received_at=1763910000), "received_at", "not_an_instant"),
    "another channel": (line(channel="fax"), "channel", "not_a_choice"),
    "a number for a channel": (line(channel=["web"]), "channel", "not_a_choice"),
    "an unknown field": (line(urgent=True), "urgent", "unknown_field"),
    "an unknown field of the machine": (line(machine={"type": "1", "sn": "2"}), "machine.sn", "unknown_field"),
    "a NUL in a text": (line(text="a\0"), "text", "unsafe_text"),
    "half a surrogate pair": (line(text="\ud800"), "text", "unsafe_text"),
    "a customer number of 5,000 characters": (line(customer_number="C" * 5000), "customer_number", "too_long"),
    "a severity of 0": (line(severity=0), "severity", "out_of_range"),
    "a provider's notice from a customer": (
        line(kind="termination", channel="web", details={"party": "provider", "sent_on": "2026-11-01"}),
        "details.party",
        "not_for_channel",
    ),
    "a notice from the future": (
        line(kind="termination", details={"party": "provider", "sent_on": "2026-11-24"}),
        "details.sent_on",
        "after_receipt",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_line_says_where_and_why(folder: Path, kind: str) -> None:
    """The field, a stable code, a sentence."""
    bad, path, code = BAD[kind]
    assert wrong(fixline(folder, bad)) == (path, code)


def test_a_line_that_is_too_long_does_not_hurt_the_next(folder: Path) -> None:
    """However long it is."""
    lines = "\n".join([line(1, text="x" * (5 * LONGEST_LINE)), line(2)])
    assert [(answer["ref"], "error" in answer) for answer in answered(fixline(folder, lines))] == [
        (None, True),
        (2, False),
    ]


def test_now_stands_for_lines_that_say_no_moment(folder: Path) -> None:
    """A line's own moment goes first."""
    result = fixline(folder, f"{without('received_at')}\n{line()}", "--now", "2026-11-24T03:30Z")
    assert [answer["as_of"] for answer in answered(result)] == ["2026-11-24T03:30:00Z", "2026-11-23T15:00:00Z"]


def test_staff_may_enter_a_provider_s_notice(folder: Path) -> None:
    """Without a channel; on a customer's channel it is refused (docs/rules.md §6)."""
    notice = line(kind="termination", details={"party": "provider", "sent_on": "2026-11-02"})
    (answer,) = answered(fixline(folder, notice))
    assert answer["outcome"] == "termination_scheduled"


def test_messages_are_in_the_language_that_is_asked_for(folder: Path) -> None:
    """`--lang fr`, for what is wrong with a line and for what is wrong before it."""
    (answer,) = answered(fixline(folder, "{", "--lang", "fr"))
    assert answer["error"]["message"].startswith("La ligne n'est pas du JSON.")
    assert "n'est pas un moment" in fixline(folder, "", "--lang", "fr", "--now", "hier").stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--now", "2026-11-23T10:00"], '--now: "2026-11-23T10:00" is no moment with an offset'),
        (["--requests", "/no/such/file"], "--requests: /no/such/file cannot be read (No such file or directory)"),
        (["--requests", "/"], "--requests: / cannot be read (Is a directory)"),
        (["--data", "/no/such/folder"], "--data: /no/such/folder is no folder; name the one that holds customers.csv"),
    ],
)
def test_bad_usage_ends_with_2_and_the_mend(folder: Path, options: list[str], said: str) -> None:
    """Nothing on standard output."""
    result = fixline(folder, line(), *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_broken_data_files_are_refused_before_any_line(tmp_path: Path) -> None:
    """Every fault on standard error, then what to do; ends with 2."""
    write(tmp_path, closures=["CA,QC,never"], items=[*rows("items"), "M-404,8286,,X1,,,,,,"])
    result = fixline(tmp_path, line())
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines() == [
        'items.csv:4:contract_number: "M-404" is not in contracts.csv; add the contract there or correct the number',
        'closures.csv:2:date: "never" is not a date (YYYY-MM-DD)',
        f"fixline: the data files in {tmp_path} are refused; mend these lines and try again",
    ]


def test_explain_prints_sentences_in_place_of_json(folder: Path) -> None:
    """One text a line, a blank line between; a bad line is told in its place."""
    result = fixline(folder, f"{line('one')}\n\n{{", "--explain")
    assert result.exit_code == 1
    assert result.stdout == (
        "onsite_dispatch by coverage.onsite, policy 2026-11-01, as of 2026-11-23 10:00 Toronto\n"
        "  ref       one\n"
        "  result    A technician of CA-QC-MTL goes to site S-1, by Tue 24 Nov 17:00.\n"
        "  kind      declared hardware_repair → stands\n"
        "  asked     customer C-1 is known\n"
        "            the machine is 8286 210F3AT\n"
        "            M-1 covers it on 2026-11-23\n"
        "            the level is ONSITE_NBD, by M-1\n"
        "            CA-QC-MTL serves site S-1\n"
        "  items     M-1  ONSITE_NBD  2025-04-01…2027-03-31  S-1  wins\n"
        "  clock     Mon 23 Nov 10:00 qualified → base day Mon 23 → Tue 24 Nov 17:00 (2026-11-24T22:00:00Z)\n"
        "            end of the next business day after the base day\n"
        "  then      status inProgress, milestone queued_for_technician, queue CA-QC-MTL\n"
        "\n"
        "line 3: refused\n"
        "  error     The line is not JSON. Write one request as one JSON object on one line. (not_json)\n"
        "\n"
    )


def test_a_fault_of_ours_costs_one_line_only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told in its place, with its traceback in the log; the others are decided."""

    def fails(request: object, *rest: object, ref: object, **more: Any) -> object:
        if ref == 2:
            raise ZeroDivisionError
        return decide(request, *rest, ref=ref, **more)  # type: ignore[arg-type]  # what it was given

    monkeypatch.setattr("services.routing.dry_run.decide", fails)
    result = fixline(folder, "\n".join(line(ref) for ref in (1, 2, 3)))
    assert [answer.get("error", {}).get("code") for answer in answered(result)] == [None, "bug", None]
    assert result.exit_code == 1


class Trickle(io.RawIOBase):
    """A source that never ends and counts what was taken of it."""

    def __init__(self) -> None:
        self.taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = f"{line(self.taken)}\n".encode()
        buffer[: len(piece)] = piece
        self.taken += 1
        return len(piece)


def test_a_line_is_answered_before_the_next_is_read(folder: Path) -> None:
    """Whoever waits for an answer before asking again gets it; nothing is kept."""
    source = Trickle()
    stream = answers(io.BufferedReader(source), load_book(folder), standard_policy(), now=None, language=Language.EN)
    for number in range(1, 4):
        assert [answer.ref for answer in next(stream)] == [number - 1]
        assert source.taken == number


def test_the_function_says_whether_every_line_was_a_request(folder: Path) -> None:
    """What the command's exit code is made of."""
    book, out = load_book(folder), io.BytesIO()
    good, bad = f"{line()}\n".encode(), b"{\n"

    def all_good(lines: bytes) -> bool:
        return run(io.BytesIO(lines), out, book, standard_policy(), show=as_json)

    assert all_good(b"")
    assert all_good(good * 3)
    assert not all_good(bad + good)
    assert len(out.getvalue().splitlines()) == 5


def test_broken_data_raises_all_faults(tmp_path: Path) -> None:
    """For callers other than the command."""
    with pytest.raises(BrokenData) as refused:
        load_book(tmp_path)
    assert refused.value.count == 7


@pytest.fixture
def process(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The real command, with pipes."""
    command = [sys.executable, "-m", "services.cli", "decide", "--data", str(folder)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as started:
        yield started
        started.kill()


def test_a_reader_that_has_seen_enough_ends_the_command_quietly(process: subprocess.Popen[bytes]) -> None:
    """`fixline decide … | head -1`: the first answer comes while input is open; later the pipe closes, no traceback."""
    assert process.stdin
    assert process.stdout
    assert process.stderr
    process.stdin.write(f"{line('first')}\n".encode())
    process.stdin.flush()
    assert json.loads(process.stdout.readline())["ref"] == "first"
    process.stdout.close()
    flood = f"{line('unseen')}\n".encode() * 100_000
    with pytest.raises(BrokenPipeError):
        process.stdin.write(flood)
    assert process.wait(timeout=60) == 1
    assert process.stderr.read() == b""
