"""Delivery reports in plain words: where the report ends, whom it names, and what it says of each.

A table of the ways in which mail systems name a failed recipient; it is asked only of mail that has the signs of a
report.  All patterns are bounded, and only the first characters and lines are read.
"""

from __future__ import annotations

import re

from sitmail.domain.address import addr_spec
from sitmail.reading.bounces import codes
from sitmail.reading.bounces.patterns import pattern

SCANNED, _LINES, _LINE, _NAMED = 20_000, 400, 400, 200  # characters, lines, characters of a line, recipients
_BESIDE = 900  # characters that tell of one recipient

# Where the returned letter begins: a whole line.
_COPY = pattern(
    r"""
    [>\s|]{0,4}[-=_*]{2,}+(?!.{0,60}OURS).{0,60}MARK.{0,60}$
    [>\s|]{0,4}(?:received|return-path):\s.{0,300}$
    [>\s|]{0,4}(?:your )?original message\b.{0,40}$
    [>\s|]{0,4}old message:$
    [>\s|]{0,4}(?:the |this is a |a )(?:original|header|copy|first).{0,60}(?:follows|message|line|below).{0,30}$
    [>\s|]{0,4}(?:your message reads|message header|returned message|original headers?).{0,40}$
    .{0,40}(?:原信|原邮件|元のメール|オリジナル).{0,40}$
    .{0,40}(?:urspr|original)\w{0,20} (?:nachricht|message|mensaje|messaggio).{0,30}$
    """,
    {
        "OURS": "transcript|session| log|reason|failed|address|recipient|server",
        "MARK": "original|copy|below|returned|undelivered|unsent|enclosed|follows|header|body|message text",
    },
    re.IGNORECASE,
)
_QUOTED = r"\"[^\"\n]{1,64}\"@"
_AT = (
    rf"(?:[^\s<>()\[\],;:\"'=|*]{{1,64}}@|{_QUOTED})"
    r"[A-Za-z0-9\x80-\U0010ffff][A-Za-z0-9.\x80-\U0010ffff-]{0,250}"
)
ADDRESS = re.compile(_AT)
_QUOTED_LOCAL = re.compile(_QUOTED)
_QUOTES = r"[<\"'(\[*|]{0,3}"
# An address that stands alone at the beginning of a line.
_ALONE = re.compile(rf"[\s*|>-]{{0,20}}{_QUOTES}(?:(?:smtp|rfc822|e-?mail|to):\s?<?)?({_AT})", re.IGNORECASE)
_TRAILS = pattern(
    r"""
    [>"')\]]{0,3}\s{0,8}(?:$|[:;.,(\[<-]|\.{2}|\*|\|\s|[\u3000-\u9fff])
    [>"')\]]{0,3}\s{1,8}(?:on|failed|unknown|user|no such|is|delivery|was|has|der|am|invalid|bad|not|error\w*)\b
    [>"')\]]{0,3}\s{1,8}(?:rejected|mailbox|account|address|recipient|doesn't|does not|[45]\d\d|[45]\.\d\.\d)\b
    """,
    flags=re.IGNORECASE,
)
# Behind these words an address is a failed recipient, wherever in the line.
_LABEL = pattern(
    r"""
    (?:failed|intended|original|final|bad|invalid|rejected|undeliverable) (?:recipients?|address(?:es)?)
    recipients?(?: address)?|addressed to|rcpt to|(?:no such|invalid|bad|unknown) (?:user|recipient|address|mailbox)
    (?:user|mailbox|account|address|quota violation|quota exceeded) (?:for|of|unknown|not found)
    (?:expanded|generated) from
    (?:message was )?addressed,? to|message was addressed|deliver(?:ed|y|ing)?(?: \w{1,12}){0,4}? (?:to|for)
    (?:message|mail|e-?mail) (?:that you sent )?to|sent to|forward(?:ed)? to|dda:smtp
    (?:user|address|mailbox|adresse|empfänger|destinat\w{1,6}|адрес\w{0,3})(?= ?:)|по адресу
    (?:nachricht|e-?mail) an|(?:message|courriel) à|(?:mensaje|mensagem|messaggio|correo) (?:a|para)
    """
)
_LABELLED = re.compile(
    rf"(?<![\w@.-])(?:{_LABEL.pattern})(?: ?[:=,][ \t]{{0,12}}|[ \t]{{1,12}}|(?=<)){_QUOTES}"
    rf"(?:smtp:|mailto:|rfc822;)?({_AT})",
    re.IGNORECASE,
)
# Behind such a line nothing but failed recipients is named; before it may stand whom the letter was written to.
_HEADING = pattern(
    r"""
    did not reach|(?:failed|following) (?:addresses|recipients?|address\(es\)|users?)\b|delivery (?:errors|problems)
    (?:was|were|could) not (?:be )?delivered to:|fatal errors
    (?:konnte|wurde|konnten) .{0,60}(?:zugestellt|erreich)
    n'a pas (?:pu|été|atteint)|no se pudo|non ha raggiunto|無法|无法|できません|失敗
    """,
    flags=re.IGNORECASE,
)
_YOURS = re.compile(
    r"[ \t>]{0,8}(?:from|sender|return-path|reply-to|mail from|cc|bcc|date|subject|sent|von|de|da)\s?:", re.IGNORECASE
)
_SUBJECT = re.compile(
    r"^[ \t>]{0,8}(?:subject|betreff|objet|asunto|oggetto|assunto|onderwerp|тема|件名|主题)\s?:[^\n]*",
    re.IGNORECASE | re.MULTILINE,
)
_SEPARATORS = " \t\xa0<>,;.:\"'()[]*|-"
_WORD_ALONE = re.compile(r"\s{1,20}([A-Za-z0-9][\w.+-]{1,63})\s{0,8}$")
_HELP = pattern(
    r"""
    (?:contact|questions|assistance|problems?|help|send (?:e-?)?mail|write) .{0,60}(?:to|at)?$
    postmaster@|\bfrom[ :<]{1,3}$
    """,
    flags=re.IGNORECASE,
)


