"""What is joined when it is loaded gives the same letters as Jinja gives piece by piece."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from jinja2 import DictLoader, Environment, StrictUndefined, nodes

from sitmail.cli.samples import samples
from sitmail.sending.letters.inlining import NotJoinedError, joined
from sitmail.sending.letters.templates import Letters, packaged
from sitmail.sending.letters.translation import in_one

BASE = "<{% block a %}base a{% endblock %}|{% if deep %}{% block b %}base b {{ who }}{% endblock %}{% endif %}>"
PIECES = {
    "base": BASE,
    "middle": "{% extends 'base' %}\n{% block a %}middle, {{ super() }}{% endblock %}",
    "piece": "{% set who = 'piece' %}{{ who }}",
    "blocks": "{% block a %}of its own{% endblock %}",
    "loop": "{{ each }}",
}


def tree(text: str, more: Mapping[str, str] = PIECES) -> tuple[Environment, nodes.Template]:
    environment = Environment(loader=DictLoader({**more, "it": text}), undefined=StrictUndefined)
    return environment, joined("it", lambda name: environment.parse({**more, "it": text}[name]))


@pytest.mark.parametrize(
    "text",
    [
        "{% extends 'base' %}",
        "{% extends 'base' %} {% block a %}mine{% endblock %}",
        "{% extends 'base' %} {% block b %}mine: {{ super() }}!{% endblock %}",
        "{% extends 'middle' %} {% block a %}mine: {{ super() }}!{% endblock %}",
        "{% extends 'middle' %} {% block a %}{% if deep %}[{{ super() }}]{% endif %}{% endblock %}",
        "{% extends 'middle' %} {% block b %}{% block c %}c{% endblock %}{% endblock %}{% block no %}{% endblock %}",
        "{% extends 'base' %} {% block a %}{% set who = 'a' %}{{ who }}{% endblock %}",
        "{{ who }} {% include 'piece' %} {{ who }} {% include 'piece' %}",
        "{% include 'blocks' %}{% block a %}here{% endblock %}{% include 'blocks' %}",
        "{% for each in (1, 2) %}{% include 'loop' %}{% endfor %}",
        "{% include 'no' + 'where' ignore missing %}{% include 'middle' %}",
        "{% macro m(x) %}<{{ x }}>{% endmacro %}{{ m(who) }}",
    ],
)
def test_the_words_are_the_same(text: str) -> None:
    environment, found = tree(text)
    template = environment.template_class.from_code(environment, environment.compile(found), {})
    for values in ({"deep": True, "who": "Bob"}, {"deep": False, "who": ""}):
        assert template.render(values) == environment.get_template("it").render(values)
    assert found.find((nodes.Block, nodes.Extends)) is None


@pytest.mark.parametrize(
    "text",
    [
        "{% extends kind %}",
        "{% if deep %}{% extends 'base' %}{% endif %}",
        "{% extends 'base' %}{% set who = 'all blocks' %}",
        "{% extends 'base' %} {% block a %}{{ self.b() }}{% endblock %}",
        "{% extends 'base' %} {% block a %}{{ super()|upper }}{% endblock %}",
        "{% extends 'base' %} {% block a %}{{ super() }}{{ super() }}{% endblock %}",
        "{% for who in 'ab' %}{% block a %}{{ who }}{% endblock %}{% endfor %}",
        "{% block a required %}{% endblock %}",
        "{% include 'it' %}",
    ],
)
def test_what_is_known_only_in_the_letter_stays_apart(text: str) -> None:
    with pytest.raises(NotJoinedError):
        tree(text)


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_every_letter_of_ours_is_joined_and_says_the_same(language: str) -> None:
    letters = Letters([packaged()])
    spoken = letters.language(language)
    (environment,) = letters._environments_in(spoken)
    for purpose, occasions in samples().items():
        name = f"{purpose}.txt"
        one, apart = in_one(environment, name), environment.get_template(name)
        assert one is not apart and not one.blocks
        for values in occasions:
            assert one.render({**values, **spoken.names}) == apart.render({**values, **spoken.names}), purpose
