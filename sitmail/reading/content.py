"""Chooses among the parts of a mail: which are its text, and which are attachments.

The parts themselves are found and decoded by `mime`, containers are opened by `formats`; what the words mean is
known in `text`.
"""

from __future__ import annotations

import re

from sitmail.domain.address import addresses, clean_name
from sitmail.domain.mail import INLINE, Attachment, Forwarded
from sitmail.reading import attachment_names, header_fields, mime
from sitmail.reading.attachment_files import AttachmentFiles, whole
from sitmail.reading.formats import charset, html, smime, tnef, uuencode
from sitmail.reading.header_fields import CAPS, Caps
from sitmail.reading.mime import Part

_TEXTS = frozenset(
    """text/plain text/html text/enriched text/richtext text/markdown text/x-markdown text/x-web-markdown
    text/x-amp-html text/watch-html""".split()  # noqa: SIM905
)
_PLAIN = frozenset(("text/plain", "text/markdown", "text/x-markdown", "text/x-web-markdown"))
_SECOND_CHOICE = frozenset(("text/x-amp-html", "text/watch-html", "text/enriched", "text/richtext", "text/rtf"))
_CALENDARS = frozenset(("text/calendar", "application/ics"))
_METHOD = re.compile(rb"^METHOD(?:;[^:\r\n]{0,100})?:[ \t]*([A-Za-z-]{1,20})", re.IGNORECASE | re.MULTILINE)
_STUB, _RATHER, _MORE = 300, 3, 100  # characters of a plain text; so many times as many, and so many more, on the page
_CONTAINERS = 3  # signed letters inside of each other that are opened


