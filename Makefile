# Everything a fresh clone needs: Python 3.11 or later as python3 (or make PYTHON=...), and PyPI.
PYTHON ?= python3
VENV := .venv
PEERS := .peers
, := ,
PIP := -m pip install --quiet --disable-pip-version-check

.PHONY: run test check keras-tests bench clean

run: $(VENV)/.examples          ## train a Keras model of 2019 on MNIST digits, print its accuracy, write a TensorBoard log
	$(VENV)/bin/tapeflow run examples/mnist_prewitt_cnn.py

test: $(VENV)/.dev              ## all tests, and the examples in docstrings, docs and README; says what was skipped, and why
	$(VENV)/bin/python -m pytest -q -rs -n auto --maxprocesses 4 --dist worksteal

keras-tests: $(VENV)/.dev       ## Keras's own tests but for the two longest folders: minutes; needs PyPI the first time
	$(VENV)/bin/python tools/keras_suite.py $(PEERS)/keras --check --jobs 2 --without ops/numpy quantizers

check: $(VENV)/.dev             ## style and types
	$(VENV)/bin/ruff check
	$(VENV)/bin/mypy --strict

bench: $(foreach peer,tapeflow tapeflow-xla tensorflow torch jax,$(PEERS)/$(peer)/.ready)   ## beside its peers
	$(PEERS)/tapeflow/bin/python benchmarks/run.py $(BENCH)
	$(PEERS)/tapeflow/bin/python benchmarks/run.py --readme

clean:
	rm -rf $(VENV) $(PEERS) build dist examples/output

# A .ready/.dev/.examples file says that an environment is complete; it is made again only when what it was made from changes.
$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "tapeflow needs Python 3.11 or later; this is " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.examples: pyproject.toml | $(VENV)/bin/python
	$(VENV)/bin/python $(PIP) -e '.[full,examples]'
	touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	$(VENV)/bin/python $(PIP) -e '.[dev,examples]'
	touch $@ $(VENV)/.examples

$(PEERS)/tapeflow/.ready $(PEERS)/tapeflow-xla/.ready: pyproject.toml benchmarks/requirements-keras.txt $(shell find tapeflow -name '*.py' 2>/dev/null)
	test -x $(@D)/bin/python || $(PYTHON) -m venv $(@D)
	$(@D)/bin/python $(PIP) $(if $(findstring xla,$(@D)),'.[xla$(,)keras]' -r benchmarks/requirements-keras.txt,.)
	touch $@

$(PEERS)/%/.ready: benchmarks/requirements-%.txt benchmarks/requirements-keras.txt
	rm -rf $(@D)
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python $(PIP) -r $<
	touch $@
