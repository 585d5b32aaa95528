"""What of a mail is its text, and what is attached: choosing among its parts.

The parts themselves are found and decoded by `parts`; what the words mean is known in the domain.
"""

from __future__ import annotations

from sitmail.domain.address import addresses, clean_name
from sitmail.domain.mail import INLINE, Attachment, Forwarded
from sitmail.reading import header_fields, mime
from sitmail.reading.attachment_files import AttachmentFiles, whole
from sitmail.reading.formats import charset, html, tnef
from sitmail.reading.header_fields import CAPS, Caps
from sitmail.reading.mime import Part

_TEXTS = frozenset(("text/plain", "text/html", "text/enriched", "text/richtext"))


class Content:
    """Sorts the parts of a mail into text and attachments."""

    def __init__(self, caps: Caps, defects: list[str]) -> None:
        self.caps = caps
        self.defects = defects
        self.pieces: list[str] = []
        self.pages: list[str] = []
        self.attached: list[Part] = []
        self.charset = ""

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
        elif not part.type.startswith("multipart/"):
            self.attached.append(part)

    def _winmail(self, part: Part) -> None:
        """The files inside stand for it, and its text where the letter has no other; what cannot be opened stays."""
        opened = tnef.read(mime.content(part))
        if opened.text and not self.pieces:
            self.pieces.append(opened.text.rstrip())
        elif not (opened.files or opened.text):
            self.attached.append(part)
        for file in opened.files[: self.caps.parts]:
            inside = Part(file.content, 0, len(file.content), "application/octet-stream", disposition="attachment")
            inside.type = file.type if mime.is_type(file.type) else inside.type
            inside.name = file.name
            self.attached.append(inside)

    def _is_text(self, part: Part) -> bool:
        if part.type not in _TEXTS or part.disposition == "attachment":
            return False
        return not part.name or (not part.disposition and not self.pieces)

    def _text(self, part: Part) -> None:
        text, used = self._decoded(part)
        if part.type == "text/plain":
            if part.parameters.get("format", "").lower() == "flowed":
                text = _unflowed(text, part.parameters.get("delsp", "").lower() == "yes")
        else:
            self.pages.append(text[: self.caps.html])
            text = charset.scrub(html.to_text(text, self.caps))
        if text.strip():
            self.pieces.append(text.rstrip())
            self.charset = self.charset or used
        self.charset = self.charset or used

    def _decoded(self, part: Part) -> tuple[str, str]:
        data = mime.beginning(part, 4 * self.caps.html)
        text, used = charset.decode(data, part.parameters.get("charset", ""))
        if "\N{REPLACEMENT CHARACTER}" in text and "charset" not in self.defects:
            self.defects.append("charset")
        return charset.scrub(text), used

    def _alternative(self, part: Part) -> None:
        """The plain text if it says anything, else the page; what is neither stays an attachment."""
        versions: list[Content] = []
        for child in part.children:
            version = Content(self.caps, self.defects)
            if child.type in ("text/html", "multipart/related") and any(v.pieces for v in versions):
                version.pages_only(child)
            else:
                version.take(child)
            versions.append(version)
        chosen = next((v for v in versions if v.pieces), versions[0])
        self.pieces += chosen.pieces
        self.charset = self.charset or chosen.charset
        for version in versions:
            self.pages += version.pages
            self.attached += version.attached

    def pages_only(self, part: Part) -> None:
        """A page beside a plain text is kept as it is; turning it into text would be work for nobody."""
        for leaf in part.walk():
            if leaf.type == "text/html" and leaf.disposition != "attachment" and not leaf.children:
                self.pages.append(self._decoded(leaf)[0][: self.caps.html])
            elif not leaf.children and not leaf.type.startswith("multipart/"):
                self.attached.append(leaf)


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
    for number, part in enumerate(letter.attached, 1):
        filed = filing.take(part) if filing and part.end - part.start > INLINE else whole(part)
        name = part.name or (_title_of(filed.content) if part.type == "message/rfc822" else "")
        referenced = bool(part.content_id) and f"cid:{part.content_id}" in page
        found.append(
            Attachment(
                name=mime.label(name, part.type, number, caps),
                type=part.type,
                size=filed.size,
                sha256=filed.sha256,
                inline=referenced or part.disposition == "inline",
                content=filed.content,
                path=filed.path,
            )
        )
    return tuple(found)


def _title_of(content: bytes) -> str:
    """A name for an attached letter: its subject."""
    title = header_fields.one_line(header_fields.split(content[:65_536]).get("subject")).replace("/", "_")
    return f"{title[:60]}.eml" if title else ""


def calendar_reply(attached: list[Part]) -> bool:
    return any(p.type == "text/calendar" and p.parameters.get("method", "").lower() == "reply" for p in attached)


def attached_letter(part: Part) -> Forwarded:
    """What an attached letter says, for display."""
    block, tree = mime.letter(part)
    letter = Content(CAPS, [])
    letter.take(tree.root)
    sender = addresses(block.get("from"), header_fields.words)
    return Forwarded(
        sender=sender[0] if sender else None,
        to=addresses(block.get("to"), header_fields.words),
        cc=addresses(block.get("cc"), header_fields.words),
        subject=header_fields.one_line(block.get("subject")),
        date=clean_name(block.get("date")),
        text=capped("\n".join(letter.pieces), CAPS),
    )