def told(text: str) -> str:
    """The report's own words: all before the returned letter."""
    text = text[:SCANNED]
    at = 0
    for line in text.split("\n"):
        if at > 40 and len(line) <= _LINE and _COPY.match(line):
            return text[:at]
        at += len(line) + 1
    return text


def said(head: str) -> str:
    """The same without the returned letter's subject, which may say anything."""
    return _SUBJECT.sub("", head)


def mailbox(written: str) -> str:
    """The text if it is a usable address, else ''; domains that no DNS knows are left to those who name them.

    A local part with dots in the wrong places counts, too, quoted or not: some providers gave out such addresses.
    """
    written = written.strip(" \t<>'.,;:")
    if not _QUOTED_LOCAL.match(written):
        written = written.strip('"')
    local, at, domain = written.rpartition("@")
    if not at or len(written) > 320:
        return ""
    plain = local if local[:1] == '"' else re.sub(r"(?<!\.)\.\.(?!\.)|(?<!\.)\.$", ".x", local.removeprefix("."))
    return written if addr_spec(f"{plain}@{domain}".replace("_", "-")) else ""


def beside(words: str, address: str) -> str:
    """What a report says of one recipient: from his address to the next one's; else the whole."""
    at = words.lower().find(address.lower())
    if at < 0:
        return words
    begins = words.rfind("\n", 0, at) + 1
    rest = words[at : at + _BESIDE]
    step = len(address)
    for other in ADDRESS.finditer(rest, step):
        before = rest[: other.start()].rpartition("\n")[2]
        if other[0].lower().rstrip(".") != address.lower() and not before.strip(" <\t"):
            return words[begins : at + other.start()]
    return words[begins : at + _BESIDE] + _transcript(words, at + _BESIDE)


def _transcript(words: str, start: int) -> str:
    """The session that some reports show below the list of recipients."""
    at = words.find("Transcript", start)
    at = words.find(">>>", start) if at < 0 else at
    return words[at : at + _BESIDE] if at >= 0 else ""


def named(words: str, own: set[str], domain: str) -> list[str]:
    """Whom a report names as failed.

    Labelled addresses and those that stand alone first; else the only address there is; else a bare name at the
    reporting domain.  `own` are the addresses in the report's own From and To.
    """
    heading = _HEADING.search(words)
    for text in (words[heading.start() :], words) if heading else (words,):
        first, others = _addresses(text, own)
        if found := list(first) or list(others)[:1]:
            return found[:_NAMED]
    return _bare(words[heading.start() :].partition(":\n")[2], domain) if heading and domain else []


def _addresses(words: str, own: set[str]) -> tuple[dict[str, None], dict[str, None]]:
    first: dict[str, None] = {}
    others: dict[str, None] = {}
    for line in (whole[:_LINE] for whole in words.split("\n")[:_LINES]):
        if "@" not in line or _YOURS.match(line):
            continue
        alone = _ALONE.match(line)
        if alone and _TRAILS.match(line, alone.end()):
            _add(first, alone[1], own)
            _add_list(first, line, own)
        for label in _LABELLED.finditer(line):
            _add(first, label[1], own)
            _add_list(first, line[label.start(1) :], own)
        for found in ADDRESS.finditer(line):
            if not _HELP.search(line[: found.start()]):
                _add(others, found[0], own)
    return first, others


def _add_list(found: dict[str, None], written: str, own: set[str]) -> None:
    """Several addresses on one line, if nothing else stands there."""
    if not ADDRESS.sub("", written).strip(_SEPARATORS):
        for address in ADDRESS.findall(written):
            _add(found, address, own)


def _add(found: dict[str, None], written: str, own: set[str]) -> None:
    address = mailbox(written).lower()
    if address and address not in own and not address.startswith(("postmaster@", "mailer-daemon@")):
        found.setdefault(address)


def _bare(rest: str, domain: str) -> list[str]:
    """Names without a domain in the lines below a heading: mailboxes of the system that reports."""
    names: list[str] = []
    for line in rest.split("\n")[:20]:
        word = _WORD_ALONE.match(line)
        if word and mailbox(f"{word[1]}@{domain}"):
            names.append(f"{word[1]}@{domain}".lower())
        elif names or (line.strip() and not word):
            break
    return names


def numbered(words: str) -> bool:
    return bool(codes.STATUS.search(words) or codes.reply(words))
