"""The clients of the run: several at once, each sends a mail again until it is answered by 250.

What was answered by 250 is written to a log of the feeder's own, and only then.
"""

from __future__ import annotations

import contextlib
import smtplib
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread

from tests.peers.crash.conversation import STEPS, Letter, mail, name
from tests.peers.crash.relay import Relay

SESSIONS = 8
TROUBLE = (OSError, smtplib.SMTPException)


class Feeder:
    """Plays conversations.  `door` gives the port of the moment, 0 while the desk is down; `patience` is how long the
    next letter of a conversation may take before it is given up (`stuck`)."""

    def __init__(
        self, door: Callable[[], int], relay: Relay, log: Path, conversations: int, sessions: int, patience: float
    ) -> None:
        self._door, self._relay, self._log, self._patience = door, relay, log, patience
        self._lock = Lock()
        self._left: SimpleQueue[int] = SimpleQueue()
        for number in range(conversations):
            self._left.put(number)
        self._threads = [Thread(target=self._session, daemon=True) for _ in range(sessions)]
        self.conversations = conversations
        self.acknowledged: Counter[str] = Counter()  # mail -> how many times 250 was heard for it
        self.attempts: Counter[str] = Counter()
        self.refused: list[str] = []  # 5xx, which nobody should ever hear here
        self.stuck: list[str] = []
        self.stopped = Event()

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    @property
    def running(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    @property
    def total(self) -> int:
        """Times that 250 will be heard, where nothing has to be sent again."""
        return self.conversations * sum(2 if step.again else 1 for step in STEPS)

    @property
    def heard(self) -> int:
        """Times that 250 was heard."""
        return self.acknowledged.total()

    def stop(self) -> None:
        self.stopped.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(30)

    def _session(self) -> None:
        line = _Line(self._door)
        while not self.stopped.is_set():
            try:
                number = self._left.get_nowait()
            except Empty:
                break
            self._converse(line, number)
        line.close()

    def _converse(self, line: _Line, conversation: int) -> None:
        seen: Counter[tuple[str, str]] = Counter()  # letters that the steps so far have brought
        for place, step in enumerate(STEPS):
            letter = None
            if step.answers:
                letter = self._awaited(conversation, *step.answers, seen[step.answers])
                if letter is None:
                    self.stuck.append(f"{name(conversation, place)} waits for {' '.join(step.answers)}")
                    return
            for _ in range(2 if step.again else 1):
                if not self._deliver(line, conversation, place, letter):
                    return
            seen.update(step.letters)

    def _awaited(self, conversation: int, reader: str, kind: str, number: int) -> Letter | None:
        until = time.monotonic() + self._patience
        while not self.stopped.is_set() and time.monotonic() < until:
            letter = self._relay.letter((conversation, reader, kind), number, 0.5)
            if letter is not None:
                return letter
        return None

    def _deliver(self, line: _Line, conversation: int, place: int, letter: Letter | None) -> bool:
        this = name(conversation, place)
        sender, recipient, raw = mail(conversation, place, letter)
        while not self.stopped.is_set():
            with self._lock:
                self.attempts[this] += 1
            try:
                line.send(sender, recipient, raw)
            except TROUBLE as error:
                if "55" in str(error)[:8]:
                    self.refused.append(f"{this}: {error}")
                    return False
                line.close()
                time.sleep(0.05)
                continue
            with self._lock, self._log.open("a") as log:
                log.write(f"{this}\n")
                self.acknowledged[this] += 1
            return True
        return False


class _Line:
    """A session's connection, made anew when it broke."""

    def __init__(self, door: Callable[[], int]) -> None:
        self._door = door
        self._client: smtplib.SMTP | None = None

    def send(self, sender: str, recipient: str, raw: bytes) -> None:
        """Returns after 250.  Raises OSError or SMTPException."""
        if self._client is None:
            port = self._door()
            if not port:
                raise ConnectionError("the desk is down")
            self._client = smtplib.SMTP("127.0.0.1", port, "client.example.net", timeout=30)
        self._client.sendmail(sender, [recipient], raw)

    def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(*TROUBLE):
                client.close()
