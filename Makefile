# Everything Dutybook can be asked to do. `make` alone lists it.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
FLASK := $(BIN)/flask --app app
# A stamp carries the checksum of what it stands for: same requirements, nothing is done again.
RUNTIME := $(VENV)/.runtime-$(shell cksum < requirements.txt | tr ' ' '-')
TOOLS := $(VENV)/.tools-$(shell cat requirements.txt requirements-dev.txt | cksum | tr ' ' '-')
WORDS := $(patsubst %.po,%.mo,$(wildcard translations/*/LC_MESSAGES/*.po))
LOCALES := zh_Hans_CN en
INSTALL = $(shell uv --version > /dev/null 2>&1 && echo uv pip install --python $(BIN)/python \
	|| echo $(BIN)/python -m pip install --disable-pip-version-check) --require-hashes
# More for pytest, as in: make test ARGS="-k swap -x"
ARGS ?=
WORKERS ?= 2
# What measures and breaks for long may take its time: no test of it counts as hanging.
LONG = -s -o faulthandler_timeout=0
# Bytecode is kept, whatever the caller's shell says: every start after the first one is quicker for it.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## List these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-8s %s\n", $$1, $$2 }'

.PHONY: run
run: export DUTYBOOK_DEMO := true
run: export DATABASE_URL :=
run: $(RUNTIME) $(WORDS) ## Try it: the demonstration department on http://127.0.0.1:8000
	@$(FLASK) prepare
	@$(FLASK) demo
	@exec $(FLASK) serve

.PHONY: serve
serve: $(RUNTIME) $(WORDS) ## Use it: start empty, with your own database in instance/
	@exec $(FLASK) serve

.PHONY: setup
setup: $(RUNTIME) $(TOOLS) $(WORDS) ## Install everything that development needs
	@echo "==> Ready: $(VENV) holds the pinned packages and tools."

.PHONY: test
test: setup ## Run every test on SQLite and on PostgreSQL, and in Chromium where there is one
	@$(BIN)/python -m pytest --database=both -n $(WORKERS) -m "not bench and not drill" $(ARGS)

.PHONY: check lint types imports migrations-match house
check: lint types imports migrations-match house ## Lint, formatting, types, import order, migrations, house rules and words

lint: setup
	@echo "==> Lint and formatting"; $(BIN)/ruff check . && $(BIN)/ruff format --check .
types: setup
	@echo "==> Types"; $(BIN)/mypy
imports: setup
	@echo "==> Import order"; $(BIN)/lint-imports --no-logo
migrations-match: setup
	@echo "==> Migrations give what the models say"; scratch=$$(mktemp -d); trap 'rm -rf "$$scratch"' EXIT; \
	export DUTYBOOK_INSTANCE_DIR="$$scratch" DATABASE_URL=; $(FLASK) prepare && $(FLASK) db check
house: setup
	@echo "==> House rules and words"; $(BIN)/python -m pytest -q tests/house -m "not slow"

.PHONY: fmt
fmt: setup ## Format the code and mend what the linter can mend
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

.PHONY: bench
bench: setup ## Measure
	@$(BIN)/python -m pytest tests/bench --database=both -m bench $(LONG) $(ARGS)

.PHONY: drill
drill: setup ## Break it for long: kills, cut connections, full disks, on both databases
	@$(BIN)/python -m pytest --database=both -m drill $(LONG) $(ARGS)

.PHONY: words
words: setup ## Bring the catalogues up to date with the sentences in the code
	@pot=$$(mktemp); trap 'rm -f "$$pot"' EXIT; \
	$(BIN)/pybabel -q extract -F pyproject.toml --project=Dutybook --copyright-holder="the Dutybook contributors" \
		--add-location=file --sort-output --width=120 -o "$$pot" .; \
	for locale in $(LOCALES); do \
		$(BIN)/pybabel -q update --init-missing --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date \
			--width=120 -i "$$pot" -d translations -l $$locale; \
	done
	@echo "==> The catalogues hold every sentence of the code. Chinese that is missing: tests/house/test_catalogues.py says."

.PHONY: lock
lock: ## Compile the pinned, hashed requirements anew (needs uv)
	@for set in requirements requirements-dev; do \
		uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-emit-index-url $$set.in -o $$set.txt; \
	done

$(BIN)/python:
	@echo "==> Environment: creating $(VENV)"
	@if uv --version > /dev/null 2>&1; then exec uv venv --quiet --python '>=3.11' $(VENV); fi; \
	for python in python3 python3.14 python3.13 python3.12 python3.11; do \
		if $$python -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then \
			exec $$python -m venv $(VENV); \
		fi; \
	done; \
	echo "Dutybook needs Python 3.11 or newer with venv (Debian: apt-get install python3-venv), or uv." >&2; exit 1

$(RUNTIME): | $(BIN)/python
	@echo "==> Packages: installing what requirements.txt pins, each checked by its hash"
	@$(INSTALL) -r requirements.txt
	@rm -f $(VENV)/.runtime-*; touch $@

$(TOOLS): | $(RUNTIME)
	@echo "==> Tools: installing what requirements-dev.txt pins, each checked by its hash"
	@$(INSTALL) -r requirements.txt -r requirements-dev.txt
	@rm -f $(VENV)/.tools-*; touch $@

%.mo: %.po | $(RUNTIME)
	@$(BIN)/pybabel -q compile -i $< -o $@
