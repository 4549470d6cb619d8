"""Stage B, the floor, writing rows by executemany."""

from benchmarks.programs.b_floor import main

main("executemany")
