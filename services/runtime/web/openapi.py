"""The API's description, with what FastAPI cannot see: strict bodies, problem documents, who may."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from services.runtime.identity.access import Declaration, declarations
from services.runtime.web.bodies import JsonOf

_REF = "#/components/schemas/{model}"

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457. `errors` names each field that is wrong, in the caller's language.",
    "required": ["type", "title", "status", "detail", "code", "correlation_id", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "correlation_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["path", "code", "message"],
                "properties": {name: {"type": "string"} for name in ("path", "code", "message")},
            },
        },
    },
}


def api_description(app: FastAPI) -> dict[str, Any]:
    """OpenAPI 3.1 of everything in the schema; made once."""
    if app.openapi_schema is None:
        described = get_openapi(title=app.title, version=app.version, routes=app.routes)
        schemas = described.setdefault("components", {}).setdefault("schemas", {})
        schemas["Problem"] = PROBLEM_SCHEMA
        bodies = _bodies(app)
        names, definitions = models_json_schema(
            sorted(((m, "validation") for m in set(bodies.values())), key=str), ref_template=_REF
        )
        schemas.update(definitions.get("$defs", {}))
        allowed = {(method, path): declared for method, path, declared in declarations(app)}
        for path, operations in described.get("paths", {}).items():
            for method, operation in operations.items():
                _complete(operation, bodies.get((method.upper(), path)), names, allowed.get((method.upper(), path)))
        app.openapi_schema = described
    return app.openapi_schema


def _bodies(app: FastAPI) -> dict[tuple[str, str], type[BaseModel]]:
    found: dict[tuple[str, str], type[BaseModel]] = {}
    for context in iter_route_contexts(app.routes):
        for inner in getattr(getattr(context, "dependant", None), "dependencies", ()):
            if isinstance(inner.call, JsonOf):
                found.update({(method, context.path or ""): inner.call.model for method in context.methods or ()})
    return found


def _complete(
    operation: dict[str, Any], body: type[BaseModel] | None, names: Any, declared: Declaration | None
) -> None:
    problem = {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    responses = operation.setdefault("responses", {})
    responses.pop("422", None)
    responses["4XX"] = {"description": "Refused: says what, where and the mend", **problem}
    responses["503"] = {"description": "We are down; Retry-After says when to ask again", **problem}
    if body is not None:
        schema = names[(body, "validation")]
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    if declared is not None:
        operation["x-who-may"] = [_named(allowed) for allowed in declared.allowed]


def _named(allowed: Any) -> str:
    inner = sorted(allowed.roles or allowed.scopes)
    return f"{allowed.sort.__name__.lower()}({', '.join(inner)})" if inner else str(allowed.sort.__name__.lower())
