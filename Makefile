PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ifneq ($(wildcard ../shared/mnist),)
export MNIST_DIR ?= $(abspath ../shared/mnist)
endif

.PHONY: test
test: $(VENV)/ready
	$(BIN)/python -m pytest -q

$(VENV)/ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable '.[test]'
	touch $@