class Content:
    """Sorts the parts of a mail into text and attachments."""

    def __init__(self, caps: Caps, defects: list[str], opened: int = 0) -> None:
        self.caps = caps
        self.defects = defects
        self.pieces: list[str] = []
        self.pages: list[str] = []
        self.attached: list[Part] = []
        self.charset = ""
        self.texts = 0  # parts that were read as text, whether they say something or not
        self.opened = opened
        self.hides_words = False  # some page of which the text was made hides words from its reader

    def letter(self, root: Part) -> None:
        """The whole letter: a mail's only part is its text, and so is the first text where no other is."""
        if not root.children and root.type in _TEXTS:
            self._text(root)
            return
        self.take(root)
        if not self.texts and (part := next((p for p in self.attached if p.type in _TEXTS), None)):
            if part.disposition != "attachment":
                self.attached.remove(part)
            self._text(part)

    def take(self, part: Part) -> None:
        if part.type == "multipart/alternative" and part.children:
            self._alternative(part)
        elif part.children:
            for child in part.children:
                self.take(child)
        elif self._is_text(part):
            self._text(part)
        elif part.type in tnef.TYPES or part.name.lower() in tnef.NAMES:
            self._winmail(part)
        elif part.type in smime.TYPES or part.name.lower().endswith(smime.NAMES):
            self._signed(part)
        elif not part.type.startswith("multipart/"):
            self.attached.append(part)

    def _winmail(self, part: Part) -> None:
        """The files inside stand for it, and its text where the letter has no other; what cannot be opened stays."""
        opened = tnef.read(mime.content(part))
        if opened.text and not self.pieces:
            self.pieces.append(opened.text.rstrip())
            self.texts += 1
        elif not (opened.files or opened.text):
            self.attached.append(part)
        for file in opened.files[: self.caps.parts]:
            self.attached.append(_file(file.name, file.type, file.content, 0, len(file.content)))

    def _signed(self, part: Part) -> None:
        """The letter inside an S/MIME container stands for it; what cannot be opened stays."""
        inside = smime.opened(mime.content(part)) if self.opened < _CONTAINERS else b""
        if not inside:
            self.attached.append(part)
            return
        block = header_fields.split(inside, caps=self.caps)
        letter = Content(self.caps, self.defects, self.opened + 1)
        letter.letter(mime.tree(inside, block, self.caps).root)
        self.add(letter)

    def add(self, other: Content) -> None:
        """Adds the text and the attachments that were found in one part of this letter."""
        self.pieces += other.pieces
        self.pages += other.pages
        self.attached += other.attached
        self.texts += other.texts
        self.charset = self.charset or other.charset
        self.hides_words = self.hides_words or (other.hides_words and bool(other.pieces))

    def _is_text(self, part: Part) -> bool:
        """A text that is not called an attachment; one that has a name only where no words stand before it."""
        return part.type in _TEXTS and part.disposition != "attachment" and not (part.name and self.pieces)

    def _text(self, part: Part) -> None:
        self.texts += 1
        text, used = self._decoded(part)
        if part.type in _PLAIN:
            if part.parameters.get("format", "").lower() == "flowed":
                text = _unflowed(text, part.parameters.get("delsp", "").lower() == "yes")
        else:
            self.pages.append(text[: self.caps.html])
            found = html.read(text, self.caps)
            text, self.hides_words = charset.scrub(found.text), self.hides_words or found.hides
        if text.strip():
            self.pieces.append(text.rstrip())
        self.charset = self.charset or used

    def _decoded(self, part: Part) -> tuple[str, str]:
        data = self._without_files(part) if part.type == "text/plain" else mime.beginning(part, 4 * self.caps.html)
        text, used = charset.decode(data, part.parameters.get("charset", ""))
        if "\N{REPLACEMENT CHARACTER}" in text and "charset" not in self.defects:
            self.defects.append("charset")
        return charset.scrub(text), used

    def _without_files(self, part: Part) -> bytes:
        """The bytes of a text; files that stand uuencoded in it are attached."""
        size = 4 * self.caps.html
        raw, at, end = part.raw, part.start, part.end
        if part.coding in mime.CODED:
            raw = mime.beginning(part, size)
            at, end = 0, len(raw)
        kept: list[bytes] = []
        for found in uuencode.find(raw, at, end, self.caps.parts):
            kept.append(raw[at : found.first])
            at = found.last
            file = _file(found.name.decode("utf-8", "surrogateescape"), "", raw, found.start, found.end)
            file.coding = "x-uuencode"
            self.attached.append(file)
        if not kept:
            return raw if len(raw) == end - at <= size else raw[at : min(end, at + size)]
        return b"".join((*kept, raw[at:end]))[:size]

    def _alternative(self, part: Part) -> None:
        """The plain text if it says anything, else the page; what is neither stays an attachment."""
        versions: list[Content] = []
        others: list[Part] = []
        for child in part.children:
            version = Content(self.caps, self.defects, self.opened)
            if child.type in _SECOND_CHOICE and not child.name and child.disposition != "attachment":
                others.append(child)  # the same words for other programs: no file, and text only where no other is
                continue
            if child.type in _SECOND_CHOICE:
                version.attached.append(child)
            elif child.type in ("text/html", "multipart/related") and any(v.pieces for v in versions):
                version.pages_only(child)
            else:
                version.take(child)
            versions.append(version)
        if others and not any(v.pieces for v in versions):
            versions.append(Content(self.caps, self.defects, self.opened))
            versions[-1].take(others[0])
        said = [v for v in versions if v.pieces]
        chosen = next((v for v in said if not v.pages), said[0] if said else versions[0])
        pieces = self._page_beside(chosen, versions)
        for version in versions:
            version.pieces = pieces if version is chosen else []
        for version in (chosen, *versions):
            self.charset = self.charset or version.charset
        for version in versions:
            self.add(version)

    def _page_beside(self, chosen: Content, versions: list[Content]) -> list[str]:
        """The text of the page where the plain one is only a stub, such as `Please use a program that reads HTML`."""
        plain = "\n".join(chosen.pieces)
        pages = [page for version in versions for page in version.pages]
        if chosen.pages or not pages or len(plain) > _STUB:
            return chosen.pieces
        page, letters = "\n".join(pages), len("".join(plain.split()))
        enough = max(_RATHER * letters, letters + _MORE)
        if len("".join(html.crude(page).split())) <= enough:  # as most: a page is not rendered for nothing
            return chosen.pieces
        found = html.read(page, self.caps)
        said = charset.scrub(found.text).rstrip()
        if len("".join(said.split())) <= enough:
            return chosen.pieces
        chosen.hides_words = found.hides
        return [said]

    def pages_only(self, part: Part) -> None:
        """Keeps a page beside a plain text as it is: it is not turned into text, because nobody would read that."""
        for leaf in part.walk():
            if leaf.type == "text/html" and leaf.disposition != "attachment" and not leaf.children:
                self.pages.append(self._decoded(leaf)[0][: self.caps.html])
            elif not leaf.children and not leaf.type.startswith("multipart/"):
                self.attached.append(leaf)


