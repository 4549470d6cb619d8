"""A new request on the web: one question a page, in both languages, without scripts. The draft's id is the idempotency key."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from schemas.vocabulary import Channel, Language
from services.intake import drafts
from services.intake.channels import Channels, correlation_of, key_of_draft, tracking_path
from services.intake.drafts import Draft, DraftCookie
from services.intake.form import (
    TEXT_LIMIT,
    Need,
    Step,
    faults_of,
    fields_of,
    first_unfinished,
    kept,
    needs_identity,
    request_of,
    steps_of,
)
from services.runtime.errors import Fault, Invalid
from services.runtime.identity.access import ANYONE, may
from services.runtime.identity.principal import Principal
from services.runtime.web.bodies import Form, read_form
from services.runtime.web.languages import both, fill, language_of, other

#: A page's last word in its address.
_WORD: Mapping[Step, tuple[str, str]] = {
    Step.NEED: ("need", "besoin"),
    Step.DEVICE: ("device", "appareil"),
    Step.LOST: ("other-ways", "autrement"),
    Step.PROBLEM: ("problem", "probleme"),
    Step.CONTACT: ("contact", "coordonnees"),
    Step.CHECK: ("check", "verification"),
}
NEW = {Language.EN: "/en/requests/new", Language.FR: "/fr/demandes/nouvelle"}
_SENT = {Language.EN: NEW[Language.EN] + "/{draft}/sent", Language.FR: NEW[Language.FR] + "/{draft}/envoyee"}

Sent = Annotated[Form, Depends(read_form)]


def address_of(step: Step, language: Language) -> str:
    """A page's path, with `{draft}` in it."""
    english, french = _WORD[step]
    return f"{NEW[language]}/{{draft}}/{english if language is Language.EN else french}"


def request_router(channels: Channels, cookie: DraftCookie) -> APIRouter:
    """The routes."""
    router = APIRouter()
    form = _Form(channels, cookie)

    @both(router, en=NEW[Language.EN], fr=NEW[Language.FR], dependencies=[may(ANYONE)])
    def begin(request: Request) -> Response:
        """The first question. Nothing is kept until it is answered."""
        return form.show(request, Draft("", {}), Step.NEED)

    @both(router, en=NEW[Language.EN], fr=NEW[Language.FR], methods=["POST"], dependencies=[may(ANYONE)])
    def begun(request: Request, sent: Sent) -> Response:
        return form.begin(request, sent)

    for step in Step:
        _step_routes(router, form, step)

    @both(router, en=_SENT[Language.EN], fr=_SENT[Language.FR], dependencies=[may(ANYONE)])
    def confirmation(request: Request, draft: str) -> Response:
        """The number, and what comes next; only in the browser that sent it."""
        return form.confirmation(request, draft)

    return router


def _step_routes(router: APIRouter, form: "_Form", step: Step) -> None:
    english, french = address_of(step, Language.EN), address_of(step, Language.FR)

    @both(router, en=english, fr=french, dependencies=[may(ANYONE)])
    def page(request: Request, draft: str) -> Response:
        return form.look(request, draft, step)

    @both(router, en=english, fr=french, methods=["POST"])
    def answer(request: Request, draft: str, sent: Sent, who: Annotated[Principal, may(ANYONE)]) -> Response:
        return form.answer(request, draft, step, sent, who)


