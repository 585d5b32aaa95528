"""Whatever the file contains, only ConfigError is raised, with at least one line and no line break in any of them."""

from __future__ import annotations

import datetime
import re
import tomllib
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from sitmail import config
from sitmail.config.example import example
from sitmail.config.loading import judged
from tests.examples import examples

EVERYTHING = re.sub(r"^#(?=\S)", "", example(), flags=re.MULTILINE)
WORDS = [
    "alice",
    "",
    "support@example.com",
    "{}",
    "1h",
    "0",
    "smtp://[",
    "smtp://a:b@c:99999999",
    "unix:",
    "\0",
    "a\nb",
]
WORDS += ["maildir:\0", "sqlite:///\0", "sqlite:////", "**", "..", "(?:", "09:00-17:00", "x" * 300, "\U0001f600@\u2028"]
DAYS = [datetime.date(2026, 1, 1), datetime.datetime(2026, 1, 1), datetime.time(1)]
SCALARS = st.one_of(
    st.sampled_from(WORDS),
    st.text(max_size=8),
    st.integers(),
    st.integers(15_000, 20_000).map(lambda bits: 1 << bits),
    st.booleans(),
    st.floats(),
    st.sampled_from(DAYS),
)
VALUES = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=3),
    st.dictionaries(st.sampled_from(["id", "name", "mon", "\n"]), SCALARS),
    st.just([[]]),
)


def places(value: Any, so_far: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place in a file at which something may be put."""
    found = [so_far] if so_far else []
    for step, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        found += places(part, (*so_far, step))
    return [*found, (*so_far, "strange\tkey")] if isinstance(value, dict) else found


PLACES = places(tomllib.loads(EVERYTHING))
QUICK = examples(150, suppress_health_check=[HealthCheck.too_slow])


def put(data: Any, place: tuple[str | int, ...], value: Any) -> None:
    """Sets a value, unless an earlier one took the place's table away."""
    for step in place[:-1]:
        if not isinstance(data, dict | list) or (isinstance(data, dict) and step not in data):
            return
        if isinstance(data, list) and (not isinstance(step, int) or step >= len(data)):
            return
        data = data[step]
    if isinstance(data, dict) or (isinstance(data, list) and place[-1] in range(len(data))):
        data[place[-1]] = value


@QUICK
@given(st.lists(st.tuples(st.sampled_from(PLACES), VALUES), max_size=4))
def test_garbage_in_known_places(
    tmp_path_factory: pytest.TempPathFactory, garbage: list[tuple[tuple[str | int, ...], Any]]
) -> None:
    folder = tmp_path_factory.getbasetemp() / "garbage"
    folder.mkdir(exist_ok=True)
    data = tomllib.loads(EVERYTHING)
    for place, value in garbage:
        put(data, place, value)
    try:
        judged(folder / "config.toml", data, {}, [], True)
    except config.ConfigError as error:
        assert error.lines
        assert all("\n" not in line and line.isprintable() for line in error.lines), error.lines


@QUICK
@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_garbage_instead_of_toml(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "garbage.toml"
    path.write_bytes(content)
    with pytest.raises(config.ConfigError) as caught:
        config.load(path, {})
    assert all(line.isprintable() for line in caught.value.lines)


@QUICK
@given(st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(WORDS) | st.text(max_size=8)), max_size=3))
def test_garbage_in_the_environment(
    tmp_path_factory: pytest.TempPathFactory, garbage: list[tuple[tuple[str | int, ...], str]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "environment.toml"
    path.write_text('[desk]\naddress = "support@example.com"\n[[engineer]]\nid = "a"\naddresses = ["a@example.com"]\n')
    environ = {"SITMAIL_" + "__".join(str(step).upper() for step in place): text for place, text in garbage}
    try:
        warnings = config.load(path, environ).warnings
    except config.ConfigError as error:
        warnings = tuple(error.lines)
    assert all(line.isprintable() for line in warnings), warnings
