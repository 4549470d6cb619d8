"""Stage B, the floor, writing rows by unnest."""

from benchmarks.programs.b_floor import main

main("unnest")
