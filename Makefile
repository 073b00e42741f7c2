# Everything a clone can do. `make report` and `make test` each work alone, with git, make and Python 3.11-3.13;
# .venv is made first where it is missing. Make decides by the time stamps of files what is stale.

PYTHON ?= python3
PY := .venv/bin/python
LOCKED := .venv/.locked
READY := .venv/.ready
# Two makes at once on a fresh clone make one .venv.
ALONE := $(PYTHON) tools/alone.py

.DEFAULT_GOAL := help
.SUFFIXES:
# Two notebooks at a time: they share nothing but the figures that they read.
MAKEFLAGS += --no-builtin-rules --jobs=2

# The same bytes from the same inputs, whatever the user's time zone, locale, threads and start-up files.
# The epoch is the first moment of 2026 in UTC; documents that must carry a date carry this one.
export SOURCE_DATE_EPOCH := 1767225600
export PYTHONHASHSEED := 0
export PYTHONNOUSERSITE := 1
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
export LC_ALL := C.UTF-8
export TZ := UTC
export MPLBACKEND := agg
export MPLCONFIGDIR := $(CURDIR)/build/.home/matplotlib
export IPYTHONDIR := $(CURDIR)/build/.home/ipython
export JUPYTER_CONFIG_DIR := $(CURDIR)/build/.home/jupyter
unexport PYTHONPATH PYTHONHOME

SOURCE := $(shell find src -name '*.py' -o -name '*.toml')
# Folders are listed too: their time stamps tell of files that were taken away. (`report` and `notebooks` without the
# dot are goals.)
FIGURES := $(shell find data -mindepth 1 -not -path 'data/processed*')
PROSE := report/. $(shell find report -mindepth 1)
NOTEBOOKS := $(sort $(wildcard notebooks/*.ipynb))
EXECUTED := $(NOTEBOOKS:%=build/%)
REFERENCES := $(sort $(wildcard tests/reference/*.R))
CHECKED := build/.figures-checked

# After a clock was put back, what was made before lies in the future and would pass for fresh: it is made anew.
$(shell find build/notebooks/*.ipynb build/report.* build/manifest.json $(CHECKED) $(LOCKED) $(READY) \
  -newermt '1 minute' -exec touch -t 197001020000 {} + 2>/dev/null)

.PHONY: help
help: ## List what make can do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

# Two stamps: a changed lock makes .venv anew, a changed pyproject.toml only installs the package again.
# A stamp is the last thing written, so that an interrupted install is never taken for a whole one.
$(LOCKED): requirements.lock
	@$(PYTHON) -c 'import sys; v = sys.version_info; (3, 11) <= v < (3, 14) or sys.exit(f"corrtip needs Python 3.11, 3.12 or 3.13, and $(PYTHON) is {v[0]}.{v[1]}. Name another: make PYTHON=python3.12")'
	@$(ALONE) $@ $^ 'echo "Creating .venv from requirements.lock: once, about two minutes"; \
	  rm -rf .venv; $(PYTHON) -m venv .venv; \
	  $(PY) -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r requirements.lock; \
	  touch $@'

$(READY): $(LOCKED) pyproject.toml
	@$(ALONE) $@ $^ 'rm -f $@; \
	  $(PY) -m pip install --quiet --disable-pip-version-check --no-input --no-deps --no-build-isolation -e .; \
	  $(PY) -m pip check; \
	  touch $@'

$(CHECKED): $(READY) $(FIGURES) $(SOURCE)
	@mkdir -p $(@D)
	.venv/bin/corrtip data check
	@touch $@

.PHONY: data
data: $(CHECKED) ## Check every published figure against its hash, its sidecar and the catalogue

.PHONY: notebooks
notebooks: $(EXECUTED) ## Run the notebooks whose inputs changed; copies with outputs go to build/notebooks

.PHONY: report
report: build/report.html build/report.pdf build/report.docx build/explore.html build/manifest.json ## Build the report as a page, PDF and Word, the interactive page, and the manifest

# The runner and `report build` write beside the last good files and rename at the end: what fails changes nothing.
build/notebooks/%.ipynb: notebooks/%.ipynb $(CHECKED) $(SOURCE)
	$(PY) -m corrtip.report.notebooks $< $@

# A pattern with several targets is one run for all; the stem is the dot.
build/report%html build/report%pdf build/report%docx build/explore%html build/manifest%json: $(EXECUTED) $(PROSE) notebooks/.
	.venv/bin/corrtip report build

.PHONY: test
test: $(READY) ## Run the whole test suite, the examples in the docstrings included
	$(PY) -m pytest -n 2

.PHONY: docs
docs: $(READY) ## Build the documentation as a site into build/docs; a warning is an error
	$(PY) -m sphinx -W --keep-going -q -j 2 -d build/.doctrees docs build/docs

.PHONY: lint
lint: $(READY) ## Check style, types, the order of the rooms and the size of files
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy
	.venv/bin/lint-imports
	$(PY) tools/check_size.py src tools docs

.PHONY: audit
audit: $(READY) ## Look every locked package up among the known vulnerabilities (needs a network)
	$(PY) tools/audit.py requirements.lock stress/requirements.lock

.PHONY: bench
bench: $(READY) ## Time what has a budget, beside statsmodels (some minutes)
	$(PY) -m benchmarks

.PHONY: stress
stress: $(READY) ## Try to break everything: corrupt, kill, starve, repeat; print what was lost (hours)
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r stress/requirements.lock
	$(PY) -m stress

.PHONY: mutants
mutants: $(READY) ## Change an operator at a time, and count what no test notices (hours; in a clone of its own)
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r stress/requirements.lock
	$(PY) -m stress.mutation

.PHONY: compare
compare: $(READY) ## Write docs/comparison.md: the hard cases through statsmodels, R (if there) and corrtip
	$(PY) -m benchmarks.comparison docs/comparison.md

.PHONY: refs
refs: ## Compute the reference numbers of the tests again (needs R): each tests/reference/*.R writes its own
	@command -v Rscript >/dev/null || { echo "make refs needs R: Rscript is not on the path"; exit 1; }
	@for script in $(REFERENCES); do echo "$$script" && Rscript "$$script" || exit 1; done

.PHONY: lock
lock: ## Resolve requirements.lock again (needs uv on the path)
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --fork-strategy fewest \
	  --no-header --no-annotate --extra build --extra parquet --extra dask --extra editions --extra docs --extra dev --group setup \
	  --output-file requirements.lock --quiet
	uv pip compile --group stress --universal --python-version 3.11 --generate-hashes --fork-strategy requires-python \
	  --no-header --no-annotate --constraint requirements.lock --output-file stress/requirements.lock --quiet

.PHONY: dist
dist: $(READY) ## Build the wheel into dist/
	$(PY) -m hatchling build -t wheel

.PHONY: clean
clean: ## Remove what was built; keep .venv
	rm -rf build dist data/processed docs/reference