@dataclass(frozen=True)
class _Form:
    channels: Channels
    cookie: DraftCookie

    def begin(self, request: Request, sent: Form) -> Response:
        language = language_of(request)
        answers = kept(Step.NEED, {}, sent, language)
        to = other(language) if sent.text("_switch") else language
        if sent.text("_switch") and not answers["need"]:
            return RedirectResponse(NEW[to], 303)
        faults = faults_of(Step.NEED, answers, "")
        if faults:
            return self.show(request, Draft("", answers), Step.NEED, faults)
        after = Step.NEED if sent.text("_switch") or needs_identity(answers) else steps_of(answers)[1]
        response = RedirectResponse("", 303)
        owner = self.cookie.owner(request) or self.cookie.give(response)
        with self.channels.workshop.begin(origin=str(uuid4())) as work:
            draft_id = drafts.begin(work, owner, answers)
        response.headers["location"] = fill(address_of(after, to), {"draft": draft_id})
        return response

    def look(self, request: Request, draft_id: str, step: Step) -> Response:
        draft = self._find(request, draft_id)
        if draft is None:
            return self._gone(request)
        language = language_of(request)
        if draft.number is not None:
            return RedirectResponse(fill(_SENT[language], {"draft": draft_id}), 303)
        if step not in steps_of(draft.answers):
            return self._to(draft, steps_of(draft.answers)[1], language)
        unfinished = first_unfinished(draft.answers, self._place(language))
        if step is Step.CHECK and unfinished is not None:
            return self._to(draft, unfinished, language)
        return self.show(request, draft, step)

    def answer(self, request: Request, draft_id: str, step: Step, sent: Form, who: Principal) -> Response:
        draft = self._find(request, draft_id)
        if draft is None:
            return self._gone(request)
        language = language_of(request)
        if draft.number is not None:
            return RedirectResponse(fill(_SENT[language], {"draft": draft_id}), 303)
        if step is Step.CHECK and not sent.text("_switch"):
            return self._send(request, draft, who)
        answers = kept(step, draft.answers, sent, language)
        with self.channels.workshop.begin(origin=str(uuid4())) as work:
            drafts.keep(work, draft.id, answers)
        draft = Draft(draft.id, answers)
        if sent.text("_switch"):
            query = f"?{request.url.query}" if request.url.query else ""
            path = fill(address_of(step, other(language)), {"draft": draft.id})
            return RedirectResponse(path + query, 303)
        faults = faults_of(step, answers, self._place(language))
        if faults:
            return self.show(request, draft, step, faults)
        if needs_identity(answers):
            return self._to(draft, Step.NEED, language)
        after = self._next(request, draft, step)
        return self._to(draft, after, language, changing="change" in request.query_params and after is not Step.CHECK)

    def show(self, request: Request, draft: Draft, step: Step, faults: list[Fault] | None = None) -> Response:
        language = language_of(request)
        steps = steps_of(draft.answers)
        at = steps.index(step)
        changing = "change" in request.query_params
        if step is Step.NEED and needs_identity(draft.answers) and not faults and not changing:
            change = fill(address_of(Step.NEED, language), {"draft": draft.id}) + "?change=1"
            return self.channels.pages.render(request, "needs_identity.html", back=change)
        back = steps[-1] if changing else steps[at - 1] if at else None
        return self.channels.pages.render(
            request,
            f"new/{step.value}.html",
            status=422 if faults else 200,
            faults=faults or (),
            toggle_form="ask",
            answers={name: draft.answers.get(name, "") for each in Step for name in fields_of(each, draft.answers)}
            | {"need": draft.answers.get("need", ""), "language": draft.answers.get("language") or language.value},
            asked=fields_of(step, draft.answers),
            needs=list(Need),
            rows=self._rows(draft, language) if step is Step.CHECK else [],
            step=at + 1,
            steps=len(steps),
            limit=TEXT_LIMIT,
            back=None if back is None else fill(address_of(back, language), {"draft": draft.id}),
            home=f"/{language}/",
        )

    def confirmation(self, request: Request, draft_id: str) -> Response:
        draft = self._find(request, draft_id)
        if draft is None or draft.number is None:
            return self._gone(request)
        code = self.channels.parts.codes.code(draft.number)
        return self.channels.pages.render(
            request,
            "sent.html",
            number=draft.number,
            code=f"{code[:4]} {code[4:]}",
            tracking=tracking_path(draft.number, language_of(request)),
            email=draft.answers.get("contact.email", ""),
        )

    def _send(self, request: Request, draft: Draft, who: Principal) -> Response:
        language = language_of(request)
        unfinished = first_unfinished(draft.answers, self._place(language))
        if unfinished is not None:
            return self._to(draft, unfinished, language)
        asked = request_of(draft.answers, self._place(Language(draft.answers.get("language") or language)))
        key = key_of_draft(draft.id, asked)
        try:
            accepted = self.channels.accept_here(asked, who, Channel.WEB, language=language, key=key, http=request)
        except Invalid as invalid:
            meanwhile = self._find(request, draft.id)  # two tabs sent one draft, one of them changed
            if meanwhile is None or meanwhile.number is None:
                return self.show(request, draft, Step.CHECK, list(invalid.faults))
            return RedirectResponse(fill(_SENT[language], {"draft": draft.id}), 303)
        with self.channels.workshop.begin(origin=str(uuid4()), correlation_id=correlation_of(request)) as work:
            drafts.sent(work, draft.id, accepted.number)
        response = RedirectResponse(fill(_SENT[language], {"draft": draft.id}), 303)
        self.channels.parts.cookies.open(response, request, accepted.number)
        return response

    def _rows(self, draft: Draft, language: Language) -> list[tuple[str, str, str]]:
        """What was answered: (label, value, where to change it)."""
        say = self.channels.pages.words.bound(language)
        rows = []
        for step in steps_of(draft.answers)[:-1]:
            change = fill(address_of(step, language), {"draft": draft.id}) + "?change=1"
            for name in fields_of(step, draft.answers):
                value = draft.answers.get(name, "")
                if name in ("need", "severity", "language") and value:
                    value = say(f"new.{name}.{value}")
                if name == "machine.serial" and not value:
                    value = say("new.lost.short")
                if value:
                    rows.append((say(f"new.label.{name}"), value, change))
        return rows

    def _next(self, request: Request, draft: Draft, step: Step) -> Step:
        """The following page; after a change the check page, by way of what the change opened up."""
        steps = steps_of(draft.answers)
        if "change" in request.query_params and not (step is Step.DEVICE and Step.LOST in steps):
            return first_unfinished(draft.answers, "") or Step.CHECK
        return steps[min(steps.index(step) + 1, len(steps) - 1)] if step in steps else steps[1]

    def _to(self, draft: Draft, step: Step, language: Language, *, changing: bool = False) -> Response:
        path = fill(address_of(step, language), {"draft": draft.id})
        return RedirectResponse(f"{path}?change=1" if changing else path, 303)

    def _find(self, request: Request, draft_id: str) -> Draft | None:
        return drafts.find(self.channels.workshop, draft_id, self.cookie.owner(request))

    def _gone(self, request: Request) -> Response:
        return self.channels.pages.render(request, "draft_gone.html", status=404, new=NEW[language_of(request)])

    def _place(self, language: Language) -> str:
        return self.channels.pages.words.say("new.place.in_text", language)
