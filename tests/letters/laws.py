"""What must hold for every letter of every case (behaviour 2, 3 and 8)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from sitmail.domain.leak_guard import FIRST_LINES, holds_frame
from sitmail.domain.policy import Policy
from sitmail.domain.trust import Keys, counted_as, proves, read_message_id, read_tag
from tests.letters import events
from tests.letters.pages import differ, read
from tests.letters.writing import Letter

CANARY = "canary"  # in every internal word of the cases
# Letters that carry what a person wrote.
BY_PEOPLE = {
    "answer",
    "begun",
    "event",
    "words",
    "customer_wrote",
    "answer_copy",
    "note",
    "vendor_asked",
    "vendor_wrote",
    "bug_reported",
    "order_placed",
    "feedback_given",
}
SIGNED = re.compile(r"\b[invhckdb][0-9]{1,9}\.[a-z][a-z2-7]{16}\b")  # as in our addresses
OUR_ID = re.compile(r"<[invhckdb][0-9]{1,9}\.[0-9]{1,9}\.[a-z2-7]{10}\.[a-z][a-z2-7]{16}@[^<>\s]+>")
REPLY_KINDS = {"i": "public", "v": "vendor", "n": "note", "h": "held", "c": "confirm", "d": "digest"}
_READ_BY = "|".join(FIRST_LINES).replace(" ", r"\s")
WHY = re.compile(r"(You get|Sie bekommen|Vous recevez) ")
FIRST_LINE = re.compile(rf"(PUBLIC|INTERNAL): (?:{_READ_BY}) (.+?)\n\n", re.DOTALL)
LONGEST_LINE = 78  # of the text part, but for a word that is longer
LARGEST_PAGE = 60_000  # bytes, beside what people wrote
OWN_FIELDS = re.compile(r"x-(?!sitmail-|auto-response-suppress$)")


@dataclass
class Laws:
    """`people` are addresses by person, `staff` who of them is an engineer; `given` counts tokens that became void;
    `lives` has all addresses of each, former ones too.

    `wrote` and `sent` are the Message-IDs that somebody used himself, or saw, by address.
    """

    policy: Policy
    keys: Keys
    people: Mapping[int, str]
    staff: frozenset[int]
    given: Mapping[tuple[int, int], int]
    lives: Mapping[int, set[str]]
    wrote: dict[str, set[str]] = field(default_factory=dict)
    sent: dict[str, set[str]] = field(default_factory=dict)
    uids: dict[str, str] = field(default_factory=dict)  # of calendar events, by reader and incident
    reader: int = 0  # the person a letter is signed for

    def broken(self, letter: Letter) -> list[str]:
        """Sentences; and remembers the letter's id as one its reader has seen."""
        read = read_message_id(self.keys, letter.message_id, self.given)
        self.reader = read.person if read and self.people[read.person] == letter.recipient else 0
        inside = self.reader in self.staff
        found = [*self._addresses(letter), *self._ids(letter), *self._secrets(letter, inside), *_fields(letter)]
        found += [*_parts(letter), *self._buttons(letter), *events.broken(letter, self.uids)]
        if inside:
            found += self._first_line(letter)
        if not WHY.match(last := letter.text.rstrip().rpartition("\n\n")[2]):
            found.append(f"does not say at its end why its reader got it: {last!r}")
        self.sent.setdefault(letter.recipient, set()).add(letter.message_id)
        return [f"letter {letter.purpose} to {letter.recipient}: {sentence}" for sentence in found]

    def _addresses(self, letter: Letter) -> Iterable[str]:
        head, ours = letter.parsed, {box.address for box in self.policy.mailboxes}
        if str(head["To"].addresses[0].addr_spec).lower() != letter.recipient or len(head["To"].addresses) != 1:
            yield f"To is {head['To']}"
        if head["Cc"] or head["Bcc"]:
            yield "has a copy"
        if str(head["From"].addresses[0].addr_spec) not in ours:
            yield f"From is {head['From']}, not at our own address"
        local = letter.sender.rpartition("@")[0]
        if not self.policy.plus:
            if {letter.sender, letter.reply_to} - ours:
                yield f"{letter.sender} or {letter.reply_to} is not the plain address"
            return
        if not re.search(r"\+b\d+\.", local) or len(local) > 64 or not self._mine(local):
            yield f"the return path is {letter.sender!r}"
        if not self._mine(letter.reply_to.rpartition("@")[0]):
            yield f"Reply-To {letter.reply_to} is not its reader's own"

    def _first_line(self, letter: Letter) -> Iterable[str]:
        """It says who reads a plain reply, and whether that is somebody outside."""
        said = FIRST_LINE.match(letter.text)
        if said is None:
            yield f"does not say who reads a plain reply: {letter.text[:80]!r}"
            return
        if not holds_frame(letter.text):
            yield "would leave unseen if an engineer quoted it"
        kind = REPLY_KINDS.get(letter.reply_to.rpartition("+")[2][:1], "")
        if self.policy.plus and (said[1] == "PUBLIC") != (kind in ("public", "vendor")):
            yield f"says {said[1]}, while a plain reply is {kind}"
        if re.search(rf"[(<,]\s?{re.escape(letter.recipient)}", said[2]):
            yield f"names its own reader: {said[2]}"
        if len(names := re.findall(r"[^\s,(<]+@[^\s,)>]+", said[2])) != len(set(names)):
            yield f"names somebody twice: {said[2]}"

    def _buttons(self, letter: Letter) -> Iterable[str]:
        """Each writes to the letter's own reply address, and says nothing but what it does."""
        for button in read(letter.page).buttons:
            if button.address != letter.reply_to:
                yield f"the button {button.label!r} writes to {button.address}"
            number = letter.parsed["X-Sitmail-Incident"]
            if number and button.field("subject") != self.policy.reference(int(number)):
                yield f"the button {button.label!r} has the subject {button.field('subject')!r}"
            if f"{button.label}: {button.field('body').strip()}" not in " ".join(letter.text.split()):
                yield f"the text has no line for the button {button.label!r}"
            if "+" in button.href or "@" not in button.href or "cc=" in button.href:
                yield f"the button {button.label!r} is {button.href}"

    def _mine(self, text: str) -> bool:
        found = SIGNED.search(text)
        tag = read_tag(found[0]) if found else None
        times = self.given.get((self.reader, counted_as(tag.kind, tag.number)), 0) if tag else 0
        return tag is not None and proves(self.keys, tag.token, tag.kind, tag.number, self.reader, times)

    def _ids(self, letter: Letter) -> Iterable[str]:
        """Its own id is signed for its reader and new; it names only ids that he wrote or was sent."""
        head = letter.parsed
        if not self.reader:
            yield f"Message-ID {letter.message_id} is not signed for its reader"
        if letter.message_id in self.sent.get(letter.recipient, ()):
            yield "a Message-ID used before"
        his = {letter.recipient, *self.lives.get(self.reader, ())}
        known = {one for address in his for one in (*self.wrote.get(address, ()), *self.sent.get(address, ()))}
        named = re.findall(r"<[^<>\s]+>", f"{head['In-Reply-To'] or ''} {head['References'] or ''}")
        for one in named:
            if one not in known:
                yield f"names {one}, which its reader neither wrote nor was sent"

    def _secrets(self, letter: Letter, inside: bool) -> Iterable[str]:
        """No token of anybody else anywhere, no internal word to anybody outside."""
        parts = [part.get_content() for part in letter.parsed.walk() if not part.is_multipart()]
        whole = "\n".join(p.decode("utf-8", "replace") if isinstance(p, bytes) else str(p) for p in parts)
        head = "\n".join(f"{name}: {value}" for name, value in letter.parsed.items())
        whole = unquote(f"{head}\n{letter.raw.decode('utf-8', 'replace')}\n{whole}").lower()
        for found in set(SIGNED.findall(whole)) | set(OUR_ID.findall(whole)):
            if found.startswith("<"):
                read = read_message_id(self.keys, found, self.given)
                if read is not None and read.person != self.reader:
                    yield f"holds somebody else's id {found}"
            elif not self._mine(found):
                yield f"holds somebody else's token {found}"
        if not inside and CANARY in whole:
            yield "holds internal words"


