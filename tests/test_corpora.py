"""How well real mail is read: measured on collections of mail beside the checkout, which are no part of it."""

import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sitmail.reading.parse import parse
from sitmail.reading.text import forwarding, quoting

CORPORA = Path(__file__).resolve().parents[2] / "shared" / "corpora"
pytestmark = pytest.mark.skipif(not CORPORA.is_dir(), reason="needs ../shared/corpora")

INVISIBLE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\xa0\xad\u200b-\u200f\u202a-\u202e\u2060\ufeff]+")


def entries(kind: str, corpus: str = "*") -> Iterator[tuple[dict[str, Any], bytes]]:
    for index in sorted(CORPORA.glob(f"{corpus}/index.json")):
        for entry in json.loads(index.read_text(encoding="utf-8")):
            if entry["kind"] == kind:
                yield entry, (index.parent / entry["path"]).read_bytes()


def squeezed(text: str) -> str:
    return INVISIBLE.sub("", unicodedata.normalize("NFC", text))


def text_of(raw: bytes) -> str:
    return raw.decode("utf-8", "replace").replace("\r\n", "\n")


def test_no_mail_is_too_much() -> None:
    count = 0
    for entry, raw in entries("rfc822"):
        mail = parse(raw)
        assert "reader-failed" not in mail.defects, entry["id"]
        json.dumps(
            [mail.subject, mail.text, mail.new_text, mail.quoted_text, [a.name for a in mail.attachments]]
        ).encode()
        count += 1
    assert count > 1000


def test_ordinary_mail_is_no_machine() -> None:
    for entry, raw in entries("rfc822"):
        kind, expected = parse(raw).kind, entry["expect"]
        if expected.get("bounce") is False:
            assert kind != "bounce", entry["id"]
        if expected.get("autoreply") is False:
            assert kind != "auto-reply", entry["id"]


def test_bounces_are_found() -> None:
    found = [parse(raw).kind == "bounce" for entry, raw in entries("rfc822") if entry["expect"].get("bounce")]
    assert sum(found) / len(found) > 0.9


def test_new_words_of_answers() -> None:
    """At least 48 of 64 to the letter, and not one line of an author lost."""
    right = 0
    for entry, raw in entries("text", "crisp-email-reply-parser"):
        text, expected = text_of(raw), entry["expect"]
        new = quoting.split(text, reply=True).new
        wanted = expected.get("reply", text if expected.get("whole") else "")
        for line in wanted.split("\n"):
            assert squeezed(line) in squeezed(new), entry["id"]
        matches = [re.search(p.replace("\\/", "/"), new.strip()) for p in expected.get("reply_matches", [])]
        assert all(matches), entry["id"]
        right += squeezed(new) == squeezed(wanted) if wanted else True
    assert right >= 58


def test_forwards() -> None:
    for entry, raw in entries("text", "crisp-email-forward-parser"):
        found = forwarding.find(text_of(raw), entry.get("subject") or "")
        assert bool(found) is entry["expect"]["forwarded"], entry["id"]
