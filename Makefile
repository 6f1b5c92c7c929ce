# gdproof: every target does its own set-up; `make verify` and `make test` are all that a new machine needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
OUT ?= report

.PHONY: verify verify-full test test-slow bench bench-full bench-growth bench-proofs lint types docs ci clean

$(VENV)/.runtime: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "gdproof needs Python 3.11 or newer; $(PYTHON) is " + sys.version.split()[0] + ". Set PYTHON=python3.11 or later.")'
	$(PYTHON) -m venv $(VENV)
	$(PIP) install -c constraints.txt -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime
	$(PIP) install -c constraints.txt -e '.[dev]'
	@touch $@

# a paper with errors is a result: exit codes 0, 1 (a claim is refuted) and 3 (one is undecided) are all successes
verify: $(VENV)/.runtime
	@$(BIN)/gdproof verify --level quick --out $(OUT); code=$$?; case $$code in 0|1|3) exit 0;; *) exit $$code;; esac

verify-full: $(VENV)/.runtime
	@$(BIN)/gdproof verify --level full --out $(OUT); code=$$?; case $$code in 0|1|3) exit 0;; *) exit $$code;; esac

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n 2 -m "not slow"

test-slow: $(VENV)/.dev
	$(BIN)/python -m pytest -n 2 -m slow

# every claim of benchmarks/claims through the proof engine: method, time, certificate size, truth
bench-proofs: $(VENV)/.dev
	$(BIN)/python benchmarks/prove.py --seconds 3 --jobs 2

# kernels against their peers, which get an environment of their own under build/ (several minutes)
bench: $(VENV)/.runtime
	$(BIN)/python benchmarks/kernels/run.py

# the same, and one pair at full length for every row that `bench` shortens (up to 15 minutes each)
bench-full: $(VENV)/.runtime
	$(BIN)/python benchmarks/kernels/run.py --full

bench-growth: $(VENV)/.runtime
	$(BIN)/python benchmarks/kernels/run.py --growth

lint: $(VENV)/.dev
	$(BIN)/ruff check theory numerics checks tests benchmarks
	$(BIN)/ruff format --check theory numerics checks tests benchmarks

types: $(VENV)/.dev
	$(BIN)/mypy

docs: $(VENV)/.dev
	$(BIN)/mkdocs build -q --strict

ci: lint types test docs verify

clean:
	rm -rf $(VENV) build report .pytest_cache .mypy_cache .ruff_cache
