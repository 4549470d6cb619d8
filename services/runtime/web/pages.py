"""Pages: Jinja2 with everything escaped, nothing undefined, and every sentence, date and number made by the server.

Each service has its own `Pages` over its own templates and words; all share the kit's base, parts and failure pages
(`kit/…`). What a template can use is written in `Pages.render`.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from schemas.vocabulary import Language, Role
from services.runtime.errors import Fault
from services.runtime.identity.principal import Anonymous, Customer, OneRequest, Staff
from services.runtime.web import dates, numbers
from services.runtime.web.assets import Assets
from services.runtime.web.languages import LANGUAGE_COOKIE, address_in, language_of, other
from services.runtime.web.looks import LOOKS
from services.runtime.web.phrases import KIT_WORDS
from services.runtime.web.words import Phrase, Words, sentence

KIT = "services.runtime.web"


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One link of the header. `roles`: staff with one of them see it; empty: customers and visitors do."""

    label: Phrase
    address: Phrase
    roles: frozenset[Role] = frozenset()


@dataclass(frozen=True)
class Site:
    """What all pages share. Addresses are pairs as well: English and French."""

    public_url: str
    phone: str
    hours: Phrase
    menu: tuple[MenuItem, ...] = ()
    customer_sign_in: Phrase = field(default_factory=lambda: Phrase("/en/sign-in", "/fr/connexion"))
    staff_sign_in: Phrase = field(default_factory=lambda: Phrase("/staff/sign-in?lang=en", "/staff/sign-in?lang=fr"))
    sign_out: str = "/sign-out"


@dataclass(frozen=True, slots=True)
class Live:
    """A page that moves by itself: the address of its stream, and what it says should the stream go quiet."""

    source: str
    paused: str


@dataclass(frozen=True, slots=True)
class SaidFault:
    """A fault in words, as templates show it. `path` is the field's name, empty for the page as a whole."""

    path: str
    message: str


@dataclass(frozen=True)
class Say:
    """Dates and numbers in one language, at one `now`: `say.moment(at, zone)` inside templates and messages."""

    language: Language
    now: datetime

    def moment(self, at: datetime, zone: ZoneInfo) -> str:
        return dates.moment(at, zone, self.language, self.now)

    def short_moment(self, at: datetime, zone: ZoneInfo) -> str:
        return dates.short_moment(at, zone, self.language, self.now)

    def day(self, d: date, zone: ZoneInfo = ZoneInfo("America/Toronto")) -> str:  # noqa: B008 - a constant
        return dates.day(d, self.language, self.now.astimezone(zone).date())

    def weekday_and_day(self, d: date, zone: ZoneInfo = ZoneInfo("America/Toronto")) -> str:  # noqa: B008 - a constant
        return dates.weekday_and_day(d, self.language, self.now.astimezone(zone).date())

    def clock(self, at: datetime, zone: ZoneInfo) -> str:
        return dates.clock(at.astimezone(zone), self.language)

    def stamp(self, at: datetime, zone: ZoneInfo) -> str:
        return dates.stamp(at, zone, self.language)

    def duration(self, span: timedelta) -> str:
        return dates.duration(span, self.language)

    def number(self, value: Decimal | int) -> str:
        return numbers.number(value, self.language)

    def money(self, amount: Decimal, currency: str) -> str:
        return numbers.money(amount, currency, self.language)

    def percent(self, ratio: Decimal | float) -> str:
        return numbers.percent(ratio, self.language)

    def phone(self, e164: str) -> str:
        return numbers.phone(e164, self.language)

    def request_number(self, digits: str) -> str:
        return numbers.request_number(digits)

    def time(self, at: datetime, zone: ZoneInfo) -> Markup:
        """The long moment as `<time>`, with places where a small screen may break the line (all its spaces are no-break)."""
        return Markup('<time datetime="{}">{}</time>').format(dates.iso(at, zone), with_breaks(self.moment(at, zone)))


def with_breaks(words: str) -> Markup:
    """A sentence that holds a long moment, with places where a small screen may break it: else a word would be cut."""
    text = str(escape(words)).replace(",\u00a0", ",\u00a0<wbr>").replace("\u00a0(", "\u00a0<wbr>(")
    return Markup(text)  # noqa: S704 - escaped above


#: A request's, an invoice's or a credit note's number.
_WHOLE = re.compile(r"\b(?:\d{4}-\d{4}-\d{4}|[A-Z]{3}-[A-Z]{2}-\d{6})\b")


def with_whole_numbers(words: str) -> Markup:
    """A heading whose number is not cut in two at a hyphen: people read it aloud and look for it."""
    text = _WHOLE.sub(lambda found: f'<span class="whole">{found[0]}</span>', str(escape(words)))
    return Markup(text)  # noqa: S704 - escaped above


