"""The samples with which `check` renders letters reach every branch of every packaged template."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from jinja2 import Environment, nodes

from sitmail.cli.samples import samples
from sitmail.sending.letters import templates
from sitmail.sending.letters.templates import Letters, packaged


class Marks:
    """Puts a mark into every branch while Jinja parses, and sees which are passed while it renders."""

    def __init__(self) -> None:
        self.at: dict[int, tuple[str, str]] = {}
        self.seen: set[int] = set()
        self._numbers = count()

    def put(self, tree: nodes.Template, name: str) -> nodes.Template:
        for node in list(tree.find_all((nodes.If, nodes.For))):
            node.body.insert(0, self._statement(name, node, "body"))
            if node.else_:
                node.else_.insert(0, self._statement(name, node, "else"))
        for choice in list(tree.find_all(nodes.CondExpr)):
            choice.expr1 = self._call(name, choice, "if", choice.expr1)
            if choice.expr2 is not None:
                choice.expr2 = self._call(name, choice, "else", choice.expr2)
        for either in list(tree.find_all(nodes.Or)):
            either.right = self._call(name, either, "or", either.right)
        return tree

    def through(self, number: int, value: Any = "") -> Any:
        self.seen.add(number)
        return value

    def _call(self, name: str, node: nodes.Node, branch: str, *value: nodes.Expr) -> nodes.Expr:
        number = next(self._numbers)
        self.at[number] = (name, f"{node.lineno}: {type(node).__name__} {branch}")
        made = nodes.Call(nodes.Name("through", "load"), [nodes.Const(number), *value], [], None, None)
        return made.set_lineno(node.lineno)  # type: ignore[return-value]

    def _statement(self, name: str, node: nodes.Node, branch: str) -> nodes.Node:
        return nodes.ExprStmt(self._call(name, node, branch)).set_lineno(node.lineno)


@pytest.fixture
def marks(monkeypatch: pytest.MonkeyPatch) -> Marks:
    made, parse = Marks(), Environment._parse

    def marked(self: Any, source: str, name: str | None, filename: str | None) -> nodes.Template:
        self.globals["through"] = made.through
        tree = parse(self, source, name, filename)
        return made.put(tree, name or "").set_environment(self)  # type: ignore[return-value]

    monkeypatch.setattr(Environment, "_parse", marked)
    monkeypatch.setattr(templates, "_ONE_FOLDER", {})  # what was parsed before in this process has no marks
    return made


def test_every_branch_is_reached(marks: Marks) -> None:
    assert Letters([packaged()]).check(samples()) == []
    assert len(marks.at) > 80
    missing = sorted(marks.at[number] for number in set(marks.at) - marks.seen)
    assert not missing, missing


@pytest.mark.parametrize(("language", "begins"), [("en", "You get "), ("de", "Sie bekommen "), ("fr", "Vous recevez ")])
def test_every_letter_ends_with_why_its_reader_got_it(language: str, begins: str) -> None:
    book = Letters([packaged()])
    for purpose, occasions in samples().items():
        for values in occasions:
            if not values.get("piece"):
                letter = book.write(language, purpose, values, "support+i12.k@example.com", "[SIT-12]")
                last = letter.text.rstrip().rpartition("\n\n")[2]
                assert last.startswith(begins), (purpose, last)
                assert not letter.page or begins in letter.page
