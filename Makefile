# Two commands do everything: `make demo` and `make test`. `make help` lists the rest.
# Nothing needs to be installed by hand on Debian 12: system packages are installed as root or with sudo.
SHELL := /bin/sh
VENV := .venv
PY := $(VENV)/bin/python
export PYTHONWARNINGS := ignore::Warning:platformdirs

.PHONY: help demo demo-check setup setup-run check test storm bench docs lock format clean

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: setup-run ## A sample town, read, billed and open in the browser (SIZE=500 PORT=8100 for fewer premises, another port)
	$(VENV)/bin/gridhall demo$(if $(SIZE), --size $(SIZE))$(if $(PORT), --port $(PORT))

demo-check: setup-run ## The whole main job without a server; exit code 0 only if all held
	$(VENV)/bin/gridhall demo --size 500 --check --json

setup: $(VENV)/.test-ready messages $(VENV)/.warm ## .venv with everything to develop and test, and the system packages

setup-run: $(VENV)/.run-ready messages $(VENV)/.warm

# The virtual environment is rebuilt in place when a lock changes. Hashes are required: what is installed is what was locked.
$(VENV)/.run-ready: requirements.lock pyproject.toml tools/system-packages
	@tools/system-packages run
	@echo "Installing Python packages (runtime)"
	@test -x $(PY) || python3 -m venv $(VENV)
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test-ready: requirements-dev.lock $(VENV)/.run-ready
	@tools/system-packages test
	@echo "Installing Python packages (development and tests)"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

# The law compiled ahead of its first use (about a minute); anew where a rule changes.
$(VENV)/.warm: $(VENV)/.run-ready $(wildcard src/gridhall/rules/*.py src/gridhall/columns/*.py)
	@echo "Compiling the rules"
	@$(PY) -m gridhall.columns.warm
	@touch $@

PO := $(wildcard src/gridhall/*/locale/*/LC_MESSAGES/django.po src/gridhall/*/*/locale/*/LC_MESSAGES/django.po)
messages: $(PO:.po=.mo)
%.mo: %.po
	@msgfmt --check-format -o $@ $<

check: setup ## The fast part: lint, types, import contracts, tidy rules, the rules' tests
	$(VENV)/bin/ruff check src tests bench
	$(VENV)/bin/ruff format --check src tests bench
	$(VENV)/bin/mypy
	cd bench && ../$(VENV)/bin/mypy --config-file ../pyproject.toml *.py
	$(VENV)/bin/lint-imports --no-logo
	$(PY) -m pytest -q -n 2 --dist loadgroup tests/tidy tests/rules tests/tariffs_pure -m "not storm"

test: check ## Everything, browser tests included
	$(PY) -m pytest -q -n 2 --dist loadgroup -m "not storm" --ignore=tests/tidy --ignore=tests/rules --ignore=tests/tariffs_pure

storm: setup ## The long forms: fault storms, soaks, big inputs
	$(PY) -m pytest -q -m storm

bench: setup ## All benchmarks, as JSON, one object a bench
	@for bench in bench/[a-z]*.py; do $(PY) $$bench --json || exit 1; done

docs: setup ## The documentation as a site in ./site
	$(VENV)/bin/mkdocs build --strict --quiet

lock: setup ## Resolve the dependencies anew and write both lock files
	$(VENV)/bin/pip-compile --quiet --generate-hashes --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options --no-header --allow-unsafe --extra build -o requirements.lock pyproject.toml
	$(VENV)/bin/pip-compile --quiet --generate-hashes --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options --no-header --allow-unsafe --extra build --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml

format: setup ## Put the code into the house's format
	$(VENV)/bin/ruff check --fix -q src tests bench; $(VENV)/bin/ruff format -q src tests bench

clean: ## Take away what was built (the demo's data stay)
	rm -rf $(VENV) site .mypy_cache .ruff_cache .pytest_cache
