"""The rules, pure: no clock, no database, no environment; facts and instants come in, decisions come out (docs/rules.md)."""
