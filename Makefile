.DEFAULT_GOAL := help
SHELL := /bin/bash

# uv from PATH, or one of our own: only Python and Node are needed on a fresh machine.
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
RUN := $(UV) run --frozen --no-sync
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
EXAMPLE := examples/react-contacts
JS_OUT := src/py/litestar_vite/js
JS_SOURCES := $(wildcard src/js/src/*.ts src/js/src/*/*.ts) src/js/package.json src/js/tsdown.config.ts
EXAMPLE_SOURCES := $(shell find $(EXAMPLE)/src -type f 2>/dev/null) $(EXAMPLE)/vite.config.ts $(EXAMPLE)/index.html $(EXAMPLE)/package.json
CLIENTS := tests/e2e/clients
CLIENT_SOURCES := $(wildcard $(CLIENTS)/*/vite.config.js $(CLIENTS)/*/index.html $(CLIENTS)/*/src/* $(CLIENTS)/*/src/pages/* $(CLIENTS)/shared/*) \
	$(CLIENTS)/build.js $(CLIENTS)/package.json

.PHONY: help
help: ## Show what there is to make
	@grep -hE '^[a-z0-9.-]+:.*?## ' $(MAKEFILE_LIST) | awk 'BEGIN {FS = ":.*?## "} {printf "  \033[36m%-14s\033[0m %s\n", $$1, $$2}'

# Tools and dependencies ---------------------------------------------------------------------------------------------

.tools/bin/uv:
	$(PYTHON) -m venv .tools
	.tools/bin/python -m pip install --quiet --disable-pip-version-check uv

.venv/.synced: pyproject.toml uv.lock | $(if $(findstring .tools,$(UV)),.tools/bin/uv)
	$(UV) sync --frozen --all-groups --quiet
	@touch $@

src/js/node_modules/.installed: src/js/package-lock.json
	cd src/js && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(JS_OUT)/worker.mjs: src/js/node_modules/.installed $(JS_SOURCES)
	cd src/js && npm run --silent build
	@touch $@

$(EXAMPLE)/node_modules/.installed: $(EXAMPLE)/package-lock.json $(JS_OUT)/worker.mjs
	cd $(EXAMPLE) && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(EXAMPLE)/dist/.built: $(EXAMPLE)/node_modules/.installed $(EXAMPLE_SOURCES)
	cd $(EXAMPLE) && npm run --silent build
	@touch $@

$(CLIENTS)/node_modules/.installed: $(CLIENTS)/package-lock.json $(JS_OUT)/worker.mjs
	cd $(CLIENTS) && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(CLIENTS)/.built: $(CLIENTS)/node_modules/.installed $(CLIENT_SOURCES)
	cd $(CLIENTS) && npm run --silent build
	@touch $@

.PHONY: install js example clients
install: .venv/.synced js ## Install Python and JavaScript dependencies, build the npm companion
js: $(JS_OUT)/worker.mjs ## Build the npm companion into the Python package
example: .venv/.synced $(EXAMPLE)/dist/.built ## Build the example's client and SSR bundles
clients: $(CLIENTS)/.built ## Build the React, Vue and Svelte front ends of the browser tests

# Running ------------------------------------------------------------------------------------------------------------

.PHONY: demo
demo: example ## Build and serve the contacts example with server-side rendering (HOST, PORT)
	@echo
	@echo "  The contacts example is at http://$(HOST):$(PORT)  (Ctrl-C ends it)"
	@echo
	@cd $(EXAMPLE) && exec ../../.venv/bin/python -m uvicorn app:app --host $(HOST) --port $(PORT)

# Checking -----------------------------------------------------------------------------------------------------------

.PHONY: lint format protocol-table test test-py test-js test-runtimes test-dev test-litestar-2.22 test-protocol mutate mutate-safeties chaos chaos-fast chaos-peer e2e test-starters bench bench-peer docs clean
lint: install $(EXAMPLE)/node_modules/.installed ## Check formatting, lint, types and import rules, Python and JavaScript
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(RUN) mypy
	$(RUN) basedpyright
	$(RUN) lint-imports
	$(RUN) python -m tests.protocol.table --check
	cd src/js && npm run --silent lint && npm run --silent typecheck && npm run --silent package
	cd $(EXAMPLE) && npm run --silent typecheck

protocol-table: install ## Write docs/the-protocol.md from the test suite
	$(RUN) python -m tests.protocol.table

format: install ## Format the Python code
	$(RUN) ruff format .
	$(RUN) ruff check --fix .

test: test-py test-js ## Run every test that needs only Python and Node

test-py: install example
	$(RUN) pytest $(PYTEST_ARGS) -m "not e2e and not starters and not chaos and not dev"

OLDEST := .tools/litestar-2.22
test-litestar-2.22: install ## Run the tests of the Inertia room against the oldest Litestar that is supported
	$(UV) venv --quiet --clear $(OLDEST)
	$(UV) export --frozen --all-groups --no-hashes --no-emit-project --quiet | grep -v '^litestar==' > $(OLDEST)/requirements.txt
	$(UV) pip install --quiet --python $(OLDEST)/bin/python -r $(OLDEST)/requirements.txt 'litestar[jinja,pydantic,attrs,redis]==2.22.0' -e .
	$(OLDEST)/bin/python -m pytest -q tests/protocol tests/integration tests/unit/inertia tests/bad_input

test-protocol: install ## Run the protocol's tests; the pure room needs every branch covered
	$(RUN) pytest -q tests/protocol --cov=litestar_vite.inertia.protocol --cov-branch --cov-report=term-missing --cov-fail-under=100

mutate: install ## Revert one line at a time in a copy of the package; each has to turn a test red
	$(RUN) python -m tests.mutation

mutate-safeties: install ## Undo each safety of server-side rendering; a gate under load has to turn red
	$(RUN) python -m tests.mutation safeties

test-js: install
	cd src/js && npm test --silent

RUNTIMES := .tools/runtimes
$(RUNTIMES)/.installed: Makefile
	npm install --prefix $(RUNTIMES) --no-audit --no-fund --no-save --loglevel=error bun@1.4 deno@2.9
	@touch $@

test-runtimes: install $(RUNTIMES)/.installed ## Run the render worker's tests with Bun and Deno
	cd src/js && for runtime in bun deno; do WORKER_RUNTIME=$(CURDIR)/$(RUNTIMES)/node_modules/.bin/$$runtime npx vitest run tests/worker || exit 1; done

test-dev: install example ## Run the tests of development: Vite, reloads, kills, HMR in Chromium
	$(RUN) pytest $(PYTEST_ARGS) -m dev tests/dev

e2e: install example clients ## Run the browser tests (Chromium: CHROMIUM, default /usr/bin/chromium)
	$(RUN) pytest $(PYTEST_ARGS) -m e2e tests/e2e

test-starters: install ## Generate, install, build and drive each starter; needs npm and PyPI, and Chromium
	$(RUN) pytest $(PYTEST_ARGS) -m starters tests/starters

chaos-fast: install ## Load and a misbehaving render server, the short profile (CHAOS_NOISE=2 on a machine that others use)
	CHAOS_PROFILE=fast $(RUN) pytest $(PYTEST_ARGS) -m chaos tests/chaos

chaos: install ## The same in full: every fault at 16, 32 and 64 visitors under uvicorn and granian, a soak of two minutes
	CHAOS_PROFILE=full $(RUN) pytest $(PYTEST_ARGS) -m chaos tests/chaos

chaos-peer: install ## The same faults against the peer, measured and not asserted (bench-peer before it; CHAOS_PEER_BREAKER=off)
	CHAOS_SUBJECT=peer CHAOS_PROFILE=fast $(RUN) pytest $(PYTEST_ARGS) -m chaos tests/chaos

bench: install example ## Run the benchmarks and print their table (bench-peer adds the peer's column)
	$(RUN) python -m benchmarks

bench-peer: install ## Install the peer into a venv of its own, for the benchmarks
	$(RUN) python -m benchmarks.peer

docs: .venv/.synced ## Build the documentation into docs/_build
	$(RUN) sphinx-build -W --keep-going -b html docs docs/_build/html

clean: ## Remove what was built (not the dependencies)
	rm -rf $(JS_OUT) $(EXAMPLE)/dist $(CLIENTS)/.built $(CLIENTS)/*/dist docs/_build benchmarks/results tests/chaos/results .venv/.synced

# Packaging and the repository ---------------------------------------------------------------------------------------

SCHEMA := $(UV) tool run --quiet check-jsonschema --builtin-schema

.PHONY: package test-package workflows
package: | $(if $(findstring .tools,$(UV)),.tools/bin/uv) ## Build the wheel and the sdist into dist/ and check them (TAG=v1.2.3: the version must match)
	rm -rf dist
	$(UV) build --quiet
	$(UV) tool run --quiet twine check --strict dist/*.whl dist/*.tar.gz
	$(UV) tool run --quiet check-wheel-contents dist/*.whl
	@test -z "$$TAG" || test -f dist/*-"$${TAG#v}".tar.gz || { echo "The tag $$TAG is not the version in pyproject.toml."; exit 1; }

test-package: .venv/.synced ## Build the wheel and the sdist from a bare copy, install each, serve a page; run tests from the sdist
	$(RUN) pytest $(PYTEST_ARGS) -m packaging tests/packaging

workflows: | $(if $(findstring .tools,$(UV)),.tools/bin/uv) ## Validate the workflows, Dependabot's settings and the issue templates
	$(SCHEMA) vendor.github-workflows .github/workflows/*.yml
	$(SCHEMA) vendor.dependabot .github/dependabot.yml
	$(SCHEMA) vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
	$(SCHEMA) vendor.github-issue-forms .github/ISSUE_TEMPLATE/bug.yml .github/ISSUE_TEMPLATE/feature.yml
