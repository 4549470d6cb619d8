"""The fault campaign: is an acknowledged request ever lost, or dispatched twice? (docs/reliability.md)

A generator that submits and keeps a ledger, a nemesis that breaks the processes, and a checker that judges the folder they
leave behind (FORMAT.md). All three stand outside the system.
"""
