"""Stage B, the floor, writing rows by json."""

from benchmarks.programs.b_floor import main

main("json")
