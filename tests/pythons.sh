#!/bin/sh
# The same verdict on every Python: the tests of what is read, in an environment of its own for each.
set -eu
for minor in 11 12 13 14; do
	python=
	for one in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.$minor.*/bin/python "$(command -v python3.$minor || true)"; do
		[ -x "$one" ] && "$one" -c 'import venv' 2>/dev/null && python=$one
	done
	if [ -z "$python" ]; then
		echo "python3.$minor is not here"
		continue
	fi
	home=.pythons/3.$minor
	[ -x "$home/bin/python" ] || "$python" -m venv "$home"
	"$home/bin/python" -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	"$home/bin/python" -V
	"$home/bin/python" -m pytest -q tests/domain tests/fuzz tests/reading tests/receiving tests/sending tests/test_corpora.py
done
