"""The language of a terminal: `--lang`, else what the environment asks for (docs/operations.md)."""

from collections.abc import Mapping
from typing import Annotated

import typer

from schemas.vocabulary import Language

Lang = Annotated[Language | None, typer.Option("--lang", help="Language of sentences.", show_default="LANG")]


def terminal_language(given: Language | None, environment: Mapping[str, str]) -> Language:
    """French where it is asked for, else English: `--lang`, LC_ALL, LC_MESSAGES, LANG, the first that says anything."""
    if given is not None:
        return given
    said = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return Language.FR if said.lower().startswith("fr") else Language.EN
