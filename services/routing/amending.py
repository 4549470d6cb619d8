"""A request with what somebody gave or mended later: what is left out stays (docs/rules.md §2)."""

from collections.abc import Mapping
from typing import Any, Final

from schemas.request import ServiceRequest, as_json, parse_request
from schemas.vocabulary import Kind

#: Kinds that an undeclared repair can become when the customer is asked what it is.
_REFINED: Final = (Kind.HARDWARE_REPAIR, Kind.SOFTWARE_SUPPORT)


def amended(request: ServiceRequest, changes: ServiceRequest) -> ServiceRequest:
    """`request` with what `changes` gives. The kind stays, unless it was not said.

    Raises `InvalidRequest` when the two do not go together.
    """
    before, given = as_json(request), as_json(changes)
    if request.kind is not Kind.REPAIR or changes.kind not in _REFINED:
        given["kind"] = before["kind"]
        if changes.kind is not request.kind:
            given["details"] = {}
    return parse_request(_over(before, given))


def _over(before: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(before)
    for name, value in given.items():
        if isinstance(value, dict):
            merged[name] = _over(before.get(name) or {}, value)
        elif value is not None and value != []:
            merged[name] = value
    return merged
