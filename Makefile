# Two commands are all there is to know: `make demo` and `make test`. Each installs what it needs first, once.
PYTHON ?= python3
DURATION ?= 30
SECONDS ?= 20
MINUTES ?= 20
PYTEST_ARGS ?=
SOAK_ARGS ?=
DATA ?= ../shared/data
THREADS ?= 1
DEVICE_ARGS ?=
GPU_ARGS ?=
BOOT_ARGS ?=
BIN := .venv/bin
SETUP = PYTHON='$(PYTHON)' bash deploy/setup.sh

.DEFAULT_GOAL := help
.PHONY: help demo test check format bench soak device-bench boot-bench gpu-bench deb student teacher clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## the whole daemon on a built-in clip, for DURATION (30) seconds
	@$(SETUP) demo
	$(BIN)/edge-emotion demo --duration $(DURATION)

# Three processes on two cores: many tests wait for real time to pass. A file's tests stay together, they share what was set up.
test: ## all tests (PYTEST_ARGS='-k name' for some, '-n 0' for one after the other)
	@$(SETUP) test
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

check: ## lint, format, types and the floors of imports
	@$(SETUP) check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict edge
	$(BIN)/lint-imports

format: ## write what `make check` wants to see
	@$(SETUP) check
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: ## measure this machine for SECONDS (20)
	@$(SETUP) demo
	$(BIN)/edge-emotion bench --seconds $(SECONDS)

soak: ## a fault every 20 s for MINUTES (20): what grows, what is lost (SOAK_ARGS='--seed 7 --json')
	@$(SETUP) test
	$(BIN)/python -m tests.soak --minutes $(MINUTES) $(SOAK_ARGS)

device-bench: ## faults of real V4L2 and ALSA devices, systemd and clocks in a QEMU guest (DEVICE_ARGS='camera-unplugged')
	@$(SETUP) device
	$(BIN)/python -m tests.device $(DEVICE_ARGS)

boot-bench: ## install, boot, break and remove the service in containers with a systemd of their own (BOOT_ARGS='--json')
	@$(SETUP) test
	$(BIN)/python -m tests.boot $(BOOT_ARGS)

gpu-bench: ## build, run and compare the student on this machine's NVIDIA GPU (GPU_ARGS='--quick --write docs/tensorrt.md')
	@$(SETUP) $(if $(filter --cpu,$(GPU_ARGS)),train,gpu)
	$(BIN)/python -m engines.gpu_bench $(GPU_ARGS)

deb: ## a Debian package of this checkout and all it needs, for this machine's release and processor, into dist/
	@$(SETUP) deb
	bash deploy/deb.sh

student: ## distil the student from what lies in DATA (../shared/data) and put it into the package: hours
	@$(SETUP) train
	$(BIN)/edge-engines distill --data $(DATA) --threads $(THREADS) $$(bash deploy/recogniser.sh) --export
	$(BIN)/edge-engines export --data $(DATA) --precisions fp16,int8 --precisions-only

teacher: ## train the designed teacher on what lies in DATA: a GPU's work
	@$(SETUP) train
	$(BIN)/edge-engines train --data $(DATA) --threads $(THREADS)

clean: ## build products and caches (.venv stays)
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find edge engines deploy tests -name __pycache__ -type d -prune -exec rm -rf {} +
