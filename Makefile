.DEFAULT_GOAL := help
SHELL := /bin/bash

# uv from PATH, or one of our own: only Python and Node are needed on a fresh machine.
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
RUN := $(UV) run --frozen --no-sync
PYTHON ?= python3
# Tests start many processes: without byte code each of them would compile Litestar anew.
unexport PYTHONDONTWRITEBYTECODE
HOST ?= 127.0.0.1
PORT ?= 8000
EXAMPLE := examples/react-contacts
JS_OUT := src/py/litestar_vite/js
JS_SOURCES := $(wildcard src/js/src/*.ts src/js/src/*/*.ts) src/js/package.json src/js/tsdown.config.ts
EXAMPLE_SOURCES := $(shell find $(EXAMPLE)/src -type f 2>/dev/null) $(EXAMPLE)/vite.config.ts $(EXAMPLE)/index.html $(EXAMPLE)/package.json
CLIENTS := tests/e2e/clients
TYPES := tests/types
CLIENT_SOURCES := $(wildcard $(CLIENTS)/*/vite.config.js $(CLIENTS)/*/index.html $(CLIENTS)/*/src/* $(CLIENTS)/*/src/pages/* $(CLIENTS)/shared/*) \
	$(CLIENTS)/build.js $(CLIENTS)/package.json

.PHONY: help
help: ## Show what there is to make
	@grep -hE '^[a-z0-9.-]+:.*?## ' $(MAKEFILE_LIST) | awk 'BEGIN {FS = ":.*?## "} {printf "  \033[36m%-18s\033[0m %s\n", $$1, $$2}'

# Tools and dependencies ---------------------------------------------------------------------------------------------

# One line a step; the output goes to .logs/. V=1 shows it as it comes.
STEP := @scripts/step
NPM_CI := npm ci --no-audit --no-fund --no-progress --loglevel=error

.tools/bin/uv:
	$(STEP) "Get uv" sh -c '$(PYTHON) -m venv .tools && .tools/bin/python -m pip install --quiet --disable-pip-version-check uv'

.venv/.synced: pyproject.toml uv.lock | $(if $(findstring .tools,$(UV)),.tools/bin/uv)
	$(STEP) "Install Python packages" $(UV) sync --frozen --all-groups --quiet
	@touch $@

src/js/node_modules/.installed: src/js/package-lock.json
	$(STEP) "Install npm packages of the companion" sh -c 'cd src/js && $(NPM_CI)'
	@touch $@

$(JS_OUT)/worker.mjs: src/js/node_modules/.installed $(JS_SOURCES)
	$(STEP) "Build the npm companion" sh -c 'cd src/js && npm run --silent build'
	@touch $@

$(EXAMPLE)/node_modules/.installed: $(EXAMPLE)/package-lock.json $(JS_OUT)/worker.mjs
	$(STEP) "Install npm packages of the example" sh -c 'cd $(EXAMPLE) && $(NPM_CI)'
	@touch $@

$(EXAMPLE)/dist/.built: $(EXAMPLE)/node_modules/.installed $(EXAMPLE_SOURCES)
	$(STEP) "Build the example" sh -c 'cd $(EXAMPLE) && npm run --silent build'
	@touch $@

$(CLIENTS)/node_modules/.installed: $(CLIENTS)/package-lock.json $(JS_OUT)/worker.mjs
	$(STEP) "Install npm packages of the browser tests" sh -c 'cd $(CLIENTS) && $(NPM_CI)'
	@touch $@

$(CLIENTS)/.built: $(CLIENTS)/node_modules/.installed $(CLIENT_SOURCES)
	$(STEP) "Build the front ends of the browser tests" sh -c 'cd $(CLIENTS) && npm run --silent build'
	@touch $@

$(TYPES)/node_modules/.installed: $(TYPES)/package-lock.json
	$(STEP) "Install npm packages of the type tests" sh -c 'cd $(TYPES) && $(NPM_CI)'
	@touch $@

# All of the tests are imported once while npm packages are installed: later each of their processes would compile them.
.venv/.compiled: .venv/.synced
	$(STEP) "Compile the Python code" $(RUN) pytest -q --collect-only
	@touch $@

# Python and npm packages are installed side by side.
.PHONY: install python js example example-build clients
install: ## Install Python and JavaScript dependencies, build the npm companion
	@$(MAKE) --no-print-directory -j2 python js
python: .venv/.synced
	@:
js: $(JS_OUT)/worker.mjs ## Build the npm companion into the Python package
	@:
example: ## Build the example's client and SSR bundles
	@$(MAKE) --no-print-directory -j2 python example-build
example-build: $(EXAMPLE)/dist/.built
	@:
clients: $(CLIENTS)/.built ## Build the React, Vue and Svelte front ends of the browser tests
	@:

# Running ------------------------------------------------------------------------------------------------------------

.PHONY: demo
demo: example ## Build and serve the contacts example with server-side rendering (HOST, PORT)
	@printf '\n  The contacts example: http://$(HOST):$(PORT)   (Ctrl-C ends it)\n\n'
	@cd $(EXAMPLE) && exec ../../.venv/bin/python -m uvicorn app:app --host $(HOST) --port $(PORT) --log-level warning

# Checking -----------------------------------------------------------------------------------------------------------

# The tests of `make test` need Python and Node only. Every other suite has a mark and a target of its own.
FAST := not slow and not services and not e2e and not starters and not chaos and not dev and not packaging
PYTEST := $(RUN) pytest $(PYTEST_ARGS)
TESTS := STEP_SHOW='[0-9]+ (passed|failed)' scripts/step

.PHONY: lint format protocol-table test test-py test-js run-test-py run-test-js test-slow test-all test-matrix test-runtimes test-dev test-protocol mutate mutate-safeties chaos chaos-fast chaos-peer e2e test-starters bench bench-peer docs clean
lint: install $(EXAMPLE)/node_modules/.installed ## Check formatting, lint, types and import rules, Python and JavaScript
	$(STEP) "Check the format of the Python code" $(RUN) ruff format --check .
	$(STEP) "Lint the Python code" $(RUN) ruff check .
	$(STEP) "Check types with mypy" $(RUN) mypy
	$(STEP) "Check types with basedpyright" $(RUN) basedpyright
	$(STEP) "Check the import rules" $(RUN) lint-imports
	$(STEP) "Check the protocol table" $(RUN) python -m tests.protocol.table --check
	$(STEP) "Lint the npm companion" sh -c 'cd src/js && npm run --silent lint && npm run --silent typecheck && npm run --silent package'
	$(STEP) "Check the types of the example" sh -c 'cd $(EXAMPLE) && npm run --silent typecheck'
	$(STEP) "Check the generated types of the example" sh -c 'cd $(EXAMPLE) && $(CURDIR)/.venv/bin/litestar assets types --check'

protocol-table: install ## Write docs/the-protocol.md from the test suite
	$(RUN) python -m tests.protocol.table

format: install ## Format the Python code
	$(RUN) ruff format .
	$(RUN) ruff check --fix .

test: ## Run every test that needs only Python and Node (4 minutes on 2 cores)
	@$(MAKE) --no-print-directory -j2 .venv/.compiled example-build
	@$(MAKE) --no-print-directory -j2 run-test-py run-test-js

# Two workers a core: many tests wait for servers and processes.
WORKERS := $(shell echo $$((2 * $$(nproc 2>/dev/null || echo 2))))

test-py: example run-test-py
run-test-py:
	@$(TESTS) "Python tests" $(PYTEST) -q -n $(WORKERS) --dist worksteal -m "$(FAST)"

test-js: install run-test-js
run-test-js:
	@$(TESTS) "JavaScript tests" sh -c 'cd src/js && npm test --silent -- --reporter=dot'

# EXAMPLES: how many examples each test with generated input tries; 50 in `make test`.
EXAMPLES ?= 200
SLOW_TESTS ?= slow or services or hypothesis
test-slow: example $(TYPES)/node_modules/.installed ## Run the slow tests, and those that need Redis and PostgreSQL (apt-get install redis-server postgresql)
	@EXAMPLES=$(EXAMPLES) $(TESTS) "Slow tests" $(PYTEST) -q -n auto --dist worksteal -m "$(SLOW_TESTS)"
	@SLOW=1 $(TESTS) "Slow JavaScript tests" sh -c 'cd src/js && npm test --silent -- --reporter=dot tests/worker-life.test.ts tests/react.test.ts'

# As many suites as a machine with Chromium, Redis, PostgreSQL, nginx and Caddy can run; about 50 minutes on 2 cores.
test-all: test test-slow test-matrix test-package test-runtimes chaos-fast e2e test-dev test-starters ## Run every suite that CI runs (50 minutes)

test-matrix: install ## Run the core tests on other Pythons, Litestar 2.22 and msgspec 0.23 (MATRIX=full for all tests)
	$(RUN) python -m tests.matrix $(MATRIX)

test-protocol: install ## Run the protocol's tests; fails when a branch of inertia/_protocol is not covered
	@$(TESTS) "Protocol tests" $(PYTEST) -q tests/protocol --cov=litestar_vite.inertia._protocol --cov-branch --cov-report=term-missing --cov-fail-under=100

mutate: install ## Revert one line at a time in a copy of the package; each has to turn a test red
	$(RUN) python -m tests.mutation

mutate-safeties: install ## Undo each safety of server-side rendering; a gate under load has to turn red
	$(RUN) python -m tests.mutation safeties

RUNTIMES := .tools/runtimes
$(RUNTIMES)/.installed: Makefile
	$(STEP) "Get Bun and Deno" npm install --prefix $(RUNTIMES) --no-audit --no-fund --no-save --loglevel=error bun@1.4 deno@2.9
	@touch $@

test-runtimes: install $(RUNTIMES)/.installed ## Run the render worker's tests with Bun and Deno
	@for runtime in bun deno; do \
	  SLOW=1 WORKER_RUNTIME=$(CURDIR)/$(RUNTIMES)/node_modules/.bin/$$runtime $(TESTS) "Render worker tests with $$runtime" \
	    sh -c 'cd src/js && npx vitest run --reporter=dot tests/worker' || exit 1; done

test-dev: example ## Run the tests of development: Vite, reloads, kills, HMR in Chromium
	@$(TESTS) "Development tests" $(PYTEST) -q -n 2 --dist worksteal -m dev tests/dev

e2e: example clients ## Run the browser tests (Chromium: CHROMIUM, default /usr/bin/chromium)
	@$(TESTS) "Browser tests" $(PYTEST) -q -n 2 -m e2e tests/e2e

test-starters: install ## Generate, install, build and drive each starter; needs npm and PyPI, and Chromium (STARTERS=short: one test for Vue and Svelte)
	@$(TESTS) "Starter tests" $(PYTEST) -q -n 2 --dist loadgroup -m starters tests/starters

chaos-fast: install ## Load and a misbehaving render server, the short profile (CHAOS_NOISE=2 on a shared machine)
	@CHAOS_PROFILE=fast $(TESTS) "Load and fault tests" $(PYTEST) -q -m chaos tests/chaos

chaos: install ## The same in full: every fault at 16, 32 and 64 visitors under uvicorn and granian, a soak of half an hour each, 100,000 bad inputs
	CHAOS_PROFILE=full $(PYTEST) -m chaos tests/chaos
	BAD_INPUT_ROUNDS=20 $(PYTEST) -q -n auto tests/bad_input

chaos-peer: install ## The same faults against the peer, measured and not asserted (bench-peer before it; CHAOS_PEER_BREAKER=off)
	CHAOS_SUBJECT=peer CHAOS_PROFILE=fast $(PYTEST) -m chaos tests/chaos

bench: example ## Run the benchmarks and print their table (bench-peer adds the peer's column)
	$(RUN) python -m benchmarks

bench-peer: install ## Install the peer into a venv of its own, for the benchmarks
	$(RUN) python -m benchmarks.peer

# -E: an incremental build loses the search words of the pages that did not change.
docs: .venv/.synced ## Build the documentation into docs/_build
	$(STEP) "Build the documentation" $(RUN) sphinx-build -q -E -W --keep-going -b html docs docs/_build/html

clean: ## Remove what was built (not the dependencies)
	rm -rf .logs .mutants dist $(JS_OUT) $(EXAMPLE)/dist $(CLIENTS)/.built $(CLIENTS)/*/dist docs/_build benchmarks/results tests/chaos/results .venv/.synced

# Packaging and the repository ---------------------------------------------------------------------------------------

SCHEMA := $(UV) tool run --quiet check-jsonschema --builtin-schema

.PHONY: package test-package workflows
package: | $(if $(findstring .tools,$(UV)),.tools/bin/uv) ## Build the wheel and the sdist into dist/ and check them (TAG=v1.2.3: the version must match)
	rm -rf dist
	$(STEP) "Build the wheel and the sdist" $(UV) build --quiet
	$(STEP) "Check their metadata" $(UV) tool run --quiet twine check --strict dist/*.whl dist/*.tar.gz
	$(STEP) "Check the content of the wheel" $(UV) tool run --quiet check-wheel-contents --ignore W002,W004 dist/*.whl
	@test -z "$$TAG" || test -f dist/*-"$${TAG#v}".tar.gz || { echo "The tag $$TAG is not the version in pyproject.toml."; exit 1; }

test-package: .venv/.synced ## Install the wheel and the sdist, serve a page from each, run tests from the sdist
	@$(TESTS) "Packaging tests" $(PYTEST) -q -o cache_dir=.pytest_cache/packaging -m packaging tests/packaging

workflows: | $(if $(findstring .tools,$(UV)),.tools/bin/uv) ## Validate the workflows, Dependabot's settings and the issue templates
	$(STEP) "Validate the workflows" $(SCHEMA) vendor.github-workflows .github/workflows/*.yml
	$(STEP) "Validate Dependabot's settings" $(SCHEMA) vendor.dependabot .github/dependabot.yml
	$(STEP) "Validate the settings of issues" $(SCHEMA) vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
	$(STEP) "Validate the issue forms" $(SCHEMA) vendor.github-issue-forms .github/ISSUE_TEMPLATE/bug.yml .github/ISSUE_TEMPLATE/feature.yml
