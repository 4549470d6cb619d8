"""The commands that fill, compare and look: `import`, `reconcile`, `doctor`, `track`, `queue`, and the demo's own parts."""

import json
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from schemas.request import parse_request
from schemas.vocabulary import Channel, Language
from services.cli import app
from services.commands import queue
from services.commands.day import comparable
from services.commands.demo_folder import MARK, NotOurs, fresh
from services.commands.reconcile import Found, settled
from services.commands.sample import PASSWORDS, add_staff
from services.intake import accounts
from services.intake.admission import admit
from services.intake.committer import Committer, Submission
from services.intake.tables import REQUESTS
from services.routing import sample
from services.routing.imports import import_folder
from services.runtime import metrics
from services.runtime.consumer import Processor
from services.runtime.embedded import EmbeddedConsumer, Source
from services.runtime.identity.principal import Anonymous
from services.runtime.settings import Settings
from services.stack import Stack
from tests.builders import a_number
from tests.servers import free_port
from tests.unit.data_files.folders import rows, write


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("FIXLINE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LANG", "C")


def fixline(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments)], catch_exceptions=False)


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the sample's contract data and its first web requests, decided and shown."""
    folder = tmp_path_factory.mktemp("decided")
    stack = Stack(Settings(data_dir=folder, sample=True, clock="2026-11-23T15:00:00Z"))
    stack.migrate()
    import_folder(stack.workshops["routing"], sample.data_dir())
    web = [sent for sent in sample.day()[:16] if sent.channel is Channel.WEB]
    asked = [admit(parse_request(sent.request), Anonymous(), Channel.WEB, language=Language.EN) for sent in web]
    Committer(stack.workshops["intake"]).commit([Submission(one, None, "test") for one in asked])
    for service, producer in (("routing", "intake"), ("notifier", "intake"), ("notifier", "routing")):
        reader, log = stack.built[service], stack.workshops[producer]
        consumer = EmbeddedConsumer(
            Processor(reader.workshop, reader.subscriptions[0]), Source(producer, log.database, log.tables)
        )
        consumer.check_cursor()
        while consumer.drain():
            pass
    for workshop in stack.workshops.values():
        workshop.database.close()
    return folder


