"""A service request: one JSON shape for HTTP, bulk lines, `fixline decide` and events (docs/rules.md §1, §2).

`parse_request` is the boundary: whatever comes in, a `ServiceRequest` comes out, its text normalised, or
`InvalidRequest` says of each field what is wrong with it. Unknown fields are refused at every depth; so are the details
of another kind, which no rule would read. Blank text is "not given", wherever it stands. What a kind *needs* is not
judged here: a request with something missing is a good request whose outcome is ``incomplete``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final, Literal, TypeVar, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, ValidationInfo
from pydantic_core import ErrorDetails, PydanticCustomError

from schemas import text
from schemas.vocabulary import Kind, Language

#: Longest values, in characters, as typed and as normalised.
TEXT_LENGTH: Final = 10_000
NAME_LENGTH: Final = 200
NUMBER_LENGTH: Final = 64
LIST_LENGTH: Final = 200

#: A telephone number without its country is read as one from here.
HOME_REGION: Final = "CA"


def _reader(read: Callable[[str], object], longest: int) -> BeforeValidator:
    """Text read by `read`; refused when it is something else, unsafe or too long."""

    def validate(value: object) -> object:
        if not isinstance(value, str):
            return _passed_through(value)
        if len(value) > longest:
            raise PydanticCustomError("string_too_long", "too long", {"max_length": longest})
        if text.unsafe(value):
            raise PydanticCustomError("unsafe_text", "unsafe text")
        try:
            return read(value)
        except text.Unreadable as why:
            raise PydanticCustomError(why.code, "unreadable") from None

    return BeforeValidator(validate)


def _passed_through(value: object) -> object:
    """A date, when code and not JSON builds a request, goes on to be checked; anything else stops here."""
    if isinstance(value, date):
        return value
    raise PydanticCustomError("not_text", "not text")


def _nothing_to_empty(value: object) -> object:
    return {} if value is None else value


def _to_texts(value: object) -> object:
    """A list of names or numbers as texts, the blank ones left out; a single one may stand without its list."""
    if value is None:
        return ()
    members = value if isinstance(value, list | tuple) else (value,) if isinstance(value, str | int) else None
    if members is None:
        raise PydanticCustomError("not_a_list", "not a list")
    return tuple(
        str(member) if isinstance(member, int) and not isinstance(member, bool) and abs(member) < 10**18 else member
        for member in members
        if not (member is None or (isinstance(member, str) and not member.strip()))
    )


def _read_phone(value: str) -> str | None:
    return text.phone(value, HOME_REGION)


_Number = Annotated[str, Field(max_length=NUMBER_LENGTH)]
_Name = Annotated[str, Field(max_length=NAME_LENGTH)]
_Prose = Annotated[str, Field(max_length=TEXT_LENGTH)]

# Twice null: what is read may turn out blank, and what is null is not read at all; most fields of most requests are.
Code = Annotated[_Number | None, _reader(text.code, NUMBER_LENGTH)] | None
Identifier = Annotated[_Number | None, _reader(text.identifier, NUMBER_LENGTH)] | None
Number = Annotated[_Number | None, _reader(text.clean, NUMBER_LENGTH)] | None
SiteId = Annotated[_Number | None, _reader(text.trimmed, NUMBER_LENGTH)] | None
Name = Annotated[_Name | None, _reader(text.clean, NAME_LENGTH)] | None
Prose = Annotated[_Prose | None, _reader(text.clean, TEXT_LENGTH)] | None
Email = Annotated[_Name | None, _reader(text.email, NAME_LENGTH)] | None
Phone = Annotated[_Number | None, _reader(_read_phone, NUMBER_LENGTH)] | None
Day = Annotated[date | None, _reader(text.day, NUMBER_LENGTH)] | None
Country = Annotated[_Number | None, _reader(text.country, NUMBER_LENGTH)] | None
RequestNumber = Annotated[_Number | None, _reader(text.request_number, NUMBER_LENGTH)] | None
_Word = _reader(text.clean, NAME_LENGTH)

Lines = Annotated[
    tuple[Annotated[_Number, _reader(text.clean, NUMBER_LENGTH)], ...],
    Field(max_length=LIST_LENGTH),
    BeforeValidator(_to_texts),
]
Names = Annotated[
    tuple[Annotated[_Name, _reader(text.clean, NAME_LENGTH)], ...],
    Field(max_length=LIST_LENGTH),
    BeforeValidator(_to_texts),
]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Machine(_Part):
    type: Code = None
    model: Name = None
    serial: Code = None


class Contact(_Part):
    name: Name = None
    email: Email = None
    phone: Phone = None


class NoDetails(_Part):
    """The details of a kind that has none."""


class TerminationDetails(_Part):
    party: Annotated[Literal["customer", "provider", "breach"] | None, _Word] | None = None
    requested_on: Day = None
    sent_on: Day = None
    evidence: Prose = None


class TransferDetails(_Part):
    reason: Annotated[Literal["lease_return", "sold", "other"] | None, _Word] | None = None
    event_date: Day = None
    lease_quote_number: Number = None


class MoveDetails(_Part):
    origin_country: Country = None
    destination_country: Country = None


class ReviewDetails(_Part):
    request_number: RequestNumber = None
    evidence: Prose = None


class DisputeDetails(_Part):
    invoice_number: Number = None
    lines: Lines = ()


class ChangeDetails(_Part):
    action: Annotated[Literal["add", "cancel"] | None, _Word] | None = None
    services: Names = ()


#: The form without any first: pydantic then finds it first, and it is that of nearly all requests.
Details = Annotated[
    NoDetails | TerminationDetails | TransferDetails | MoveDetails | ReviewDetails | DisputeDetails | ChangeDetails,
    Field(union_mode="left_to_right"),
]

#: Which details a kind takes; the others take none.
DETAILS: Final[dict[Kind, type[_Part]]] = {
    Kind.TERMINATION: TerminationDetails,
    Kind.MACHINE_TRANSFER: TransferDetails,
    Kind.APPLIANCE_MOVE: MoveDetails,
    Kind.COVERAGE_REVIEW: ReviewDetails,
    Kind.BILLING_DISPUTE: DisputeDetails,
    Kind.CONTRACT_CHANGE: ChangeDetails,
}


#: Each form with nothing given: most requests have no details, and making them anew takes a tenth of reading one.
_NOTHING_GIVEN: Final[dict[type[_Part], _Part]] = {
    NoDetails: NoDetails(),
    **{form: form() for form in DETAILS.values()},
}


def _details_of_the_kind(value: object, info: ValidationInfo) -> object:
    kind = info.data.get("kind")
    if kind is None:
        return NoDetails()  # the kind itself is refused already; its details mean nothing
    form = DETAILS.get(kind, NoDetails)
    if value is None or value == {} or type(value) is NoDetails:
        return _NOTHING_GIVEN[form]
    return form.model_validate(value)


def _only_text(value: object) -> object:
    """Anything else is no kind: pydantic would put it into an error of its own, however deep it is."""
    return value if isinstance(value, str) else None


class ServiceRequest(_Part):
    """What a customer asks, normalised. Only `kind` is sure to be there."""

    kind: Annotated[Kind, BeforeValidator(_only_text)]
    customer_number: Identifier = None
    contract_number: Identifier = None
    machine: Annotated[Machine, BeforeValidator(_nothing_to_empty)] = Machine()
    product_id: Identifier = None
    severity: Annotated[int, Field(strict=True, ge=1, le=4)] | None = None
    language: Annotated[Language | None, _Word] | None = None
    text: Prose = None
    contact: Annotated[Contact, BeforeValidator(_nothing_to_empty)] = Contact()
    site_id: SiteId = None
    details: Annotated[Details, BeforeValidator(_details_of_the_kind)] = Field(
        default=NoDetails(), validate_default=True
    )
    external_id: Name = None


_Form = TypeVar("_Form", bound=_Part)


def details_of(request: ServiceRequest, form: type[_Form]) -> _Form:
    """The request's details of one form; of another kind's request, the form with nothing given."""
    return cast("_Form", request.details if type(request.details) is form else _NOTHING_GIVEN[form])


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong: where (``details.sent_on``), a stable code, and a sentence that says what to do."""

    path: str
    code: str
    message: str


