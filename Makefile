# make sandbox   a local Slack in the browser with the bot connected to it
# make test      everything CI runs: format, lint, types, import contracts, unused code, tests
# make check     the same checks with the fastest tests, in less than a minute, for while you work
# make format    let ruff format the code and mend what it safely can
# make bench     the benchmark; ratios beside a bare app, in one run
# make pictures  take the pictures of the README anew (needs Chromium)
# make floors    try the lowest versions that pyproject.toml allows (needs the network)
# make dist      what a release consists of, in dist/ (needs the network)
# make lock      compile requirements*.txt anew from pyproject.toml
# make clean     remove the virtual environment and all caches (not .sandbox/, not your database)
#
# The first run sets up .venv from exact, hashed versions. Another Python: make test PYTHON=python3.13

PYTHON ?= python3
# Tests start our program 200 times, and each start without bytecode compiles all of it again.
unexport PYTHONDONTWRITEBYTECODE
# Two cores are busy all the time with three workers, since some tests wait for the programs that they start.
WORKERS ?= 3
# Tests write thousands of small databases. Where a file system in memory has 4 GB free, they do not wait for the disk.
MEMORY := $(shell df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 4000000 { print "/dev/shm" }')
PYTEST = $(if $(MEMORY),TMPDIR=$(MEMORY)) $(BIN)/python -m pytest
# The tests of `make check`: rules without a database, texts, and what holds the code and the documents in order.
FAST := tests/models/rules tests/handlers/i18n tests/test_architecture.py tests/test_docs.py tests/test_style.py
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
UV_VERSION := 0.13.9
SBOM_VERSION := 7.3.1

# Each stamp is younger than what it was installed from. The dev set holds the runtime set at the same versions,
# so installing it renews both stamps.
PLACE := $(VENV)/.place
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev

.PHONY: help sandbox test suite check static bench pictures lock floors dist format clean ALWAYS
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

help:
	@sed -n '/^# make/s/^# //p' Makefile

sandbox: $(RUNTIME)
	@$(BIN)/csp-escalate sandbox

# The static checks run beside the tests, which at first wait for the programs that they start.
test: $(DEV)
	@$(MAKE) -j2 static suite

suite: $(DEV)
	@echo "== tests";            $(PYTEST) -n $(WORKERS) --dist loadfile --no-loadscope-reorder

check: static
	@echo "== fast tests";       $(PYTEST) -q $(FAST)

static: $(DEV)
	@echo "== format";           $(BIN)/ruff format --check --quiet --output-format concise . || { echo "Run: make format"; exit 1; }
	@echo "== lint";             $(BIN)/ruff check --quiet .
	@echo "== types";            $(BIN)/mypy
	@echo "== import contracts"; $(BIN)/lint-imports --no-logo
	@echo "== unused code";      $(BIN)/python -m tests.unused_code

bench: $(DEV)
	@$(BIN)/python -m tests.bench

pictures: $(DEV)
	@$(BIN)/python -m tests.screenshots

format: $(DEV)
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format --quiet .

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .import_linter_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The compiler gets an environment of its own, so that .venv holds what the lock says and nothing else.
COMPILE = $$tool/bin/uv pip compile pyproject.toml --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate --quiet --extra fonts --group install

lock:
	@tool=$$(mktemp -d) && trap 'rm -rf "$$tool"' EXIT && $(PYTHON) -m venv $$tool \
	&& $$tool/bin/python -m pip --quiet --disable-pip-version-check install uv==$(UV_VERSION) \
	&& $(COMPILE) --group dev -o requirements-dev.txt \
	&& $(COMPILE) -c requirements-dev.txt -o requirements.txt \
	&& echo "requirements.txt and requirements-dev.txt are new; make test installs and tries them."

# The lowest versions that pyproject.toml names, and with them the smoke story: a bound that is too low fails here.
floors: $(DEV)
	@tool=$$(mktemp -d) && trap 'rm -rf "$$tool"' EXIT && $(PYTHON) -m venv $$tool && $(PYTHON) -m venv $$tool/lowest \
	&& $$tool/bin/python -m pip --quiet --disable-pip-version-check install uv==$(UV_VERSION) \
	&& $$tool/bin/uv pip compile pyproject.toml --resolution lowest-direct --all-extras --no-header --quiet \
	    --python $$tool/lowest/bin/python -o $$tool/lowest.txt \
	&& $$tool/bin/uv pip install --quiet --python $$tool/lowest/bin/python -r $$tool/lowest.txt \
	&& $$tool/bin/uv pip install --quiet --python $$tool/lowest/bin/python --no-deps . \
	&& $(BIN)/python -m tests.smoke_story $$tool/lowest/bin/csp-escalate

# Built by the setuptools of the lock. Each build of a commit gives the same wheel, to the byte. The SBOM is read from an
# environment that holds the lock and nothing else, because only installed packages name their licences.
dist: $(DEV)
	@[ -z "$$(git status --porcelain)" ] || { echo "Commit first: a release is what a commit holds."; exit 1; } >&2
	@rm -rf dist build *.egg-info && mkdir dist
	@SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/python -c \
	    'from setuptools import build_meta as build; build.build_sdist("dist"); build.build_wheel("dist")' >/dev/null
	@cp requirements.txt deploy/* dist/
	@tool=$$(mktemp -d) && trap 'rm -rf "$$tool"' EXIT && $(PYTHON) -m venv $$tool \
	&& $(PYTHON) -m venv --without-pip $$tool/locked \
	&& $$tool/bin/python -m pip --quiet --disable-pip-version-check install cyclonedx-bom==$(SBOM_VERSION) \
	&& $$tool/bin/python -m pip --quiet --disable-pip-version-check --python $$tool/locked/bin/python install \
	    --require-hashes -r requirements.txt \
	&& $$tool/bin/python -m cyclonedx_py environment --pyproject pyproject.toml --output-reproducible \
	    --output-file dist/sbom.cdx.json $$tool/locked/bin/python
	@rm -rf build *.egg-info && cd dist && sha256sum * >SHA256SUMS && cat SHA256SUMS

$(DEV): $(PLACE) requirements-dev.txt pyproject.toml
	@echo "Installing into $(VENV) what the tests need (the first time takes a minute or two) ..."
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $(RUNTIME) $(DEV)

$(RUNTIME): $(PLACE) requirements.txt pyproject.toml
	@echo "Installing into $(VENV) what the bot needs (the first time takes a minute) ..."
	@$(PIP) install --require-hashes -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $(RUNTIME)

# A virtual environment works only where it was made and with the Python it was made from. When either has moved,
# or another Python is asked for by name, make a new one; otherwise leave the stamp alone.
STALE = [ "$$(cat $(PLACE) 2>/dev/null)" != "$(CURDIR)" ] || ! $(BIN)/python -c '' 2>/dev/null
ifneq ($(origin PYTHON),file)
STALE += || [ "$$($(BIN)/python -V)" != "$$($(PYTHON) -V 2>&1)" ]
endif

$(PLACE): ALWAYS
	@if $(STALE); then \
	    $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	        echo "CSP Escalate needs Python 3.11 or newer; $(PYTHON) --version says: $$($(PYTHON) --version 2>&1 || true)"; \
	        echo "Name another one, for example: make $(MAKECMDGOALS) PYTHON=python3.13"; exit 1; } >&2; \
	    $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	        echo "$(PYTHON) cannot make virtual environments. On Debian or Ubuntu: apt install python3-venv"; \
	        exit 1; } >&2; \
	    rm -rf $(VENV) && $(PYTHON) -m venv $(VENV) && echo "$(CURDIR)" > $@; \
	fi
