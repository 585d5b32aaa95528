"""Every import is declared as a dependency, every dependency is imported, and tested versions are pinned."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

# Declared without an import of ours, and why.
SILENT = {
    "tzdata": "zoneinfo reads it on machines without time zones",
}
# Imported although another distribution brings it, and which.
BROUGHT = {"re2": "google_re2", "pydantic_core": "pydantic", "Stemmer": "pystemmer"}


@pytest.fixture(scope="module")
def project(checkout: Path) -> dict[str, object]:
    project: dict[str, object] = tomllib.loads((checkout / "pyproject.toml").read_text())["project"]
    return project


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=~! ]", line, maxsplit=1)[0].lower() for line in requirements}


def imported(tree: ast.Module) -> Iterator[str]:
    """Top-level packages that a module imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def foreign(modules: dict[str, ast.Module]) -> set[str]:
    every = {name for tree in modules.values() for name in imported(tree)}
    return every - set(sys.stdlib_module_names) - {"sitmail"}


def test_every_import_is_declared_and_every_declaration_imported(
    modules: dict[str, ast.Module], project: dict[str, object]
) -> None:
    declared = {name.replace("-", "_") for name in names(project["dependencies"])}  # type: ignore[arg-type]
    found = foreign(modules) - {"psycopg", "matplotlib"}  # extras: for a store where it is configured, and for pictures
    brought = {BROUGHT.get(name, name) for name in found}
    assert brought - declared == set(), "imported, not declared"
    assert declared - set(SILENT) - brought == set(), "declared, not imported"


def test_the_domain_needs_the_standard_library_alone(modules: dict[str, ast.Module]) -> None:
    domain = {name: tree for name, tree in modules.items() if name.startswith("sitmail/domain/")}
    assert foreign(domain) == set()


def test_the_domain_has_no_clock_randomness_or_outside_world(modules: dict[str, ast.Module]) -> None:
    outside = {"asyncio", "io", "logging", "os", "pathlib", "random", "secrets", "socket", "subprocess", "threading"}
    found = {
        (name, module)
        for name, tree in modules.items()
        if name.startswith("sitmail/domain/")
        for module in imported(tree)
        if module in outside | {"time"}
    }
    assert found == set()


def test_constraints_pin_names_and_versions_only(checkout: Path, project: dict[str, object]) -> None:
    lines = [line for line in (checkout / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9][A-Za-z0-9.]*", line)] == []
    pinned = {line.split("==")[0].lower().replace("_", "-") for line in lines}
    extras: dict[str, list[str]] = project["optional-dependencies"]  # type: ignore[assignment]
    wanted = names(project["dependencies"]).union(*map(names, extras.values()))  # type: ignore[arg-type]
    assert wanted - pinned == set()
