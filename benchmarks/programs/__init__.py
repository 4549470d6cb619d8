"""Programs under test, one process each: `python -m benchmarks.programs.<name> '<task as JSON>'`.

Each consumes the same backlog, does its stage's work and prints one `Measured` when it has done enough of it.
"""
