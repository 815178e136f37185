.DEFAULT_GOAL := help
.PHONY: help demo run test check messages lock bench

help: ## show this
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' Makefile

demo: ## serve a simulated challenge on http://127.0.0.1:8000
	python3 run.py demo

run: ## serve your own data
	python3 run.py run

test: ## every test, on SQLite and PostgreSQL and in a real browser
	python3 run.py test

check: ## format, lint, types, import layers, translations, licences, vulnerabilities, tests
	python3 run.py check

messages: ## bring the translation catalogues in step with the source
	python3 run.py messages

COMPILE = uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate

lock: ## make both lock files anew from pyproject.toml (needs uv)
	$(COMPILE) --upgrade -o requirements.lock
	$(COMPILE) --upgrade --group test --constraint requirements.lock -o requirements-test.lock

bench: ## every claim about speed and quality, measured here
	@for script in benchmarks/[a-z]*.py; do echo "== $$script"; PYTHONPATH=. .venv/bin/python "$$script" || exit 1; done