class Pages:
    """One service's pages. `package` holds `templates/`; `words` are added to the kit's."""

    def __init__(self, package: str, words: Words, site: Site, assets: Assets, now: Callable[[], datetime]) -> None:
        self.words = KIT_WORDS | words if words is not KIT_WORDS else KIT_WORDS
        self.site = site
        self.assets = assets
        self.now = now
        loaders = [PackageLoader(name, "templates") for name in dict.fromkeys((package, KIT))]
        self._jinja = Environment(
            loader=ChoiceLoader(loaders),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._jinja.filters["with_breaks"] = with_breaks
        self._jinja.filters["with_whole_numbers"] = with_whole_numbers

    def render(
        self,
        request: Request,
        template: str,
        /,
        *,
        language: Language | None = None,
        status: int = 200,
        faults: Iterable[Fault] = (),
        live: Live | None = None,
        toggle_form: str | None = None,
        **context: object,
    ) -> HTMLResponse:
        """A whole page. `faults` are said beside their fields (status 422 is yours to give); with `toggle_form`, the
        id of a form, the language toggle posts that form with `_switch=fr|en` so that what was typed is kept.

        Beside `context` a template sees:

        `t(key, **values)` · `say` (dates, numbers) · `language` (`en`, `fr`) · `who` (the principal) · `site` ·
        `static(name)` · `address_in(language)` · `other_language` · `looks` (badge of each status) · `now` ·
        `path` · `faults` (said) · `live` · `toggle_form` · `menu` · `signed_in` · `correlation_id`.
        """
        spoken = language or language_of(request)
        page: dict[str, object] = {"faults": self.said(faults, spoken), "live": live, "toggle_form": toggle_form}
        text = self._jinja.get_template(template).render(self._context(request, spoken) | page | dict(context))
        response = HTMLResponse(text, status, {"Content-Language": str(spoken), "Cache-Control": "no-store"})
        self._remember_language(request, response)
        return response

    def said(self, faults: Iterable[Fault], language: Language) -> tuple[SaidFault, ...]:
        """Faults in words: the phrase `error.<code>` with the fault's values."""
        return tuple(
            SaidFault(fault.path, sentence(self.words, f"error.{fault.code}", language, fault.values))
            for fault in faults
        )

    def live(self, source: str, language: Language, zone: ZoneInfo) -> Live:
        """For `render(live=…)`: the page follows `source`, and would say since when it has had no news."""
        return Live(source, self.quiet(language, zone))

    def quiet(self, language: Language, zone: ZoneInfo) -> str:
        """What a live page says when its stream goes quiet after now; also the `paused` of each beat."""
        now = self.now()
        return self.words.say("live.paused", language, time=Say(language, now).clock(now, zone))

    def fragment(self, template: str, language: Language, **context: object) -> str:
        """A text without a request around it: a message, a printed sheet. Sees `t`, `say`, `language`, `site`, `now`, `looks`."""
        return self._jinja.get_template(template).render(self._words_for(language) | dict(context))

    def to_sign_in(self, request: Request, language: Language) -> Response:
        """Send somebody to the sign-in page that fits the address, and back afterwards (`next`, a path of ours)."""
        for_customers = request.url.path.startswith(("/en/", "/fr/"))
        address = (self.site.customer_sign_in if for_customers else self.site.staff_sign_in).text(language)
        back = request.url.path if request.method in ("GET", "HEAD") else "/"
        joiner = "&" if "?" in address else "?"
        return RedirectResponse(f"{address}{joiner}{urlencode({'next': back})}", 303)

    def _remember_language(self, request: Request, response: Response) -> None:
        """`?lang=` is how the toggle works on addresses without a language: the choice is kept, and says nothing else."""
        chosen = request.query_params.get("lang")
        if chosen in ("en", "fr") and request.cookies.get(LANGUAGE_COOKIE) != chosen:
            secure = self.site.public_url.startswith("https://")
            response.set_cookie(
                LANGUAGE_COOKIE, chosen, max_age=31_536_000, secure=secure, httponly=True, samesite="lax"
            )

    def _words_for(self, language: Language) -> dict[str, object]:
        now = self.now()
        return {
            "t": self.words.bound(language),
            "say": Say(language, now),
            "language": language,
            "site": self.site,
            "now": now,
            "looks": LOOKS,
        }

    def _context(self, request: Request, language: Language) -> dict[str, object]:
        who = getattr(request.state, "principal", Anonymous())
        return self._words_for(language) | {
            "who": who,
            "signed_in": isinstance(who, Staff | Customer),
            "static": self.assets.url,
            "path": request.url.path,
            "address_in": lambda to: address_in(request, to),
            "other_language": other(language),
            "menu": _menu_for(who, self.site, language),
            "correlation_id": str(getattr(request.state, "correlation_id", "")),
        }


def safe_next(target: str | None, fallback: str) -> str:
    """Where to go after signing in: `next` if it is a path of ours, never another host."""
    if (
        not target
        or not target.startswith("/")
        or target.startswith(("//", "/\\"))
        or any(c in target for c in "\r\n\t\\")
    ):
        return fallback
    return target


def _menu_for(who: object, site: Site, language: Language) -> list[tuple[str, str]]:
    def sees(item: MenuItem) -> bool:
        if isinstance(who, Staff):
            return bool(item.roles) and who.has(*item.roles)
        return not item.roles and isinstance(who, Anonymous | OneRequest | Customer)

    return [(item.address.text(language), item.label.text(language)) for item in site.menu if sees(item)]
