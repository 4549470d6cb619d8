"""What the service manager looks after: jobs that are late or nearly so, in all queues; and what corrections taught the reader of texts.

For the role `ops` alone; to everybody else these pages are not there to be had. A version that learnt something wrong is taken
out here as `fixline model undo` does it, and the record says by whom and why.
"""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from schemas.vocabulary import Role
from services.routing import boards, learning
from services.routing.edge import Edge
from services.routing.learning import LEARNT, NothingToChange
from services.routing.pages import HOME
from services.routing.rules.text_kind_model import packaged
from services.runtime.errors import Conflict, Fault, Invalid
from services.runtime.identity.access import may, staff
from services.runtime.identity.principal import Staff
from services.runtime.web.bodies import Form, read_form

MANAGERS: Final = staff(Role.OPS)

_NOTHING: Final = Form([])


def manager_pages(edge: Edge) -> APIRouter:
    router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
    _late(router, edge)
    _models(router, edge)
    return router


def _late(router: APIRouter, edge: Edge) -> None:
    @router.get("/desk/late")
    def late(request: Request, who: Annotated[Staff, may(MANAGERS)]) -> Response:
        """Every open clock of which three quarters have gone, the soonest due first, with who has it."""
        now = edge.workshop.clock.read()
        with edge.reading() as connection:
            jobs = boards.escalated(connection)
        overdue = sum(job.life.respond_by is not None and job.life.respond_by < now for job in jobs)
        return edge.pages.render(request, "late.html", jobs=jobs, overdue=overdue, zone=HOME)


def _models(router: APIRouter, edge: Edge) -> None:
    def show(request: Request, faults: tuple[Fault, ...] = (), form: Form = _NOTHING) -> Response:
        with edge.reading() as connection:
            steps = learning.history(connection)
            corrections = learning.corrections(connection, limit=200)
            in_use = learning.Models().in_use(connection).version
        return edge.pages.render(
            request,
            "models.html",
            status=422 if faults else 200,
            faults=faults,
            form=form,
            steps=steps,
            learnt=list(dict.fromkeys(step["version"] for step in steps if step["step"] == LEARNT)),
            corrections=corrections,
            in_use=in_use,
            packaged=packaged().version,
            zone=HOME,
        )

    @router.get("/desk/models")
    def models(request: Request, who: Annotated[Staff, may(MANAGERS)]) -> Response:
        """Each version that came into use, and the corrections behind them."""
        return show(request)

    @router.post("/desk/models")
    def change(
        request: Request, who: Annotated[Staff, may(MANAGERS)], sent: Annotated[Form, Depends(read_form)]
    ) -> Response:
        """Take out what one version was the first to learn, or let it count again; the reason is kept."""
        version, note = sent.text("version")[:100], sent.text("note")[:1000]
        if not note:
            return show(request, (Fault("note", "required"),), sent)
        do = {"undo": learning.undo, "redo": learning.redo}.get(sent.text("do"))
        if do is None:
            raise Invalid([Fault("do", "required")])
        with edge.unit(request) as work:
            found: list[dict[str, Any]] = learning.corrections(work.connection, version=version)
            try:
                do(work, [row["id"] for row in found], who.username, note)
            except NothingToChange:
                raise Conflict("model.nothing_to_change", typed=note) from None
        return RedirectResponse("/desk/models", 303)
