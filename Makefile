# Two commands do everything on a fresh machine: `make run` and `make test`. Each makes .venv.
PYTHON ?= python3
BIN := .venv/bin
export TF_CPP_MIN_LOG_LEVEL ?= 3
# Whether TensorFlow uses oneDNN is otherwise a question of the processor; goldens are without.
export TF_ENABLE_ONEDNN_OPTS ?= 0
# Tracing takes 20 times as long as computing: a part of these in each test, all now and then.
COMPILED := --select 'initializers*' --select 'regularizers*' --select 'layers*' --select 'models*'

.PHONY: run test lint lint-code lint-golden format record clean

run: .venv/ready
	$(BIN)/conformance run --subject impl --subject keras --subject tf_keras --against both --strict --jobs 2

test: .venv/ready
	$(BIN)/pytest -q -n 2 --dist worksteal
	$(MAKE) --no-print-directory --jobs=2 --output-sync $(CHECKS)

# What the commands print and answer, each alone; `make test` has two at a time, as most start slower than they run.
CHECKS := check-mutation check-tfjs check-onednn check-pytest check-graph check-xla check-graph-layers \
	check-xla-layers check-onednn-graph check-version check-record
.PHONY: $(CHECKS)
$(CHECKS): .venv/ready

check-mutation:
	$(BIN)/conformance strength mutation --recorded --sample 200 --floor 93 --jobs 1
check-tfjs:
	$(BIN)/conformance run --subject tfjs --select 'layers.DepthwiseConv2D*' --select 'initializers.RandomNormal/sample/*'
check-pytest:
	$(BIN)/pytest -q -rfE conformance --against both --strict --select 'constraints.MaxNorm'
check-graph:
	$(BIN)/conformance run --subject impl --mode graph --select 'constraints*' --shard 1/9
check-xla:
	$(BIN)/conformance run --subject impl --mode xla --select 'constraints*' --shard 1/9
check-graph-layers:
	$(BIN)/conformance run --subject impl --mode graph $(COMPILED) --shard 1/120
check-xla-layers:
	$(BIN)/conformance run --subject impl --mode xla $(COMPILED) --shard 1/384
check-onednn:
	TF_ENABLE_ONEDNN_OPTS=1 $(BIN)/conformance run --subject keras --subject tf_keras --subject impl --select 'layers.*/edge/*'
check-onednn-graph:
	TF_ENABLE_ONEDNN_OPTS=1 $(BIN)/conformance run --subject keras --subject tf_keras --mode graph --select 'layers.Dense/edge/*'
check-version:
	$(BIN)/conformance run --subject keras==3.10.0 --select 'layers.Dense/losses/*' --select 'constraints.MaxNorm*'
check-record:
	$(BIN)/conformance record --check --select 'initializers.*Normal*'

# `make -j2 lint` does both parts at once.
lint: lint-code lint-golden

lint-code: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lint-golden: .venv/ready
	$(BIN)/conformance lint

format: .venv/ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

record: .venv/ready
	$(BIN)/conformance record --write

.venv/ready: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[official,test]'
	touch $@

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
