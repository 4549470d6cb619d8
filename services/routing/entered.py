"""What a person knows better than the data, for one request: hardware or software, or a contract that covers it.

Entered at a desk when a request is decided again, kept with that decision, and heard by every later one: a person's word
stands until a person says otherwise. The contract data itself is not touched; that is its own source's matter, and when
an import brings what was entered, both say the same.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any, Final

from schemas.vocabulary import ContractKind, ServiceLevel
from services.routing.rules.book import Contract, Item
from services.routing.rules.reading import Classify, Reading, Sort, Word


@dataclass(frozen=True, slots=True)
class Coverage:
    """A contract that covers one machine, as its papers say; what is None is as the data say, or the contract's."""

    contract_number: str
    machine_type: str
    serial: str
    contract_kind: ContractKind | None = None
    start_date: date | None = None  # the contract's
    end_date: date | None = None
    service_level: ServiceLevel | None = None
    coverage_start: date | None = None
    coverage_end: date | None = None
    site_id: str | None = None

    def contract(self, known: Contract | None, customer_number: str, day: date) -> Contract:
        """The contract as entered, over what the data hold; one that they do not know starts with `day` unless said."""
        base = known or Contract(
            number=self.contract_number,
            customer_number=customer_number,
            kind=ContractKind.HARDWARE_MAINTENANCE,
            start_date=self.start_date or self.coverage_start or day,
            end_date=None,
            service_level=None,
            auto_renew=False,
            customer_minimum_months=None,
            customer_notice_months=None,
            provider_minimum_months=None,
            provider_notice_months=None,
            prepaid_until=None,
        )
        given: dict[str, Any] = {"kind": self.contract_kind, "start_date": self.start_date, "end_date": self.end_date}
        given["service_level"] = None if known is not None else self.service_level
        return replace(base, **{name: value for name, value in given.items() if value is not None})

    def item(self, known: Item | None) -> Item:
        """The machine on that contract, over what the data hold of it. An end of its own that was entered is its end."""
        base = known or Item(
            contract_number=self.contract_number,
            machine_type=self.machine_type,
            model=None,
            serial=self.serial,
            site_id=None,
            coverage_start=None,
            coverage_end=None,
            service_level=None,
            ended_on=None,
            replaces_serial=None,
        )
        names = ("site_id", "coverage_start", "coverage_end", "service_level")
        given = {name: value for name in names if (value := getattr(self, name)) is not None}
        if "coverage_end" in given:
            given["ended_on"] = None
        return replace(base, **given)


@dataclass(frozen=True, slots=True)
class Entered:
    """All that people entered for a request."""

    kind: Sort | None = None
    coverage: Coverage | None = None

    def over(self, earlier: "Entered") -> "Entered":
        """What is entered now, and what was before where this says nothing."""
        return Entered(self.kind or earlier.kind, self.coverage or earlier.coverage)

    def reader(self, classify: Classify | None) -> Classify | None:
        """The person's answer where there is one, else the classifier's."""
        if self.kind is None:
            return classify
        said = _SaidByPerson(self.kind)

        def as_said(_text: str, _language: str | None) -> Reading:
            return said

        return as_said

    def to_json(self) -> dict[str, Any] | None:
        """None: nobody entered anything."""
        if self == NOTHING_ENTERED:
            return None
        coverage = None if self.coverage is None else {k: _plain(v) for k, v in asdict(self.coverage).items()}
        return {"kind": self.kind, "coverage": coverage}


NOTHING_ENTERED: Final = Entered()


def from_json(said: Mapping[str, Any] | None) -> Entered:
    """What `to_json` gave."""
    if said is None:
        return NOTHING_ENTERED
    covers = said["coverage"]
    if covers is None:
        return Entered(said["kind"])
    read: dict[str, Any] = {
        one.name: _READ.get(one.name, str)(covers[one.name]) if covers[one.name] is not None else None
        for one in fields(Coverage)
    }
    return Entered(said["kind"], Coverage(**read))


@dataclass(frozen=True, slots=True)
class _SaidByPerson:
    """What a person read in the text: the classifier's answer from now on."""

    kind: Sort
    confidence: float = 1.0
    words: tuple[Word, ...] = ()
    model: None = None


_READ: Final[Mapping[str, Any]] = {
    "contract_kind": ContractKind,
    "service_level": ServiceLevel,
    **dict.fromkeys(("start_date", "end_date", "coverage_start", "coverage_end"), date.fromisoformat),
}


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
