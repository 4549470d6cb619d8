"""Fast tests: no server, no network."""
