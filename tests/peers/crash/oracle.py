"""What must be true after a run, whatever happened in it.  Each finding is a sentence; none means that all is well.

It asks as people do: the command line's JSON, the letters at the relay.  Only the soundness of the file is asked of
SQLite itself.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

from tests.peers.crash.conversation import STEPS, address, name, named
from tests.peers.crash.feeder import Feeder
from tests.peers.crash.relay import Arrival, Relay
from tests.peers.crash.victim import Victim

# Letters that may come again for each kill: those at the relay, and those whose "sent" waits for the next commit, which
# are no more than the sessions and the few letters each of them can have under way.
PER_KILL = 12
SLOW = 0.5  # seconds after a kill in which the relay may still read what was sent before it


def judge(victim: Victim, relay: Relay, feeder: Feeder, kills: Sequence[float], calm: bool = True) -> list[str]:
    """Everything that is wrong.  `kills` are moments of the monotonic clock; `calm`: the log must be, too."""
    if not victim.running:
        return [f"the desk is dead: {victim.log.splitlines()[-1][:300]}"]
    inbox, outbox = victim.ask("inbox"), victim.ask("outbox", "--all")
    return [
        *(f"stuck: {where}" for where in feeder.stuck),
        *(f"refused: {what}" for what in feeder.refused),
        *_endings(victim, feeder, inbox),
        *_updates(victim, feeder, inbox),
        *_letters(relay, feeder, outbox),
        *_repeats(relay, kills),
        *_order(relay, outbox),
        *_soundness(victim),
        *(_outcries(victim) if calm else ()),
    ]


def _endings(victim: Victim, feeder: Feeder, inbox: list[dict[str, Any]]) -> Iterator[str]:
    """Every acknowledged mail has one ending; each time we said 250 there is a row, and the others are duplicates."""
    mails = {row["id"]: named(row["subject"]) for row in inbox if row["ending"] != "duplicate"}
    endings: dict[str, list[str]] = defaultdict(list)
    rows: Counter[str] = Counter()
    for row in inbox:
        if row["ending"] == "duplicate":
            rows[mails.get(victim.ask("inbox", str(row["id"]))["duplicate_of"], "")] += 1
        else:
            endings[mails[row["id"]]].append(row["ending"])
            rows[mails[row["id"]]] += 1
    for this, times in feeder.acknowledged.items():
        wanted = STEPS[int(this.rpartition("-")[2])].ending
        if endings[this] != [wanted]:
            yield f"lost or doubled: {this} was acknowledged and has the endings {endings[this]}, not [{wanted!r}]"
        if not times <= rows[this] <= feeder.attempts[this]:
            sent = feeder.attempts[this]
            yield f"miscounted: {this} was acknowledged {times} and sent {sent} times: {rows[this]} rows"
    for this in endings.keys() - feeder.attempts.keys():
        yield f"invented: nobody sent {this or 'a mail without a name'}"


def _updates(victim: Victim, feeder: Feeder, inbox: list[dict[str, Any]]) -> Iterator[str]:
    """Every applied mail is in one incident's log, as often as its step says; a conversation is one incident."""
    numbers = {row["number"] for row in victim.ask("incidents", "--all")}
    if len(numbers) != feeder.conversations:
        yield f"doubled or lost: {len(numbers)} incidents of {feeder.conversations} conversations"
    found: Counter[str] = Counter()
    for number in numbers:
        mine = [u["message_id"] for u in victim.ask("incident", str(number))["updates"] if u["message_id"]]
        found.update(mine)
        if len({identity.split("-")[1] for identity in mine}) > 1:
            yield f"mixed up: incident {number} has mails of several conversations"
    for this in feeder.acknowledged:
        wanted = STEPS[int(this.rpartition("-")[2])].updates
        times = found[f"<{this}@example.net>"]
        if times != wanted:
            yield f"updates: {this} has {times}, not {wanted}"


def _letters(relay: Relay, feeder: Feeder, outbox: list[dict[str, Any]]) -> Iterator[str]:
    """The relay has every letter that the conversations owe, no other, and each that the outbox calls sent."""
    for row in outbox:
        if row["state"] != "sent":
            yield f"not sent: letter {row['id']} is {row['state']}: {row['last_error']}"
        elif not relay.copies[row["message_id"]]:
            yield f"lost: letter {row['id']} is called sent, and the relay never had it"
    for identity in relay.copies.keys() - {row["message_id"] for row in outbox}:
        yield f"invented: the relay has {identity}, the outbox has not"
    wanted: Counter[tuple[int, str, str]] = Counter()
    for conversation in range(feeder.conversations):
        for place, step in enumerate(STEPS):
            if name(conversation, place) in feeder.acknowledged:
                wanted.update((conversation, reader, kind) for reader, kind in step.letters)
    found = Counter({key: len(letters) for key, letters in relay.letters.items()})
    for key in wanted.keys() | found.keys():
        if wanted[key] != found[key]:
            yield f"letters: {key} came {found[key]} times, not {wanted[key]}"


def _repeats(relay: Relay, kills: Sequence[float]) -> Iterator[str]:
    """A letter comes twice only across a kill or a connection that was dropped, and then unchanged."""
    allowed = len(kills) * PER_KILL + len(relay.dropped)
    repeats = relay.copies.total() - len(relay.copies)
    if repeats > allowed:
        yield f"repeated: {repeats} letters came again, and {len(kills)} kills allow {allowed}"
    before: dict[str, Arrival] = {}
    for arrival in relay.arrivals:
        last = before.setdefault(arrival.identity, arrival)
        before[arrival.identity] = arrival
        if last is arrival:
            continue
        if last.data != arrival.data:
            yield f"changed: {arrival.identity} came twice, and not the same"
        if last.identity not in relay.dropped and not any(
            last.at < kill + SLOW and kill < arrival.at for kill in kills
        ):
            yield f"repeated: {arrival.identity} came again without any kill or drop"


def _order(relay: Relay, outbox: list[dict[str, Any]]) -> Iterator[str]:
    """Letters to one person about one incident leave in order (first arrivals count)."""
    places = {row["message_id"]: row["id"] for row in outbox}
    last: dict[tuple[int, str], int] = {}
    seen = set()
    for arrival in relay.arrivals:
        identity, conversation = arrival.identity, arrival.conversation
        if identity in seen or identity not in places:
            continue
        seen.add(identity)
        pair = (conversation, address(arrival.reader, conversation))
        if places[identity] < last.get(pair, 0):
            yield f"overtaken: letter {places[identity]} came to {pair[1]} after letter {last[pair]}"
        last[pair] = max(last.get(pair, 0), places[identity])


def _soundness(victim: Victim) -> Iterator[str]:
    with closing(sqlite3.connect(f"file:{victim.folder}/sitmail.db?mode=ro", uri=True)) as raw:
        if raw.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            yield "the database is damaged"
        if raw.execute("PRAGMA foreign_key_check").fetchall():
            yield "rows point at nothing"


def _outcries(victim: Victim) -> Iterator[str]:
    for line in victim.log.splitlines():
        if "trace=" in line or line.startswith(("Traceback", "  File ")) or "event=stumbled" in line:
            yield f"in the log: {line[:300]}"
