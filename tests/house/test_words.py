"""The repository speaks of the product alone, in plain text files, with names that belong to nobody."""

from __future__ import annotations

import re

import pytest

# What must not stand in any file, and why.  This file and the licence are exempt: one names them, the other is law.
EXEMPT = {"tests/house/test_words.py", "LICENSE"}
UNWANTED = {
    "a number that only its tracker knows": r"\bissues? #?\d",
    "a path of somebody's machine": r"(?<![\w.}])/(work|root|home/\w+)/",
    "a registry's address": r"pypi\.org|pythonhosted|(deb|security)\.debian\.org|registry\.npmjs|ghcr\.io",
    "a secret": r"BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|gh[pousr]_\w{20}|xox[abp]-\w{10}",
    "unfinished work": r"\b(TODO|FIXME|XXX)\b",
    "the word is incident": r"(?i)\b(class|def) \w*ticket",
}
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
    "line", ["see issue 2", "/work/main", "https://pypi.org/x", "AKIA" + "A" * 16, "# TODO: later", "class Ticket:"]
)
def test_unwanted_words_are_noticed(line: str) -> None:
    assert any(lines({"x": line}, pattern) for pattern in UNWANTED.values())


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
