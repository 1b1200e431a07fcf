# Every target does its own set-up: Go, Python 3, gcc, make and the package registries are enough.
PYTHON ?= python3
FUZZTIME ?= 6s

.PHONY: demo test bench build fuzz lint clean

build: ## bin/mpbridge
	CGO_ENABLED=0 go build -trimpath -o bin/mpbridge ./cmd/mpbridge

demo: build ## a Go server with stock Python workers, the reverse, and a pool
	bin/mpbridge demo --python $(PYTHON)
	bin/mpbridge demo pool --python $(PYTHON)

.venv/ready: pytests/requirements.txt
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check -r pytests/requirements.txt
	touch .venv/ready

lint: ## gofmt, vet for three systems, staticcheck
	.ci/lint

fuzz: ## FUZZTIME of each fuzz target
	FUZZTIME=$(FUZZTIME) .ci/fuzz

test: .venv/ready build ## everything
	.ci/lint
	go test -race -parallel 6 ./...
	FUZZTIME=$(FUZZTIME) .ci/fuzz
	.ci/versions
	.ci/scores
	.ci/soak
	.venv/bin/pytest -q -n 4 pytests

bench: build ## ratios to CPython's server and to the raw socket
	go test -run '^$$' -bench . -benchtime 200ms ./pickle ./connection ./managers
	go run ./interop/bench
	go run ./interop/bench/pool

clean:
	rm -rf bin .venv
