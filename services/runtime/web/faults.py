"""Pydantic's findings as faults of ours: a stable code, the path as the caller wrote it, no internals.

A validator of our own raises `PydanticCustomError(code, "", values)`; its code is then the phrase `error.<code>`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from services.runtime.errors import Fault

#: More faults than these help nobody and cost much to write.
MOST_FAULTS = 50

#: Pydantic's error types → our code and the values that its phrase needs, by pydantic's names.
_CODES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "missing": ("required", {}),
    "extra_forbidden": ("unknown_field", {}),
    "string_type": ("not_text", {}),
    "string_too_short": ("too_short", {"min": "min_length"}),
    "string_too_long": ("too_long", {"max": "max_length"}),
    "too_short": ("too_few", {"min": "min_length"}),
    "too_long": ("too_many_items", {"max": "max_length"}),
    "string_pattern_mismatch": ("wrong_form", {}),
    "enum": ("not_one_of", {"choices": "expected"}),
    "literal_error": ("not_one_of", {"choices": "expected"}),
    "union_tag_invalid": ("not_one_of", {"choices": "expected_tags"}),
    "union_tag_not_found": ("required", {}),
    "bool_type": ("not_a_boolean", {}),
    "bool_parsing": ("not_a_boolean", {}),
    "int_type": ("not_a_whole_number", {}),
    "int_parsing": ("not_a_whole_number", {}),
    "int_from_float": ("not_a_whole_number", {}),
    "float_type": ("not_a_number", {}),
    "decimal_type": ("not_a_number", {}),
    "decimal_parsing": ("not_a_number", {}),
    "greater_than_equal": ("too_small", {"min": "ge"}),
    "less_than_equal": ("too_big", {"max": "le"}),
    "date_type": ("not_a_date", {}),
    "date_parsing": ("not_a_date", {}),
    "date_from_datetime_parsing": ("not_a_date", {}),
    "datetime_type": ("not_an_instant", {}),
    "datetime_parsing": ("not_an_instant", {}),
    "datetime_from_date_parsing": ("not_an_instant", {}),
    "timezone_aware": ("not_an_instant", {}),
    "dict_type": ("not_an_object", {}),
    "model_type": ("not_an_object", {}),
    "model_attributes_type": ("not_an_object", {}),
    "list_type": ("not_a_list", {}),
    "tuple_type": ("not_a_list", {}),
}


def faults_in(error: ValidationError) -> tuple[Fault, ...]:
    """One fault for each finding, at most 50."""
    return tuple(fault_of(found) for found in error.errors(include_url=False, include_input=False)[:MOST_FAULTS])


def faults_in_request(errors: Sequence[Any]) -> tuple[Fault, ...]:
    """The same for FastAPI's findings in path, query, headers and cookies: their first word says where, and is dropped."""
    return tuple(fault_of({**found, "loc": tuple(found["loc"])[1:]}) for found in errors[:MOST_FAULTS])


def fault_of(found: Mapping[str, Any]) -> Fault:
    context: Mapping[str, Any] = found.get("ctx") or {}
    path = ".".join(_shown(part) for part in found["loc"])
    kind = str(found["type"])
    if kind in _CODES:
        code, names = _CODES[kind]
        return Fault(path, code, {ours: context.get(theirs, "") for ours, theirs in names.items()})
    return Fault(path, kind, dict(_plain(context)))


def _plain(context: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    return ((name, value) for name, value in context.items() if isinstance(value, str | int | float))


def _shown(part: str | int) -> str:
    text = str(part)
    clean = "".join(character if character.isprintable() else "\ufffd" for character in text[:200])
    return clean + ("…" if len(text) > 200 else "")
