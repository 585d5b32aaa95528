"""The sandbox that templates run in: what a letter is given can be looked at, never changed or called.

What the templates say, and where they are, is told in `letters`; here is only how their code is made, and a short way
for what is safe by its nature.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import fields, is_dataclass
from keyword import iskeyword
from typing import Any

from jinja2 import Environment, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.idtracking import VAR_LOAD_RESOLVE
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_YIELDING: tuple[type[nodes.Node], ...] = (nodes.Include, nodes.Extends, nodes.Block)  # these say it themselves
_IMPORTING: tuple[type[nodes.Node], ...] = (nodes.Import, nodes.FromImport)  # names without a node of theirs


class _Code(CodeGenerator):
    """Writes the short ways of `Sandbox` into the templates, for what a name of theirs stands for.

    `incident.title` becomes (incident.title if that is a field of its kind, else what the sandbox says), and
    `detail.get("by")` the call itself if `detail` is a plain dict.  The kind of what a letter is given is looked up
    once, unless the template gives that name to something else.  And what is said is gathered, not yielded bit by bit.
    """

    _looked_into: frozenset[str] = frozenset()  # names whose fields are asked for, and that nothing else gets
    _kinds: frozenset[str] = frozenset()  # variables of the generated code whose kind another variable holds
    _gathers = False

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:
        self._gathers = not any(node.find(kind) for kind in _YIELDING)
        if self._gathers and not any(node.find(kind) for kind in _IMPORTING):
            asked = {one.node.name for one in node.find_all(nodes.Getattr) if isinstance(one.node, nodes.Name)}
            self._looked_into = frozenset(asked - {one.name for one in node.find_all(nodes.Name) if one.ctx != "load"})
        super().visit_Template(node, frame)

    def write_commons(self) -> None:
        super().write_commons()
        if self._gathers:  # what such a template sets it has in variables of its code
            self.writeline("resolve = context.given")

    def enter_frame(self, frame: Frame) -> None:
        super().enter_frame(frame)
        for variable, (action, name) in frame.symbols.loads.items():
            if action == VAR_LOAD_RESOLVE and name in self._looked_into:
                self.writeline(f"kind_of_{variable} = environment.plain[type({variable})]")
                self._kinds |= {variable}

    def blockvisit(self, nodes: Iterable[Any], frame: Frame) -> None:
        if not (self._gathers and frame.toplevel and frame.buffer is None):
            super().blockvisit(nodes, frame)
            return
        self.buffer(frame)
        super().blockvisit(nodes, frame)
        self.writeline(f"yield concat({frame.buffer})")

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:
        if not isinstance(node.node, nodes.Name) or not _NAME.fullmatch(node.attr) or iskeyword(node.attr):
            super().visit_Getattr(node, frame)
            return
        name = frame.symbols.ref(node.node.name)
        kind = f"kind_of_{name}" if name in self._kinds else f"environment.plain[type({name})]"
        self.write(f"({name}.{node.attr} if {node.attr!r} in {kind} else ")
        super().visit_Getattr(node, frame)
        self.write(")")

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:
        called = node.node
        held = called.node if isinstance(called, nodes.Getattr) and called.attr == "get" else None
        if not isinstance(held, nodes.Name) or node.kwargs or node.dyn_args or node.dyn_kwargs or forward_caller:
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        name = frame.symbols.ref(held.name)
        self.write(f"({name}.get(")
        for one in node.args:
            self.visit(one, frame)
            self.write(", ")
        self.write(f") if type({name}) is dict else ")
        super().visit_Call(node, frame, forward_caller=forward_caller)
        self.write(")")


class Seen(Context):
    """What a template sees.  Jinja's own copies all that is there for all templates, which few letters ask for."""

    def __init__(
        self,
        environment: Environment,
        parent: Mapping[str, Any],
        name: str | None,
        blocks: dict[str, Callable[[Context], Iterator[str]]],
        globals: MutableMapping[str, Any] | None = None,
    ) -> None:
        self.parent = parent if isinstance(parent, dict) else dict(parent)
        self.for_all = environment.globals if globals is None else globals
        self.vars = {}
        self.environment = environment
        self.eval_ctx = nodes.EvalContext(environment, name)
        self.exported_vars = set()
        self.name = name
        self.globals_keys = set()
        self.blocks = {name: [block] for name, block in blocks.items()} if blocks else {}

    def resolve_or_missing(self, key: str) -> Any:
        return self.vars[key] if key in self.vars else self.given(key)

    def given(self, key: str) -> Any:
        """What the letter was given, else what there is for all."""
        return self.parent[key] if key in self.parent else self.for_all.get(key, missing)


class Sandbox(ImmutableSandboxedEnvironment):
    """The sandbox, with a short way for what is safe by its nature.

    Most of a letter's time went into asking, for each `incident.title` and `detail.get("by")`, whether that may be
    seen or called.  The fields of a dataclass or named tuple are data and nothing else; and to look into a plain
    dict changes nothing.
    """

    code_generator_class = _Code
    context_class = Seen

    def __init__(self, **options: Any) -> None:
        self.plain = _PLAIN
        super().__init__(**options)

    def getattr(self, obj: object, attribute: str) -> object:
        kind: Any = type(obj)
        if attribute in _PLAIN[kind]:
            return getattr(obj, attribute)
        return super().getattr(obj, attribute)


class _Kinds(dict[Any, frozenset[str]]):
    """Of each type what is data: the fields of a dataclass or a named tuple.

    A program has only so many types, so each is looked at once.
    """

    def __missing__(self, kind: Any) -> frozenset[str]:
        named = kind._fields if issubclass(kind, tuple) and hasattr(kind, "_fields") else ()
        if is_dataclass(kind):
            named = [each.name for each in fields(kind)]
        self[kind] = frozenset(name for name in named if not name.startswith("_"))
        return self[kind]


_PLAIN = _Kinds()
