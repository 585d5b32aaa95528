"""New words, quotation and signature of a letter's text.

Losing an author's words is worse than showing a quotation: what is not surely quoted stays.  Patterns are anchored,
bounded and look at one line (or a few joined ones), so that the cost is linear in the text.
Forwarded letters are no quotations of an answer; `forwarding` looks for them first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# --- header blocks inside a text (`From: ... Sent: ... To: ... Subject: ...`), in the languages of mail programs

_LABELS = {
    "from": """from von de da van fra från lähettäjä od от від gönderen kimden remetente expéditeur absender
        desde feladó nadawca odesílatel expeditor 发件人 寄件者 寄件人 差出人 送信元 보낸사람 보낸 사람 من מאת από""",
    "date": """date datum data dato fecha sent gesendet envoyé enviado inviato verzonden skickat sendt lähetetty
        wysłano wysłane päivämäärä päiväys отправлено дата відправлено gönderildi gönderilen tarih odesláno trimis
        elküldve dátum 发送时间 寄件日期 送信日時 日付 日期 보낸날짜 날짜 received""",
    "to": """to an à a para per aan til till vastaanottaja do dla кому kime alıcı komu către címzett destinataire
        destinatario destinatário empfänger pour 收件人 收件者 宛先 받는사람 받는 사람 إلى אל προς""",
    "cc": """cc kopie copie kopia kopio kopi копия bilgi kopií másolatot 抄送 副本 참조 copia cópia""",
    "bcc": "bcc blindkopie cci cco ccn",
    "subject": """subject betreff objet asunto oggetto onderwerp emne ämne aihe temat тема konu assunto předmět predmet
        subiect tárgy sujet 主题 主旨 件名 제목 الموضوع נושא θέμα""",
    "reply-to": "reply-to antwort reply répondre",
    "other": "importance priority wichtigkeit priorität attachments anlagen message-id organization newsgroups",
}
LABELS: dict[str, str] = {word: kind for kind, words in _LABELS.items() for word in words.split()} | {
    "envoyé le": "date",
    "message du": "date",
    "copie à": "cc",
    "kopie (cc)": "cc",
    "reply to": "reply-to",
    "antwort an": "reply-to",
    "répondre à": "reply-to",
    "responder a": "reply-to",
    "rispondi a": "reply-to",
    "data de envio": "date",
    "enviada em": "date",
    "enviado em": "date",
    "sendt den": "date",
    "보낸 사람": "from",
    "받는 사람": "to",
    "보낸 날짜": "date",
}
_LABEL_LINE = re.compile(
    r"[>\s*_|]{0,40}([^\W\d_](?:[^\W_]|[ ()'-]){0,23}?)[ \t\xa0*_]{0,4}[:：][ \t\xa0*_]{0,8}(.*)", re.DOTALL
)


def label(line: str) -> tuple[str, str] | None:
    """(kind, value) of a line like `Sent: Monday ...`, or None."""
    head = line[:80]
    if ":" not in head and "：" not in head:
        return None
    if match := _LABEL_LINE.match(line[:2000]):
        kind = LABELS.get(match[1].strip().lower())
        if kind:
            return kind, match[2].strip(" \t\xa0*")
    return None


def header_block(lines: list[str], at: int) -> tuple[dict[str, str], int]:
    """The labels that begin at line `at` (first value of each kind), and the line after them.

    A value may go on in the next line when that is no label; blank lines end the block once it has begun.
    """
    found: dict[str, str] = {}
    last, end = "", at
    for number in range(at, min(at + 24, len(lines))):
        line = lines[number]
        if known := label(line):
            last = known[0]
            found.setdefault(last, known[1])
        elif not line.strip("> \t\xa0") or not found:
            break
        elif last in ("from", "to", "cc", "date") and _continues(line, found[last]):
            found[last] += " " + line.lstrip("> \t")
        else:
            break
        end = number + 1
    return found, end


def _continues(line: str, value: str) -> bool:
    """An address list goes on: the line begins with an address in brackets, or the value ended in a comma."""
    line = line.lstrip("> \t")
    return bool(re.match(r"<?[^\s<>]{1,200}@[^\s<>]{1,200}>", line)) or value.endswith((",", ";", "<"))


def is_header_block(found: dict[str, str]) -> bool:
    """Enough labels to be no accident: a sender, and two more kinds or one that says when or what."""
    return "from" in found and len(found) >= 3 and bool({"date", "subject", "to"} & found.keys())


# --- lines that introduce a quotation

_ORIGINAL = re.compile(
    r"""[\s>*]{0,20}-{2,40}\s{0,3}(?:original(?:nachricht|meddelande|melding)?|ursprüngliche|message\s+d'origine|
    message\s+original|message\s+initial|mensaje\s+original|messaggio\s+originale|mensagem\s+original|
    oorspronkelijk(?:e)?|oprindelig|opprinnelig|ursprungligt|alkuperäinen|wiadomość\s+oryginalna|
    oryginalna|исходное|původní|eredeti|mesaj|原始邮件|原始郵件|original)[^\n-]{0,40}-{2,40}\s{0,3}$""",
    re.IGNORECASE | re.VERBOSE,
)
_RULE = re.compile(r"\s{0,3}[=_*-]{3,}\s{0,3}$")
_UNDERSCORES = re.compile(r"\s{0,3}_{20,}\s{0,3}$")

# An attribution: a word that begins it, ..., a verb that ends it.
_VERB_END = re.compile(
    r"""(?:wrote|writes|said|schrieb|écrit|ecrit|escribió|escribio|escreveu|ha\ scritto|scrive|schreef|skrev|
    kirjoitti|napisał(?:\(a\)|a)?|пишет|написал(?:\(а\)|а)?|пише|написав|yazdı|şunu\ yazdı|napsal(?:\(a\)|a)?|
    írta|a\ scris|έγραψε|写道|寫道|のメール|작성)\s{0,2}[:：]?\s{0,3}$""",
    re.IGNORECASE | re.VERBOSE,
)
_OPENING = re.compile(
    r"""[>\s]{0,10}(?:on|am|le|el|il|em|no|op|den|på|w\ dniu|dnia|в|ven|in\ data|at|a|pe|ma|ti|ke|to|la|su|dne|
    \w{2,4}\.?,?\s|[^\W\d_]{2,12}\.?,\s|\d{1,4}[-./:\s])""",
    re.IGNORECASE | re.VERBOSE,
)
_WHEN = re.compile(r"\b(?:19|20)\d\d\b|\b\d{1,2}[:.hu]\d\d\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b")
_ADDRESS = re.compile(r"[<(\[]\s?[^\s<>()]{1,200}@[^\s<>()]{1,200}")
_ATTRIBUTION_SIZE, _ATTRIBUTION_LINES = 500, 4


def _introduces(text: str) -> bool:
    """The joined lines say who wrote what follows."""
    ended = text.rstrip()
    if _VERB_END.search(ended[-40:]):
        colon = ended.endswith((":", "："))
        return bool(_WHEN.search(text)) and bool(_OPENING.match(text)) and (colon or bool(_ADDRESS.search(text)))
    # Without a verb: a date, an address in brackets, and a colon at the very end.
    return ended.endswith((">:", "):", '":')) and bool(_ADDRESS.search(text)) and bool(_WHEN.search(text))


def attribution(lines: list[str], at: int) -> int:
    """How many lines from `at` make up an attribution (`On ... wrote:`, folded or not); 0 if they are none."""
    text = ""
    for count in range(1, min(_ATTRIBUTION_LINES, len(lines) - at) + 1):
        line = lines[at + count - 1].strip().lstrip("\ufeff")
        if not line or (count > 1 and line.startswith(">") and not line.startswith(">:")):
            return 0
        text = f"{text} {line}" if text else line
        if len(text) > _ATTRIBUTION_SIZE:
            return 0
        if count == 1 and not (_OPENING.match(text) and any(c.isdigit() for c in text)):
            return 0
        if _introduces(text):  # but if its later lines do so alone, the first is the author's own
            alone = (" ".join(line.strip() for line in lines[at + k : at + count]) for k in range(1, count))
            return 0 if any(_OPENING.match(rest) and _introduces(rest) for rest in alone) else count
    return 0


_YOU = re.compile(
    r"\s(?:you|du|sie|ihr|vous|tu|usted|lei|voi|u|je|jij|ty|pan|pani|ni|вы|ты)\s{1,3}\S{2,12}[:：]?\s{0,3}$", re.I
)


def _surely(text: str) -> bool:
    """An attribution that stands for itself: without marked lines below it must name an address or a full date."""
    return bool(_ADDRESS.search(text)) or (len(_WHEN.findall(text)) > 1 and not _YOU.search(text))


_SHORT_ATTRIBUTION = re.compile(
    r"[^>\n]{1,150}(?:wrote|writes|schrieb|a écrit|escribió|ha scritto|schreef|skrev)\s?:\s{0,3}$"
)


# --- signatures

_SENT_FROM = re.compile(
    r"""\s{0,8}(?:sent\ (?:from|with|via|using)\ |get\ outlook\ for\ |gesendet\ (?:von|mit|über)\ |von\ meinem\ .{1,40}gesendet|
    diese\ nachricht\ wurde\ von\ mein|envoyé\ (?:de|depuis|à\ partir)|enviado\ (?:desde|do|a\ partir|de)\ |
    inviato\ (?:da|dal)|verzonden\ (?:vanaf|met|door|via)|verstuurd\ vanaf|skickat\ från|sendt\ fra|lähetetty\ |
    wysłane?\ z|отправлено\ (?:с|из)|надіслано|odesláno\ z|gönderildi\ |从我的|發自我的|iPhoneから)[^\n]{0,100}$""",
    re.IGNORECASE | re.VERBOSE,
)
_MY_DEVICE = re.compile(
    r"https?:|<|my |mein|mon |ma |mi |meu |mio |mijn|min |outlook|mail|phone|app|galaxy|android|sparrow", re.I
)
_LIST_RULE = re.compile(r"[_=-]{2,80}\s{0,3}$")
_LIST_FOOTER = re.compile(r"mailing.?list|listinfo|unsubscribe|to leave this group", re.IGNORECASE)
_SIGNATURE_LINES, _LOOSE_SIGNATURE_LINES, _FOOTER_LINES = 30, 10, 8
_SENT_FROM_SIZE = 120


@dataclass(frozen=True, slots=True)
class Split:
    """`new` is what the author wrote now, `quoted` what he answered, `signature` what his program adds."""

    new: str
    quoted: str = ""
    signature: str = ""


def split(text: str, reply: bool = False) -> Split:
    """Splits the text of a letter.  Interleaved answers stay whole, with what they answer.

    If no new words would remain everything counts as new, but in a `reply`: that may be nothing but a quotation.
    """
    lines = text.split("\n")
    kinds = _mark(lines)
    own = [n for n, kind in enumerate(kinds) if kind == " " and lines[n].strip()]
    if not own:
        return Split("", text.strip("\n")) if reply and text.strip() else Split(text.strip("\n"))
    new, quoted = _sorted(lines, kinds, own)
    kept, signature = _signature([lines[n] for n in new])
    body = "\n".join(kept).strip("\n")
    if not body.strip():
        if not reply or not quoted:
            return Split(text.strip("\n"))
        return Split("", _joined(lines, quoted), signature)
    return Split(body, _joined(lines, quoted), signature)


def _joined(lines: list[str], numbers: list[int]) -> str:
    return "\n".join(lines[n] for n in numbers).strip("\n")


def _mark(lines: list[str]) -> list[str]:
    """One letter a line: ` ` own, `>` quoted by marks, `a` attribution, `x` quoted because of what stands before."""
    kinds: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.lstrip(" \t")[:1] == ">":
            kinds.append(">")
            at += 1
            continue
        if line and (cut := _cut(lines, at)):
            if cut < 0:
                at = len(kinds) - _rule_above(lines, at)
                return kinds[:at] + ["x"] * (len(lines) - at)
            kinds += ["a"] * cut
            at += cut
            continue
        kinds.append(" ")
        at += 1
    return _wrapped(lines, kinds)


def _cut(lines: list[str], at: int) -> int:
    """0: an ordinary line; n: an attribution of n lines with marked quotation below; -1: all below is quotation."""
    line = lines[at]
    if _ORIGINAL.match(line[:200]):
        return -1
    if _UNDERSCORES.match(line[:200]):
        return -1 if is_header_block(header_block(lines, _next_text(lines, at + 1))[0]) else 0
    if label(line) and is_header_block(header_block(lines, at)[0]):
        return -1
    below = attribution(lines, at)
    if not below and line.rstrip().endswith(":") and _SHORT_ATTRIBUTION.match(line[:160]):
        below = 1 if _quoted_below(lines, at + 1) else 0
    elif below and not _quoted_below(lines, at + below):
        return -1 if _surely(" ".join(lines[at : at + below])) else 0
    return below


def _rule_above(lines: list[str], at: int) -> int:
    """How many lines up to a ruled line directly above; 0 without one."""
    above = _end(lines[:at])
    return at - above + 1 if above and _RULE.match(lines[above - 1][:200]) else 0


def ruled(line: str) -> bool:
    """`-----Original Message-----` in any language, or a line of underscores: a letter may begin below."""
    return bool(_ORIGINAL.match(line[:200]) or _UNDERSCORES.match(line[:200]))


def _next_text(lines: list[str], at: int) -> int:
    """The next line from `at` that is not blank."""
    while at < len(lines) and not lines[at].strip():
        at += 1
    return at


def _quoted_below(lines: list[str], at: int) -> bool:
    at = _next_text(lines, at)
    return at < len(lines) and lines[at].lstrip(" \t")[:1] == ">"


def _wrapped(lines: list[str], kinds: list[str]) -> list[str]:
    """Ends of quoted lines that a program wrapped: after a long line without a full stop, before a quoted one."""
    for at in range(1, len(lines) - 1):
        if kinds[at] == " " and kinds[at - 1] == ">" and kinds[at + 1] == ">" and lines[at].strip():
            before, here = lines[at - 1].rstrip(), lines[at]
            if len(before) >= 65 and not before.endswith((".", "?", "!", ":")) and here[:1].islower():
                kinds[at] = ">"
    return kinds


def _sorted(lines: list[str], kinds: list[str], own: list[int]) -> tuple[list[int], list[int]]:
    """Numbers of the new and of the quoted lines.

    Own words between two quotations make an interleaved answer: all up to the last own word stays.
    """
    first, last = own[0], own[-1]
    runs, inside = 0, False  # quotations between own words, or before them
    answered = False
    for number in range(last + 1):
        quotation = kinds[number] != " "
        if quotation and not inside:
            runs += 1
        if quotation or lines[number].strip():
            answered = answered or (not quotation and runs > 0)
            inside = quotation
    trailing = any(kinds[n] == ">" for n in range(last + 1, len(lines)))
    interleaved = answered and (runs > 1 or (trailing and _answers_below(kinds, lines, last)))
    if interleaved:
        start = first if kinds[first] == " " and first < _first_quote(kinds) else _first_quote(kinds)
        new = list(range(min(start, first), last + 1))
    else:
        new = [n for n in range(len(lines)) if kinds[n] == " "]
    chosen = set(new)
    return new, [n for n in range(len(lines)) if n not in chosen]


def _first_quote(kinds: list[str]) -> int:
    return next((n for n, kind in enumerate(kinds) if kind != " "), len(kinds))


def _answers_below(kinds: list[str], lines: list[str], last: int) -> bool:
    """A quotation goes on directly below the last own words, without an attribution of its own."""
    below = next((n for n in range(last + 1, len(lines)) if kinds[n] != " "), len(lines))
    return below < len(lines) and kinds[below] == ">"


def _signature(lines: list[str]) -> tuple[list[str], str]:
    """The lines without the signature at their end, and that."""
    end = _end(lines)
    if (rule := _list_footer(lines[:end])) is not None:
        kept, signature = _signature(lines[:rule])
        return kept, "\n".join([*filter(None, [signature]), *lines[rule:end]])
    taken: list[str] = []
    if (delimiter := _delimiter(lines[:end])) is not None:
        taken = lines[delimiter:end]
        end = _end(lines[:delimiter])
    while end and len(lines[end - 1]) <= _SENT_FROM_SIZE and _SENT_FROM.match(lines[end - 1]):
        if not _MY_DEVICE.search(lines[end - 1]):
            break
        taken = [lines[end - 1], *taken]
        end = _end(lines[: end - 1])
    return lines[:end], "\n".join(taken).strip("\n")


def _end(lines: list[str]) -> int:
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    return end


def _delimiter(lines: list[str]) -> int | None:
    """The line `-- ` (RFC 3676 section 4.3), or a bare `--` above few lines."""
    for number in range(len(lines) - 1, max(-1, len(lines) - _SIGNATURE_LINES - 2), -1):
        if lines[number] in ("-- ", "--\xa0") or (
            lines[number] == "--" and len(lines) - number <= _LOOSE_SIGNATURE_LINES
        ):
            return number
    return None


def _list_footer(lines: list[str]) -> int | None:
    """A rule above a mailing list's footer."""
    for number in range(len(lines) - 2, max(-1, len(lines) - _FOOTER_LINES - 1), -1):
        if _LIST_RULE.match(lines[number][:90]) and _LIST_FOOTER.search("\n".join(lines[number + 1 :])[:2000]):
            return number
    return None
