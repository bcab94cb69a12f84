# Needs Python ≥ 3.11 with pip and venv, and make; everything is written to .venv/ and out/.
#
#   make         prove the lecture, regenerate and compare the code, do the exercises, train, sum up
#   make test    lint, types, tests (in WORKERS processes: make test WORKERS=8)
#   make bench   the measurements that benchmarks/README.md describes
#   make fuzz    an hour of fuzzing that coverage guides (make fuzz MINUTES=10)
#   make clean   remove .venv/ and out/

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OUT := out
WORKERS ?= 2
MINUTES ?= 60
ifneq ($(wildcard ../shared/mnist),)
export MNIST_DIR ?= $(abspath ../shared/mnist)
endif

.PHONY: all prove regenerate exercises train test lint types bench fuzz clean
.NOTPARALLEL:

all: prove regenerate exercises train
	@$(BIN)/python -m training.summary $(OUT)

prove: $(VENV)/ready
	@$(BIN)/python -m derive prove --report $(OUT)/proofs.json

regenerate: $(VENV)/ready
	@$(BIN)/python -m codegen --check

exercises: $(VENV)/ready
	@$(BIN)/python -m training exercise --out $(OUT)/exercises

train: $(VENV)/ready
	@$(BIN)/python -m training --out $(OUT)/training

test: lint types
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal

lint: $(VENV)/ready-test
	$(BIN)/ruff check .

types: $(VENV)/ready-test
	$(BIN)/mypy

bench: $(VENV)/ready-bench
	$(BIN)/python -m benchmarks

fuzz: $(VENV)/ready-fuzz
	$(BIN)/python -m tests.fuzz --minutes $(MINUTES)

clean:
	rm -rf $(VENV) $(OUT)

$(VENV)/created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "make: $(PYTHON) is missing or older than 3.11; name another: make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/ready: pyproject.toml | $(VENV)/created
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/ready-%: pyproject.toml | $(VENV)/created
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[$*]'
	@touch $@ $(VENV)/ready
