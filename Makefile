# `make` prints what there is to do. Nothing is needed but python3.11 (or newer), make and git.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do command -v $$p && break; done)
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help week test check lint bench lock schema wheel clean

help: ## print this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

# The lock is hash-pinned and names no index. uv is quicker; pip alone does as well.
$(READY): pyproject.toml requirements.lock
	@test -n "$(PYTHON)" || { echo "error: no python3.11 or newer on PATH; set PYTHON=/path/to/python3" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	@if $(BIN)/python -m pip install --quiet --disable-pip-version-check uv 2>/dev/null \
	  && $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock; then :; \
	else echo "uv is not to be had: installing with pip"; \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock; fi
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

week: $(READY) ## plan the example week into out/ (then open out/report.html)
	$(BIN)/eagleplan plan examples/eagle1-week.toml -o out

test: $(READY) ## run the tests
	$(BIN)/python -m pytest -q

lint: $(READY) ## style, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test ## everything that must hold before a change is done

bench: $(READY) ## time the rooms against their peers (installs the peers)
	@if [ -x $(BIN)/uv ]; then $(BIN)/uv pip install --quiet --python $(BIN)/python -e '.[bench]'; \
	else $(BIN)/python -m pip install --quiet -e '.[bench]'; fi
	$(BIN)/python benchmarks/run.py

lock: $(READY) ## pin every dependency by hash in requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	  --no-annotate --no-emit-index-url --no-emit-find-links --quiet --custom-compile-command "make lock" -o requirements.lock --upgrade

wheel: $(READY) ## build the wheel into dist/
	rm -rf dist
	$(BIN)/python -m build --wheel --no-isolation --outdir dist .

clean: ## remove the environment and everything built
	rm -rf $(VENV) build dist out .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .benchmarks
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
