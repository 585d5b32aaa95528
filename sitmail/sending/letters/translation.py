"""Templates in one language: sentences are translated when a template is compiled, not once more in each letter.

A sentence is an argument of `_` or what a `trans` tag encloses.  In a compiled template it is a constant, and so is the
block that a filter makes of it.  What depends on values (plural forms, names of things) is translated in the letter.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping, Sequence
from typing import Any

from jinja2 import BaseLoader, ChoiceLoader, Environment, Template, TemplateError, nodes
from jinja2.visitor import NodeTransformer

from sitmail.sending.letters.inlining import NotJoinedError, joined

_CALLED = ("_", "gettext")  # by templates; by what Jinja's i18n extension makes of a `trans` tag


def in_one(environment: Environment, name: str) -> Template:
    """A template with all that it extends and includes; as `get_template` gives it where that cannot be joined."""
    loader = environment.loader
    return loader.in_one(environment, name) if isinstance(loader, TranslatedLoader) else environment.get_template(name)


class TranslatedLoader(ChoiceLoader):
    """Templates of the first loader that has them; `gettext` translates their sentences."""

    def __init__(self, loaders: Sequence[BaseLoader], gettext: Callable[[str], str]) -> None:
        super().__init__(loaders)
        self._sentences = _Sentences(gettext)
        self._in_one: dict[str, Template] = {}

    def load(self, environment: Environment, name: str, globals: MutableMapping[str, Any] | None = None) -> Template:
        _, path, uptodate = self.get_source(environment, name)
        code = environment.compile(self._parsed(environment, name), name, path)
        return environment.template_class.from_code(environment, code, dict(globals or ()), uptodate)

    def in_one(self, environment: Environment, name: str) -> Template:
        """The template with all that it extends and includes; as `load` gives it where that cannot be joined."""
        if name not in self._in_one:
            self._in_one[name] = self._joined(environment, name)
        return self._in_one[name]

    def _joined(self, environment: Environment, name: str) -> Template:
        try:
            tree = joined(name, lambda each: self._parsed(environment, each))
        except (NotJoinedError, TemplateError):  # of a mistake, Jinja tells the file and the line
            return environment.get_template(name)
        _, path, _ = self.get_source(environment, name)
        return environment.template_class.from_code(environment, environment.compile(tree, name, path), {})

    def _parsed(self, environment: Environment, name: str) -> nodes.Template:
        source, path, _ = self.get_source(environment, name)
        tree: nodes.Template = self._sentences.visit(environment.parse(source, name, path))
        return tree


class _Sentences(NodeTransformer):
    def __init__(self, gettext: Callable[[str], str]) -> None:
        self._gettext = gettext

    def visit_Call(self, node: nodes.Call) -> nodes.Expr:
        self.generic_visit(node)
        sentence = node.args[0] if len(node.args) == 1 else None
        if isinstance(node.node, nodes.Name) and node.node.name in _CALLED and isinstance(sentence, nodes.Const):
            return nodes.Const(self._gettext(sentence.value), lineno=node.lineno)
        return node
