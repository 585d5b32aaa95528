"""Mails in a row, each decided by chance, and the colours that their texts bear."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage

from sitmail.store.told_before import UPDATES
from tests.letters.replied import Letter, address
from tests.letters.script import Case, Step

PUBLIC, LAMPS, FUSES, BUGS, INSIDE, STRANGE = "jadegreen", "alphablue", "betared", "violetgrey", "canary", "rubypink"
ANOTHERS = "limegold"  # what a customer of another site reads
ARTICLE = "goldleaf"  # public sections of articles
SCORED = "rosewood"  # under a score: for staff, not for colleagues
SHARED = "opalwhite"  # notes, each of which may be made public
RECALLED = "ashgrey"  # taken back before it left
COLOURS = {PUBLIC, LAMPS, FUSES, BUGS, INSIDE, STRANGE, ANOTHERS, ARTICLE, SCORED, RECALLED}
OWN = {
    **{"jane": PUBLIC, "john": PUBLIC, "kim": ANOTHERS, "sam": STRANGE},
    **{"lamps": LAMPS, "fuses": FUSES, "jira": BUGS, "tina@lamps.example.com": LAMPS},
}
# Which colours may stand in letters to whom; staff read all of them.
MAY_READ = {
    **{writer: {colour} for writer, colour in OWN.items()},
    "jane": {PUBLIC, ARTICLE, SCORED},
    "john": {PUBLIC, ARTICLE},
    "kim": {ANOTHERS, ARTICLE},
    "sam": {STRANGE, ARTICLE},
}
STAFF, CUSTOMERS = ("anna", "bob"), ("jane", "john", "kim", "sam")
READ_ALL = ("anna", "bob", "nora", "mia")
OUTSIDE = ["jane", "jane", "john", "kim", "lamps", "fuses", "jira", "tina@lamps.example.com", "sam"]
WRITERS = [*OUTSIDE, *["anna"] * 6, *["bob"] * 4]
PROOF = ["Authentication-Results: mx.example.com; dmarc=pass header.from=example.com"]
READING = {"customer_show", "customer_help"}  # an answer goes where its subject says
QUOTING = ["below", "below", "above", "between", "bare", "none", "attached"]
PROGRAMS = ["", "", "", "gmail", "apple", "outlook", "outlook both", "mutt"]
VERBS = [
    *["", "", "", "", "/note", "/public", "/keep"],
    *["/vendor lamps", "/vendor lamps", "/vendor fuses SR-77", "/vendor fuses SR-77", "/take", "/reopen"],
    *["/bug", "/bug", "/bug", "/watch"],
]
ASKED_BY_CUSTOMERS = [
    *["thread 1", "status 1", "list\nthread 1", "list site\nthread 2", "thread 2\nstatus 3", "list closed", "contacts"],
    *[
        "thread 1 mbox",
        "thread 2 mbox",
        "thread 3 mbox\nstatus 2",
        "faq",
        "kb",
        "kb KB1\nkb KB2",
        "kb KB3",
        "report today",
    ],
    *["kb WORDS", "kb WORDS", "kb COLOUR", "entitlement"],
]
ASKED_BY_STAFF = [
    *[
        "queue",
        "queue unowned\nqueue late",
        "search WORDS",
        "search COLOUR",
        "search COLOUR\nshow 1",
        "show 1",
        "show 2",
    ],
    *["who jane@acme.example.net", "who kim@globex.example.org\nwho sam@elsewhere.example.org", "files 1\nwhy 1"],
    *[
        "watch site acme",
        "watch contact kim@globex.example.org",
        "watch site acme off",
        "kb recent\nkb orphans",
        "kb KB1",
    ],
    *["kb new TITLE", "kb KB2 history", "kb KB1 subscribe", "report attainment today\nreport backlog today"],
    *[
        "report site today\nreport engineer today",
        "report vendor today",
        "report time by owner today",
        "report incident 1",
    ],
    *["report feedback today", "report escalated today\nreport product today\nreport reason today", "report history 1"],
    "report",
]
NOUNS = re.findall(
    r"[a-z]+",
    "lamp cable door cellar ladder winter bucket engine garden mirror needle pocket rabbit saddle tunnel violin",
)


class Walk:
    """What comes next, and what may be read by whom so far."""

    def __init__(self, seed: int, case: Case) -> None:
        self.chance, self.case = random.Random(seed), case
        self.mails = 0
        self.said: list[tuple[str, str]] = []  # each text with its colour
        self.next: list[Step] = []  # what surely follows
        self.colours: dict[str, str] = {}  # of what customers say, by the number of an incident
        self.closed: set[str] = set()  # numbers of incidents
        self.shared: set[str] = set()  # notes that became public, by the number behind their colour
        self.titles = [" ".join(self.chance.sample(NOUNS, 3)) for _ in range(4)]

    def text(self, colour: str) -> str:
        """A sentence of its colour, and one without: what is quoted cannot be told by the colour alone."""
        self.mails += 1
        words = self.chance.sample(NOUNS, 7)
        said = (
            f"{colour}{self.mails} {' '.join(words[:4])} number {self.mails}.\n"
            f"The {colour}{self.mails} {' and '.join(words[4:])}."
        )
        self.said.append((colour, said))
        return said

    def hear(self, letters: Sequence[Letter]) -> None:
        """Whose incident it is says the first letter to its customer."""
        for one in letters:
            number = str(one.parsed["X-Sitmail-Incident"])
            if one.purpose.startswith("acknowledgement") and number not in self.colours:
                self.colours[number] = OWN.get(self.name(one.recipient), STRANGE)

    def name(self, recipient: str) -> str:
        return {address(known): name for name, known in self.case.names.items()}.get(recipient, recipient)

    def public(self, letter: Letter) -> str:
        """The colour of what customers say about a letter's incident."""
        return self.colours.get(str(letter.parsed["X-Sitmail-Incident"]), STRANGE)

    def step(self, letters: Sequence[Letter], notes: Sequence[tuple[int, str]]) -> Step:
        """`notes`: what was said inside and to vendors about the first incident, by the numbers of the log."""
        known = {None, *(f"{self.name(one.recipient)} {one.purpose}" for one in letters)}
        if self.next and (sure := self.next.pop(0)).answers in known:
            return sure
        writer = self.chance.choice(WRITERS)
        if writer in (*STAFF, *CUSTOMERS) and self.chance.random() < 0.2:
            return self._question(writer)
        mine = [one for one in letters if one.recipient == address(self.case.names.get(writer, writer))]
        if writer.startswith("tina"):
            mine = [one for one in letters if one.recipient == address(self.case.names["lamps"])]
        mine = [one for one in mine if one.purpose not in READING]
        if not mine or self.chance.random() < 0.05:
            return self._fresh(writer)
        if writer == "sam" and self.chance.random() < 0.5:  # somebody else's letter, which was passed on to him
            mine = [one for one in letters if one.purpose not in READING and INSIDE not in one.text]
        if rare := [one for one in mine[-30:] if one.purpose in ("article", "feedback_asked")]:
            mine = rare if self.chance.random() < 0.25 else mine
        one = self.chance.choice(mine[-12:])
        reader = self.name(one.recipient)
        if reader == one.recipient:  # a letter to somebody whom only the walk brought in
            return self._fresh(writer)
        last = [each for each in letters if each.recipient == one.recipient and each.purpose == one.purpose][-1]
        step = self._reply(writer, f"{reader} {one.purpose}", last, notes)
        if writer == "sam":  # what makes a token void comes after the answers that wait
            self.next = [step]
            return Step(after="5s")
        return step

    def _reply(self, writer: str, which: str, last: Letter, notes: Sequence[tuple[int, str]]) -> Step:
        made = {"writer": writer, "answers": which, "quote": self.chance.choice(QUOTING)}
        if writer in STAFF and last.purpose.startswith("article") and self.chance.random() < 0.8:
            return Step(**made, text=self._about_article(last, notes))  # type: ignore[arg-type]
        if writer in STAFF and last.parsed["X-Sitmail-Incident"] and self.chance.random() < 0.05:
            self.next = [Step(writer=writer, to=["command"], text="queue", headers=PROOF, after="20m")]
            return Step(**made, text=self.chance.choice(["/close solved", "/close solved KB1"]))  # type: ignore[arg-type]
        if writer in STAFF and self._about_first(last) and self.chance.random() < 0.25:
            return self._in_two(writer, which, last, notes)
        text = self._answer(writer, last)
        files = []
        if not text.startswith("/") and self.chance.random() < 0.15:
            colour = next(one for one in (*COLOURS, SHARED) if one in text)
            files = [{"name": f"file{self.mails}.txt", "text": self.text(colour)}]
        after = "20m" if self.chance.random() < 0.04 else ""
        program = "" if files else self.chance.choice(PROGRAMS)
        return Step(**made, text=text, files=files, program=program, after=after)  # type: ignore[arg-type]

    def _about_first(self, letter: Letter) -> bool:
        return letter.parsed["X-Sitmail-Incident"] == "1" and letter.purpose not in ("confirm", "held")

    def _question(self, writer: str) -> Step:
        asked = self.chance.choice(ASKED_BY_STAFF if writer in STAFF else ASKED_BY_CUSTOMERS)
        colour, said = self.chance.choice([one for one in self.said if one[0] != PUBLIC] or self.said)
        words = said.split("\n")[0].split()
        asked = asked.replace("WORDS", self.chance.choice([words[1], " ".join(words[1:3])]))
        if writer in CUSTOMERS:
            colour = self.chance.choice([LAMPS, FUSES, BUGS, STRANGE, ANOTHERS]).upper()  # it is repeated in the answer
        asked = asked.replace("COLOUR", colour).replace("TITLE", f"{ARTICLE} {self.chance.choice(self.titles)}")
        return Step(writer=writer, to=["command"], text=asked, headers=PROOF if writer in STAFF else [])

    def _fresh(self, writer: str) -> Step:
        if writer in STAFF:
            return Step(writer=writer, subject="[SIT-1]", text=self.text(INSIDE), headers=PROOF)
        number = 2 if writer == "kim" else 1
        known = [f"[SIT-{number}] again", f"Re: [SIT-{number}]", "Something else", "SR-77"]
        known += [self.chance.choice(self.titles)] * 3 if writer in CUSTOMERS else []
        return Step(writer=writer, subject=self.chance.choice(known), text=self.text(OWN[writer]))

    def _answer(self, writer: str, answered: Letter) -> str:
        if writer not in STAFF:
            if answered.purpose == "feedback_asked" and writer in CUSTOMERS[:3]:
                closed = answered.parsed["X-Sitmail-Incident"] in self.closed  # else colleagues read it as any words
                colour = SCORED if closed and writer == "jane" else OWN[writer]
                return f"{self.chance.choice('12345')}\n{self.text(colour)}"
            read = self.chance.choice(["/thread mbox", "/kb KB1", "/faq", "/kb"])
            if writer in CUSTOMERS and self.chance.random() < 0.1:
                return read
            said = self.text(OWN[writer])
            return f"BUG-{self.mails}\n{said}" if writer == "jira" else said
        verb = self.chance.choice(VERBS)
        colour = {
            "/note": INSIDE,
            "/public": self.public(answered),
            "/vendor lamps": LAMPS,
            "/vendor fuses SR-77": FUSES,
            "/bug": BUGS,
        }.get(verb)
        colour = colour or self._colour_of(answered)
        if verb == "/bug":
            return f"/bug {BUGS} {self.mails}\n{self.text(colour)}\nSteps:\n{self.text(colour)}"
        if self.chance.random() < 0.1:
            return f"{verb}\n{self.text(colour)}\n/note\n{self.text(INSIDE)}".strip()
        return f"{verb}\n{self.text(colour)}".strip()

    def _colour_of(self, answered: Letter) -> str:
        """Where a plain answer to a letter goes."""
        kind = answered.reply_to.rpartition("+")[2][:1]
        if kind == "v":
            whose = " ".join(answered.text.split())
            return LAMPS if "the vendor Lamps" in whose else BUGS if "the tracker" in whose else FUSES
        return self.public(answered) if kind == "i" else INSIDE

    def _about_article(self, answered: Letter, notes: Sequence[tuple[int, str]]) -> str:
        """An edit, or a publication; those of even numbers are for staff alone.  Nobody writes "publish anyway"."""
        found = re.search(r"=== KB(\d+)\.", answered.text)
        kept = found is not None and int(found[1]) % 2 == 0
        secret = f"Cause (private):\n{self.text(INSIDE)}\n"
        late = max((number for number, _ in notes), default=0) - UPDATES // 2
        inside = [
            said.split("\n") for number, said in notes if number > late and said.startswith((INSIDE, LAMPS, FUSES))
        ]
        inside = [lines for lines in inside if len(" ".join(lines[:2]).split()) > 12]  # what the desk knows again
        what = self.chance.choice(["edit", "public", "public", "public", "slip", "words", "one line"])
        if what == "words":
            return self.text(INSIDE)
        if what == "one line":
            return self.chance.choice(["history", "subscribe", "print", "withdraw", "reviewed"])
        if kept:
            return f"publish\nDistribution: restricted\n\nSolution:\n{self.text(INSIDE)}"
        if what == "edit":
            return f"Solution:\n{self.text(ARTICLE)}\n\n{secret}"
        if what == "slip" and inside and re.search(r"Drafted from:\s+\[SIT-1\]", answered.text):
            return "\n".join(["publish", "Distribution: public", "", "Workaround:", *self.chance.choice(inside)[:2]])
        title = f"Title: {ARTICLE} {self.chance.choice(self.titles)}\nTags: faq"
        parts = ("Symptoms", "Solution", "Workaround")  # in place of what was a slip before
        own = "".join(f"{part}:\n{self.text(ARTICLE)}\n\n" for part in parts)
        return f"publish\nDistribution: public\n{title}\n\n{own}{secret}"

    def _in_two(self, writer: str, which: str, answered: Letter, notes: Sequence[tuple[int, str]]) -> Step:
        """What is said and taken back, shared after a yes, drafted, sent."""

        def reply(text: str, answers: str = which) -> Step:
            return Step(writer=writer, answers=answers, text=text, quote=self.chance.choice(["none", "below"]))

        what = self.chance.choice(["recall", "note", "note", "share", "share", "kb", "kb", "send"])
        fresh = [one for one in notes if one[1].startswith(SHARED) and _number(one[1]) not in self.shared]
        if what == "recall":
            self.next = [reply("/recall")]
            return reply(f"/public\n{self.text(RECALLED)}")
        if what == "share" and fresh:
            number, said = self.chance.choice(fresh)
            if self.chance.random() < 0.7:
                self.shared.add(_number(said))
                self.next = [reply("yes", f"{writer} confirm")]
            return reply(f"/share #{number}")
        if what == "send" and answered.reply_to.rpartition("+")[2][:1] == "i":
            return reply(f"/send KB{self.chance.choice('1123')}\n{self.text(self.public(answered))}")
        return reply("/kb" if what == "kb" else f"/note\n{self.text(SHARED)}")

    def strayed(self, letter: Letter, wrote: set[str]) -> Iterator[str]:
        """Colours that are not its reader's; `wrote`: the Message-IDs of his own."""
        reader = self.name(letter.recipient)
        if reader in READ_ALL:
            return
        if reader == "sam" and letter.purpose == "acknowledgement":  # it repeats what he wrote: he was passed letters
            return
        may = MAY_READ.get(reader, set())
        if reader not in CUSTOMERS and self.public(letter) == STRANGE:
            may = may | {STRANGE}
        everything = whole(letter.parsed, letter.raw)
        if reader == "sam":  # he answered what was passed on to him: the subject of his own incident is his
            everything = re.sub(rf"{PUBLIC}\s+printer", "", everything)
        found = {colour for colour in COLOURS - may if colour in everything}
        shared = self.shared if reader in ("jane", "john") else set()
        found |= {f"{SHARED}{number}" for number in set(re.findall(rf"{SHARED}(\d*)", everything)) - shared}
        for colour in sorted(found):
            yield f"letter {letter.purpose} to {reader} holds {colour}:\n{letter.text}"
        for part in letter.parsed.iter_attachments():
            if str(part.get_filename()).endswith(".mbox"):
                ids = set(re.findall(r"<[0-9]+\.letter@[^<>\s]+>", whole(part)))
                yield from (f"the mbox to {reader} names {one}, which he did not write" for one in sorted(ids - wrote))


def _number(said: str) -> str:
    found = re.match(rf"{SHARED}(\d+)", said)
    assert found
    return found[1]


def whole(message: EmailMessage, raw: bytes = b"") -> str:
    """Everything that a mail shows or holds: as it is, decoded, and what lies in its files."""
    texts = [raw.decode("utf-8", "replace")]
    for part in message.walk():
        texts += [f"{name}: {value}" for name, value in part.items()]
        if part.is_multipart():
            continue
        content = part.get_content()
        text = content if isinstance(content, str) else bytes(content).decode("utf-8", "replace")
        texts.append(text)
        if str(part.get_filename()).endswith(".mbox"):
            for one in re.split(r"(?m)^From .*\n", text)[1:]:
                inner = message_from_bytes(one.encode(), policy=policy.default)
                assert isinstance(inner, EmailMessage)
                texts.append(whole(inner))
    return "\n".join(texts)
