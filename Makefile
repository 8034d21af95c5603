# What a person types. Everything lives in .venv; nothing outside this folder is touched.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --progress-bar off -c constraints.txt
RUN_STAMP := $(VENV)/.ready-to-run
DEV_STAMP := $(VENV)/.ready-to-develop

.PHONY: help run test lint format bench clean

help: ## Show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | while IFS=$$'\t' read -r name what; do printf '  make %-8s %s\n' "$$name" "$$what"; done

$(BIN)/python:
	@PYTHON="$(PYTHON)" bash tools/make_venv.sh $(VENV)

$(RUN_STAMP): pyproject.toml constraints.txt | $(BIN)/python
	@echo "설치하고 있어요. 처음 한 번만 몇 분 걸려요. / Installing: a few minutes, this once."
	@$(PIP) -e .
	@touch $@

$(DEV_STAMP): pyproject.toml constraints.txt | $(BIN)/python
	@echo "개발 도구를 설치하고 있어요. / Installing the development tools."
	@$(PIP) -e '.[dev]'
	@touch $@ $(RUN_STAMP)

run: $(RUN_STAMP) ## Start the bot: on Discord with DISCORD_TOKEN, else in the sandbox with a chat page
	@if [ -n "$${DISCORD_TOKEN:-}$${GARIM_DISCORD__TOKEN:-}$${GARIM_DISCORD__TOKEN_FILE:-}" ]; then exec $(BIN)/garim run; else exec $(BIN)/garim demo; fi

test: $(DEV_STAMP) ## Run every test (PYTEST_ARGS="tests/masker -k name" for some)
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(DEV_STAMP) ## Run the linters, the type checker and the import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(DEV_STAMP) ## Format the code
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(DEV_STAMP) ## Run the benchmarks that finish within minutes
	@$(BIN)/garim bench text
	@$(BIN)/garim bench model
	@$(BIN)/garim bench storage
	@$(BIN)/garim bench latency

clean: ## Remove what set-up made (the virtual environment and caches); data in var/ stays
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
