"""The repository is about the product only: no foreign names, addresses or paths in its plain text files."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

# What must not stand in any file, and why.  This file and the licence are exempt: one names them, the other is law.
EXEMPT = {"tests/house/test_words.py", "LICENSE"}
UNWANTED = {
    "a number that only its tracker knows": r"\bissues? #?\d",
    "a path of somebody's machine": r"(?<![\w.}])/(work|root|home/\w+)/",
    "a registry's address": r"pypi\.org|pythonhosted|(deb|security)\.debian\.org|registry\.npmjs|ghcr\.io",
    "a secret": r"BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|gh[pousr]_\w{20}|xox[abp]-\w{10}",
    "a page that is not in this repository": r"(?i)\bcontract(?:'s)?,? sections? \d|\bsecurity(?: rule)? [TR]\d",
    "unfinished work": r"\b(TODO|FIXME|XXX)\b",
    "the word is incident": r"(?i)\b(class|def) \w*ticket",
}
# Modules that were given the standard name of what they hold, and the rooms they were in.  Most of these words are good
# names of something else, so they are refused as a module only.
OLD_MODULES = {
    "services": "telling let_go turnstile scenes looking proving said known ledger clocks holding release",
    "domain": "told errand work draft ticks deadlines remembered relaying onbehalf tongues notes introduction",
    "daemon": "keeping office answering",
    "mail": "post filing parts fields reader worker",
    "store": "humans promises trouble",
}
OLD_MODULE = re.compile(
    r"\b(?:" + "|".join(rf"{room}/(?:{names.replace(' ', '|')})" for room, names in OLD_MODULES.items()) + r")\b(?!/)"
    r"|\bsitmail[./]mail\b"
)
# Names of classes, functions and values that no longer say what a thing is.
OLD_NAMES = frozenset(
    {"Books", "books", "Hand", "Bag", "Errand", "errand", "errands", "Turnstile", "turnstile", "Scenes", "scenes"}
    | {"Ledger", "ledger", "Telling", "let_go", "onbehalf", "tongues", "strangers_to_each_other", "Nursery", "nursery"}
)
# Web addresses may only be of these hosts: standards, the licence, formats we follow, names that are nobody's, and
# the two providers whose mailboxes a page explains.
HOSTS = re.compile(
    r"""(?x) (www\.)? (gnu\.org | fsf\.org | rfc-editor\.org | w3\.org | keepachangelog\.com | semver\.org)
    | ([\w-]+\.)* example (\.(com|org|net))? | ([\w.-]+\.)?(test|invalid) | localhost | 127\.0\.0\.1
    | oauth2\.googleapis\.com | mail\.google\.com | login\.microsoftonline\.com | outlook\.office365\.com"""
)
NOBODYS = re.compile(r"(?i)([\w-]+\.)*(example(\.(com|org|net))?|test|invalid|localhost)")


def lines(texts: dict[str, str], pattern: str) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in texts.items()
        if name not in EXEMPT
        for number, line in enumerate(text.splitlines(), 1)
        if re.search(pattern, line)
    ]


@pytest.mark.parametrize("why", UNWANTED)
def test_nothing_unwanted_stands_in_any_file(texts: dict[str, str], why: str) -> None:
    assert lines(texts, UNWANTED[why]) == []


@pytest.mark.parametrize(
    "line",
    [
        "see issue 2",
        "/work/main",
        "https://pypi.org/x",
        "AKIA" + "A" * 16,
        "# TODO: later",
        "class Ticket:",
        "(contract section 3)",
        "security T45",
    ],
)
def test_unwanted_words_are_noticed(line: str) -> None:
    assert any(lines({"x": line}, pattern) for pattern in UNWANTED.values())


def old_names(tree: ast.Module) -> set[str]:
    """Old names among what a module defines or uses."""

    def used() -> Iterator[str]:
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield node.name
            elif isinstance(node, ast.Name):
                yield node.id
            elif isinstance(node, ast.arg):
                yield node.arg
            elif isinstance(node, ast.Attribute):
                yield node.attr
            elif isinstance(node, ast.alias):
                yield from (node.asname or node.name).split(".")

    return {name for name in used() if name.lstrip("_") in OLD_NAMES}


def test_old_names_are_gone_from_code(texts: dict[str, str]) -> None:
    code = {name: ast.parse(text) for name, text in texts.items() if name.endswith(".py") and name not in EXEMPT}
    assert {name: found for name, tree in code.items() if (found := old_names(tree))} == {}


def test_old_modules_are_gone_from_rooms_and_pages(texts: dict[str, str]) -> None:
    left = {
        f"{room}/{old}"
        for name in texts
        if name.endswith(".py") and name.startswith("sitmail/")
        for room, names in OLD_MODULES.items()
        for old in names.split()
        if Path(name).parts[1:2] == (room,) and Path(name).stem == old
    }
    named = {
        (name, found[0])
        for name, text in texts.items()
        if name not in EXEMPT
        for found in OLD_MODULE.finditer(re.sub(r"\b(services|domain|daemon|mail|store)\.(?=[a-z_]+`)", r"\1/", text))
    }
    assert left | named == set()


def test_old_names_are_noticed() -> None:
    assert old_names(ast.parse("from x import Books\nclass _Hand: pass\nerrands = 1")) == {"Books", "_Hand", "errands"}
    assert OLD_MODULE.search("is decided in services/telling") and OLD_MODULE.search("sitmail.mail")
    assert not OLD_MODULE.search("domain/engineer/notices, services/process_mail, `reading/parse`")


def test_web_addresses_are_of_standards_or_of_nobody(texts: dict[str, str]) -> None:
    strange = {
        (name, host)
        for name, text in texts.items()
        if name not in EXEMPT
        for host in re.findall(r"https?://(?:[^\s/@]*@)?([\w.-]+\w)", text)
        if not HOSTS.fullmatch(host)
    }
    assert strange == set()


def test_people_in_documents_and_letters_are_invented(texts: dict[str, str]) -> None:
    places = ("docs/", "templates/", "systemd/", "README.md", "HACKING.md", "CHANGELOG.md", "config.example.toml")
    strange = {
        (name, domain)
        for name, text in texts.items()
        if name.startswith(places)
        for domain in re.findall(r"[\w.+-]+@([\w-]+\.[\w.-]*\w)", text)
        if not NOBODYS.fullmatch(domain) and not domain.endswith((".service", ".socket"))
    }
    assert strange == set()


def test_text_files_end_with_a_newline_and_lines_with_lf(texts: dict[str, str]) -> None:
    assert [name for name, text in texts.items() if text and (not text.endswith("\n") or "\r\n" in text)] == []


def test_no_line_ends_in_blanks(texts: dict[str, str]) -> None:
    code = {name: text for name, text in texts.items() if not name.startswith("tests/letters/")}
    assert lines(code, r"[ \t]+$") == []
