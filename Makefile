# `make demo` and `make test` do all the set-up on a fresh machine; `make setup` does only that.
# PYTHON, NEEDGRAPH_MODELS and NEEDGRAPH_DATA may be set; ARGS goes to `needgraph demo`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WEB := server/web
PAGE := server/static/index.html
STAMPS := .cache/stamps

.PHONY: setup setup-train demo test check fix types clean

setup: $(STAMPS)/serve $(PAGE) $(STAMPS)/weights

## Adds what training needs: torch, transformers and peft, about 6 GB.
setup-train: $(STAMPS)/train

demo: setup
	$(BIN)/needgraph demo $(ARGS)

test: setup $(STAMPS)/train $(STAMPS)/dev $(STAMPS)/browser check
	$(BIN)/python -m pytest

check: $(STAMPS)/dev $(WEB)/node_modules/.package-lock.json
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/basedpyright
	cd $(WEB) && npm run --silent check && npm run --silent test

fix: $(STAMPS)/dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

## Writes the documents that are generated from the wire's types.
types: $(STAMPS)/dev $(WEB)/node_modules/.package-lock.json
	$(BIN)/python -m server.contract
	cd $(WEB) && npm run --silent types

clean:
	rm -rf $(VENV) .cache server/static $(WEB)/node_modules

$(STAMPS)/venv:
	@scripts/need python
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/serve: $(STAMPS)/venv pyproject.toml constraints.txt
	@echo "fetching the service's packages (about 900 MB once installed)…"
	$(BIN)/python -m pip install --quiet -c constraints.txt -e .
	@touch $@

$(STAMPS)/train: $(STAMPS)/serve
	@echo "fetching the training packages (about 6 GB once installed, some minutes)…"
	$(BIN)/python -m pip install --progress-bar on -c constraints.txt -e '.[train]' | grep -E "Downloading|Successfully" || true
	$(BIN)/python -c "import torch, transformers, peft"
	@touch $@

$(STAMPS)/dev: $(STAMPS)/serve
	$(BIN)/python -m pip install --quiet -c constraints.txt --group dev
	@touch $@

$(STAMPS)/weights: $(STAMPS)/serve server/weights.json
	$(BIN)/needgraph models fetch
	@touch $@

$(STAMPS)/browser:
	@scripts/need chromium && scripts/need java
	@mkdir -p $(STAMPS) && touch $@

$(WEB)/node_modules/.package-lock.json: $(WEB)/package-lock.json
	@scripts/need node
	cd $(WEB) && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(PAGE): $(WEB)/node_modules/.package-lock.json $(shell find $(WEB)/src $(WEB)/public -type f 2>/dev/null) $(WEB)/index.html $(WEB)/vite.config.ts
	cd $(WEB) && npm run --silent build
	@touch $@