def _file(name: str, type_: str, raw: bytes, start: int, end: int) -> Part:
    """An attachment for a file that stood inside another part."""
    known = type_ if mime.is_type(type_) else "application/octet-stream"
    return Part(raw, start, end, known, disposition="attachment", name=name)


def _unflowed(text: str, delete_space: bool) -> str:
    """Paragraphs of `format=flowed` (RFC 3676 section 4) as single lines; quotation marks stay."""
    lines: list[list[str]] = []
    open_depth = -1
    for line in text.split("\n"):
        rest = line.lstrip(">")
        depth = len(line) - len(rest)
        rest = rest.removeprefix(" ")
        flows = rest.endswith(" ") and rest != "-- "
        said = rest[:-1] if flows and delete_space else rest
        if open_depth == depth and rest != "-- ":
            lines[-1].append(said)
        else:
            lines.append([">" * depth + " " if depth else "", said])
        open_depth = depth if flows else -1
    return "\n".join("".join(bits) for bits in lines)


def capped(text: str, caps: Caps) -> str:
    """The text as far as the log takes it, with a visible note where it was cut."""
    if len(text) <= caps.text and (len(text) < caps.lines or text.count("\n") < caps.lines):
        return text
    kept = "\n".join(text[: caps.text].split("\n")[: caps.lines])
    return f"{kept}\n[cut here, {len(text) - len(kept)} more characters are in the mail as it came]"


def attachments(letter: Content, caps: Caps, filing: AttachmentFiles | None = None) -> tuple[Attachment, ...]:
    """What is attached; `filing` takes what is too large to be held in memory."""
    page = "".join(letter.pages)
    found: list[Attachment] = []
    taken: set[str] = set()
    for number, part in enumerate(letter.attached, 1):
        filed = filing.take(part) if filing and part.end - part.start > INLINE else whole(part)
        name = attachment_names.name_of(part)
        if part.type == "message/rfc822" and not part.name:
            name = _title_of(filed.content) or name
        name = header_fields.readable(name, letter.charset)
        referenced = bool(part.content_id) and f"cid:{part.content_id}" in page
        found.append(
            Attachment(
                name=_once(attachment_names.label(name, part.type, number, caps), taken if not name else set()),
                type=part.type,
                size=filed.size,
                sha256=filed.sha256,
                inline=referenced or part.disposition == "inline",
                content=filed.content,
                path=filed.path,
            )
        )
    return tuple(found)


def pictures(letter: Content, files: tuple[Attachment, ...]) -> dict[str, str]:
    """The SHA-256 of each file that a page of the letter may show, by Content-ID (RFC 2392)."""
    pairs = zip(letter.attached, files, strict=True)
    return {part.content_id: file.sha256 for part, file in pairs if part.content_id and part.type.startswith("image/")}


def _once(name: str, taken: set[str]) -> str:
    """A name we chose, with a number if another file has it already: `image.png`, `image-2.png`."""
    stem, dot, ending = name.rpartition(".")
    number, chosen = 1, name
    while chosen in taken:
        number += 1
        chosen = f"{stem}-{number}{dot}{ending}"
    taken.add(chosen)
    return chosen


def _title_of(content: bytes) -> str:
    """A name for an attached letter: its subject."""
    title = header_fields.one_line(header_fields.split(content[:65_536]).get("subject")).replace("/", "_")
    return f"{title[:60]}.eml" if title else ""


def calendar_reply(attached: list[Part]) -> bool:
    """A calendar program's answer (RFC 5546 section 3.2.3), by the METHOD in its body, else by what its field says."""
    for part in attached:
        if part.type in _CALENDARS:
            written = _METHOD.search(mime.beginning(part, 65_536))
            method = written[1].decode("ascii") if written else part.parameters.get("method", "")
            if method.lower() == "reply":
                return True
    return False


def attached_letter(part: Part) -> Forwarded:
    """What an attached letter says, for display."""
    block, tree = mime.letter(part)
    letter = Content(CAPS, [])
    letter.letter(tree.root)
    sender = addresses(block.get("from"), header_fields.words)
    return Forwarded(
        sender=sender[0] if sender else None,
        to=addresses(block.get("to"), header_fields.words),
        cc=addresses(block.get("cc"), header_fields.words),
        subject=header_fields.one_line(block.get("subject")),
        date=clean_name(block.get("date")),
        text=capped("\n".join(letter.pieces), CAPS),
    )
