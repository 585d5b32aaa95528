"""README, HACKING, CHANGELOG and docs/: the files, targets and commands that they name exist."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import sitmail
from sitmail.cli.verbs import VERBS
from sitmail.domain.customer_verbs import CUSTOMER
from sitmail.domain.verbs import STAFF


@pytest.fixture(scope="module")
def pages(texts: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in texts.items() if name.endswith(".md")}


def targets(checkout: Path) -> set[str]:
    return set(re.findall(r"^([a-z]+):", (checkout / "Makefile").read_text(), re.MULTILINE))


def broken(name: str, text: str, checkout: Path) -> list[str]:
    """Links of a page to files that are not there.  Web addresses are not followed."""
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
    inside = [link for link in links if not re.match(r"[a-z]+:", link)]
    return [link for link in inside if not (checkout / name).parent.joinpath(link).exists()]


def test_links_between_pages_lead_somewhere(checkout: Path, pages: dict[str, str]) -> None:
    assert {name: found for name, text in pages.items() if (found := broken(name, text, checkout))} == {}


def test_a_broken_link_is_noticed(checkout: Path) -> None:
    text = "[a](README.md) [b](docs/nowhere.md#x) [c](https://example.org/)"
    assert broken("README.md", text, checkout) == ["docs/nowhere.md"]


def test_every_page_is_in_the_index(checkout: Path, pages: dict[str, str]) -> None:
    docs = checkout / "docs"
    linked = {(docs / link).resolve() for link in re.findall(r"\]\(([^)#]+)\)", pages["docs/README.md"])}
    written = {(checkout / name).resolve() for name in pages if name.startswith("docs/")}
    assert written - linked - {docs / "README.md"} == set()


def test_make_targets_that_pages_name_exist(checkout: Path, pages: dict[str, str]) -> None:
    named = {
        target
        for name, text in pages.items()
        for target in re.findall(r"(?:^    |`)(?:\w+=\w+ )?make ([a-z]+)", text, re.MULTILINE)
    }
    assert {"demo", "test"} <= named
    assert named - targets(checkout) == set()


def test_the_first_two_commands_are_demo_and_test(pages: dict[str, str]) -> None:
    assert re.findall(r"^    (make \w+)$", pages["README.md"], re.MULTILINE)[:2] == ["make demo", "make test"]


def test_verbs_in_the_readme_are_the_desks(pages: dict[str, str]) -> None:
    """The table of who may use which verb is the one the commands are read by."""
    rows = {cells[1].strip(): set(re.findall(r"`/(\w+)`", cells[2])) for cells in _rows(pages["README.md"])}
    assert rows["engineers"] == {name for name, verb in STAFF.items() if not verb.later}
    assert rows["customers"] == {name for name, verb in CUSTOMER.items() if not verb.later}


def _rows(text: str) -> list[list[str]]:
    return [line.split("|") for line in text.splitlines() if line.startswith(("| engineers", "| customers"))]


def test_every_command_is_on_the_page_of_the_command_line(pages: dict[str, str]) -> None:
    named = re.findall(r"^\| `sitmail ([\w-]+)", pages["docs/reference/command-line.md"], re.MULTILINE)
    assert sorted(set(named)) == sorted(verb.name for verb in VERBS)


@pytest.mark.parametrize("page", ["docs/explanation/flow.md", "docs/decisions/own-header-writer.md", "HACKING.md"])
def test_rooms_that_a_page_names_exist(checkout: Path, pages: dict[str, str], page: str) -> None:
    rooms = set(
        re.findall(r"(?<![\w/])((?:domain|receiving|reading|sending|store|services)/[a-z_/]+[a-z])", pages[page])
    )
    assert rooms
    missing = [r for r in rooms if not list(checkout.glob(f"sitmail/{r}.py")) + list(checkout.glob(f"sitmail/{r}/"))]
    assert sorted(missing) == []


def test_the_version_stands_in_one_place_and_in_the_changelog(checkout: Path, pages: dict[str, str]) -> None:
    assert f"## [{sitmail.__version__}]" in pages["CHANGELOG.md"]
    project = tomllib.loads((checkout / "pyproject.toml").read_text())
    assert "version" not in project["project"]
    assert project["tool"]["hatch"]["version"]["path"] == "sitmail/__init__.py"


def test_peers_are_named_with_what_they_are_for(checkout: Path) -> None:
    lines = (checkout / "tests/peers/packages.txt").read_text().splitlines()
    assert [line for line in lines if not re.fullmatch(r"(# .+|[a-z0-9.+-]+ +# .+)", line)] == []
