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
	$(BIN)/pytest -q -n 2 --dist worksteal -rfE conformance --against both --strict --select 'constraints.MaxNorm'
	$(BIN)/conformance run --subject impl --mode graph --jobs 2 --select 'constraints*' --shard 1/9
	$(BIN)/conformance run --subject impl --mode xla --jobs 2 --select 'constraints*' --shard 1/9
	$(BIN)/conformance run --subject impl --mode graph --jobs 2 $(COMPILED) --shard 1/120
	$(BIN)/conformance run --subject impl --mode xla --jobs 2 $(COMPILED) --shard 1/384
	TF_ENABLE_ONEDNN_OPTS=1 $(BIN)/conformance run --subject keras --subject tf_keras --subject impl --jobs 2 --select 'layers.*/edge/*'
	TF_ENABLE_ONEDNN_OPTS=1 $(BIN)/conformance run --subject keras --subject tf_keras --mode graph --jobs 2 --select 'layers.Dense/edge/*'
	$(BIN)/conformance run --subject keras==3.10.0 --select 'layers.Dense/losses/*' --select 'constraints.MaxNorm*'
	$(BIN)/conformance run --subject tfjs --jobs 2 --select 'layers.DepthwiseConv2D*' --select 'initializers.RandomNormal/sample/*'
	$(BIN)/conformance record --check --select 'initializers.*Normal*'
	$(BIN)/conformance strength mutation --recorded --sample 200 --floor 93

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
