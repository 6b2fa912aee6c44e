# Every target makes what it needs, from Python and a package registry alone, and is quick when nothing changed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export ANONYMIZED_TELEMETRY := False
export GRADIO_ANALYTICS_ENABLED := False

.PHONY: chat reindex test torture lint clean screenshots

chat: $(VENV)/installed  ## index corpus/ and open the chat on 127.0.0.1:7860
	$(BIN)/footnote reindex
	$(BIN)/footnote serve

reindex: $(VENV)/installed  ## make the index hold what corpus/ holds
	$(BIN)/footnote reindex

test: $(VENV)/installed-dev $(VENV)/browser  ## every test
	HF_HUB_OFFLINE=1 $(BIN)/python -m pytest

torture: $(VENV)/installed-dev  ## kills, crashes, full disks and broken files by the hundred and thousand; half an hour
	TORTURE=1 HF_HUB_OFFLINE=1 $(BIN)/python -m pytest -m torture --durations=0 --durations-min=1

lint: $(VENV)/installed-dev  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

screenshots: $(VENV)/installed-dev $(VENV)/browser  ## a picture of each screen, into build/screenshots
	$(BIN)/footnote reindex
	HF_HUB_OFFLINE=1 $(BIN)/python bench/screenshots.py build/screenshots

clean:  ## remove the environment, the index and everything built
	rm -rf $(VENV) .footnote build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

# pip before 24 cannot read the metadata of some dependencies, so it goes first.
$(VENV)/pip:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	touch $@

$(VENV)/installed: $(VENV)/pip pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[dev]"
	touch $@

# The browser tests drive Debian's Chromium. Where it cannot be installed, they say so and are skipped.
$(VENV)/browser: $(VENV)/pip
	if ! command -v chromium >/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; fi || true
	touch $@
