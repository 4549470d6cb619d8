"""Runbooks: four headings each, reached by an alert, and every command and link in the pages exists."""

import re
from pathlib import Path

import pytest

from services.cli import COMMANDS, load
from tests.unit.deploy.files import ROOT, read_yaml
from tests.unit.deploy.metric_names import rules

BOOKS = sorted(path for path in (ROOT / "docs/runbooks").glob("*.md") if path.name != "README.md")
PAGES = [*BOOKS, ROOT / "docs/runbooks/README.md", ROOT / "docs/operations.md", ROOT / "CONTRIBUTING.md"]
ALERTS = [rule for rule in rules() if "alert" in rule]


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.stem)
def test_a_runbook_says_meaning_first_look_mend_and_undo(book: Path) -> None:
    """In this order, nothing else, and short enough to read at night."""
    text = book.read_text()
    assert re.findall(r"^## (.+)$", text, re.M) == ["Meaning", "First look", "Mend", "Undo"]
    assert len(text.splitlines()) <= 60


def test_every_runbook_belongs_to_an_alert_and_the_index_names_both() -> None:
    """No page without an alert, no alert without a line in the index."""
    assert {rule["annotations"]["runbook"] for rule in ALERTS} == {f"docs/runbooks/{book.name}" for book in BOOKS}
    index = (ROOT / "docs/runbooks/README.md").read_text()
    for rule in ALERTS:
        family = re.sub(r"(Fast|Slow|Steadily)$", "", rule["alert"]) if "slo" in rule["labels"] else rule["alert"]
        (line,) = [line for line in index.splitlines() if line.startswith("|") and re.search(rf"\b{family}", line)]
        assert Path(rule["annotations"]["runbook"]).name in line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    """Relative links and paths of the repository that a page names."""
    text = page.read_text()
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (page.parent / link).exists(), link
    for path in re.findall(r"`((?:deploy|docs|services|schemas|tests)/[\w./-]+)`", text):
        if not path.startswith(("deploy/secrets/", "docs/decisions/NNNN")):
            assert (ROOT / path).exists(), path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_containers_that_a_page_names_are_in_compose(page: Path) -> None:
    """`docker compose exec NAME` and its like."""
    known = read_yaml(ROOT / "docker-compose.yml")["services"].keys()
    pattern = r"docker compose (?:exec|restart|logs|stop|start|run)((?: --?[\w-]+(?:[= ](?:\d+\w|\./\S+))?| -T)*) ([a-z][\w-]*)"
    named = [name for _, name in re.findall(pattern, page.read_text())]
    assert [name for name in named if name not in known] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_that_a_page_names_exist(page: Path) -> None:
    """`fixline dead replay` and its like, with their options."""
    for words in commands(page.read_text()):
        assert words[0] in COMMANDS, f"fixline {' '.join(words)}"
        command: object = load(words[0])
        for word in words[1:]:
            children = getattr(command, "commands", None)
            if children is None:
                break
            assert word in children, f"fixline {' '.join(words)}"
            command = children[word]


def commands(text: str) -> list[list[str]]:
    """The words after `fixline` in every piece of code, options left out; `-n fixline` is a namespace."""
    code = [*re.findall(r"^```\w*\n(.*?)^```", text, re.M | re.S), *re.findall(r"`([^`\n]+)`", text)]
    found = [
        words for piece in code for words in re.findall(r"(?:^|(?<!-n)[ (])fixline ((?:[a-z]+(?: |$))+)", piece, re.M)
    ]
    return [words.split() for words in found if words.strip() not in {"fixline", "make"}]


def test_the_settings_table_has_its_place() -> None:
    """The generator of the settings table finds both marks, once, in order."""
    text = (ROOT / "docs/operations.md").read_text()
    assert re.search(r"<!-- generated:settings -->\n(.*\n)*<!-- /generated -->\n", text)
    assert text.count("<!-- generated:settings -->") == 1
