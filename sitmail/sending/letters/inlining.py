"""Puts what a template extends and includes into it, once, when it is loaded.

Jinja keeps pieces and blocks apart: every letter looks them up again and makes a context for each of them, which takes
as long as its words.  Therefore the trees that Jinja parses templates into (`jinja2.nodes`, as documented) are joined
before they are compiled.  The letter stays the same.  But an error would name lines of several files: whoever meets one
renders the template as it was, for its place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from jinja2 import nodes
from jinja2.visitor import NodeTransformer

Parse = Callable[[str], nodes.Template]
Body = list[nodes.Node]
# What sets variables, which end with their block or piece; what has variables of its own, which its blocks do not see.
_SETS = (nodes.Assign, nodes.AssignBlock, nodes.Import, nodes.FromImport, nodes.Macro)
_HAS_ITS_OWN = (nodes.For, nodes.With, nodes.Macro, nodes.CallBlock, nodes.FilterBlock, nodes.AssignBlock)


class NotJoinedError(Exception):
    """The template asks for something that is only known while it is rendered."""


def joined(name: str, parse: Parse) -> nodes.Template:
    """The tree of a template without `extends`, `block` and (where the piece is named outright) `include`.

    NotJoinedError where that cannot be; whatever `parse` raises for a template that is missing or has mistakes.
    """
    tree = nodes.Template(_body(name, parse, ()), lineno=1)
    if any(one.name in ("super", "self") for one in tree.find_all(nodes.Name)):
        raise NotJoinedError(name)
    return tree


def _body(name: str, parse: Parse, inside: Sequence[str]) -> Body:
    """What a template consists of, `inside` being those that include it."""
    if name in inside:
        raise NotJoinedError(name)
    tree = parse(name)
    bodies: dict[str, list[Body]] = {}  # of each block: the one that counts, then those it replaces
    _note_blocks(tree, bodies)
    while (parent := _parent(tree)) is not None:
        tree = parse(parent)
        _note_blocks(tree, bodies)
    joiner = _Joiner(bodies, lambda piece: _body(piece, parse, (*inside, name)))
    return joiner.all(tree.body)


def _note_blocks(tree: nodes.Template, bodies: dict[str, list[Body]]) -> None:
    for block in tree.find_all(nodes.Block):
        bodies.setdefault(block.name, []).append(block.body)
    for one in tree.find_all(_HAS_ITS_OWN):
        if one.find(nodes.Block) is not None:
            raise NotJoinedError


def _parent(tree: nodes.Template) -> str | None:
    """The template that this one extends.  Beside its blocks such a template may have white space alone."""
    found = tree.find(nodes.Extends)
    if found is None:
        return None
    others = (one for one in tree.body if not isinstance(one, nodes.Block | nodes.Extends))
    if found not in tree.body or not isinstance(found.template, nodes.Const) or not all(map(_is_space, others)):
        raise NotJoinedError
    return str(found.template.value)


def _is_space(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Output) and all(
        isinstance(one, nodes.TemplateData) and one.data.isspace() for one in node.nodes
    )


class _Joiner(NodeTransformer):
    """Replaces blocks by their bodies, `super()` by the body that was replaced, `include` by the piece.

    Each body is used once; whatever asks for it again is not joined.
    """

    def __init__(self, bodies: dict[str, list[Body]], piece: Callable[[str], Body], block: str = "") -> None:
        self._bodies, self._piece, self._within = bodies, piece, block

    def all(self, body: Body) -> Body:
        return [new for node in body for new in self.visit_list(node)]

    def visit_Block(self, node: nodes.Block) -> Body:
        if node.required:
            raise NotJoinedError(node.name)
        return self._next_body(node.name)

    def visit_Output(self, node: nodes.Output) -> Body:
        """`{{ super() }}` stands among words and values."""
        parts: Body = []
        for one in node.nodes:
            if self._within and _is_super(one):
                parts += self._next_body(self._within)
            else:
                parts.append(nodes.Output([one], lineno=one.lineno))
        return parts

    def visit_Include(self, node: nodes.Include) -> Any:
        if node.ignore_missing or not node.with_context or not isinstance(node.template, nodes.Const):
            return node
        return _closed(self._piece(str(node.template.value)))

    def _next_body(self, block: str) -> Body:
        if not self._bodies[block]:
            raise NotJoinedError(block)
        return _closed(_Joiner(self._bodies, self._piece, block).all(self._bodies[block].pop(0)))


def _is_super(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name == "super"


def _closed(body: Body) -> Body:
    """A variable that is set in a block or a piece ends with it."""
    if any(isinstance(node, _SETS) or any(node.find_all(_SETS)) for node in body):
        return [nodes.Scope(body, lineno=body[0].lineno)]
    return body
