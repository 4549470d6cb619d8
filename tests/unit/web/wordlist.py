"""Are all words there, and all needed? For each service's own test:

    def test_every_phrase_is_there_and_used():
        assert_words_match(ROUTING_WORDS, "services/routing")

Looks at `t("key", …)` in templates and code, `say("key", …)`, and at string constants that equal a key. A key made of
parts, `t("status." ~ status)`, counts as use of all keys with that beginning. A refusal's code stands for `error.<code>`.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, nodes

from services.runtime.web.phrases import KIT_WORDS
from services.runtime.web.words import Words, placeholders

ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Uses:
    """`said`: (where, key, names of the values given; None where they cannot be known)."""

    said: list[tuple[str, str, frozenset[str] | None]] = field(default_factory=list)
    beginnings: set[str] = field(default_factory=set)
    constants: set[str] = field(default_factory=set)


def assert_words_match(words: Words, *folders: str) -> None:
    """Every key said in these folders exists with the values it needs; every key of `words` is said somewhere in them."""
    uses = uses_in(*(ROOT / folder for folder in folders))
    assert not missing(words, uses)
    assert not unused(words, uses)


def missing(words: Words, uses: Uses) -> list[str]:
    """What is said and does not exist, or lacks a value: `where: key`."""
    known = KIT_WORDS | words
    wrong = [f"{where}: {key}: no such phrase" for where, key, _ in uses.said if key not in known]
    for where, key, given in uses.said:
        if given is not None and key in known:
            wrong += [f"{where}: {key}: needs {name}" for name in sorted(placeholders(known[key].en) - given)]
    return wrong


def unused(words: Words, uses: Uses) -> list[str]:
    """Keys that nothing says."""
    said = {key for _, key, _ in uses.said} | uses.constants

    def is_used(key: str) -> bool:
        return (
            key in said or key.removeprefix("error.") in said or any(key.startswith(start) for start in uses.beginnings)
        )

    return [key for key in words if not is_used(key)]


def uses_in(*folders: Path) -> Uses:
    uses = Uses()
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            _read_code(path, uses)
        for path in sorted(folder.rglob("templates/**/*")):
            if path.suffix in (".html", ".txt", ".svg", ".xml"):
                _read_template(path, uses)
    return uses


def _read_code(path: Path, uses: Uses) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    keys = {id(key) for node in ast.walk(tree) if isinstance(node, ast.Dict) for key, _ in _phrases_of(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in keys:
            uses.constants.add(node.value)
        if isinstance(node, ast.JoinedStr) and node.values and isinstance(node.values[0], ast.Constant):
            _begin(str(node.values[0].value), uses)
        if isinstance(node, ast.Call) and node.args and _name_of(node.func) in ("t", "say"):
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                names = frozenset(keyword.arg for keyword in node.keywords if keyword.arg is not None)
                spread = any(keyword.arg is None for keyword in node.keywords)
                uses.said.append((f"{path.name}:{node.lineno}", first.value, None if spread else names))


def _phrases_of(node: ast.Dict) -> Iterator[tuple[ast.expr, ast.expr]]:
    """The entries of a word list: a list does not use its own keys."""
    for key, value in zip(node.keys, node.values, strict=True):
        if key is not None and isinstance(value, ast.Call) and _name_of(value.func) == "Phrase":
            yield key, value


def _name_of(function: ast.expr) -> str:
    return (
        function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
    )


def _read_template(path: Path, uses: Uses) -> None:
    tree = Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))
    for constant in tree.find_all(nodes.Const):
        if isinstance(constant.value, str):
            uses.constants.add(constant.value)
    for call in tree.find_all(nodes.Call):
        if not (isinstance(call.node, nodes.Name) and call.node.name == "t" and call.args):
            continue
        first = call.args[0]
        if isinstance(first, nodes.Const):
            names = None if call.dyn_kwargs else frozenset(keyword.key for keyword in call.kwargs)
            uses.said.append((f"{path.name}:{call.lineno}", str(first.value), names))
        elif isinstance(first, nodes.Concat | nodes.Add):
            start = first.nodes[0] if isinstance(first, nodes.Concat) else first.left
            if isinstance(start, nodes.Const):
                _begin(str(start.value), uses)


def _begin(start: str, uses: Uses) -> None:
    if "." in start:
        uses.beginnings.add(start)
