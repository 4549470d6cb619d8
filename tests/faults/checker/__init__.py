"""The checker: judges a run's folder (FORMAT.md) and nothing else."""

from tests.faults.checker.judging import check, judge
from tests.faults.checker.violation import Violation

__all__ = ["Violation", "check", "judge"]
