"""Real mail at the desk: `explain` and the daemon say the same, nothing breaks, no machine is answered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from sitmail import config
from sitmail.daemon.runtime import Runtime
from sitmail.domain.mail import Envelope
from sitmail.domain.notice_purposes import PURPOSES, NoticePurpose
from sitmail.domain.sent_again import EVIDENCE
from sitmail.reading.parse import parse
from sitmail.services import process_mail
from sitmail.services.explain import explain
from sitmail.services.gather import facts_for
from sitmail.services.process_mail import Task, Unread, process
from sitmail.store import inbox, schema
from tests.by_hand import arrivals_of
from tests.corpora import COLLECTIONS, Collection

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DESK = "support@example.com"
CONFIG = f"""
[desk]
address = "{DESK}"
[relay]
url = "maildir:outgoing"
"""


def mails(collection: Collection, name: str = "*") -> Iterator[tuple[str, dict[str, Any], bytes]]:
    """(folder, entry, mail) of every raw mail, less its mbox line."""
    for folder, entry, raw in collection.entries("rfc822", name):
        yield folder, entry, raw.partition(b"\n")[2] if raw.startswith(b"From ") else raw


@pytest.fixture(params=COLLECTIONS)
def collection(request: pytest.FixtureRequest) -> Collection:
    return COLLECTIONS[request.param]


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    (tmp_path / "config.toml").write_text(CONFIG, "utf-8")
    opened = Runtime(config.load(tmp_path / "config.toml", {}))
    yield opened
    opened.database.close()


def sender_of(raw: bytes) -> str:
    """The envelope sender that the file still tells."""
    path = parse(raw).headers.get("return-path", ("<somebody@example.net>",))[0]
    return path.strip().strip("<>")


def keep(runtime: Runtime, raw: bytes) -> process_mail.Arrival | None:
    """Through the inbox, as a door would; None for a repeat."""
    writer = runtime.spool.writer()
    writer.write(raw)
    kept = process_mail.to_keep(runtime.desk, writer.finish(), Envelope(sender_of(raw), (DESK,), NOW))
    receipt = runtime.database.write(inbox.keep, kept).result()
    if receipt.duplicate_of:
        return None
    with runtime.database.read() as connection:
        [waiting] = inbox.waiting(connection, 10, NOW)
        content = waiting.data if waiting.data is not None else runtime.blobs.read(connection, waiting.raw)
        [arrival] = arrivals_of(runtime.desk, [Unread(content, waiting)])
        return arrival


def test_explain_and_the_desk_agree_and_no_machine_is_answered(runtime: Runtime, collection: Collection) -> None:
    answered, unseen, count = [], [], 0
    for corpus, entry, raw in mails(collection):
        with runtime.database.read() as connection:
            told = explain(raw, runtime.desk, nullcontext(connection), NOW, entry["id"])
        json.dumps(told)
        arrival = keep(runtime, raw)
        if arrival is None:
            continue
        count += 1
        done = runtime.database.write(process, Task(runtime.desk, arrival, NOW)).result()
        assert done.decision.rule == told["rule"], (corpus, entry["id"])
        assert done.decision.ending in ("new", "applied", "held", "refused", "ignored"), (corpus, entry["id"])
        outside = [letter for letter in done.letters if PURPOSES[NoticePurpose(letter.purpose)].outside]
        if outside and (arrival.mail.machine or arrival.mail.unanswerable or arrival.mail.mark):
            answered.append((corpus, entry["id"], done.decision.rule))
        if outside and (entry["expect"].get("bounce") or entry["expect"].get("autoreply")):
            unseen.append((corpus, entry["id"]))
    assert count >= collection.kept
    assert answered == []
    assert len(unseen) <= 1, unseen  # a report that a program signed and worded like a person's answer
    with runtime.database.read() as connection:
        assert "quarantined" not in connection.execute(select(schema.inbox.c.ending).distinct()).scalars()


def test_every_answer_finds_the_incident_of_what_it_answers(runtime: Runtime, collection: Collection) -> None:
    """Ids lead to the parent's incident; whether the writer may write there is another question."""
    opened: dict[str, int] = {}  # corpus id -> incident
    lost, joined = [], 0
    threads = [(entry, raw) for _, entry, raw in mails(collection, collection.threads)]
    known = {entry["id"]: entry for entry, _ in threads}
    for entry, raw in sorted(threads, key=lambda pair: len(ancestors(pair[0]["id"], known))):
        arrival = keep(runtime, raw)
        if arrival is None:
            continue
        with runtime.database.read() as connection:
            facts = facts_for(connection, runtime.desk, [arrival], NOW)[0]
        before = [opened[name] for name in ancestors(entry["id"], known) if name in opened]
        if before and entry["expect"]["thread_parent"] in opened:
            joined += 1
            # an incident of his own in this conversation, if he has one, else that of the mail he answers
            root = entry["expect"]["thread_root"]
            thread = {opened[name] for name in opened if known[name]["expect"].get("thread_root", name) == root}
            if not (facts.number in thread or facts.claimed == before[0]):
                lost.append((entry["id"], before, facts.number, facts.claimed))
        elif (facts.number or facts.claimed) and not arrival.foreign and facts.evidence != EVIDENCE:
            lost.append((entry["id"], "joined by its subject alone", facts.number, facts.claimed))
        done = runtime.database.write(process, Task(runtime.desk, arrival, NOW)).result()
        if done.incident:
            opened[entry["id"]] = done.incident
    assert lost == []
    assert joined >= collection.joined


def ancestors(name: str, known: dict[str, dict[str, Any]]) -> list[str]:
    """What a mail answers, what that answered, and so on."""
    found: list[str] = []
    while (parent := known.get(name, {}).get("expect", {}).get("thread_parent")) and parent not in found:
        found.append(parent)
        name = parent
    return found
