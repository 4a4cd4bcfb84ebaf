# Each goal does its own set-up; a second run does only what has changed.

PREFIX ?= /usr/local
DESTDIR ?=
export PREFIX DESTDIR

.PHONY: help demo test test-python fuzz mutate docs build wheel install uninstall default-head ablations bench-peers format lint clean
.DEFAULT_GOAL := help

help: ## list the goals
	@sed -n 's/^\([a-z-]*\):[^#]*## /  make \1\t/p' Makefile | expand -t 24

demo: ## build, fetch encoder and footage, print scores
	@scripts/demo

# The products by name: without, the package manager also compiles protoc, which nothing here runs.
test: ## check the style, then run every test
	@scripts/setup
	@scripts/check-style
	@scripts/test-files
	swift build -c release --product ganrm
	swift build -c release --product ganrmPackageTests
	swift test -c release --skip-build

fuzz: ## fuzz the readers, $(FUZZ_SECONDS) seconds for each of $(FUZZ_TARGETS) (default: 600, all)
	@scripts/setup
	@scripts/fuzz $(FUZZ_TARGETS)

mutate: ## run the command on damaged files
	@scripts/setup
	swift build -c release --product ganrm
	@scripts/mutate

docs: ## documentation of the Swift library, a web site in .build/docs
	@scripts/setup
	@scripts/build-docs

build: ## command, C library and frei0r plug-in, as they are installed, in .build/dist
	@scripts/setup
	@scripts/build-dist

wheel: ## the Python package with command and library, in .build/wheel
	@scripts/setup advancecomp dpkg-dev libmbedtls-dev libopenblas-serial-dev libvpx-dev meson nasm python3-venv
	@scripts/build-static
	@scripts/build-wheel

test-python: wheel ## test the Python package in a virtual environment
	@scripts/test-python

install: ## into $(DESTDIR)$(PREFIX), by default /usr/local
	@if command -v swift >/dev/null; then scripts/setup && scripts/build-dist; fi
	@scripts/install

uninstall: ## remove what install put there
	@scripts/install --remove

default-head: ## train the head in models/ again (see docs/default-head.md)
	@scripts/setup
	@scripts/default-head

ablations: ## rerun the paper's ablations and write docs/ablations.md
	@scripts/setup
	@scripts/ablations

bench-peers: ## measure against other runtimes and redraw docs/performance.md
	@scripts/setup
	@scripts/build-dist
	@scripts/bench-peers

format: ## rewrite Swift files in the project's style
	swift format --in-place --recursive Package.swift Sources Tests Fuzz

lint: ## what `test` checks before it builds
	@scripts/check-style

clean: ## remove what was built; the cache of models stays
	rm -rf .build
