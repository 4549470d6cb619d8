# Fixline. `make demo` and `make test` do all their own set-up; `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test test-fast faults faults-ci faults-long lint format generate bench bench-quick bench-full clean

# The first that runs and is new enough: a name on the PATH may be a shim for a version that is not installed.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
READY := .venv/.ready
BENCH := .venv-bench

# What failed beside others runs once more, alone: real servers on a crowded machine miss time-outs that a bug misses again.
twice = $(BIN)/pytest -q $(1) $(2) || { [ $$? = 1 ] && echo "== once more, alone: what failed above" && \
	$(BIN)/pytest -q -n 0 --last-failed --last-failed-no-failures none $(2); }

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(READY) ## run the whole sample day on the embedded stack, then serve it (Ctrl-C ends)
	@$(BIN)/fixline demo

test: $(READY) ## lint, types and every test; what needs Java, PostgreSQL or a browser is skipped visibly if missing
	@$(MAKE) --no-print-directory lint
	@echo "== tests: unit, contract and service on all cores"
	@$(call twice,-n auto,tests/unit tests/contract tests/architecture tests/service)
	@echo "== tests with real servers, two files at a time"
	@$(call twice,-n 2 --dist loadfile,tests/conformance tests/integration)
	@echo "== tests in a browser"
	@$(call twice,-n 2 --dist loadfile,tests/browser)

test-fast: $(READY) ## the unit and contract tests only, in seconds
	@$(BIN)/pytest -q -n auto tests/unit tests/contract tests/architecture

faults: $(READY) ## kill and break everything for 10 minutes; nothing may be lost or done twice, every mutant must be caught
	@$(BIN)/python -m tests.faults $(if $(FOLDER),--folder $(FOLDER))

faults-ci: $(READY) ## the same in 5 minutes, with two mutants
	@$(BIN)/python -m tests.faults --ci $(if $(FOLDER),--folder $(FOLDER))

faults-long: $(READY) ## the same with 500 kills and 200,000 requests; FOLDER=… goes on with one that was begun
	@$(BIN)/python -m tests.faults --long $(if $(FOLDER),--folder $(FOLDER))

lint: $(READY) ## ruff, mypy, import rules, generated files
	@echo "== lint: ruff, mypy, import rules, generated files"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m schemas.generate --check
	@PYTHONPATH=. $(BIN)/python docs/generate.py --check

format: $(READY) ## format the code
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

generate: $(READY) ## write what is generated from the code: schemas, documentation tables
	@$(BIN)/python -m schemas.generate
	@PYTHONPATH=. $(BIN)/python docs/generate.py
	@PYTHONPATH=. $(BIN)/python deploy/proxy/routes.py > .routes.tmp && mv .routes.tmp deploy/proxy/routes.json
	@PYTHONPATH=. $(BIN)/python deploy/proxy/generate.py deploy/proxy/routes.json > .caddy.tmp && mv .caddy.tmp deploy/proxy/Caddyfile

bench: $(BENCH)/.ready ## measure everything against the floor and the usual ways, on real servers (12 minutes at most)
	@$(BENCH)/bin/python -m benchmarks.run

bench-quick: $(BENCH)/.ready ## what the ratios are made of, once, in two minutes: a look, not a measurement
	@$(BENCH)/bin/python -m benchmarks.run --size quick

bench-full: $(BENCH)/.ready ## by hand: a million events, scaling, p99.9
	@$(BENCH)/bin/python -m benchmarks.run --size full

$(BENCH)/.ready: benchmarks/requirements.lock pyproject.toml
	@deploy/setup "$(PYTHON)" $(BENCH) benchmarks/requirements.lock
	@touch $@

$(READY): requirements.lock pyproject.toml
	@deploy/setup "$(PYTHON)"
	@touch $@

clean: ## remove everything that was made here, the demo's data too
	rm -rf .venv $(BENCH) .tools .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist build fixline-demo
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
