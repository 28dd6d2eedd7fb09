# Two commands do everything: `make reports` and `make test`. Both set up .venv from the locks first, once.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# BERTopic is installed without the dependencies that it declares (torch among them): the locks are complete without them.
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install --no-deps

.PHONY: reports verify reference test check quick lock messages fuzz picture clean

reports: $(VENV)/.installed
	$(BIN)/research reports

# Measures the committed reports on the bundled articles again and grades them.
verify: $(VENV)/.installed
	$(BIN)/research verify reports/ablation reports/classification reports/discovery reports/encoders reports/few_labels reports/tagging reports/themes reports/transfer

# Hours; needs the reference data beside the project.
reference: $(VENV)/.installed
	$(BIN)/research run ablation --config experiments/ablation_sanad.toml --out reports/ablation_sanad
	$(BIN)/research run ablation --config experiments/ablation_ant.toml --out reports/ablation_ant
	$(BIN)/research run tagging --config experiments/tagging_real.toml --out reports/tagging_real
	$(BIN)/research run tagging --config experiments/tagging_held_back.toml --out reports/tagging_held_back
	$(BIN)/research run ablation --config experiments/ablation_tagging.toml --out reports/ablation_tagging
	$(BIN)/research run ablation --config experiments/ablation_classification.toml --out reports/ablation_classification
	$(BIN)/research run tagging_speed --out reports/tagging_speed
	$(BIN)/research run classification_speed --out reports/classification_speed
	$(BIN)/research run discovery_growth --out reports/discovery_growth
	$(BIN)/research run discovery --config experiments/discovery_sanad.toml --out reports/discovery_sanad
	$(BIN)/research run discovery --config experiments/discovery_ant.toml --out reports/discovery_ant
	$(BIN)/research run discovery --config experiments/discovery_bbc.toml --out reports/discovery_bbc
	$(BIN)/research run classification --config experiments/classification_un.toml --out reports/classification_un
	$(BIN)/research run classification --config experiments/classification_sanad.toml --out reports/classification_sanad
	$(BIN)/research run classification --config experiments/classification_ant.toml --out reports/classification_ant
	$(BIN)/research run few_labels --config experiments/few_labels_un.toml --out reports/few_labels_un
	$(BIN)/research run ablation --config experiments/ablation_classification_un.toml --out reports/ablation_classification_un
	$(BIN)/research run classification --config experiments/classification_ant.toml --set most=24840 --set name=ant_all \
	  --set 'ways=["research (default)"]' --out reports/classification_ant_all
	$(BIN)/research run transfer --config experiments/transfer_un.toml --out reports/transfer_un
	$(BIN)/research run scale --out reports/scale

# Two processes of one thread each: threads of two would spin against each other. A file's tests stay together, as they share
# what takes long to make.
SHARED := OPENBLAS_NUM_THREADS=1 RESEARCH_CORES=1 $(BIN)/python -m pytest -n 2 --dist loadfile

test: $(VENV)/.installed-dev
	$(SHARED)

quick: $(VENV)/.installed-dev
	$(SHARED) -m "not slow and not browser"

check: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.audit

# New versions within the bounds of pyproject.toml, with the hashes of all their files. BERTopic and what builds the package are
# added as they are, with those of their wheels.
COMPILE = $(BIN)/pip-compile -q --upgrade --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --strip-extras
ADDED := bertopic==0.17.4 setuptools==84.2.1
lock: $(VENV)/.installed-dev
	$(COMPILE) -o requirements.lock pyproject.toml
	$(COMPILE) --allow-unsafe --extra dev --extra e5 -c requirements.lock -o requirements-dev.lock pyproject.toml
	@echo '# bertopic without what it declares: see README; setuptools builds the package' >> requirements.lock
	@set -e; for pin in $(ADDED); do folder=$$(mktemp -d); $(PIP) download -q --no-deps -d $$folder $$pin; \
	  hash=$$($(PIP) hash $$folder/*.whl | grep -e '--hash'); echo "$$pin $$hash" >> requirements.lock; rm -r $$folder; done

# Brings the catalogue of translations to what the package says; new messages stand there untranslated, and a test finds them.
messages: $(VENV)/.installed-dev
	$(BIN)/pybabel -q extract --no-default-keywords -k message -k count:1,2 -k word --no-location --sort-output --width 120 \
	  --omit-header -o $(VENV)/research.pot research experiments
	$(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete --width 120 -i $(VENV)/research.pot -l ar -o research/report/locale/ar.po

# Coverage-guided, so many seconds for each kind of file; ends at the first input that breaks something.
SECONDS ?= 60
fuzz: $(VENV)/.installed-dev
	for kind in $$($(BIN)/python -m tests.fuzz.targets); do \
	  echo "$$kind"; $(BIN)/python -m tests.fuzz.long $$kind -max_total_time=$(SECONDS) -verbosity=0 || exit 1; done

# The pictures of the README.
picture: $(VENV)/.installed-dev
	$(BIN)/python -m tests.browser.picture

clean:
	rm -rf $(VENV) runs

$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) -r requirements.lock
	$(INSTALL) --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	$(INSTALL) -r requirements-dev.lock
	@touch $@
