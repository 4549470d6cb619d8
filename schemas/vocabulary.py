"""The words that every service shares (docs/rules.md). One word means one thing in code, events, tables, pages and docs."""

from enum import StrEnum


class Kind(StrEnum):
    """What a customer asks for (docs/rules.md §2)."""

    HARDWARE_REPAIR = "hardware_repair"
    SOFTWARE_SUPPORT = "software_support"
    REPAIR = "repair"
    COVERAGE_REVIEW = "coverage_review"
    CONTRACT_COPY = "contract_copy"
    COVERED_DEVICES = "covered_devices"
    CONTRACT_RENEWAL = "contract_renewal"
    CONTRACT_CHANGE = "contract_change"
    MACHINE_TRANSFER = "machine_transfer"
    TERMINATION = "termination"
    SOFTWARE_KEY = "software_key"
    SOFTWARE_DOWNLOAD = "software_download"
    APPLIANCE_MOVE = "appliance_move"
    BILLING_DISPUTE = "billing_dispute"
    INQUIRY = "inquiry"


#: What anyone may ask without saying who they are; the other kinds need an identity.
ANONYMOUS_KINDS = frozenset({Kind.HARDWARE_REPAIR, Kind.SOFTWARE_SUPPORT, Kind.REPAIR, Kind.INQUIRY})


class Channel(StrEnum):
    """How the request reached us; set by the server, never by the body."""

    WEB = "web"
    PHONE = "phone"
    API = "api"
    BULK = "bulk"


class Language(StrEnum):
    EN = "en"
    FR = "fr"


class ContractKind(StrEnum):
    HARDWARE_MAINTENANCE = "hardware_maintenance"
    WARRANTY = "warranty"
    SERVICEPAC = "servicepac"
    SOFTWARE_SUBSCRIPTION = "software_subscription"


class ServiceLevel(StrEnum):
    """Support levels, the most favourable first (docs/rules.md §4)."""

    ONSITE_4H_24X7 = "ONSITE_4H_24X7"
    ONSITE_4H_9X5 = "ONSITE_4H_9X5"
    ONSITE_SBD = "ONSITE_SBD"
    ONSITE_NBD = "ONSITE_NBD"
    DEPOT_COURIER = "DEPOT_COURIER"
    DEPOT_MAIL_IN = "DEPOT_MAIL_IN"
    PARTS_ONLY = "PARTS_ONLY"


class Outcome(StrEnum):
    """Where a decision sends a request (docs/rules.md §2)."""

    ONSITE_DISPATCH = "onsite_dispatch"
    MAIL_IN = "mail_in"
    PARTS_SHIPMENT = "parts_shipment"
    BILLABLE_ESTIMATE = "billable_estimate"
    REMOTE_SUPPORT = "remote_support"
    SUBSCRIPTION_LAPSED = "subscription_lapsed"
    NOT_ENTITLED = "not_entitled"
    ANSWERED = "answered"
    TERMINATION_SCHEDULED = "termination_scheduled"
    TERMINATION_REFUSED = "termination_refused"
    TRIAGE = "triage"
    CONTRACT_DESK = "contract_desk"
    BILLING_DESK = "billing_desk"
    GENERAL_DESK = "general_desk"
    KEY_CENTRE = "key_centre"
    APPROVAL = "approval"
    INCOMPLETE = "incomplete"


class Desk(StrEnum):
    """Queues worked by people at a desk; a territory's dispatch queue is named by its territory instead."""

    TRIAGE = "triage"
    CONTRACT_DESK = "contract_desk"
    BILLING_DESK = "billing_desk"
    GENERAL_DESK = "general_desk"
    KEY_CENTRE = "key_centre"
    APPROVAL = "approval"
    REMOTE_SUPPORT = "remote_support"
    PARTS_DESK = "parts_desk"


class Reason(StrEnum):
    """Stable codes that explain a decision; the sentences for people are made from them."""

    KIND_CONFLICT = "kind_conflict"
    KIND_UNCLEAR = "kind_unclear"
    OWNER_MISMATCH = "owner_mismatch"
    MACHINE_TYPE_MISMATCH = "machine_type_mismatch"
    SITE_DIFFERS = "site_differs"
    SITE_UNKNOWN = "site_unknown"
    TERRITORY_UNKNOWN = "territory_unknown"
    DEPOT_UNKNOWN = "depot_unknown"
    CONTRACT_UNKNOWN = "contract_unknown"
    CUSTOMER_UNKNOWN = "customer_unknown"
    NOT_UNDER_CONTRACT = "not_under_contract"
    NO_BORDER = "no_border"


#: Shown to customers in place of OWNER_MISMATCH and MACHINE_TYPE_MISMATCH: neither may tell them what others hold.
SERIAL_TO_CHECK = "serial_to_check"


class Status(StrEnum):
    """A request's status, in the words of TM Forum TMF621 v5 (docs/rules.md §10)."""

    ACKNOWLEDGED = "acknowledged"
    IN_PROGRESS = "inProgress"
    PENDING = "pending"
    HELD = "held"
    RESOLVED = "resolved"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    CLOSED = "closed"


