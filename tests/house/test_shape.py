"""Every module has a docstring, and files and functions stay small."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

FILE_LINES = 350
FUNCTION_LINES = 60
# What may be longer, and why.  An entry that is no longer needed fails too.
LONG: dict[str, str] = {
    "sitmail/store/schema.py": "the tables are one list, read top to bottom",
}
GENERATED = "sitmail/store/migrations/"  # written by Alembic from the schema


def too_long(name: str, tree: ast.Module, lines: int) -> list[str]:
    """What of a module is over the bounds, docstrings of functions not counted."""
    found = [name] if lines > FILE_LINES else []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
            if (node.end_lineno or 0) - first.lineno + 1 > FUNCTION_LINES:
                found.append(f"{name}:{node.name}")
    return found


def test_every_module_says_what_it_is_for(modules: dict[str, ast.Module]) -> None:
    silent = [name for name, tree in modules.items() if not (ast.get_docstring(tree) or "").strip()]
    assert silent == []


def test_files_and_functions_stay_short(checkout: Path, modules: dict[str, ast.Module]) -> None:
    long = [
        found
        for name, tree in modules.items()
        if not name.startswith(GENERATED)
        for found in too_long(name, tree, len((checkout / name).read_text().splitlines()))
    ]
    assert sorted(long) == sorted(LONG)


@pytest.mark.parametrize(("body", "lines", "found"), [(10, 20, []), (61, 70, ["m:f"]), (3, 351, ["m"])])
def test_the_bounds_are_noticed(body: int, lines: int, found: list[str]) -> None:
    tree = ast.parse("def f():\n    '''Say.'''\n" + "    x = 1\n" * body)
    assert too_long("m", tree, lines) == found


def test_no_room_is_a_drawer_for_everything(modules: dict[str, ast.Module]) -> None:
    drawers = {"utils", "util", "helpers", "helper", "manager", "common", "base", "misc", "tools"}
    assert [name for name in modules if set(Path(name).with_suffix("").parts) & drawers] == []


def test_only_doors_courier_and_daemon_are_async(modules: dict[str, ast.Module]) -> None:
    """Everything else is plain code, run in threads or workers.  The demo plays the relay, by a door of its own."""
    rooms = (
        "sitmail/daemon/",
        "sitmail/receiving/",
        "sitmail/sending/courier",
        "sitmail/sending/relay",
        "sitmail/cli/demo.py",
    )
    astray = [
        name
        for name, tree in modules.items()
        if not name.startswith(rooms) and any(isinstance(node, ast.AsyncFunctionDef) for node in ast.walk(tree))
    ]
    assert astray == []