class InvalidRequest(ValueError):
    """Not a request: each field that is wrong, at most `MOST_ERRORS` of them."""

    def __init__(self, errors: tuple[FieldError, ...]) -> None:
        super().__init__("; ".join(f"{error.path or 'request'}: {error.message}" for error in errors[:5]))
        self.errors = errors


MOST_ERRORS: Final = 50
_LONGEST_PATH: Final = 200


def parse_request(given: object, *, language: Language = Language.EN) -> ServiceRequest:
    """The request that `given` (what a JSON reader made) holds.

    Raises `InvalidRequest`, and nothing else, whatever `given` is; its messages are in `language`.
    """
    try:
        return ServiceRequest.model_validate(given)
    except ValidationError as why:
        found = why.errors(include_url=False, include_input=False)
        raise InvalidRequest(tuple(_field_error(error, language) for error in found[:MOST_ERRORS])) from None


def invalid(path: str, code: str, language: Language = Language.EN) -> InvalidRequest:
    """One field refused by a rule that had to see more than the request (docs/rules.md §6)."""
    return InvalidRequest((FieldError(path, code, message(code, language)),))


def as_json(request: ServiceRequest) -> dict[str, Any]:
    """The request as plain JSON values, all fields, normalised; `parse_request` of it gives the request again."""
    return request.model_dump(mode="json")


