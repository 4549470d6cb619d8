"""The page of a run: `benchmarks/results/README.md` with its plots. Nothing on it is typed in; it is made from the JSON."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from benchmarks import plots

NAMES: Final = {
    "a_floor": "floor: confluent-kafka loop",
    "a_fixline": "Fixline",
    "a_aiokafka": "aiokafka, getmany",
    "a_kafka_python": "kafka-python, poll",
    "a_quixstreams": "quixstreams",
    "a_faststream": "FastStream, batches",
    "a_faust": "Faust agent",
    "b_floor_json": "floor, rows as JSON",
    "b_floor_unnest": "floor, unnest",
    "b_floor_executemany": "floor, executemany",
    "b_fixline": "Fixline and its relay",
    "c_fixline": "Fixline embedded (stage C)",
    "b_faststream": "FastStream + ORM, one by one",
    "b_faust": "Faust + ORM, one by one",
    "i_fixline": "Fixline's intake",
    "i_bare": "FastAPI + ORM, a row a request",
}

#: (name, target, what it says); a ratio is theirs over ours in CPU for the same work, so above 1 Fixline is the cheaper.
TARGETS: Final = (
    ("A_vs_floor", 0.7, "A: the floor's CPU over ours"),
    ("A_vs_best_framework", 1.15, "A: the best framework's over ours"),
    ("A_vs_idiomatic_faust", 6.0, "A: idiomatic Faust's over ours"),
    ("B_vs_floor", 0.8, "B: the floor's over ours"),
    ("B_vs_usual", 4.0, "B: the best usual way's over ours"),
    ("C_vs_B", 1.0, "C: B's CPU over the embedded stack's"),
    ("I_vs_bare", 2.0, "I: the bare endpoint's over ours, 64 clients"),
)
LATENCY_TARGETS: Final = {"200_per_s": {"p50": 40, "p99": 120}, "half_load": {"p50": 80, "p99": 300}}

_COMPARED: Final = """\
## What was compared, and what not

- The same machine, the same run, in turns; the servers and the load on one core, the program under test on the other.
  CPU is the program's own, all its threads and its relay, in user and system mode; what the broker and the database spend
  for it is not in it, and shows in the rate alone.
- **A**: eight partitions, the bundled sample's requests over copies of its customers; decode, validate, the real `decide`,
  commit offsets. Everybody calls the same `decide` on the same values; the decoding is what each library's documentation
  has. Reading the text and deciding is most of an event here, and common to all: it brings every ratio nearer to 1.
- **B**: the floor saves the same rows and publishes the same events from its outbox, with no retries, no quarantine, no
  parking and no guard against a second holder of anything. The usual ways have neither outbox nor relay: who dies between
  COMMIT and publishing loses the event. The database waits for the disk.
- **I**: the bare endpoint checks no token, limits nobody, notices no repeat and tells nobody. CPU a request is compared;
  rate and p99 stand beside it.
- Not compared: other brokers, more than one broker, TLS, other machines' disks, and programs in other languages.
"""


def write(result: Mapping[str, Any], folder: Path) -> None:
    stages = result["stages"]
    for name, title in (("A", "Stage A: CPU an event"), ("B", "Stages B and C: CPU an event")):
        if name in stages and "failed" not in stages[name]:
            programs = {key: one for key, one in stages[name].items() if isinstance(one, dict) and "cpu_us" in one}
            drawn = plots.of_programs(programs, ("a_fixline", "b_fixline", "c_fixline"), NAMES)
            (folder / f"{name.lower()}.svg").write_text(plots.bars(title, "microseconds", drawn))
    (folder / "README.md").write_text("\n".join(_page(result)) + "\n")


def _page(result: Mapping[str, Any]) -> Iterator[str]:
    machine = result["machine"]
    noise = machine["fixed_work_ms"]
    yield f"# Benchmark of {result['at'][:16].replace('T', ' ')} UTC\n"
    yield f"`make bench` ({result['size']}), {result['took_seconds']} s, {machine['cores']} cores, Python {machine['python']}, "
    yield f"{machine['system']}. The same fixed work took {noise['least']} to {noise['most']} ms (median {noise['median']}) "
    yield f"before the runs: differences below {max(5, round(100 * noise['spread']))} % mean nothing here.\n"
    yield "## Against the targets\n"
    yield "| | measured | target | |\n|---|---|---|---|"
    for name, target, says in TARGETS:
        if name in result["ratios"]:
            got = result["ratios"][name]
            yield f"| {says} | {got:.2f} | {target} | {'met' if got >= target else '**missed**'} |"
    for load, wanted in LATENCY_TARGETS.items():
        for share, most in wanted.items():
            if load in result["latency_ms"]:
                got = result["latency_ms"][load][share]
                verdict = "met" if got < most else "**missed**"
                yield f"| L: {load.replace('_', ' ')}, {share}, ms | {got:.0f} | < {most} | {verdict} |"
    for name, figures in result["stages"].items():
        yield f"\n## Stage {name}\n"
        yield from _stage(name, figures)
    yield f"\n{_COMPARED}"
    yield "Versions: " + ", ".join(f"{name} {version}" for name, version in result["libraries"].items()) + "."


def _stage(name: str, figures: Mapping[str, Any]) -> Iterator[str]:
    if "failed" in figures:
        yield f"**Failed**, and so measured nothing:\n\n```\n{figures['failed']}\n```"
        return
    programs = {key: one for key, one in figures.items() if isinstance(one, dict)}
    if name in ("A", "B"):
        yield f"![CPU an event]({name.lower()}.svg)\n"
        yield "| | CPU µs an event (spread) | events a second | events | runs | MB |\n|---|---|---|---|---|---|"
        for key, one in sorted(programs.items(), key=lambda item: item[1]["cpu_us"]):
            yield (
                f"| {NAMES.get(key, key)} | {one['cpu_us']:,.1f} ({one['cpu_us_spread']:.0%}) | "
                f"{one['events_per_second']:,.0f} | {one['events']:,.0f} | {one['runs']} | {one['resident_mb']:.0f} |"
            )
    elif name == "I":
        yield "| | clients | CPU µs a request | requests a second | p50 ms | p99 ms |\n|---|---|---|---|---|---|"
        for key, by_clients in programs.items():
            for clients, one in by_clients.items():
                yield (
                    f"| {NAMES.get(key, key)} | {clients} | {one['cpu_us']:,.0f} | {one['requests_per_second']:,.0f} | "
                    f"{one['p50_ms']:.1f} | {one['p99_ms']:.1f} |"
                )
        yield f"\nAt 64 clients: {figures['rate_vs_bare']} times the rate, {figures['p99_vs_bare']} times the p99."
    else:
        yield from _table(figures)


def _table(figures: Mapping[str, Any]) -> Iterator[str]:
    """Any other stage: a line a measurement, its figures as they are."""
    yield "| | |\n|---|---|"
    for key, one in figures.items():
        said = ", ".join(f"{name} {value}" for name, value in one.items()) if isinstance(one, dict) else one
        yield f"| {key.replace('_', ' ')} | {said} |"
