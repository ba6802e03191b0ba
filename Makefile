# Huying 呼应. `make run` and `make test` do all set-up by themselves; a second run skips what has not changed.
# Every path is relative, so the project may lie under a path with spaces or Chinese characters.
SHELL := /bin/sh
PYTHON ?= python3
PORT ?= 8000
V := .venv/bin
export PORT

.PHONY: run test check bench assets words generated setup clean

run: setup assets
	@$(V)/python manage.py stack --demo --port "$(PORT)"

test: setup assets
	@$(V)/python -m config.words compile
	@$(V)/python -m pytest $(or $(ARGS),-n 2 --dist loadfile)

check: setup assets
	@$(V)/python -m config.checks

bench: setup assets
	@$(V)/python manage.py bench $(ARGS)

assets: setup
	@$(V)/python -m config.assets

# Gather new strings into locale/en (then translate them there).
words: setup
	@$(V)/python -m config.words update

# What is generated from the code and committed.
generated: setup words
	@$(V)/python manage.py lifecycle
	@$(V)/python manage.py spectacular --file openapi.yaml

setup:
	@$(PYTHON) config/bootstrap.py

clean:
	@rm -rf .venv node_modules static/vendor .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@find locale -name '*.mo' -delete 2>/dev/null || true
	@echo "数据目录 .huying/ 没有动；要连数据一起删：rm -rf .huying"