class Milestone(StrEnum):
    """The step beneath a status that a customer sees (docs/rules.md §10)."""

    RECEIVED = "received"
    QUEUED_FOR_TECHNICIAN = "queued_for_technician"
    TECHNICIAN_ASSIGNED = "technician_assigned"
    EN_ROUTE = "en_route"
    ON_SITE = "on_site"
    VISIT_INCOMPLETE = "visit_incomplete"
    REPAIRED = "repaired"
    AWAITING_PACKAGE = "awaiting_package"
    PACKAGE_IN_TRANSIT = "package_in_transit"
    PACKAGE_RECEIVED = "package_received"
    DIAGNOSED = "diagnosed"
    RETURN_SHIPPED = "return_shipped"
    DELIVERED = "delivered"
    RETURN_EXPIRED = "return_expired"
    PARTS_ORDERED = "parts_ordered"
    PARTS_SHIPPED = "parts_shipped"
    ESTIMATE_IN_PREPARATION = "estimate_in_preparation"
    ESTIMATE_SENT = "estimate_sent"
    ESTIMATE_DECLINED = "estimate_declined"
    ESTIMATE_EXPIRED = "estimate_expired"
    QUEUED_FOR_SUPPORT = "queued_for_support"
    RENEWAL_OFFERED = "renewal_offered"
    NOT_ENTITLED = "not_entitled"
    ANSWERED = "answered"
    TERMINATION_SCHEDULED = "termination_scheduled"
    NOTICE_TOO_EARLY = "notice_too_early"
    TRIAGE = "triage"
    CONTRACT_DESK = "contract_desk"
    BILLING_DESK = "billing_desk"
    GENERAL_DESK = "general_desk"
    KEY_CENTRE = "key_centre"
    UNDER_REVIEW = "under_review"
    APPROVED = "approved"
    REJECTED = "rejected"
    ASSIGNED = "assigned"
    EXECUTED = "executed"
    INFORMATION_NEEDED = "information_needed"
    WAITING_FOR_CUSTOMER = "waiting_for_customer"
    WAITING_FOR_ACCESS = "waiting_for_access"
    CANCELLED = "cancelled"
    REOPENED = "reopened"
    CLOSED = "closed"


class Role(StrEnum):
    """What a member of staff may do; a person can hold several."""

    AGENT = "agent"
    TECHNICIAN = "technician"
    DESK = "desk"
    DEPOT = "depot"
    OPS = "ops"


class Scope(StrEnum):
    """What an API token may do, always for the customers it names."""

    REQUESTS_READ = "requests:read"
    REQUESTS_WRITE = "requests:write"
    REQUESTS_BULK = "requests:bulk"
    COVERAGE_READ = "coverage:read"
    QUEUES_READ = "queues:read"
    WORK_ORDERS_WRITE = "work-orders:write"
    SUBSCRIPTIONS_WRITE = "subscriptions:write"


class Action(StrEnum):
    """What a customer may ask next; routing puts the legal ones in each status event."""

    AMEND = "amend"
    CANCEL = "cancel"
    REOPEN = "reopen"
    ACCEPT_ESTIMATE = "accept_estimate"
    DECLINE_ESTIMATE = "decline_estimate"


class WaitsFor(StrEnum):
    """What a response clock stands still for (docs/rules.md §5)."""

    CUSTOMER = "customer"
    SITE_ACCESS = "site_access"


class Because(StrEnum):
    """Why a request was decided again, though the customer changed nothing (docs/rules.md §10)."""

    COVERAGE_REVIEW = "coverage_review"
    TRIAGE_CORRECTION = "triage_correction"
    CONTRACT_DATA = "contract_data"


class Undone(StrEnum):
    """What an earlier decision had begun and a later one took back; the customer is told with it."""

    VISIT = "visit"
    RETURN = "return"
    ESTIMATE = "estimate"


class WorkOrderState(StrEnum):
    """An onsite visit's life (docs/rules.md §10)."""

    QUEUED = "queued"
    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    EN_ROUTE = "en_route"
    ON_SITE = "on_site"
    COMPLETED = "completed"
    INCOMPLETE = "incomplete"
    CANCELLED = "cancelled"


class MoveState(StrEnum):
    """An appliance's move across a border (docs/rules.md §9); after `submitted` each is a milestone too."""

    SUBMITTED = "submitted"
    UNDER_REVIEW = "under_review"
    APPROVED = "approved"
    REJECTED = "rejected"
    ASSIGNED = "assigned"
    EXECUTED = "executed"


class ReturnState(StrEnum):
    """A mail-in repair's life (docs/rules.md §10)."""

    ISSUED = "issued"
    IN_TRANSIT = "in_transit"
    RECEIVED = "received"
    DIAGNOSED = "diagnosed"
    REPAIRED = "repaired"
    REPLACED = "replaced"
    UNREPAIRABLE = "unrepairable"
    RETURN_SHIPPED = "return_shipped"
    DELIVERED = "delivered"
    EXPIRED = "expired"


class EstimateState(StrEnum):
    """An estimate's life (docs/rules.md §8)."""

    PREPARED = "prepared"
    SENT = "sent"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class RepairWay(StrEnum):
    """How a billed repair is done: somebody comes, the device is sent in, or a person arranges it."""

    ONSITE = "onsite"
    MAIL_IN = "mail_in"
    ARRANGED = "arranged"


class LineSort(StrEnum):
    """What a line of an estimate or an invoice bills."""

    LABOUR = "labour"
    TRAVEL = "travel"
    PART = "part"


class LineReason(StrEnum):
    """Why a line is there and where its price comes from: the list, or a person."""

    REPAIR = "repair"
    SITE_VISIT = "site_visit"
    LISTED_PART = "listed_part"
    QUOTED_PART = "quoted_part"
    AGREED_PRICE = "agreed_price"


class DisputeOutcome(StrEnum):
    """How a disputed charge ends: it stands, all of it is credited, or a part of it."""

    UPHELD = "upheld"
    CREDITED = "credited"
    PARTIAL = "partial"
