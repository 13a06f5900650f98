# The project's commands. Each sets up what it needs by itself (.ci/prepare): Python packages in .venv, and system
# packages by apt where that is permitted. PYTHON names another Python, OUT another folder for the report.

PYTHON ?= python3
OUT ?= out
export PYTHON

.PHONY: help certify test lint mutants fuzz mutation soak clean

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 16

certify: ## Certify the simulated card over PC/SC with virtual readers; report in out/
	@.ci/prepare certify
	.venv/bin/python -m healthcard certify card --simulated --out $(OUT)

test: ## Run everything: the tests, lint, and the wheel in an environment of its own
	@.ci/prepare tests
	.ci/tox tests lint wheel

lint: ## Check style, types and who imports whom
	@.ci/prepare lint
	.ci/tox lint

mutants: ## Hold the suite against all its mutants; the matrix in out/ (some minutes)
	@.ci/prepare certify
	mkdir -p $(OUT)
	.venv/bin/python -m healthcard mutants --json $(OUT)/matrix.json --html $(OUT)/matrix.html

fuzz: ## More than a million inputs to everything that reads bytes from outside; figures as a table (some minutes)
	@.ci/prepare certify
	.venv/bin/python -m tests.fuzzing --out $(OUT)/fuzzing

mutation: ## Hold our own judging code against its mutants; table and survivors (an hour or two)
	@.ci/prepare mutation
	.venv/bin/python -m tests.mutation --out $(OUT)/mutation

soak: ## Two million adversarial codes while workers are killed, then the books (half an hour or more); report in out/
	@.ci/prepare soak
	mkdir -p $(OUT)
	.venv/bin/python -m healthcard load soak --out $(OUT)

clean: ## Remove environments, caches and reports
	rm -rf .venv .tox dist out .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
