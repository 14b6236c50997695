# The only list of commands. `make` alone prints it. Works with GNU make 3.81 (macOS).
#
# Set-up happens by itself: a Python of the right version is looked for, .venv is made with the
# pinned uv, and uv installs exactly what uv.lock says. It is repeated only when uv.lock,
# pyproject.toml or the build hook changed.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.SUFFIXES:
.PHONY: help demo test check fmt bench soak docs setup browser

# The same version as in uv.lock; a test compares them.
UV_VERSION := 0.13.9
VENV := .venv
BIN := $(VENV)/bin
SYNCED := $(VENV)/.synced
MESSAGES := $(VENV)/.messages
PO_FILES := $(shell find src -name '*.po' 2>/dev/null)
OWN_PYTHONS := $(foreach number,11 12 13 14,/usr/bin/python3.$(number))
# What the phone says comes from these too; locale/phone.py exports it as JSON.
PHONE_WORDS := src/despensa/entrypoints/field/words.py src/despensa/data/sentences/refusals.yaml
SCRIPTS := $(shell find src -name '*.js' -not -path '*/vendor/*' 2>/dev/null)
# Node is for the type checker and test clients only; tests/clients/package.json pins them.
TSC := tests/clients/node_modules/.bin/tsc
# More arguments for demo, test and bench: make test ARGS='-k card'
ARGS ?=

export UV_PYTHON_DOWNLOADS := never
unexport VIRTUAL_ENV

help:
	@echo 'make demo    run the main job on an invented municipality and serve the office on localhost'
	@echo 'make test    run all tests'
	@echo 'make check   static checks: style, types, import contracts, translations'
	@echo 'make fmt     bring the code and the lists of words into their form'
	@echo 'make bench   measure deciding, redeeming and importing'
	@echo 'make soak    measure everything at full size and write figures.json'
	@echo 'make docs    write the generated reference pages'

demo: setup
	@exec $(BIN)/despensa demo $(ARGS)

test: setup browser
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python src/despensa/locale/update.py --check
	$(BIN)/python src/despensa/locale/phone.py --check
	$(BIN)/python hatch_build.py --check
	@if command -v node >/dev/null 2>&1; then \
	  for script in $(SCRIPTS); do node --input-type=module --check - < $$script || exit 1; done; \
	else echo 'node is not installed: the syntax of the page scripts was not checked.'; fi
	@if [ -x $(TSC) ]; then echo tsc --noEmit; $(TSC) --noEmit; \
	elif command -v tsc >/dev/null 2>&1; then echo tsc --noEmit; tsc --noEmit; \
	else echo 'tsc is not installed (npm ci --prefix tests/clients): the types of the page scripts were not checked.'; fi

fmt: setup
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .
	$(BIN)/python src/despensa/locale/update.py
	$(BIN)/python src/despensa/locale/phone.py

bench: setup
	@$(BIN)/despensa bench decide --people 1000000 --json $(ARGS)
	@$(BIN)/despensa bench redeem --redemptions 300000 --json $(ARGS)
	@$(BIN)/despensa bench import --people 200000 --json $(ARGS)

soak: setup
	@$(BIN)/python docs/make_figures.py

docs: setup
	@$(BIN)/python docs/make_reference.py

setup: $(SYNCED) $(MESSAGES)

$(SYNCED): uv.lock pyproject.toml hatch_build.py | $(BIN)/uv
	@$(BIN)/uv sync --frozen --all-extras --quiet
	@touch $@

# The build hook does this for a fresh .venv; afterwards an edited .po file is enough.
$(MESSAGES): $(PO_FILES) $(PHONE_WORDS) $(SYNCED)
	@$(BIN)/python hatch_build.py
	@$(BIN)/python src/despensa/locale/phone.py
	@touch $@

# Candidates in order; the first one that runs, is in range and can make a .venv wins. PYTHON=... decides.
# Without it a distribution's own Python is taken where there is one: it is built with profiles and a
# sixth faster than one compiled at home, which comes first in many a PATH and may lend its pip.
$(BIN)/uv:
	@set -e; found=; bare=; own=; \
	for candidate in $(PYTHON) python3.11 python3.12 python3.13 python3.14 python3; do \
	  "$$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' \
	    >/dev/null 2>&1 || continue; \
	  if "$$candidate" -c 'import ensurepip, venv' >/dev/null 2>&1; then found=$$candidate; break; fi; \
	  bare=$${bare:-$$candidate}; \
	done; \
	if [ -z "$$found" ] && [ -n "$$bare" ]; then \
	  version=$$("$$bare" -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	  echo "Python $$version is here, its venv module is not. Run: sudo apt-get install python$$version-venv" >&2; \
	  exit 1; \
	fi; \
	if [ -z "$$found" ]; then \
	  echo 'Despensa needs Python 3.11, 3.12, 3.13 or 3.14 and found none.' >&2; \
	  if [ "$$(uname)" = Darwin ]; then echo 'Run: brew install python@3.13' >&2; \
	  else echo 'Run: sudo apt-get install python3 python3-venv' >&2; fi; \
	  exit 1; \
	fi; \
	if [ -z "$(PYTHON)" ]; then \
	  for candidate in $(OWN_PYTHONS); do \
	    if "$$candidate" -c 'import venv' >/dev/null 2>&1; then own=$$candidate; break; fi; \
	  done; \
	fi; \
	if [ -n "$$own" ] && "$$own" -c 'import ensurepip' >/dev/null 2>&1; then found=$$own; fi; \
	if [ "$$found" = "$$own" ] || ! "$$found" -m pip --version >/dev/null 2>&1; then own=$$found; fi; \
	echo "Setting up $(VENV) with $$($${own:=$$found} --version). This happens once and takes a minute or two."; \
	if [ "$$own" = "$$found" ]; then \
	  "$$found" -m venv --clear $(VENV); \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv==$(UV_VERSION)'; \
	else \
	  "$$own" -m venv --clear --without-pip $(VENV); \
	  "$$found" -m pip --python $(BIN)/python install --quiet --disable-pip-version-check \
	    'uv==$(UV_VERSION)'; \
	fi

# Debian's chromium when it may be installed; otherwise the tests say in one line what they leave out.
browser: setup
	@if [ -z "$$($(BIN)/python -m tests.browser)" ] && [ "$$(id -u)" = 0 ] \
	  && command -v apt-get >/dev/null 2>&1; then \
	  echo 'Installing chromium for the browser tests.'; \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium \
	    </dev/null >/dev/null 2>&1 || true; \
	fi
