"""How well real mail is read: measured on collections of mail."""

import json
import re
import unicodedata

import pytest

from sitmail.reading.parse import parse
from sitmail.reading.text import forwarding, quoting
from tests.corpora import COLLECTIONS, Collection

INVISIBLE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\xa0\xad\u200b-\u200f\u202a-\u202e\u2060\ufeff]+")


@pytest.fixture(params=COLLECTIONS)
def collection(request: pytest.FixtureRequest) -> Collection:
    return COLLECTIONS[request.param]


def squeezed(text: str) -> str:
    return INVISIBLE.sub("", unicodedata.normalize("NFC", text))


def text_of(raw: bytes) -> str:
    return raw.decode("utf-8", "replace").replace("\r\n", "\n")


def test_no_mail_is_too_much(collection: Collection) -> None:
    count = 0
    for _, entry, raw in collection.entries("rfc822"):
        mail = parse(raw)
        assert "reader-failed" not in mail.defects, entry["id"]
        json.dumps(
            [mail.subject, mail.text, mail.new_text, mail.quoted_text, [a.name for a in mail.attachments]]
        ).encode()
        count += 1
    assert count >= collection.mails


def test_ordinary_mail_is_no_machine(collection: Collection) -> None:
    for _, entry, raw in collection.entries("rfc822"):
        kind, expected = parse(raw).kind, entry["expect"]
        if expected.get("bounce") is False:
            assert kind != "bounce", entry["id"]
        if expected.get("autoreply") is False:
            assert kind != "auto-reply", entry["id"]


def test_bounces_are_found(collection: Collection) -> None:
    found = [
        parse(raw).kind == "bounce" for _, entry, raw in collection.entries("rfc822") if entry["expect"].get("bounce")
    ]
    assert sum(found) / len(found) > 0.9


def test_new_words_of_answers(collection: Collection) -> None:
    """Most to the letter, and not one line of an author lost."""
    right = 0
    for _, entry, raw in collection.entries("text", collection.replies):
        text, expected = text_of(raw), entry["expect"]
        new = quoting.split(text, reply=True).new
        wanted = expected.get("reply", text if expected.get("whole") else "")
        for line in wanted.split("\n"):
            assert squeezed(line) in squeezed(new), entry["id"]
        matches = [re.search(p.replace("\\/", "/"), new.strip()) for p in expected.get("reply_matches", [])]
        assert all(matches), entry["id"]
        right += squeezed(new) == squeezed(wanted) if wanted else True
    assert right >= collection.right_replies


def test_forwards(collection: Collection) -> None:
    for _, entry, raw in collection.entries("text", collection.forwards):
        found = forwarding.find(text_of(raw), entry.get("subject") or "")
        assert bool(found) is entry["expect"]["forwarded"], entry["id"]
