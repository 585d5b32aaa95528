"""References in code, tests and pages lead to sections, rows and functions that exist."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PLACES = ("sitmail/", "tests/", "bench/", "docs/", "templates/", "README.md", "HACKING.md", "CHANGELOG.md")
HERE = "tests/house/test_references.py"
SECTION = re.compile(r"behaviour\s\d+(?:(?:,| and|, and) \d+)*")
ROW = re.compile(r"\bS\d-\d\d\b")
ROOM = re.compile(
    r"`((?:cli|config|daemon|domain|reading|receiving|sending|services|store)(?:/[a-z_]+)+)"
    r"(?:[.:]([A-Za-z_][A-Za-z_.]*))?(?:\(\))?`"
)


def sections(text: str) -> set[str]:
    """Numbers of sections that a text sends its reader to."""
    return {number for found in SECTION.finditer(text) for number in re.findall(r"\d+", found[0])}


def named(tree: ast.Module) -> set[str]:
    """Names that a module defines: functions, classes, their methods, and what is assigned at its top."""

    def of(body: list[ast.stmt], prefix: str = "") -> Iterator[str]:
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield prefix + node.name
                if isinstance(node, ast.ClassDef):
                    yield from of(node.body, f"{prefix}{node.name}.")
            elif isinstance(node, ast.Assign):
                yield from (prefix + target.id for target in node.targets if isinstance(target, ast.Name))
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                yield prefix + node.target.id

    return set(of(tree.body))


def missing(page: str, modules: dict[str, ast.Module]) -> list[str]:
    """Rooms and their functions that a page names and the source has not."""
    folders = {str(parent) for name in modules for parent in Path(name).parents}
    gone = []
    for found in ROOM.finditer(page):
        tree = modules.get(f"sitmail/{found[1]}.py") or modules.get(f"sitmail/{found[1]}/__init__.py")
        known = found[2] in named(tree) if tree and found[2] else tree or f"sitmail/{found[1]}" in folders
        if not known:
            gone.append(found[0])
    return gone


@pytest.fixture(scope="module")
def ours(texts: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in texts.items() if name.startswith(PLACES) and name != HERE}


def test_every_section_that_is_named_is_on_the_page(ours: dict[str, str]) -> None:
    there = set(re.findall(r"^## (\d+)\. ", ours["docs/reference/behaviour.md"], re.MULTILINE))
    assert {(name, one) for name, text in ours.items() for one in sections(text) - there} == set()


def test_every_section_of_a_letter_case_is_on_the_page(ours: dict[str, str]) -> None:
    there = set(re.findall(r"^## (\d+)\. ", ours["docs/reference/behaviour.md"], re.MULTILINE))
    cases = {name: text for name, text in ours.items() if name.startswith("tests/letters/cases/")}
    said = {name: re.search(r'^behaviour = "(\d+(?:, \d+)*)"$', text, re.MULTILINE) for name, text in cases.items()}
    assert [name for name, found in said.items() if not found or set(found[1].split(", ")) - there] == []


def test_every_row_that_is_named_is_in_origins_and_no_other(ours: dict[str, str]) -> None:
    page = "docs/explanation/origins.md"
    rows = set(re.findall(r"^\| (S\d-\d\d) \|", ours[page], re.MULTILINE))
    wanted = {row for name, text in ours.items() if name != page for row in ROW.findall(text)}
    assert rows == wanted


PATH = re.compile(r"(?:`|\s)((?:tests|templates|docs|systemd|bench)/[\w./-]*\w)")


def test_files_that_hacking_names_exist(ours: dict[str, str], checkout: Path) -> None:
    paths = {path for path in PATH.findall(ours["HACKING.md"]) if not path.endswith("PURPOSE.txt")}
    assert len(paths) > 5
    assert [path for path in paths if not (checkout / path).exists()] == []


def test_files_that_the_letter_cases_name_exist(ours: dict[str, str], checkout: Path) -> None:
    page = ours["tests/letters/README.md"]
    files = set(re.findall(r"`([a-z_]+\.(?:py|toml))`", page))
    assert len(files) > 5
    assert [name for name in files if not (checkout / "tests/letters" / name).exists()] == []


@pytest.mark.parametrize("page", ["HACKING.md", "docs/explanation/flow.md", "docs/explanation/glossary.md"])
def test_every_room_and_function_that_a_page_names_exists(
    ours: dict[str, str], modules: dict[str, ast.Module], page: str
) -> None:
    assert ROOM.search(ours[page])
    assert missing(ours[page], modules) == []


def test_values_in_the_glossary_are_named_with_their_room(ours: dict[str, str]) -> None:
    values = ours["docs/explanation/glossary.md"].partition("## Values")[2]
    rows = re.findall(r"^\| (`[^|]*`) \|", values, re.MULTILINE)
    assert len(rows) > 20
    assert [row for row in rows if not (found := ROOM.fullmatch(row)) or not found[2]] == []


def test_what_is_not_there_is_noticed(modules: dict[str, ast.Module]) -> None:
    assert missing("`domain/rules.decide` and `services/gather`, in `domain/engineer`", modules) == []
    wrong = "`domain/nowhere` `domain/rules:decides` `domain/effects.Decision.rules`"
    assert len(missing(wrong, modules)) == 3
    assert sections("(behaviour 2, 3 and 11), behaviour 7, and a behaviour") == {"2", "3", "11", "7"}