def _parts(letter: Letter) -> Iterable[str]:
    """Text and page say the same; the page is sound, small and by itself; the text fits everywhere."""
    if long := [line for line in letter.text.split("\n") if len(line) > LONGEST_LINE and " " in line.strip("> ")]:
        yield f"has lines of more than {LONGEST_LINE}: {long[0]!r}"
    if not letter.page:
        return
    page = read(letter.page)
    yield from differ(letter.text, letter.page)
    if page.trouble or not (page.language and page.direction and page.title and page.preview):
        yield f"has a page out of order: {page.trouble}, {page.language!r} {page.title!r} {page.preview!r}"
    if page.language != letter.parsed["Content-Language"]:
        yield f"Content-Language is {letter.parsed['Content-Language']}"
    if remote := [link for link in page.links if not link.startswith(("mailto:", "cid:"))]:
        yield f"has links of its own: {remote}"
    if strange := page.tags & {"script", "form", "iframe", "object", "link", "base", "input"}:
        yield f"has tags {strange}"
    if len(letter.page.encode()) > LARGEST_PAGE + 3 * len(letter.text.encode()):
        yield f"has a page of {len(letter.page)} bytes"


def _fields(letter: Letter) -> Iterable[str]:
    head = letter.parsed
    automatic = letter.purpose not in BY_PEOPLE
    if automatic != bool(head["Auto-Submitted"]) or automatic != (head["X-Auto-Response-Suppress"] == "All"):
        yield f"Auto-Submitted is {head['Auto-Submitted']}"
    number = head["X-Sitmail-Incident"]
    if number and f"[SIT-{number}]" not in str(head["Subject"]):
        yield f"Subject {head['Subject']!r} names no incident"
    if strange := [name for name in head if OWN_FIELDS.match(name.lower())]:
        yield f"fields {strange}"
    raw = letter.raw.partition(b"\r\n\r\n")[0]
    beyond = not raw.isascii() and letter.recipient.isascii()
    if beyond or max(map(len, raw.split(b"\r\n"))) > 998 or b"\n" in raw.replace(b"\r\n", b""):
        yield "its head is out of order"
    if any("{%" in part or "{{" in part for part in (letter.text, letter.page, str(head["Subject"]))):
        yield "shows a piece of its template"
