# Shorthands; the commands themselves need no make.
.PHONY: serve test
serve:
	python3 -m kg.bootstrap serve
test:
	python3 -m kg.bootstrap test
