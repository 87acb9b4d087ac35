# Two commands matter: `make run` opens the chat, `make test` proves the bot. Both need Python 3.11+ and make, nothing else.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: install run test test-long index bench check lint lock clean

install: .venv/installed

.venv/installed: requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (set PYTHON=...)"; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

run: install
	@$(BIN)/python -m bot run

test: install lint
	$(BIN)/python -m bot check
	$(BIN)/python -m pytest -n auto

# The real bot is killed so often under load on each of both databases, and the database and Telegram fail around it:
# 6 minutes on two cores, and 4 seconds more for each of KILLS, most of which a process takes to start.
KILLS ?= 200
test-long: install
	KILLS=$(KILLS) $(BIN)/python -m pytest -m long

# After ways of asking have changed: learns from them (minutes).
index: install
	$(BIN)/python -m bot index

# What only the benchmarks compare with; then for instance: .venv/bin/python -m benchmarks.understanding
bench: install
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock

check: install
	@$(BIN)/python -m bot check

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Writes the lock files anew; uv is only needed for this.
lock:
	uv pip compile pyproject.toml --extra semantic --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url -q -o requirements.lock
	uv pip compile pyproject.toml --extra semantic --group bench --group dev --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url -q -o requirements-bench.lock
	uv pip compile pyproject.toml --extra semantic --group dev --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url -q -o requirements-dev.lock

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
