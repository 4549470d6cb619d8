"""The list of commands: it says of each what the command itself says, and imports none."""

import pytest
from typer.testing import CliRunner

from services.cli import COMMANDS, app, load


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_what_the_command_says(name: str) -> None:
    """The line in `fixline --help` is the first paragraph of the command's own help."""
    said = (load(name).help or "").partition("\n\n")[0]
    assert COMMANDS[name].says == " ".join(said.split())


def test_every_command_is_in_the_list() -> None:
    shown = CliRunner().invoke(app, ["--help"], catch_exceptions=False)
    assert shown.exit_code == 0
    assert [name for name in COMMANDS if f"│ {name} " not in shown.output] == []


def test_an_unknown_command_is_bad_usage_and_names_its_like() -> None:
    refused = CliRunner().invoke(app, ["decid"])
    assert refused.exit_code == 2
    assert "Did you mean 'decide'" in refused.output
