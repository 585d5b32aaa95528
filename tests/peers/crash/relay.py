"""The relay of the run: outside the daemon, so that it survives the kills; sometimes it refuses or disconnects."""

from __future__ import annotations

import random
import re
import time
from collections import Counter, defaultdict
from email import message_from_bytes
from threading import Condition
from typing import Any, NamedTuple

from tests.peers.crash.conversation import STAFF, Letter
from tests.wire import Message, Sink

LATER = 0.05  # of all recipients are refused for the moment
DROPS = 0.01  # of all letters are taken, and the connection dropped before the 250


class Arrival(NamedTuple):
    at: float  # monotonic
    identity: str  # its Message-ID
    conversation: int
    reader: str
    data: bytes


class Relay(Sink):
    """Letters by conversation; `whims` 0 makes it kind, from then on."""

    def __init__(self, seed: int, whims: float = 1.0) -> None:
        super().__init__()
        self.whims = whims
        self.refusals = self.drops = self._done = 0
        self.dropped: set[str] = set()  # letters that were taken, and not answered
        self.replies = _Whims(self, random.Random(seed))
        self.letters: dict[tuple[int, str, str], list[Letter]] = defaultdict(list)
        self.arrivals: list[Arrival] = []
        self.copies: Counter[str] = Counter()
        self.news = Condition()

    def keep(self, message: Message) -> None:
        letter = message_from_bytes(message.data.partition(b"\r\n\r\n")[0])
        subject = re.sub(r"\s+", " ", str(letter["Subject"]))
        found = re.search(r"Crane (\d+) stuck", subject)
        conversation = int(found[1]) if found else -1
        recipient = message.recipients[0]
        reader = next((role for role, address in STAFF.items() if address == recipient), "customer")
        kind, identity = str(letter["X-Sitmail-Letter"]), str(letter["Message-ID"])
        reply_to = str(letter["Reply-To"]).rpartition("<")[2].rstrip(">")
        if self.drops - self.swallow_then_drop > self._done:
            self._done += 1
            self.dropped.add(identity)
        with self.news:
            self.copies[identity] += 1
            self.arrivals.append(Arrival(time.monotonic(), identity, conversation, reader, message.data))
            if self.copies[identity] == 1:
                self.letters[conversation, reader, kind].append(Letter(identity, reply_to, subject))
            self.news.notify_all()

    def letter(self, key: tuple[int, str, str], number: int, seconds: float) -> Letter | None:
        """The letter with that number of its kind, as soon as it is there; None if it did not come in time."""
        with self.news:
            self.news.wait_for(lambda: len(self.letters[key]) >= number, seconds)
            return self.letters[key][number - 1] if len(self.letters[key]) >= number else None


class _Whims(dict[str, list[str | None]]):
    """Answers drawn by odds instead of a script."""

    def __init__(self, relay: Relay, odds: random.Random) -> None:
        super().__init__()
        self._relay, self._odds = relay, odds

    def get(self, verb: str, default: Any = None) -> Any:
        relay = self._relay
        if not relay.whims or verb not in ("RCPT", "DATA"):
            return default
        drawn = self._odds.random()
        if verb == "RCPT" and drawn < LATER * relay.whims:
            relay.refusals += 1
            return ["451 4.7.1 not now"]
        if verb == "DATA" and drawn < DROPS * relay.whims:
            relay.drops += 1
            relay.swallow_then_drop += 1
        return default
