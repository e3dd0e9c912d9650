# Every recipe works from a fresh clone with Python 3.11 or later, git and make; `make conformance` also needs Node 20, Java 17 and Maven.
PYTHON ?= python3
PORT ?= 8080
WORKERS ?= auto
EXAMPLE ?= $(firstword $(wildcard fhir_profiles/examples/*kidney*.json))
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --no-input
LOCK := $(BIN)/uv pip compile --quiet --system-certs --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock"
HOW_MANY ?= 5000 50000
ANSWERS := .conformance/answers
PACKAGE := .conformance/package
JAVA := .conformance/java
HAPI := .conformance/hapi
NEEDS_JAVA = command -v java >/dev/null && command -v mvn >/dev/null || \
	{ echo "HL7's validator and HAPI need Java 17 or later (java) and Maven (mvn): install both" >&2; exit 1; }
# One quick compiler and one collector: most of a run is loading definitions, which that halves.
VALIDATOR = java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp $(JAVA)/classes:$$(cat $(JAVA)/classpath)

.PHONY: help run test coverage check format docs golden mutants damage fuzz conformance servers snapshots bench lock clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

run: .venv/service ## start the service on 127.0.0.1:PORT and send it an example patient
	@test -f "$(EXAMPLE)" || { echo "make run: no example at '$(EXAMPLE)'; name one: EXAMPLE=file.json" >&2; exit 1; }
	@exec env PORT="$(PORT)" $(BIN)/python -m baclofen_safety.demo "$(EXAMPLE)"

test: .venv/dev ## all tests, on every core (WORKERS=0 for one process); ARGS="-k kidney" chooses some
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup $(ARGS)

coverage: .venv/dev ## all tests, and what they must reach: every branch of core and rules, 95 % of the rest
	$(MAKE) test ARGS="tests/test_limits.py"
	$(MAKE) test ARGS="--cov --cov-report= --ignore=tests/test_limits.py $(ARGS)"
	$(BIN)/python -m coverage report --show-missing --skip-covered --fail-under=100 --include='*/core/*,*/rules/*'
	$(BIN)/python -m coverage report --show-missing --skip-covered --fail-under=95 --omit='*/core/*,*/rules/*'

check: .venv/dev ## lint, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: .venv/dev ## write the house format
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

docs: .venv/dev ## write the generated pages
	$(BIN)/python -m baclofen_safety.handbook

golden: .venv/dev ## write down anew what every case says, for review
	$(BIN)/python tests/golden.py
	$(BIN)/python tests/cds_pairs.py

mutants: .venv/dev ## how many small faults in rules, dose, kidney and taper the tests notice; ARGS="rules/baclofen/renal" chooses
	$(BIN)/python tests/mutants.py $(ARGS)

damage: .venv/dev ## damage 20,000 Bundles and 20,000 calls that fire, look for silence; ARGS="2000 7" for so many with that seed
	$(BIN)/python tests/metamorphic.py $(ARGS)
	$(BIN)/python tests/cds_damage.py $(ARGS)

fuzz: .venv/dev ## 5,000 requests to every operation of /openapi.json, 50,000 Bundles through the FHIR door; HOW_MANY="100 2000" for so many; ARGS="7 /fhir" for that seed and those operations
	$(BIN)/python tests/api_fuzz.py $(firstword $(HOW_MANY)) $(ARGS)
	$(BIN)/python tests/bundle_fuzz.py $(lastword $(HOW_MANY)) $(firstword $(ARGS))

conformance: .venv/dev conformance/node_modules/.package-lock.json $(JAVA)/classpath ## check answers and artifacts with independent FHIR checkers, and make servers; ARGS=all: HL7's validator sees every answer
	rm -rf $(ANSWERS) $(PACKAGE)
	$(BIN)/python tests/answers.py $(ANSWERS) $(ARGS)
	$(BIN)/baclofen-safety publish $(PACKAGE).tgz
	tar -xzf $(PACKAGE).tgz -C .conformance
	cd conformance && npm run --silent self-test
	cd conformance && npm run --silent check -- ../$(ANSWERS)/every/r4 ../fhir_profiles ../$(PACKAGE)
	$(VALIDATOR) Snapshots fhir_profiles
	$(VALIDATOR) SelfTest $(PACKAGE).tgz conformance/fixtures
	$(VALIDATOR) Check $(PACKAGE).tgz $(ANSWERS)/$(if $(filter all,$(ARGS)),every,chosen) $(PACKAGE)
	$(MAKE) servers

servers: .venv/dev conformance/node_modules/.package-lock.json $(HAPI)/classpath ## read records from two FHIR servers of others, write findings back twice; ARGS=all: a case of every rule; FHIR_PATIENTS=folder: more patients
	FHIR_CASES="$(ARGS)" conformance/servers/with.sh $(BIN)/python -m pytest -n 0 tests/test_real_ehrs.py

snapshots: $(JAVA)/classpath ## write the snapshots of our profiles from their differentials
	$(VALIDATOR) Snapshots fhir_profiles write

bench: .venv/dev ## how fast it is
	$(BIN)/python -m bench $(ARGS)

lock: .venv/bin/uv ## resolve the dependencies again and write the four lock files
	$(LOCK) pyproject.toml --extra metrics -o requirements.lock $(ARGS)
	$(LOCK) pyproject.toml --extra metrics --extra postgresql -o requirements-postgresql.lock -c requirements.lock $(ARGS)
	$(LOCK) pyproject.toml --extra metrics --extra dev -o requirements-dev.lock -c requirements.lock $(ARGS)
	printf 'hatchling\neditables\n' | $(LOCK) - -o requirements-build.lock $(ARGS)

clean: ## remove what the recipes made
	rm -rf .venv .conformance .coverage .pytest_cache .mypy_cache .ruff_cache .hypothesis conformance/node_modules

.venv/service: requirements.lock requirements-build.lock pyproject.toml | .venv/bin/python
	$(PIP) install --require-hashes -r requirements.lock -r requirements-build.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev: requirements-dev.lock .venv/service
	$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed; name yours: make PYTHON=python3.11 ..." >&2; exit 1; }
	$(PYTHON) -m venv .venv

.venv/bin/uv: | .venv/bin/python
	$(PIP) install "uv==0.13.8"

conformance/node_modules/.package-lock.json: conformance/package-lock.json
	cd conformance && npm ci --loglevel=error
	@touch $@

$(JAVA)/classpath: conformance/java/pom.xml $(wildcard conformance/java/src/main/java/*.java)
	@$(NEEDS_JAVA)
	cd conformance/java && mvn --batch-mode --quiet process-classes
	@touch $@

$(HAPI)/classpath: conformance/servers/hapi/pom.xml $(wildcard conformance/servers/hapi/src/main/java/*.java)
	@$(NEEDS_JAVA)
	cd conformance/servers/hapi && mvn --batch-mode --quiet process-classes
	@touch $@
