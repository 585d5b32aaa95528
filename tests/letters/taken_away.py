"""The program without one of its functions, to see which case fails then.

A function that was taken away does nothing: it gives back the record that it was given to change, else nothing of its
type.  It is taken from every module and table that holds it.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from typing import Any

import pytest

NOTHING: Mapping[str, Any] = {
    "str": "", "bool": False, "int": 0, "list": [], "set": set(), "dict": {}, "frozenset": frozenset(), "None": None,
    "Mapping": {}, "Sequence": (), "Iterable": (), "Iterator": (),
}  # fmt: skip


def function(name: str) -> Callable[..., Any]:
    """By the name it has below `sitmail`: "domain.rules.cover"."""
    module, _, its_own = name.rpartition(".")
    found: Callable[..., Any] = getattr(importlib.import_module(f"sitmail.{module}"), its_own)
    return found


@contextmanager
def without(name: str) -> Iterator[None]:
    whole = function(name)
    stub = idle(whole)
    with pytest.MonkeyPatch.context() as patch:
        for module in [one for at, one in sys.modules.items() if at.partition(".")[0] == "sitmail"]:
            for place, value in list(vars(module).items()):
                if value is whole:
                    patch.setattr(module, place, stub)
                elif type(value) is tuple and any(one is whole for one in value):
                    patch.setattr(module, place, tuple(stub if one is whole else one for one in value))
                elif type(value) is dict and not place.startswith("__"):
                    for key in [key for key, one in value.items() if one is whole]:
                        patch.setitem(value, key, stub)
        yield


def idle(whole: Callable[..., Any]) -> Callable[..., Any]:
    """A function with the same arguments that does nothing."""
    annotation = str(whole.__annotations__["return"])
    parameters = inspect.signature(whole).parameters
    same = next((at for at, one in enumerate(parameters.values()) if str(one.annotation) == annotation), None)
    if same is not None and annotation not in NOTHING:
        return lambda *given, **named: given[same]
    nothing = _nothing(ast.parse(annotation, mode="eval").body, whole)
    return lambda *given, **named: nothing


def _nothing(annotation: ast.expr, whole: Callable[..., Any]) -> Any:
    """What has nothing in it: None for `X | None`, both parts of `tuple[X, Y]`, a record by default, a first code."""
    if isinstance(annotation, ast.BinOp):
        return None
    if isinstance(annotation, ast.Subscript) and ast.unparse(annotation.value) == "tuple":
        parts = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]
        return () if ast.unparse(parts[-1]) == "..." else tuple(_nothing(one, whole) for one in parts)
    name = ast.unparse(annotation.value if isinstance(annotation, ast.Subscript) else annotation)
    if name in NOTHING:
        return NOTHING[name]
    kind = whole.__globals__[name]
    return next(iter(kind)) if issubclass(kind, Enum) else kind()
