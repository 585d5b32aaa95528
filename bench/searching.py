"""How long a search takes in a store with very many updates, and what indexing an update costs.

The texts are runs of words of our own documents, so that common words are very common, each with a rare word at its
end.  They are indexed as a desk does it and searched as `/search` does; incidents have no other rows than those.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Connection, create_engine, insert, text

from sitmail.domain.incident_search import Search
from sitmail.services.incident_search import LISTED, worded
from sitmail.store import full_text
from sitmail.store.schema import incident, metadata, words_of_incident, words_of_update
from sitmail.store.search_words import stemmed

DOCS = Path(__file__).parents[1] / "docs"
EACH = 5  # updates of an incident
SLICE = 1_000  # incidents in one transaction
TIMES = 5
ASKED = (
    *(
        {"words": "serial77"},
        {"words": "incident"},
        {"words": "incident mail letter"},
        {"words": "mail serial77 letter"},
    ),
    *({"words": "nowhere"}, {"words": "mail nowhere"}, {"words": "python postgresql engineer"}),
    *({"words": "quarantine relay header"}, {"words": "mail", "owner": "anna", "status": "open"}),
    *({"words": "incident letter", "owner": "nobody"}, {"words": '"reply to the letter"'}),
    {"words": "customer engineer number update relay daemon", "owner": "bob"},
)


def measure(url: str, updates: int) -> dict[str, float]:
    """Milliseconds of a search (median and worst of all that are asked), and microseconds of CPU to index an update."""
    engine = create_engine(url)
    with engine.begin() as connection:
        metadata.create_all(connection)
    cost = 0.0
    for numbers in _slices(updates // EACH):
        with engine.begin() as connection:
            cost += _fill(connection, numbers)
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    with engine.connect() as connection:
        found = {str(one): _search(connection, dict(one)) for one in ASKED}
    engine.dispose()
    return {"median": median(found.values()), "worst": max(found.values()), "index": cost / updates * 1e6}


def _slices(incidents: int) -> Iterator[range]:
    for first in range(1, incidents + 1, SLICE):
        yield range(first, min(first + SLICE, incidents + 1))


def _fill(connection: Connection, numbers: range) -> float:
    """Seconds of CPU of indexing."""
    chance, now = random.Random(numbers.start), datetime.now(UTC)
    row = {"mailbox": "m", "priority": "medium", "opened": now, "updated": now, "cycle_opened": now}
    owners, titles, texts = ("anna", "bob", "cleo", "dan"), dict[int, str](), dict[int, str]()
    for number in numbers:
        titles[number] = _run(chance, 6)
        for place in range(EACH):
            rare = f"serial{chance.randrange(200_000)}"
            texts[full_text.update_id(number, place + 1)] = f"{_run(chance, chance.choice((15, 30, 60, 120)))} {rare}"
    rows: list[dict[str, Any]] = [
        row | {"number": n, "title": title, "status": "active" if n % 20 == 0 else "closed", "owner": owners[n % 4]}
        for n, title in titles.items()
    ]
    connection.execute(insert(incident), rows)
    begun = time.thread_time()
    full_text.put(connection, words_of_incident, {key: stemmed(title) for key, title in titles.items()})
    full_text.put(connection, words_of_update, {key: stemmed(one) for key, one in texts.items()})
    return time.thread_time() - begun


_WORDS = re.findall(r"\w+", " ".join(path.read_text("utf-8") for path in sorted(DOCS.rglob("*.md"))))


def _run(chance: random.Random, count: int) -> str:
    at = chance.randrange(len(_WORDS) - count)
    return " ".join(_WORDS[at : at + count])


def _search(connection: Connection, asked: dict[str, str]) -> float:
    """Milliseconds, the least of some."""
    words = tuple(re.findall(r'"[^"]+"|\S+', asked.pop("words")))
    taken = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        worded(connection, Search(asked, words), LISTED + 1)
        taken.append((time.perf_counter() - begun) * 1000)
    return min(taken)