def message(code: str, language: Language, **values: object) -> str:
    """The sentence for an error code."""
    english, french = _MESSAGES.get(code, _MESSAGES["not_readable"])
    return (french if language is Language.FR else english).format(**values)


def _field_error(error: ErrorDetails, language: Language) -> FieldError:
    code = _CODES.get(error["type"], error["type"])
    if code not in _MESSAGES:
        code = "not_readable"
    context = error.get("ctx", {})
    limits = {
        "limit": context.get("max_length", ""),
        "choices": str(context.get("expected", "")).replace("'", ""),
    }
    return FieldError(_path(error["loc"]), code, message(code, language, **limits))


def _path(places: tuple[int | str, ...]) -> str:
    """``details.sent_on``; what cannot be shown is escaped."""
    shown = ".".join(str(place) for place in places).encode("utf-8", "backslashreplace").decode("utf-8")
    return shown.replace("\x00", "\\x00")[:_LONGEST_PATH]


#: pydantic's names for errors, and ours.
_CODES: Final = {
    "missing": "required",
    "extra_forbidden": "unknown_field",
    "invalid_key": "unknown_field",
    "string_too_long": "too_long",
    "string_type": "not_text",
    "string_unicode": "unsafe_text",
    "enum": "not_a_choice",
    "literal_error": "not_a_choice",
    "int_type": "not_a_whole_number",
    "int_from_float": "not_a_whole_number",
    "int_parsing_size": "out_of_range",
    "greater_than_equal": "out_of_range",
    "less_than_equal": "out_of_range",
    "model_type": "not_an_object",
    "model_attributes_type": "not_an_object",
    "dict_type": "not_an_object",
    "tuple_type": "not_a_list",
    "too_long": "too_long",
}

_MESSAGES: Final = {
    "required": ("Give this field.", "Indiquez ce champ."),
    "unknown_field": ("This field is not known here. Remove it.", "Ce champ n'est pas connu ici. Retirez-le."),
    "too_long": ("At most {limit}: shorten it.", "Au plus {limit} : raccourcissez."),
    "not_text": ("Give text in quotation marks.", "Donnez du texte entre guillemets."),
    "unsafe_text": (
        "Remove the characters that cannot be shown (NUL, half a surrogate pair).",
        "Retirez les caractères qui ne peuvent être affichés (NUL, demi-paire de substitution).",
    ),
    "not_a_choice": ("Choose one of: {choices}.", "Choisissez parmi : {choices}."),
    "not_a_whole_number": ("Give a whole number.", "Donnez un nombre entier."),
    "out_of_range": ("The number is too small or too large.", "Le nombre est trop petit ou trop grand."),
    "not_an_object": ("Give an object: {{…}}.", "Donnez un objet : {{…}}."),
    "not_a_list": ("Give a list: […].", "Donnez une liste : […]."),
    "not_a_date": ("Write the date as YYYY-MM-DD.", "Écrivez la date sous la forme AAAA-MM-JJ."),
    "not_a_country": ("Give the country as two letters, such as CA.", "Donnez le pays en deux lettres, comme CA."),
    "not_an_email": (
        "Write the e-mail address as name@example.com.",
        "Écrivez l'adresse de courriel comme nom@exemple.com.",
    ),
    "not_a_phone": (
        "Give the telephone number with its area code.",
        "Donnez le numéro de téléphone avec l'indicatif régional.",
    ),
    "not_a_request_number": (
        "One digit is off. Check the number and try again.",
        "Un chiffre ne va pas. Vérifiez le numéro et essayez de nouveau.",
    ),
    "not_for_channel": (
        "A notice from the provider is entered by its staff. Choose another party.",
        "Un avis du fournisseur est saisi par son personnel. Choisissez une autre partie.",
    ),
    "after_receipt": (
        "The notice cannot have been sent after the day it was received. Check the date.",
        "L'avis ne peut avoir été envoyé après le jour de sa réception. Vérifiez la date.",
    ),
    "not_readable": ("Check this field.", "Vérifiez ce champ."),
}
