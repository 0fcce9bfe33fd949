# make demo   a new dance from the example video      make check   lint and the quick tests, in three minutes
# make lint   ruff and mypy                           make test    lint and all tests
# make bench   speed, as ratios to named peers
# make gallery   what docs/gallery.md shows               make stress   long runs: dances, kills, attacks, crowds
# make starter DATA=...   the model that comes along, made again from motion capture

PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3,\
	$(shell $(name) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' 2>/dev/null && echo $(name))))
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
# A file at a time in each of two processes, in the order of tests/conftest.py.
PYTEST = $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

# What opencv and mediapipe load from the system; only a bare container lacks it.
LIBRARIES := libgl1 libglib2.0-0 libegl1 libgles2
SYSTEM_LIBRARIES = if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; \
	then apt-get update -qq && apt-get install -y -qq $(LIBRARIES); \
	else echo "OpenCV cannot load: install $(LIBRARIES) (Debian and Ubuntu: sudo apt-get install ...)" >&2; exit 1; fi

# What some tests run, each as program:package; without it they are skipped, or fail where CI is set.
PROGRAMS := chromium:chromium Xvfb:xvfb initdb:postgresql nginx:nginx-light caddy:caddy sqlite3:sqlite3 rsync:rsync \
	curl:curl openssl:openssl systemd-analyze:systemd git:git

# Readers of files in other languages, by which some tests check what is written.
JAVASCRIPT := tests/javascript

# Without compiled files every process of a test would compile every module again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo check quick test programs lint bench stress gallery starter install clean

demo: $(INSTALLED)
	@mkdir -p out
	$(BIN)/bopbot choreograph bopbot/example/salsa.mp4 -o out/demo.mp4 --layout side-by-side --seconds 15 --seed 7

# Mypy runs beside the tests: it has one core for half a minute.
check: $(INSTALLED) programs
	@$(MAKE) --no-print-directory -j 2 lint quick

quick: $(INSTALLED)
	$(PYTEST) -m "not slow"

test: lint programs
	$(PYTEST)

programs:
	@path="$$PATH:/usr/sbin:$$(echo /usr/lib/postgresql/*/bin | tr ' ' ':')"; missing=; \
	for pair in $(PROGRAMS); do \
		PATH="$$path" command -v "$${pair%%:*}" >/dev/null || missing="$$missing $${pair##*:}"; \
	done; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; \
	then apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; \
	else echo "some tests cannot run here without:$$missing (Debian and Ubuntu: sudo apt-get install$$missing)" >&2; fi
	@if [ ! -d $(JAVASCRIPT)/node_modules ] && command -v npm >/dev/null; \
	then npm install --prefix $(JAVASCRIPT) --no-package-lock --no-audit --no-fund --silent \
		|| echo "some tests cannot run here: npm could not install $(JAVASCRIPT)/package.json" >&2; fi

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(INSTALLED)
	$(BIN)/python -m tests.bench

stress: $(INSTALLED)
	PYTHONPATH=tests $(BIN)/python -m tests.stress $(RUNS)

gallery: $(INSTALLED)
	$(BIN)/python docs/make_gallery.py

starter: $(INSTALLED)
	@test -n "$(DATA)" || { echo "name the folder that holds mocap/: make starter DATA=path/to/data" >&2; exit 2; }
	@mkdir -p out
	$(BIN)/python -m bopbot.starter.make_starter $(DATA) out/films

install: $(INSTALLED)

$(INSTALLED): setup.cfg pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "BopBot needs Python 3.11 or 3.12; name one: make PYTHON=/path/to/python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade --constraint constraints.txt --editable '.[serve,dev]'
	@$(BIN)/python -c 'import cv2' 2>/dev/null || $(SYSTEM_LIBRARIES)
	$(BIN)/python -m tests.warm_caches
	@touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info out
