"""The table of scenarios: the kind of mails, how they are sent, and the state of store and disk."""

from __future__ import annotations

from dataclasses import dataclass, field

from bench.feeding import Way
from bench.mails import Shape


@dataclass(frozen=True, slots=True)
class Scenario:
    """`share`: the part of the usual number of mails that is used; `beside`: the scenario it is compared with."""

    name: str
    about: str
    way: Way = field(default_factory=Way)
    shape: Shape = field(default_factory=Shape)
    share: float = 1.0
    beside: str = "plain"
    slow: bool = False
    incidents: int = 0
    imported: bool = False  # the contacts were imported, and stand in no file
    postgresql: bool = False
    promises: bool = False
    pages: bool = True


FIFTY = Way(sessions=50)
SCENARIOS = {
    one.name: one
    for one in (
        Scenario("plain", "2 KB, 10 kept sessions"),
        Scenario("fifty", "50 kept sessions", FIFTY),
        Scenario("text", "letters without pages", pages=False),
        Scenario("single", "one mail a connection", Way(one_a_connection=True)),
        Scenario("page", "mails of 20 KB, text and HTML", shape=Shape(20_000), share=0.4),
        Scenario("sheet", "mails of 1 MB, with a file", shape=Shape(1_000_000), share=0.04),
        Scenario("slow", "fsync takes 2 ms longer, 50 kept sessions", FIFTY, beside="fifty", slow=True),
        Scenario("promises", "a service level with two targets", promises=True),
        Scenario("contacts", "100,000 contacts in a file", shape=Shape(contacts=100_000)),
        Scenario("directory", "100,000 contacts imported", shape=Shape(contacts=100_000), imported=True),
        Scenario("old100k", "100,000 incidents in the store", incidents=100_000),
        Scenario("old1m", "1,000,000 incidents in the store", incidents=1_000_000),
        Scenario("postgresql", "PostgreSQL as the store", postgresql=True),
    )
}
PEERS = ("postfix", "aiosmtpd", "roundup", "beside")  # these get the same mails as `plain`, in the same round
SPECIAL = {
    "steady": "10 mails a second for a minute",
    "huge": "ten mails of 50 MB at once",
    "growth": "100,000 mails, one after the other",
    "tick": "ticks with 1,000,000 open incidents, of which 100 are due, and with 10,000",
    "search": "searches in 1,000,000 updates",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """A value that must be reached.  `least`: it is a minimum, else a maximum."""

    about: str
    value: float
    least: bool = False

    def reached(self, found: float) -> bool:
        return found >= self.value if self.least else found <= self.value

    def halved(self, found: float) -> bool:
        """Whether the value is missed by half, in which case the run fails."""
        return found < self.value / 2 if self.least else found > self.value * 2


BARS = {
    "search worst": Bar("milliseconds of the slowest search in 1,000,000 updates, SQLite", 200),
    "search postgresql worst": Bar("the same, PostgreSQL", 200),
    "plain new beside": Bar("new incidents beside the version that BESIDE names", 0.85, least=True),
    "plain reply beside": Bar("replies beside the version that BESIDE names", 0.85, least=True),
    "plain new text": Bar("new incidents, letters with pages beside text alone", 0.8, least=True),
    "plain reply text": Bar("replies, letters with pages beside text alone", 0.85, least=True),
    "plain new cost text": Bar("CPU of a new incident, letters with pages beside text alone", 1.25),
    "plain reply cost text": Bar("CPU of a reply, letters with pages beside text alone", 1.18),
    "plain new postfix": Bar("new incidents beside Postfix storing the same mails", 0.5, least=True),
    "plain reply postfix": Bar("replies beside Postfix storing the same mails", 0.7, least=True),
    "plain new roundup": Bar("new incidents beside Roundup", 10, least=True),
    "plain reply roundup": Bar("replies beside Roundup", 10, least=True),
    "plain new cost": Bar("CPU ms a new incident", 1.7),
    "plain reply cost": Bar("CPU ms a reply", 1.1),
    "plain new cost aiosmtpd": Bar("CPU of a new incident beside aiosmtpd dropping the mail", 4.3),
    "plain reply cost aiosmtpd": Bar("CPU of a reply beside aiosmtpd dropping the mail", 2.8),
    "plain peak": Bar("peak memory, MB, mails of 2 KB", 130),
    "slow new ratio": Bar("new incidents on a slow disk beside a fast one, 50 sessions", 0.8, least=True),
    "slow reply ratio": Bar("replies on a slow disk beside a fast one, 50 sessions", 0.8, least=True),
    "directory new ratio": Bar("new incidents with 100,000 imported contacts beside 1,000", 0.95, least=True),
    "directory reply ratio": Bar("replies with 100,000 imported contacts beside 1,000", 0.95, least=True),
    "directory new cost ratio": Bar("CPU of a new incident with 100,000 imported contacts beside 1,000", 1.05),
    "directory reply cost ratio": Bar("CPU of a reply with 100,000 imported contacts beside 1,000", 1.05),
    "directory peak ratio": Bar("peak memory with 100,000 imported contacts beside 1,000", 1.1),
    "old1m new ratio": Bar("new incidents with 1,000,000 in the store beside an empty one", 0.8, least=True),
    "old1m reply ratio": Bar("replies with 1,000,000 incidents in the store beside an empty one", 0.8, least=True),
    "steady new p99": Bar("p99 from 250 to the last letter, ms, new incidents at 10 mails/s", 100),
    "steady reply p99": Bar("p99 from 250 to the letter, ms, replies at 10 mails/s", 100),
    "huge peak": Bar("peak memory, MB, ten mails of 50 MB", 250),
    "huge lag": Bar("event loop's worst lag, ms, ten mails of 50 MB", 250),
    "tick ratio": Bar("CPU of a tick with 1,000,000 open incidents beside 10,000, 100 due in each", 1.5),
    "tick first ratio": Bar("the same, of the first tick after a start", 1.5),
    "tick idle ratio": Bar("CPU of a tick with nothing due, 1,000,000 open beside 10,000", 1.5),
    "growth memory": Bar("memory after 100,000 mails beside that after 10,000", 1.2),
    "growth wal": Bar("largest write-ahead log, MB, over 100,000 mails", 80),
}
