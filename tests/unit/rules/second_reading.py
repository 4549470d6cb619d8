"""docs/rules.md read a second time, by somebody in no hurry: no index, no evidence, each rule as one plain search.

It shares nothing with `services.routing.rules` but the rows and the holiday data; the policy's numbers are written out.
`test_second_reading` holds every decision against it.
"""

from datetime import date

from services.routing.rules.book import Contract, Item
from tests.unit.rules.second_facts import (
    DAY,
    FOREVER,
    Facts,
    Found,
    add_months,
    agreed,
    day_or_none,
    level_of,
    moment,
    start_of,
    until,
)


class Reader(Facts):
    """The decision on the request: the fields that are not empty, or the path of what is wrong with it."""

    def read(self) -> Found:
        kind = self.request.kind.value
        if not self.known:
            return {"kind": kind, **triage("customer_unknown")}
        found, kind = self.settled(kind)
        if found is not None:
            return {"kind": kind, **found}
        found = getattr(self, kind)()
        ignored = kind in ("billing_dispute", "inquiry") or "error" in found
        reasons = found.get("reasons", [])
        if self.foreign and not ignored and "contract_unknown" not in reasons:
            found["reasons"] = [*reasons, "contract_unknown"]
        return {"kind": kind, **found}

    # ---- §3

    def settled(self, kind: str) -> tuple[Found | None, str]:
        """The kind to decide by; what is found already when a person has to say which."""
        declared = {"hardware_repair": "hardware", "software_support": "software"}.get(kind)
        if declared is not None:
            conflict = self.request.text is not None and self.sort != declared and self.sure > 0.9
            return (triage("kind_conflict") if conflict else None), kind
        if kind != "repair":
            return None, kind
        if self.request.text is None:
            return asks("text"), kind
        machine, product = self.machine(), self.product()
        machine_known = machine is not None and bool(self.own(machine))
        product_known = any(one.product_id == product for one, _ in self.entitlements())
        if product_known and not machine_known:
            return None, "software_support"
        if machine_known and not product_known and self.sort == "hardware":
            return None, "hardware_repair"
        self.foreign = False
        if self.sure < 0.75:
            return triage("kind_unclear"), kind
        return None, "hardware_repair" if self.sort == "hardware" else "software_support"

    def hardware_repair(self) -> Found:
        machine = self.machine()
        if machine is None:
            return triage("contract_unknown") if self.foreign else asks(self.machine_missing())
        covering = self.covering(machine)
        if not covering:
            stranger = self.stranger(machine)
            return triage(stranger) if stranger else {"outcome": "billable_estimate"}
        item, contract = covering[0]
        site, level = self.stands_at(item), level_of(item, contract)
        added = self.site_differs(item, covering)
        if level.startswith("DEPOT"):
            where = self.customer if site is None else site
            depots = {(one.country, one.province): one.depot for one in self.world.depots}
            depot = depots.get((where.country, where.province or "*")) or depots.get((where.country, "*"))
            if depot is None:
                return triage("depot_unknown", *added)
            return {"outcome": "mail_in", "reasons": added, "depot": depot, **self.about(item, contract)}
        if level == "PARTS_ONLY":
            return {"outcome": "parts_shipment", "reasons": added, **self.about(item, contract)}
        zone = None if site is None else self.zone(site.site_id, self.customer.number)
        territory = None if site is None else self.territory(site)
        if site is None or zone is None:
            return triage("site_unknown", *added)
        if territory is None:
            return triage("territory_unknown", *added)
        due = self.due(level, zone, site.country, site.province)
        queue = {"queue": territory.territory, "respond_by": moment(due)}
        return {"outcome": "onsite_dispatch", "reasons": added, **queue, **self.about(item, contract)}

    # ---- §6, §7

    def maintenance(self, machine: tuple[str, str]) -> tuple[Item, Contract, list[tuple[Item, Contract]]] | None:
        covering = [one for one in self.covering(machine) if one[1].kind == "hardware_maintenance"]
        counting = [one for one in covering if self.contract in (None, one[1])]
        return (*counting[0], covering) if counting else None

    def since(self, item: Item, contract: Contract) -> date:
        serials, before = {item.serial}, set[str]()
        while serials != before:
            before = set(serials)
            serials |= {
                one.replaces_serial
                for serial in before
                for one, _ in self.own((item.machine_type, serial))
                if one.replaces_serial is not None
            }
        spans = [
            (start_of(one, its), until(one, its))
            for serial in serials
            for one, its in self.own((item.machine_type, serial))
            if its.kind == "hardware_maintenance"
        ]
        since = start_of(item, contract)
        while earlier := [start for start, end in spans if start < since <= (end + DAY if end < FOREVER else end)]:
            since = min(earlier)
        return since

    def ended(self, item: Item, contract: Contract, wish: date | None, given: date, months: int) -> Found:
        end = max(wish or given, add_months(given, months))
        if until(item, contract) < FOREVER:
            end = min(end, until(item, contract) + DAY)
        paid = contract.prepaid_until
        credit = None if paid is None else max(0, (paid - end).days + 1)
        return {"effective_end": str(end), "last_billed_on": str(end - DAY), "credit_days": credit}

    def by_customer(self, item: Item, contract: Contract, wish: date | None) -> Found:
        day = self.day(item, contract)
        earliest = add_months(self.since(item, contract), agreed(contract.customer_minimum_months, 6))
        if day < earliest:
            return {"earliest_notice_on": str(earliest)}
        return self.ended(item, contract, wish, day, agreed(contract.customer_notice_months, 1))

    def by_provider(self, item: Item, contract: Contract, wish: date | None, sent: date) -> Found:
        earliest = add_months(self.since(item, contract), agreed(contract.provider_minimum_months, 12))
        if sent < earliest:
            return {"earliest_notice_on": str(earliest)}
        return self.ended(item, contract, wish, sent, agreed(contract.provider_notice_months, 3))

    def termination(self) -> Found:
        asked, machine = self.details(), self.machine()
        if machine is None and self.foreign:
            return triage("contract_unknown")
        party, sent = asked.get("party"), asked.get("sent_on")
        missing = asks(
            self.machine_missing(),
            None if party else "details.party",
            "details.sent_on" if party == "provider" and sent is None else None,
            "details.evidence" if party == "breach" and asked.get("evidence") is None else None,
        )
        if machine is None or missing["missing"]:
            return missing
        counting = self.maintenance(machine)
        if counting is None:
            return triage(self.stranger(machine) or "not_under_contract")
        item, contract, covering = counting
        found = {"reasons": self.site_differs(item, covering), **self.about(item, contract)}
        if party == "breach":
            return {"outcome": "approval", **found}
        if party == "provider" and sent is not None:
            if sent > self.day(item, contract):
                return {"error": "details.sent_on"}
            dates = self.by_provider(item, contract, asked.get("requested_on"), sent)
        else:
            dates = self.by_customer(item, contract, asked.get("requested_on"))
        outcome = "termination_refused" if "earliest_notice_on" in dates else "termination_scheduled"
        return {"outcome": outcome, "dates": dates, **found}

    def machine_transfer(self) -> Found:
        asked, machine = self.details(), self.machine()
        if machine is None and self.foreign:
            return triage("contract_unknown")
        missing = asks(
            self.machine_missing(),
            None if asked.get("reason") else "details.reason",
            None if asked.get("event_date") else "details.event_date",
        )
        if machine is None or missing["missing"]:
            return missing
        counting = self.maintenance(machine)
        if counting is None:
            stranger = self.stranger(machine)
            return triage(stranger) if stranger else desk("contract_desk", "not_under_contract")
        item, contract, covering = counting
        months = agreed(contract.customer_notice_months, 1)
        dates = self.ended(item, contract, asked["event_date"], self.day(item, contract), months)
        found = {"reasons": self.site_differs(item, covering), **self.about(item, contract)}
        return {"outcome": "contract_desk", "dates": dates, **found}

    # ---- §9

    def software_support(self) -> Found:
        product = self.product()
        if product is None:
            return triage("contract_unknown") if self.foreign else asks("product_id")
        standings = self.standings(product)
        if not standings or standings[0][0] == "c to come":
            return {"outcome": "not_entitled"}
        state, number, end = standings[0]
        about = {"contract_number": number, "covered_until": day_or_none(end)}
        if state == "b lapsed":
            return {"outcome": "subscription_lapsed", **about}
        promise = f"severity {self.request.severity or 3}"
        due = self.due(promise, self.customer.timezone, self.customer.country, self.customer.province)
        return {"outcome": "remote_support", "queue": "remote_support", "respond_by": moment(due), **about}

    def software_download(self) -> Found:
        product = self.request.product_id
        if product is None and self.foreign:
            return triage("contract_unknown")
        begun = [one for one in self.standings(product) if one[0] != "c to come"]
        if product is not None:
            begun = begun[:1]
        elif self.contract is not None:
            begun = [one for one in begun if one[1] == self.contract.number]
        if not begun:
            return {"outcome": "not_entitled"}
        return {
            "outcome": "answered",
            "contract_number": begun[0][1] if len({number for _, number, _ in begun}) == 1 else None,
            "covered_until": day_or_none(begun[0][2]) if len(begun) == 1 else None,
        }

    def software_key(self) -> Found:
        machine = self.machine()
        if machine is None:
            return triage("contract_unknown") if self.foreign else asks(self.machine_missing())
        stranger = self.stranger(machine)
        return triage(stranger) if stranger else desk("key_centre")

    def appliance_move(self) -> Found:
        asked, machine, product = self.details(), self.machine(), self.request.product_id
        if machine is None and product is None and self.foreign:
            return triage("contract_unknown")
        origin, destination = asked.get("origin_country"), asked.get("destination_country")
        missing = asks(
            "product_id" if machine is None and product is None else None,
            None if origin else "details.origin_country",
            None if destination else "details.destination_country",
        )
        if missing["missing"]:
            return missing
        if product is not None and not self.standings(product):
            return triage("owner_mismatch")
        if machine is not None and not self.covering(machine) and (self.stranger(machine) or not self.own(machine)):
            return triage("owner_mismatch")
        return desk("general_desk", "no_border") if origin == destination else desk("approval")

    # ---- §2: contracts and desks

    def contract_copy(self) -> Found:
        number = self.contract_meant()
        if number is not None:
            return {"outcome": "answered", "contract_number": number}
        return desk("contract_desk", "contract_unknown") if self.foreign else asks("contract_number")

    def contract_renewal(self) -> Found:
        number = self.contract_meant()
        missing = [] if number is not None or self.foreign else ["contract_number"]
        return {**desk("contract_desk"), "contract_number": number, "missing": missing}

    def contract_change(self) -> Found:
        machine = self.machine()
        counting = None if machine is None else self.maintenance(machine)
        if self.details().get("action") != "cancel" or counting is None:
            return self.contract_renewal()
        item, contract, _ = counting
        dates = self.by_customer(item, contract, None)
        return {**desk("contract_desk"), "contract_number": contract.number, "dates": dates}

    def covered_devices(self) -> Found:
        if self.foreign:
            return triage("contract_unknown")
        return {"outcome": "answered", "contract_number": None if self.contract is None else self.contract.number}

    def coverage_review(self) -> Found:
        if self.machine() is None:
            return triage("contract_unknown") if self.foreign else asks(self.machine_missing())
        return desk("contract_desk")

    def billing_dispute(self) -> Found:
        return desk("billing_desk") if self.details().get("invoice_number") else asks("details.invoice_number")

    def inquiry(self) -> Found:
        return desk("general_desk") if self.request.text else asks("text")

    def details(self) -> Found:
        return self.request.details.model_dump()


def triage(*reasons: str) -> Found:
    return {"outcome": "triage", "queue": "triage", "reasons": list(reasons)}


def asks(*missing: str | None) -> Found:
    return {"outcome": "incomplete", "missing": [one for one in missing if one is not None]}


def desk(name: str, *reasons: str) -> Found:
    return {"outcome": name, "queue": name, "reasons": list(reasons)}
