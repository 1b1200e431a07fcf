# Every target does its own set-up: Go, Python 3, gcc, make and the package registries are enough.
# What may hang has a limit (.ci/within) of more than twice what it takes on two busy cores.
PYTHON ?= python3
FUZZTIME ?= 4s

.PHONY: demo check test bench build fuzz lint packages clean

build: ## bin/mpbridge
	CGO_ENABLED=0 .ci/within 10m go build -trimpath -o bin/mpbridge ./cmd/mpbridge

demo: build ## a Go server with stock Python workers, the reverse, and a pool
	.ci/within 2m bin/mpbridge demo --python $(PYTHON)
	.ci/within 2m bin/mpbridge demo pool --python $(PYTHON)

.venv/ready: pytests/requirements.txt
	$(PYTHON) -m venv .venv
	.ci/within 10m .venv/bin/pip install --quiet --disable-pip-version-check -r pytests/requirements.txt
	touch .venv/ready

packages: ## what tests use with Pythons: numpy, say; in .packages
	.ci/within 10m go run ./interop/packages

lint: ## gofmt, vet for five systems, staticcheck
	.ci/within 15m .ci/lint

fuzz: ## FUZZTIME of each fuzz target
	FUZZTIME=$(FUZZTIME) .ci/within 12h .ci/fuzz

check: .venv/ready build ## what to run before each commit: lint, the Go tests, three Pythons
	.ci/check

test: .venv/ready build packages ## everything
	.ci/able
	FUZZTIME=$(FUZZTIME) .ci/stages

bench: build ## ratios to CPython's server and to the raw socket
	.ci/within 15m go test -timeout 12m -run '^$$' -bench . -benchtime 200ms ./pickle ./sharedmem ./connection ./managers/queue ./managers/server ./synchronize
	.ci/within 10m go test -timeout 8m -run '^$$' -bench SemaphoresWithPython -benchtime 20000x ./interop
	.ci/within 30m go run ./interop/bench
	.ci/within 30m go run ./interop/bench/pool
	.ci/within 30m go run ./interop/bench/pipes

clean:
	rm -rf bin .venv .packages
