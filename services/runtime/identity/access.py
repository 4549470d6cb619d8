"""Every route declares who may. A route that does not is found by `undeclared_routes`, and a test fails.

    @router.get("/api/queues/{queue}")
    def queue(queue: str, who: Annotated[Staff | Token, may(staff(Role.TECHNICIAN), token(Scope.QUEUES_READ))]): ...

`may` is only half: whose thing it is, `owners.require_owner` says once it is known.
"""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from schemas.vocabulary import Role, Scope
from services.runtime.errors import Forbidden, IdentityRequired
from services.runtime.identity.codes import looks_like_token, token_hash
from services.runtime.identity.cookies import Cookies, with_opened
from services.runtime.identity.directories import SessionDirectory, TokenDirectory, account_of
from services.runtime.identity.opening import Opening
from services.runtime.identity.principal import Anonymous, Customer, OneRequest, Principal, Service, Staff, Token
from services.runtime.identity.rates import source_of


@dataclass(frozen=True, slots=True)
class Allowed:
    """One sort of caller that a route admits. Of `roles` any one is enough, of `scopes` all are needed."""

    sort: type[Anonymous | OneRequest | Customer | Staff | Token | Service]
    roles: frozenset[Role] = frozenset()
    scopes: frozenset[Scope] = frozenset()

    def admits(self, principal: Principal) -> bool:
        if not isinstance(principal, self.sort):
            return False
        if isinstance(principal, Staff) and self.roles:
            return principal.has(*self.roles)
        return self.scopes <= principal.scopes if isinstance(principal, Token) else True


CUSTOMER = Allowed(Customer)
ONE_REQUEST = Allowed(OneRequest)
STAFF = Allowed(Staff)
SERVICE = Allowed(Service)
#: Also nobody: the route is public, or asks for less than all it could show.
ANYONE = Allowed(Anonymous)


def staff(*roles: Role) -> Allowed:
    """Staff with at least one of these roles."""
    return Allowed(Staff, roles=frozenset(roles))


def token(*scopes: Scope) -> Allowed:
    """Programs whose token has all of these scopes."""
    return Allowed(Token, scopes=frozenset(scopes))


@dataclass(frozen=True)
class Identity:
    """How one service finds out who is asking."""

    cookies: Cookies
    tokens: TokenDirectory
    sessions: SessionDirectory
    opening: Opening
    service_key: bytes

    async def principal(self, request: Request) -> Principal:
        """Who is asking; asked once a request. A bearer that is not good is refused; so is a session that is not good any
        more where a program's call would change something, or it would be done in nobody's name. Else the cookie is ignored:
        a page says who is signed in.
        """
        known: Principal | None = getattr(request.state, "principal", None)
        if known is None:
            known = await self._find(request)
            request.state.principal = known
        return known

    async def _find(self, request: Request) -> Principal:
        authorization = request.headers.get("authorization")
        if authorization is not None:
            return await self._bearer(authorization)
        session = self.cookies.session(request)
        who: Anonymous | Staff | Customer = Anonymous()
        if session is not None:
            version = await run_in_threadpool(self.sessions.version, account_of(session.who))
            who = session.who if version == session.version else Anonymous()
        if isinstance(who, Anonymous) and self.cookies.session_name in request.cookies and _changes_by_api(request):
            raise IdentityRequired
        return with_opened(who, self.cookies.opened(request))

    async def _bearer(self, authorization: str) -> Principal:
        scheme, _, secret = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise IdentityRequired("bearer_wrong")
        if hmac.compare_digest(secret.encode(), self.service_key):
            return Service()
        found = await self._token(token_hash(secret)) if looks_like_token(secret) else None
        if found is None:
            raise IdentityRequired("bearer_wrong")
        return found

    async def _token(self, hashed: bytes) -> Token | None:
        return self.tokens.recent(hashed) or await run_in_threadpool(self.tokens.find, hashed)

    async def by_code(self, request: Request, principal: Principal) -> Principal:
        """With a tracking code in the `Tracking-Code` header, the request in the address is opened as well."""
        code = request.headers.get("tracking-code")
        number = request.path_params.get("number")
        if code is None or number is None or isinstance(principal, Staff | Customer | Token | Service):
            return principal
        opened = await run_in_threadpool(self.opening.open, str(number), code, source_of(request))
        before = principal.numbers if isinstance(principal, OneRequest) else frozenset()
        return OneRequest(before | {opened})


def _changes_by_api(request: Request) -> bool:
    return request.method not in ("GET", "HEAD") and request.url.path.startswith("/api/")


@dataclass(frozen=True)
class Declaration:
    """What `may` made: a dependency that admits or refuses, and can be read by tests and documentation."""

    allowed: tuple[Allowed, ...]

    @property
    def is_public(self) -> bool:
        return ANYONE in self.allowed

    async def __call__(self, request: Request) -> Principal:
        """The caller. Raises `IdentityRequired` when nobody is known, `Forbidden` when the one known is not admitted."""
        identity: Identity = request.app.state.identity
        principal = await identity.principal(request)
        if ONE_REQUEST in self.allowed:
            principal = await identity.by_code(request, principal)
        if self.is_public or any(allowed.admits(principal) for allowed in self.allowed):
            return principal
        if ONE_REQUEST in self.allowed and isinstance(principal, Staff | Customer) and principal.opened:
            return OneRequest(principal.opened)  # signed in as somebody who may not, but this browser proved the code
        raise IdentityRequired if isinstance(principal, Anonymous | OneRequest) else Forbidden


def may(*allowed: Allowed) -> Any:
    """Declare who may: in `dependencies=[may(…)]`, or `who: Annotated[Staff, may(STAFF)]` for the typed caller.

    Write `Principal` for the type where several sorts are admitted, or the union of their classes.
    """
    if not allowed:
        raise ValueError("say who may: ANYONE is written out")
    return Depends(Declaration(allowed))


def declarations(app: FastAPI) -> Iterator[tuple[str, str, Declaration | None]]:
    """(method, path, declaration) of every route; None where it declares nothing, as for mounts and plain routes."""
    for context in iter_route_contexts(app.routes):
        dependant: Dependant | None = getattr(context, "dependant", None)
        declared = _declaration_in(dependant) if dependant is not None else None
        for method in sorted(context.methods or {"*"}):
            yield method, context.path or "?", declared


def undeclared_routes(app: FastAPI) -> list[str]:
    """`METHOD path` of each route that anyone could call because nobody thought about it."""
    return [f"{method} {path}" for method, path, declared in declarations(app) if declared is None]


def _declaration_in(dependant: Dependant) -> Declaration | None:
    for inner in dependant.dependencies:
        if isinstance(inner.call, Declaration):
            return inner.call
        found = _declaration_in(inner)
        if found is not None:
            return found
    return None
