# Everything runs in .venv, which is made on first use from the pins in constraints.txt.
PYTHON ?= python3
BIN := .venv/bin
RUNTIME := .venv/.runtime
DEV := .venv/.dev

.PHONY: help demo test check bench clean

help:  ## Show what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

# What a user needs, and what a developer needs on top of it.
$(RUNTIME): EXTRA := embedded
$(DEV): EXTRA := dev
$(RUNTIME) $(DEV): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Equipoise needs Python 3.11 or newer; say which one: make PYTHON=python3.11"; exit 2; }
	@echo "Setting up .venv for this first run (one or two minutes) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[$(EXTRA)]'
	@touch $@

demo: $(RUNTIME)  ## Measure the embedded model and the control agents, write a report
	@$(BIN)/equipoise demo

test: $(DEV)  ## Run the tests
	@$(BIN)/python -m pytest -n auto

check: $(DEV)  ## ruff, mypy --strict, import rules, the lint for Inspect task repositories
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/inspect-evals-lint --all

bench: $(DEV)  ## Run the benchmarks
	@for file in benchmarks/bench_*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

clean:  ## Remove the environment and caches
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
