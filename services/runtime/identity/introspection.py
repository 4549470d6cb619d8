"""`POST /internal/introspect`: intake's answer to the other services about a token or an account (after RFC 7662)."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.runtime.identity.access import SERVICE, may
from services.runtime.identity.directories import SessionDirectory, TokenDirectory
from services.runtime.web.bodies import json_of


class Question(BaseModel):
    """Exactly one of the two. `token_sha256` in hexadecimal; `account` as `staff:<username>` or `customer:<number>`."""

    model_config = ConfigDict(extra="forbid")
    token_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    account: Annotated[str, Field(max_length=200)] | None = None


def introspection_router(tokens: TokenDirectory, sessions: SessionDirectory) -> APIRouter:
    """For intake's app. Only services may ask; the proxy never passes `/internal/` on."""
    router = APIRouter(include_in_schema=False)

    @router.post("/internal/introspect", dependencies=[may(SERVICE)])
    def introspect(question: Annotated[Question, json_of(Question)]) -> dict[str, object]:
        if question.token_sha256 is not None:
            token = tokens.find(bytes.fromhex(question.token_sha256))
            if token is None:
                return {"active": False}
            scope = " ".join(sorted(token.scopes))
            return {"active": True, "token_id": token.token_id, "scope": scope, "customers": sorted(token.customers)}
        version = sessions.version(question.account or "")
        return {"active": False} if version is None else {"active": True, "session_version": version}

    return router
