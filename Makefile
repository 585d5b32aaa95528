# The house's commands.  `make help` lists them.  Needs: Python 3.11 to 3.14 with venv, make, git; nothing is installed
# outside .venv but by `make peers`, which says so.

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' \
	2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
PARTS := pyproject.toml constraints.txt
PLAY := .play
PYTEST := $(BIN)/python -m pytest -q -p no:cacheprovider -n $(or $(WORKERS),auto) --dist worksteal

.PHONY: help demo test quick check long run docs messages gallery migration peers debian fuzz pythons bench crash clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 16

demo: $(VENV)/plain.stamp ## play a whole conversation through a real daemon on loopback, letters shown
	@$(BIN)/sitmail demo

test: $(VENV)/dev.stamp ## set up .venv where needed, then everything `make check` does
	@$(MAKE) --no-print-directory check

quick: $(VENV)/dev.stamp ## what changes most, within a minute: rules, reading, configuration, letter cases; no daemon, few examples
	@EXAMPLES=0.1 $(PYTEST) -m "not slow" tests/domain tests/reading tests/config tests/letters

check: ## lint, format, types, floors, tests; PEERS=required makes every skip a failure
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@echo "types, floors, and then tests; those with real peers run beside them and are shown after them"
	@$(BIN)/python -m pytest -q -p no:cacheprovider -n $(or $(WORKERS),2) --dist loadscope tests/peers >.peers.log 2>&1 & peers=$$!; \
	$(BIN)/mypy && $(BIN)/lint-imports; typed=$$?; \
	$(PYTEST) --ignore=tests/peers; rooms=$$?; \
	wait $$peers; failed=$$?; cat .peers.log; exit $$((typed + rooms + failed))

long: $(VENV)/dev.stamp ## what takes long: ten times the examples, every letter case through the daemon, kills, fuzzing; SEED=1
	@EXAMPLES=$(or $(EXAMPLES),10) LETTERS=all $(PYTEST) --hypothesis-seed=$(or $(SEED),1) --ignore=tests/peers
	@LETTERS=all $(PYTEST) tests/peers/test_gallery.py
	@$(MAKE) --no-print-directory crash
	@$(MAKE) --no-print-directory fuzz

run: $(VENV)/plain.stamp ## start a desk to play with by hand, in .play/
	@mkdir -p $(PLAY)
	@test -e $(PLAY)/config.toml || cp docs/tutorial/config.toml docs/tutorial/directory.toml $(PLAY)/
	@cat docs/tutorial/what-to-type.txt
	@$(BIN)/sitmail run --config $(PLAY)/config.toml

docs: $(VENV)/dev.stamp ## write the generated pages and config.example.toml anew
	$(BIN)/python -m sitmail.config.example
	$(BIN)/python -m sitmail.cli.reference

messages: $(VENV)/dev.stamp ## bring the catalogues of letters (templates/locale) up to date with the templates
	$(BIN)/python -m sitmail.cli.messages

gallery: $(VENV)/dev.stamp ## pictures of every letter by Chromium: light, dark, narrow; in .gallery/; ONLY="assigned answer"
	$(BIN)/python -m tests.gallery.shots .gallery $(ONLY)

migration: $(VENV)/dev.stamp ## after a change of store/schema.py: write the migration; NAME=what_it_adds
	@$(BIN)/python -m sitmail.store.migrations.new $(NAME)
	@$(BIN)/ruff format -q sitmail/store/migrations/versions

peers: ## as root on Debian: install the real peers some tests talk to; starts and enables nothing
	@sh tests/peers/install.sh

debian: ## as root on Debian: type the install instructions in a fresh system that systemd-nspawn boots, with Postfix; SUITE=trixie
	@$(PYTHON) -m tests.peers.fresh_debian.run --suite $(or $(SUITE),bookworm)

fuzz: $(VENV)/dev.stamp ## long runs of the readers' targets under atheris; ONLY="header bounce", SECONDS=60 each
	@$(BIN)/python -c 'import atheris' 2>/dev/null || $(PIP) atheris
	@for target in $(or $(ONLY),$$($(BIN)/python -c 'from tests.fuzz.targets import TARGETS; print(*TARGETS)')); do \
		$(BIN)/python -m tests.fuzz.long $$target $(or $(SECONDS),60) || exit 1; done

pythons: ## the tests of what is read, under every Python 3.11 to 3.14 there is (python3.X, or pyenv)
	@sh tests/pythons.sh

bench: $(VENV)/dev.stamp ## measure the desk beside other programs; parts: ONLY="plain postfix"; a first look: QUICK=1; an earlier version in turns: BESIDE=COMMIT
	@$(BIN)/python -m bench.run $(if $(ONLY),--only "$(ONLY)") $(if $(QUICK),--quick) $(if $(BESIDE),--beside $(BESIDE)) $(BENCH)

crash: $(VENV)/dev.stamp ## kill a desk 200 times while people write to it; MAILS=5000 KILLS=200 SEED=1
	$(BIN)/python -m tests.peers.crash.run --mails $(or $(MAILS),5000) --kills $(or $(KILLS),200) --seed $(or $(SEED),1)

clean: ## remove .venv, .play and everything built
	rm -rf $(VENV) $(PLAY) .gallery .bench .debian .fuzz .peers.log .crash.log .pythons build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# .venv is made once, and brought up to date when what it is made of has changed.
$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "make: needs Python 3.11 to 3.14 with venv (Debian: python3-venv)" >&2; exit 1; }
	@echo "setting up $(VENV), once; this takes a minute"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/plain.stamp: $(PARTS) | $(BIN)/python
	@$(PIP) -e .
	@touch $@

$(VENV)/dev.stamp: $(PARTS) | $(BIN)/python
	@$(PIP) -e '.[dev]'
	@touch $(VENV)/plain.stamp $@
