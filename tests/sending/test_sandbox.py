"""The short ways of our sandbox say what Jinja's own sandbox says."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from jinja2 import DictLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from sitmail.sending.sandbox import Sandbox, Seen


class Named(NamedTuple):
    title: str
    parts: tuple[str, ...] = ()


PIECES = {
    "piece": "[{{ named.title }} {{ set_outside|default('-') }}]",
    "base": "<{% block middle %}base{% endblock %}>{{ named.title }}",
    "macros": "{% macro bold(named) %}*{{ named.title }}{{ varargs|join }}*{% endmacro %}",
}
VALUES: dict[str, Any] = {
    "named": Named("Printer", ("a", "b")),
    "other": {"title": "of a dict"},
    "many": [Named("one"), {"title": "two"}, Named("three")],
}
TEMPLATES = [
    "{{ named.title }} {{ other.title }} {{ other.get('title') }} {{ named.parts|join('+') }}",
    "{{ named.title }}{% set named = other %}{{ named.title }}",
    "{% if named.title == 'x' %}{% set named = other %}{% endif %}{{ named.title }}",
    "{% for named in many %}{{ named.title }}{{ loop.index }}{% else %}none{% endfor %}{{ named.title }}",
    "{% for one in many %}{{ one.title }}{{ named.title }}{% set named = one %}{{ named.title }}{% endfor %}",
    "{% for one in many if one.title != named.title recursive %}{{ one.title }}{% endfor %}",
    "{% with named = other %}{{ named.title }}{% endwith %}{{ named.title }}",
    "{% macro said(named) %}{{ named.title }}{{ other.title }}{{ caller() }}{% endmacro %}"
    "{% call said(other) %}{{ named.title }}{% endcall %}{{ named.title }}",
    "{% filter upper %}{{ named.title }}{% endfilter %}{% set text %}{{ named.title }}{% endset %}{{ text }}",
    "{% set set_outside = 1 %}{{ named.title }}{% include 'piece' %}{{ named.title }}",
    "before {% include 'piece' ignore missing without context %} after",
    "{% extends 'base' %}{% block middle %}{{ named.title }}{{ super() }}{% endblock %}",
    "{% if other.title %}{% extends 'base' %}{% endif %}{{ other.title }}",
    "{% import 'macros' as other %}{{ other.bold(named, 1) }}{{ named.title }}",
    "{% from 'macros' import bold as named with context %}{{ named(other) }}",
    "{% set kept = namespace(n=0) %}{% for n in range(3) %}{% set kept.n = kept.n + n %}{% endfor %}{{ kept.n }}",
    "{{ range }}{{ dict(a=1).get('a') }}{{ many[0].title }}{{ (other or named).title }}",
    "{% autoescape true %}{{ named.title }}{{ '<' }}{% endautoescape %}{{ '<' }}",
    "{{ missing_one.title }}",
    "{{ named.nothing }}",
    "{{ named._replace(title='x') }}",
    "{{ named.__class__ }}",
    "{{ other.pop('title') }}",
    "{{ many.append(1) }}",
    "{{ missing_one|default('none') }}{{ named.title if named is defined }}",
]


def _said(room: ImmutableSandboxedEnvironment, source: str) -> str:
    try:
        return room.from_string(source).render(VALUES)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


@pytest.mark.parametrize("source", TEMPLATES)
def test_what_is_said_is_what_jinja_says(source: str) -> None:
    rooms = [
        kind(undefined=StrictUndefined, loader=DictLoader(PIECES)) for kind in (Sandbox, ImmutableSandboxedEnvironment)
    ]
    ours, jinjas = (_said(room, source) for room in rooms)
    assert ours == jinjas
    assert VALUES["other"] == {"title": "of a dict"} and len(VALUES["many"]) == 3


def test_what_is_there_for_all_comes_after_what_a_letter_is_given() -> None:
    room = Sandbox(undefined=StrictUndefined)
    room.globals["named"] = "for all"
    template = room.from_string("{{ named }}{{ range(2)|list }}")
    for values, said in (({}, "for all[0, 1]"), ({"named": "given"}, "given[0, 1]")):
        assert "".join(template.root_render_func(Seen(room, values, None, {}))) == said