@pytest.fixture
def data(decided: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may harm."""
    return Path(shutil.copytree(decided, tmp_path / "data"))


def harm(data: Path, service: str, statement: str) -> None:
    """Change a database behind the program's back; ``:number`` is the first request's."""
    with sqlite3.connect(data / f"{service}.db") as connection:
        changed = connection.execute(statement, {"number": first(data)} if ":number" in statement else {})
        assert changed.rowcount > 0


def first(data: Path) -> str:
    with sqlite3.connect(data / "notifier.db") as connection:
        return str(connection.execute("SELECT min(number) FROM requests").fetchone()[0])


def differences(data: Path) -> list[Found]:
    return settled(Stack(Settings(data_dir=data)).workshops, patience=0)


class TestImport:
    def test_files_become_contract_data_once(self, tmp_path: Path) -> None:
        """The first time says what was added, the second that nothing changed; no folder has to be there before."""
        folder, data = write(tmp_path), tmp_path / "new"
        once, twice = (fixline("import", folder, "--data-dir", data) for _ in range(2))
        assert (once.exit_code, twice.exit_code) == (0, 0)
        assert re.search(r"^customers\.csv +2 added$", once.stdout, re.MULTILINE)
        assert once.stdout.endswith("Contract data, version 1.\n")
        assert set(re.findall(r"csv +(.*)", twice.stdout)) == {"nothing changed"}
        assert twice.stdout.endswith("Nothing changed: version 1 stays.\n")

    def test_every_fault_is_told_by_file_line_and_column_and_nothing_changes(self, tmp_path: Path) -> None:
        """On standard error, with 2; the good files beside the broken one are not imported either."""
        contracts = [rows("contracts")[0].replace("2027-03-31", "2026-13-01"), *rows("contracts")[1:]]
        folder, data = write(tmp_path, contracts=contracts), tmp_path / "new"
        refused = fixline("import", folder, "--data-dir", data)
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert refused.stderr.startswith("contracts.csv:2:end_date: ")
        good = fixline("import", write(tmp_path), "--data-dir", data, "--json")
        assert json.loads(good.stdout)["generation"] == 1

    def test_what_is_not_named_stays_unless_replaced(self, tmp_path: Path) -> None:
        """`--replace` ends it; without it absent rows stay as they are."""
        data = tmp_path / "new"
        fixline("import", write(tmp_path), "--data-dir", data)
        fewer = write(tmp_path, closures=rows("closures")[:1])
        kept = json.loads(fixline("import", fewer, "--data-dir", data, "--json").stdout)
        ended = json.loads(fixline("import", fewer, "--data-dir", data, "--replace", "--json").stdout)
        assert (kept["changed"], ended["files"]["closures.csv"]["ended"]) == (False, 1)

    def test_late_data_are_seen_before_they_count_and_then_decide_again(self, data: Path, tmp_path: Path) -> None:
        """The preview changes nothing; `--redecide` decides what it showed; after that there is nothing left to show."""
        better = Path(shutil.copytree(sample.data_dir(), tmp_path / "better"))
        for name in ("contracts.csv", "items.csv"):
            (better / name).write_text((better / name).read_text().replace("ONSITE_NBD", "ONSITE_4H_24X7"))
        command = ("import", better, "--data-dir", data)
        seen = json.loads(fixline(*command, "--preview", "--json").stdout)
        levels = {(one["first"]["service_level"], one["second"]["service_level"]) for one in seen["requests"]}
        assert levels == {("ONSITE_NBD", "ONSITE_4H_24X7")}
        assert (
            fixline(*command, "--preview").stdout.splitlines()[0].startswith(f"{len(seen['requests'])} open requests")
        )
        again = json.loads(fixline(*command, "--redecide", "--json").stdout)
        assert (again["generation"], again["requests"]) == (2, seen["requests"])
        assert json.loads(fixline(*command, "--preview", "--json").stdout)["requests"] == []

    def test_a_folder_that_is_not_there_is_named(self, tmp_path: Path) -> None:
        missing = fixline("import", tmp_path / "nowhere")
        assert missing.exit_code == 2
        assert str(tmp_path / "nowhere") in missing.stderr


class TestSample:
    def test_passwords_are_written_once_for_their_owner_alone(self, tmp_path: Path) -> None:
        """Each account can sign in with what the file says of it."""
        stack = Stack(Settings(data_dir=tmp_path, sample=True), ("intake",))
        stack.migrate()
        intake, file = stack.workshops["intake"], tmp_path / PASSWORDS
        passwords = add_staff(intake, file, "http://here")
        assert file.stat().st_mode & 0o777 == 0o600
        written = dict(re.findall(r"^(\S+) +(\S{12})  ", file.read_text(), re.MULTILINE))
        assert written == passwords
        assert {account.username for account in accounts.list_staff(intake)} == set(written)
        assert accounts.sign_in(intake, "tech-qc", written["tech-qc"]) is not None


class TestDemoFolder:
    def test_only_what_a_demo_made_is_removed(self, tmp_path: Path) -> None:
        with fresh(tmp_path / "demo"):
            (tmp_path / "demo" / "routing.db").write_text("old")
            (tmp_path / "demo" / "notes.txt").write_text("mine")
        with fresh(tmp_path / "demo"):
            assert {file.name for file in (tmp_path / "demo").iterdir()} == {MARK, "notes.txt"}

    def test_a_folder_of_somebody_elses_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "routing.db").write_text("mine")
        with pytest.raises(NotOurs, match="left alone"), fresh(tmp_path):
            pass
        assert (tmp_path / "routing.db").read_text() == "mine"

    def test_two_demos_do_not_share_a_folder(self, tmp_path: Path) -> None:
        with fresh(tmp_path), pytest.raises(NotOurs, match="another demo"), fresh(tmp_path):
            pass

    def test_decisions_are_compared_without_the_second_they_were_made_in(self) -> None:
        one, other = (
            {"as_of": f"2026-11-23T15:00:{second}Z", "respond_by": f"2026-11-23T19:00:{second}Z", "queue": "CA-QC-MTL"}
            for second in ("01", "59")
        )
        assert comparable(one) == comparable(other) == {"respond_by": "2026-11-23T19:00:00Z", "queue": "CA-QC-MTL"}


#: Service, what is changed behind its back, and the difference that tells of it: its service and what.
HARMS = {
    "a request without its acceptance": (
        "intake",
        "DELETE FROM outbox WHERE subject = :number",
        "intake",
        "request.accepted",
    ),
    "an acceptance without its request": ("intake", "DELETE FROM requests WHERE number = :number", "intake", "request"),
    "another channel": ("intake", "UPDATE requests SET channel = 'phone' WHERE number = :number", "intake", "channel"),
    "another sequence": ("intake", "UPDATE requests SET sequence = 4 WHERE number = :number", "intake", "sequence"),
    "never decided": ("routing", "DELETE FROM requests WHERE number = :number", "routing", "request"),
    "another milestone": (
        "routing",
        "UPDATE requests SET milestone = 'repaired' WHERE number = :number",
        "routing",
        "milestone",
    ),
    "a line lost": ("notifier", "DELETE FROM timeline WHERE number = :number AND version = 1", "notifier", "line 1"),
    "an acceptance not shown": (
        "notifier",
        "DELETE FROM timeline WHERE number = :number AND version = 0",
        "notifier",
        "line 0",
    ),
    "a line changed": (
        "notifier",
        "UPDATE timeline SET entry = json_set(entry, '$.device', 'x') WHERE number = :number AND version = 1",
        "notifier",
        "line 1 entry",
    ),
    "a line of no event": (
        "notifier",
        "INSERT INTO timeline SELECT number, 9, 9, type, at, 'x', entry FROM timeline WHERE number = :number AND version = 1",
        "notifier",
        "line 9",
    ),
    "another version": ("notifier", "UPDATE requests SET version = 7 WHERE number = :number", "notifier", "version"),
    "another standing": (
        "notifier",
        "UPDATE requests SET latest = json_set(latest, '$.standing.status', 'closed') WHERE number = :number",
        "notifier",
        "latest",
    ),
    "another decision": (
        "notifier",
        "UPDATE requests SET decided = json_set(decided, '$.outcome', 'mail_in', '$.rule', 'x') WHERE number = :number",
        "notifier",
        "decided",
    ),
    "another owner": (
        "notifier",
        "UPDATE requests SET customer_number = 'C-9999' WHERE number = :number",
        "notifier",
        "customer_number",
    ),
    "two messages of one event": (
        "notifier",
        (
            "INSERT INTO deliveries SELECT id + 1000, message_id || 'x', number, version, channel, recipient, state,"
            " attempts, due_at, ended_at, answer, body FROM deliveries"
        ),
        "notifier",
        "messages of 1",
    ),
}


class TestReconcile:
    def test_nothing_differs_when_all_was_applied(self, decided: Path) -> None:
        done = fixline("reconcile", "--data-dir", decided, "--json")
        assert done.exit_code == 0
        assert json.loads(done.stdout) == {"requests": 9, "differences": []}

    @pytest.mark.parametrize("name", HARMS)
    def test_what_was_changed_behind_the_programs_back_is_found(self, data: Path, name: str) -> None:
        """Each read model's each promise: one thing harmed, and that is what is told."""
        service, statement, where, what = HARMS[name]
        harm(data, service, statement)
        found = differences(data)
        assert (where, what) in {(one.service, one.what) for one in found}
        assert metrics.RECONCILE_DIFFERENCES._value.get() == len(found)

    def test_it_ends_with_one_and_names_the_request(self, data: Path) -> None:
        harm(data, "notifier", "UPDATE requests SET version = 7 WHERE number = :number")
        done = fixline("reconcile", "--data-dir", data, "--patience", "0")
        assert done.exit_code == 1
        assert f"notifier {first(data)} version: expected 1, found 7" in done.stdout

    def test_what_waits_in_quarantine_is_told_as_that(self, data: Path) -> None:
        """Whoever looks at the difference knows where to go on."""
        harm(data, "routing", "DELETE FROM requests WHERE number = :number")
        harm(
            data,
            "routing",
            'INSERT INTO quarantine (consumer, event_id, topic, partition, "offset", "key", headers, reason, detail, state, at)'
            " VALUES ('routing', 'e', 'service-requests', 0, 1, :number, '[]', 'body', '', 'open', '2026-11-23 15:00:00')",
        )
        undecided = [one for one in differences(data) if (one.service, one.what) == ("routing", "request")]
        assert [(one.expected, one.found) for one in undecided] == [("decided", "in quarantine")]

    def test_postgresql_needs_all_three_databases(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("FIXLINE_INTAKE_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/intake")
        asked = fixline("reconcile")
        assert asked.exit_code == 2
        assert "FIXLINE_ROUTING_DATABASE_URL, FIXLINE_NOTIFIER_DATABASE_URL" in asked.stderr


class TestDoctor:
    def test_an_empty_place_is_well(self, tmp_path: Path) -> None:
        """Nothing is needed that is not there: the embedded stack makes its own files."""
        said = fixline("doctor", "--data-dir", tmp_path)
        assert (said.exit_code, said.stderr) == (0, "")
        assert "✓ Python" in said.stdout
        assert "– database none yet" in said.stdout

    def test_events_nobody_read_and_missing_migrations_are_told(self, data: Path) -> None:
        with sqlite3.connect(data / "notifier.db") as connection:
            connection.execute("UPDATE cursor SET position = 0 WHERE log = 'routing'")
        with sqlite3.connect(data / "intake.db") as connection:
            connection.execute("UPDATE alembic_version SET version_num = '0000'")
        said = fixline("doctor", "--data-dir", data)
        assert said.exit_code == 1
        assert "✗ database" in said.stdout
        assert "run `fixline db upgrade` (intake)" in said.stderr
        assert re.search(r"9 wait, the oldest", said.stdout)

    def test_servers_that_are_down_end_with_three_and_their_mend(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Kafka, PostgreSQL and mail, each named; none of their passwords."""
        port = free_port()
        monkeypatch.setenv("FIXLINE_DATABASE_URL", f"postgresql+psycopg://user:hunter2@127.0.0.1:{port}/x")
        monkeypatch.setenv("FIXLINE_SMTP_URL", f"smtp://user:hunter2@127.0.0.1:{port}")
        monkeypatch.setenv("FIXLINE_KAFKA", f"127.0.0.1:{port}")
        for name in ("KEYS", "TRACKING_KEY", "SERVICE_KEY"):
            monkeypatch.setenv(f"FIXLINE_{name}", "k" * 32)
        said = fixline("doctor")
        assert said.exit_code == 3
        bad = set(re.findall(r"^✗ (\w+):", said.stderr, re.MULTILINE))
        assert bad == {"database", "kafka", "mail"}
        assert "hunter2" not in said.stdout + said.stderr

    def test_a_wrong_setting_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("FIXLINE_PROT", "80")
        said = fixline("doctor")
        assert said.exit_code == 2
        assert "FIXLINE_PROT" in said.stderr

    def test_every_setting_is_listed_and_no_secret_shown(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("FIXLINE_TRACKING_KEY", "hunter2" * 6)
        listed = fixline("doctor", "--settings")
        assert listed.exit_code == 0
        assert len(re.findall(r"^FIXLINE_", listed.stdout, re.MULTILINE)) == len(Settings.model_fields)
        assert re.search(r"^FIXLINE_TRACKING_KEY +– +set secret ", listed.stdout, re.MULTILINE)
        assert "hunter2" not in listed.stdout


class TestTrack:
    def test_a_number_with_one_digit_off_is_refused_before_anybody_is_asked(self) -> None:
        number = a_number()
        wrong = fixline("track", number[:-1] + str((int(number[-1]) + 1) % 10))
        assert wrong.exit_code == 2
        assert "one of these is off" in wrong.stderr

    def test_without_a_terminal_the_code_comes_from_the_environment(self) -> None:
        asked = fixline("track", a_number())
        assert asked.exit_code == 2
        assert "FIXLINE_TRACKING_CODE" in asked.stderr

    def test_a_server_that_is_not_there_ends_with_three(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("FIXLINE_TRACKING_CODE", "12345678")
        monkeypatch.setenv("FIXLINE_PUBLIC_URL", f"http://127.0.0.1:{free_port()}")
        away = fixline("track", a_number(), "--lang", "fr")
        assert away.exit_code == 3
        assert "ne répond pas" in away.stderr


class TestQueue:
    def test_every_queue_is_listed_with_what_waits_in_it(self, decided: Path) -> None:
        listed = json.loads(fixline("queue", "list", "--data-dir", decided, "--json").stdout)
        depth = {one["queue"]: one["open"] for one in listed}
        assert (depth["CA-QC-MTL"], depth["triage"], depth["key_centre"]) == (1, 1, 0)

    def test_a_queue_that_is_none_is_told_with_those_that_are(self, decided: Path) -> None:
        asked = fixline("queue", "watch", "CA-XX", "--data-dir", decided)
        assert asked.exit_code == 2
        assert "CA-QC-MTL" in asked.stderr

    def test_each_change_is_one_line(self, capsys: pytest.CaptureFixture[str]) -> None:
        """What only the clock changes is no news: the time that is left, the minutes of a lease."""
        one = queue.Entry(
            "1", "Mon 23 Nov 14:00", "0 h 22 !", "queued", "6031-7725-5842", "8286 10AA7T", "Laval H7N", "–"
        )
        later = queue.Entry(*(*one.cells[:0], "1", one.due, "0 h 21 !", *one.cells[2:]))
        taken = queue.Entry(*("1", one.due, "0 h 20 !", "assigned", *one.cells[3:6], "M. Roy, lease 15 min"))
        ticked = queue.Entry(*("1", one.due, "0 h 19 !", "assigned", *one.cells[3:6], "M. Roy, lease 14 min"))
        looks: Iterator[list[queue.Entry]] = iter([[one], [later], [taken], [ticked], []])
        queue._print(looks, "CA-QC-MTL", Language.EN)
        lines = capsys.readouterr().out.splitlines()
        assert [line.split("  ")[2] for line in lines] == ["queued", "assigned", "gone"]

    def test_what_is_late_or_soon_is_marked_in_words_and_sign(self, decided: Path) -> None:
        stack = Stack(Settings(data_dir=decided, sample=True, clock="2026-11-25T12:00:00Z"))
        routing = stack.workshops["routing"]
        with routing.database.reading() as connection:
            (entry,) = queue._entries(connection, "CA-QC-MTL", routing.clock.read(), Language.EN)
        assert (entry.due, entry.left, entry.state) == ("Tue 24 Nov 17:00", "late !", "queued")


def test_the_requests_of_the_fixture_are_nine(decided: Path) -> None:
    """What the counts above rest on."""
    stack = Stack(Settings(data_dir=decided))
    with stack.workshops["intake"].database.reading() as connection:
        received = connection.execute(select(REQUESTS.c.received_at)).scalars().all()
    assert len(received) == 9
    assert max(received) - min(received) < timedelta(minutes=1)
