# The front door. Each target sets up what it needs by itself; a second time that costs nothing.
PYTHON ?= python3
PY := .venv/bin/python
SETUP := @$(PYTHON) tools/setup.py
.DEFAULT_GOAL := help

.PHONY: help setup run reset test test-all check format bench screenshots tables lock
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-20s %s\n", $$1, $$2}'

setup: ## packages, system libraries and front end for running
	$(SETUP) run

run: ## the product with demo data, at BIND (127.0.0.1) and PORT (8000); Ctrl-C stops it
	$(SETUP) run
	@exec $(PY) tools/run.py

reset: ## remove the data that runs have made
	@$(PYTHON) tools/run.py reset

test: ## the tests that need nothing but Python; pytest's options in ARGS
	$(SETUP) test
	@$(PY) tools/test.py base -- $(ARGS)

test-all: ## those, again on PostgreSQL, and in a browser
	$(SETUP) all
	@$(PY) tools/test.py all -- $(ARGS)

check: ## format, lint, templates, types, import contracts, migrations, tables, locks, deployment
	$(SETUP) test
	@$(PY) tools/check.py

format: ## write the format that check wants
	$(SETUP) test
	@$(PY) -m ruff check --fix . && $(PY) -m ruff format .

bench: ## speed, as a table and var/bench.json; a part of it with ONLY=pages
	$(SETUP) run
	@DEMO=1 $(PY) manage.py bench

screenshots: ## the main pages at 1280 and 375 pixels, into build/screenshots
	$(SETUP) all
	@$(PY) tools/screenshots.py

tables: ## write docs/access.md and docs/lifecycle.md
	$(SETUP) run
	@DEMO=1 $(PY) manage.py tables

lock: ## write requirements/*.lock from pyproject.toml; newest versions with ARGS=--upgrade
	$(SETUP) run
	@$(PY) tools/lock.py $(ARGS)
