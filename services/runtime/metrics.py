"""Every metric of Fixline, in one place. Base units, ``_total`` on counters, and no label ever holds a request, a
customer or a telephone number: the list of label names is closed (docs/operations.md)."""

from prometheus_client import Counter, Gauge, Histogram, Info

REQUESTS_ACCEPTED = Counter("fixline_requests_accepted_total", "Requests given a number.", ["channel", "kind"])
REQUESTS_REFUSED = Counter("fixline_requests_refused_total", "Requests refused at the door.", ["channel", "reason"])
DECISIONS = Counter("fixline_decisions_total", "Decisions made.", ["outcome", "level"])
DECISION_AGE = Histogram(
    "fixline_decision_age_seconds",
    "From acceptance to decision.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800),
)
QUEUE_DEPTH = Gauge("fixline_queue_depth", "Open work in a queue.", ["queue"])
QUEUE_OLDEST_AGE = Gauge("fixline_queue_oldest_age_seconds", "Age of the oldest open work in a queue.", ["queue"])
CLOCK_REMAINING = Histogram(
    "fixline_clock_remaining_ratio",
    "Share of the promised time that was left when the clock stopped; 0 and below: late.",
    buckets=(0, 0.1, 0.25, 0.5, 0.75, 0.9, 1),
)
CLOCK_WARNINGS = Counter(
    "fixline_clock_warnings_total", "Shares of the promised time, in per cent, that were told.", ["threshold"]
)
CLOCK_BREACHES = Counter("fixline_clock_breaches_total", "Response clocks that ran out.", ["level"])
OUTBOX_UNPUBLISHED = Gauge("fixline_outbox_unpublished", "Events saved and not yet published.", ["service"])
OUTBOX_OLDEST_AGE = Gauge("fixline_outbox_oldest_age_seconds", "Age of the oldest unpublished event.", ["service"])
CONSUMER_LAG = Gauge("fixline_consumer_lag", "Events published and not yet applied.", ["service", "topic", "partition"])
DEAD_LETTERS = Counter("fixline_dead_letters_total", "Events put into quarantine.", ["service", "topic", "reason"])
NOTIFICATIONS = Counter("fixline_notifications_total", "Messages to customers.", ["channel", "result"])
HTTP_DURATION = Histogram(
    "fixline_http_request_duration_seconds",
    "Time to answer, by route template.",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
RECONCILE_DIFFERENCES = Gauge("fixline_reconcile_differences", "Differences the last reconcile found.")
VOICE_CALLS = Counter("fixline_voice_calls_total", "Voice calls by the step where they ended.", ["step", "result"])
BUILD = Info("fixline_build", "Version of the running program.")
