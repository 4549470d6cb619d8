"""What programs send and are answered about estimates, disputes and payments. Amounts are text, never JSON numbers."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from schemas.bill import BillLine
from schemas.message import Instant
from schemas.money import Amount, Currency, typed
from schemas.vocabulary import DisputeOutcome, EstimateState, LineReason, LineSort, RepairWay
from services.routing.estimates import Estimate
from services.routing.estimating import Proposal
from services.routing.rules.prices import AskedLine, priced, total
from services.routing.views import In, Reason, TakeIn, Text, Version


def _typed(value: object) -> Decimal:
    try:
        return typed(value)
    except ValueError:
        raise PydanticCustomError("not_an_amount", "not an amount") from None


#: As people write it: ``145``, ``145.5``, ``145,50``.
Typed = Annotated[
    Decimal,
    BeforeValidator(_typed),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["145.00"]}),
]


class EstimateAnswerIn(In):
    """The answer to the estimate that was seen at `version`."""

    version: Version
    reason: Text | None = None


class LineIn(In):
    sort: LineSort
    quantity: Typed
    reason: LineReason
    unit_price: Typed | None = None
    part: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    what: Annotated[str, Field(min_length=1, max_length=200)] | None = None

    def asked(self) -> AskedLine:
        return AskedLine(self.sort, self.quantity, self.reason, self.unit_price, self.part, self.what)


class PrepareIn(TakeIn):
    """Without lines, what was saved, else the policy's; without a way, the one that serves best."""

    way: RepairWay | None = None
    lines: Annotated[tuple[LineIn, ...], Field(max_length=50)] | None = None

    def asked(self) -> tuple[AskedLine, ...] | None:
        return None if self.lines is None else tuple(line.asked() for line in self.lines)


class TakeBackIn(TakeIn):
    reason: Reason


class DisputeIn(TakeIn):
    """`credit` is what is given back of each line, for `partial`; `answer` what the customer reads, else the usual sentence."""

    outcome: DisputeOutcome
    answer: Text | None = None
    credit: dict[Annotated[str, Field(pattern=r"^[1-9][0-9]{0,2}$")], Typed] = Field(default_factory=dict)


class PaymentIn(In):
    reference: Annotated[str, Field(min_length=1, max_length=64)]
    amount: Typed
    paid_at: Instant | None = None


class EstimateView(BaseModel):
    estimate: str
    number: str
    version: int
    status: EstimateState
    way: RepairWay
    currency: Currency
    lines: tuple[BillLine, ...]
    total: Amount
    good_until: Instant | None
    policy: str

    @classmethod
    def of(cls, made: Estimate) -> "EstimateView":
        return cls(
            estimate=made.id,
            number=made.number,
            version=made.version,
            status=made.status,
            way=made.way,
            currency=made.currency,
            lines=tuple(BillLine.model_validate(line) for line in made.lines),
            total=made.total,
            good_until=made.good_until,
            policy=made.policy,
        )


def proposal_json(offered: Proposal, language: Any) -> dict[str, Any]:
    """What the desk may begin with: the ways that are possible, and the policy's lines for each."""
    return {
        "machine": {"type": offered.machine.type, "serial": offered.machine.serial},
        "country": offered.country,
        "currency": offered.prices.currency,
        "ways": [_way(offered, way, language) for way in offered.where.ways],
        "parts": [
            {"part": number, "what": part.names[language], "unit_price": str(part.price)}
            for number, part in offered.prices.parts.items()
        ],
        "prepared": None if offered.prepared is None else EstimateView.of(offered.prepared).model_dump(mode="json"),
    }


def _way(offered: Proposal, way: RepairWay, language: Any) -> dict[str, Any]:
    lines = priced(offered.lines(way), offered.prices, language)
    told = [BillLine(**{name: getattr(line, name) for name in BillLine.model_fields}) for line in lines]
    return {
        "way": way.value,
        "lines": [line.model_dump(mode="json") for line in told],
        "total": str(total(line.amount for line in lines)),
    }
