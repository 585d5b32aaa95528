"""The signature at the end of a letter: what the author's program, phone or mailing list adds to every letter.

`find_signature` finds what a program marked as such (`-- `, `Sent from my ...`, a list's footer), to be cut off.
`sign_off` finds a closing and a name that the author may have typed; these stay among the author's words.
"""

from __future__ import annotations

import re

from sitmail.domain.record import record
from sitmail.reading.text.client_phrases import CLOSINGS

_SENT_FROM = re.compile(
    r"""[\s>*_<\[(]{0,8}(?:sent\ (?:from|with|via|using)\ |get\ outlook\ for\ |get\ bluemail|(?:envoyé|sent)\ par\ |
    gesendet\ (?:von|mit|über|vom|aus)\ |von\ meine[mr]?\ .{1,40}\ ?gesendet|von\ .{1,40}\ gesendet|outlook\ für\ |
    hol(?:en)?\ sie\ sich\ outlook|diese\ (?:nachricht|e-?mail)\ wurde\ von\ mein|
    envoyé\ (?:de|depuis|à\ partir|avec)|télécharge[rz]\ outlook|provenance\ :\ |
    enviado\ (?:desde|do|a\ partir|de|con|com|pelo|através)\ |enviada\ do\ |obtener\ outlook|obter\ o?\ ?outlook|
    inviato\ (?:da|dal|con|tramite)|ottieni\ outlook|scarica\ outlook|
    (?:verzonden|verstuurd)\ (?:vanaf|met|door|via|vanuit)|outlook\ voor\ |download\ outlook|
    skickat?\ från|skickades\ från|hämta\ outlook|sendt\ (?:fra|via|med)|hent\ outlook|få\ outlook|
    lähetetty\ |hanki\ outlook|saadetud\ (?:minu\ )?|
    wysłan[eoy]\ (?:z|ze|przez)\ |wysłane?\ z|pobierz\ (?:program\ )?outlook|
    отправлено\ (?:с|из|от)|послано\ с|надіслано|відправлено\ (?:з|із)|
    odesláno\ z|odoslané\ z|odosláno\ z|získejte\ outlook|poslano\ (?:s|z|iz|sa)\ |küldve\ |
    az?\ .{1,30}\ készülékemről\ küldve|elküldve\ |trimis\ (?:de\ pe|din|de\ la)|(?:.{1,40}\ )?gönderildi|
    从我的|发自我的|发自\ ?|來自我的|發自我的|傳送自我的|iPhoneから|私の.{1,20}から|.{1,20}から送信|
    나의\ .{1,20}에서\ 보냄|내\ .{1,20}에서\ 보냄|.{1,20}에서\ 보냄)[^\n]{0,100}$""",
    re.IGNORECASE | re.VERBOSE,
)
_MY_DEVICE = re.compile(
    r"""https?:|<|\b(?:my|mein\w*|mon|ma|mi|meu|minha|mio|mia|mijn|min|mit|minu|moj\w*|mé|mého|môjho|meg|мо\w+)\ |
    outlook|mail|phon|ipad|app\b|galaxy|android|samsung|huawei|nokia|sony|blackberry|windows|yahoo|sparrow|mobile?|
    手机|移动|telef""",
    re.IGNORECASE | re.VERBOSE,
)
_LIST_RULE = re.compile(r"(?:[_=-]{2,80}|—)\s{0,3}$")
_RULES = frozenset("_=-—")
_LIST_FOOTER = re.compile(
    r"mailing.?list|listinfo|unsubscribe|to leave this group|reply to this e?-?mail directly", re.IGNORECASE
)
_DISCLAIMER = re.compile(
    r"""[\W_]{0,8}(?:(?:confidentiality|privacy|legal)\s(?:notice|note|statement|disclaimer)\W|disclaimer:?\W*$|
    (?:this|the\ information\ (?:contained\ )?in\ this|the\ contents?\ of\ this)\s(?:e-?mail|electronic|message|
    communication|transmission).{0,200}(?:confidential|privileged|intended|property)|
    (?:diese|der\ inhalt\ dieser)\s(?:e-?mail|nachricht|mail).{0,200}(?:vertraulich|bestimmt)|
    (?:ce|le\ contenu\ de\ ce)\s(?:message|courriel|mail|courrier).{0,200}(?:confidentiel|destin)|
    (?:este|esta|la\ información\ (?:contenida\ )?(?:en|de)\ este)\s(?:mensaje|correo|mensagem|e-?mail).{0,200}
    (?:confiden|destin)|
    (?:questo|le\ informazioni\ contenute\ in\ questo)\s(?:messaggio|e-?mail).{0,200}(?:riservat|confiden|destin)|
    (?:dit|deze)\s(?:bericht|e-?mail).{0,200}(?:vertrouwelijk|bestemd)|
    (?:detta|denne|dette)\s(?:meddelande|meddelelse|melding|e-?post|e-?mail|mail).{0,200}(?:konfiden|fortrol|avsett|beregnet)|
    tämä\ (?:viesti|sähköposti).{0,200}luottamuksel|(?:ta|niniejsza|treść\ tej)\s(?:wiadomość|wiadomości).{0,200}poufn|
    (?:tento|tato)\s(?:e-?mail|zpráva|správa).{0,200}(?:důvěrn|dôvern|určen)|
    (?:это|данное|настоящее)\s(?:сообщение|письмо).{0,200}(?:конфиденц|предназнач)|
    (?:цей|це)\s(?:лист|повідомлення).{0,200}(?:конфіденц|признач)|bu\ (?:e-?posta|ileti|mesaj).{0,200}(?:gizli|mahrem)|
    (?:ezen|ez\ az)\s(?:üzenet|e-?mail).{0,200}(?:bizalmas|címzett)|acest\ (?:mesaj|e-?mail).{0,200}confiden|
    (?:ova|ovaj)\s(?:poruka|e-?mail).{0,200}povjerljiv|本(?:邮件|郵件|メール).{0,60}(?:机密|機密|保密|宛)|
    이\ (?:메일|이메일|메시지).{0,80}(?:기밀|비밀))""",
    re.IGNORECASE | re.VERBOSE,
)
_ADVERTISED = re.compile(
    r"\W{0,4}(?:do you yahoo|get your (?:private, )?free|join the world|msn (?:photos|messenger|search)|"
    r"send and receive hotmail|chat with friends online|yahoo! (?:mail|auctions|messenger|sports|movies)|"
    r"express yourself with|free e-?mail|this (?:message|mail|email) (?:was|has been) (?:sent using|scanned|checked)|"
    r"avast|virus-free\b|no virus found|checked by avg)",
    re.IGNORECASE,
)
_LEGAL = """
    delet notif recipient addressee error virus liab confiden unauthoris unauthoriz disclos copy losche lösch irrtüm
    absender empfäng erreur supprim expédit borr elimin remit mittente verwijder afzender radera avsändar slett slet
    poista usun nadawc smaž vymaž odesíl удал отправ видал silin gönder http: https: www.""".split()  # noqa: SIM905
_ANY_RULES = frozenset("-_=*~#+")
_ANY_RULE = re.compile(r"\s{0,3}[-_=*~#+]{3,90}\s{0,3}$")
_DISCLAIMER_LINES, _FOOTERS = 30, 4
_FAR = 32  # lines from the end; none of the patterns below looks at more
_MAY_END = frozenset(("", *_RULES, *_ANY_RULES, *filter(str.isspace, map(chr, range(0x3001)))))  # first characters
_SIGNATURE_LINES, _LOOSE_SIGNATURE_LINES, _FOOTER_LINES = 30, 10, 8
_SENT_FROM_SIZE = 120


@record
class SignatureLines:
    """Lines `start` to `end` (not included) are a signature.  `sure`: it holds the author's name or an address."""

    start: int
    end: int
    sure: bool


def find_signature(lines: list[str], reply: bool = False, sender: str = "") -> SignatureLines:
    """The signature at the end of these lines; in a `reply` also a disclaimer or advertisement."""
    end = end_of(lines)
    added, sure = end, True  # `added`: the first line that a list or a mail service added
    begins = {line[:1] for line in lines[max(0, end - _FAR) : end]}  # rules out most footers without a search
    for _ in range(_FOOTERS if not begins.isdisjoint(_MAY_END) else 0):
        rule = _list_footer(lines[:added])
        if rule is None and reply:
            rule = _disclaimer(lines[:added])
        if rule is None:
            break
        sure = sure and "@" in "".join(lines[rule:added])
        added = end_of(lines[:rule])
    footer, start = added < end, added
    if (footer or "-" in begins) and (delimiter := _delimiter(lines[:start])) is not None:
        sure = sure and _tells_who(lines[delimiter + 1 : start], sender)
        start = end_of(lines[:delimiter])
    while start and _is_sent_from(lines[start - 1]):
        if not _MY_DEVICE.search(lines[start - 1]):
            break
        sure = False
        start = end_of(lines[: start - 1])
    return SignatureLines(start, end, sure)


def _tells_who(lines: list[str], sender: str) -> bool:
    """Whether the lines below the delimiter hold the author's name, an address or a telephone number."""
    names = {word.casefold() for word in _NAMES.findall(sender)}
    return any(names & {w.casefold() for w in _NAMES.findall(line)} or _CONTACT.search(line) for line in lines[:8])


def _is_sent_from(line: str) -> bool:
    return len(line) <= _SENT_FROM_SIZE and bool(_SENT_FROM.match(line))


def end_of(lines: list[str]) -> int:
    """The number of lines without the blank ones at the end."""
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


def _disclaimer(lines: list[str]) -> int | None:
    """The first line of the legal notice or advertisement at the end, including a ruled line above it; else None."""
    found, end = None, len(lines)
    for number in range(len(lines) - 1, max(0, len(lines) - _DISCLAIMER_LINES), -1):
        above = lines[number - 1].lstrip()
        if (above and above[0] not in _ANY_RULES) or not lines[number].strip():
            continue
        if above and not _ANY_RULE.match(lines[number - 1][:100]):
            continue
        paragraph = " ".join(lines[number : min(end, number + 8)])[:800]
        if _DISCLAIMER.match(paragraph) or _ADVERTISED.match(paragraph):
            found = number
        elif not (_is_legal(paragraph) or _ANY_RULE.match(paragraph[:100])):
            break  # the author's own words: a legal notice is never above them
        end = number
    while found and (not lines[found - 1].strip() or _ANY_RULE.match(lines[found - 1][:100])):
        found -= 1
    return found or None


def _is_legal(text: str) -> bool:
    low = text.lower()
    return any(map(low.__contains__, _LEGAL))


def _list_footer(lines: list[str]) -> int | None:
    """The number of the ruled line above a mailing list's footer, or None."""
    for number in range(len(lines) - 2, max(-1, len(lines) - _FOOTER_LINES - 1), -1):
        if lines[number][:1] not in _RULES:
            continue
        if _LIST_RULE.match(lines[number][:90]) and _LIST_FOOTER.search("\n".join(lines[number + 1 :])[:2000]):
            return number
    return None


# --- a name at the end

_CLOSING = re.compile(
    rf"\s{{0,8}}(?:{'|'.join(re.escape(c) for c in sorted(CLOSINGS, key=len, reverse=True))})[\s,.!;:-]{{0,4}}$",
    re.IGNORECASE,
)
_CLOSING_AND_NAME = re.compile(_CLOSING.pattern.removesuffix("$") + r"[\s,.-]{1,4}(\S.{0,40})$", re.IGNORECASE)
_NAMES = re.compile(r"[^\W\d_]{2,}")
_FIRST_WORD = re.compile(r"[^\s,.!;:-]+")  # without the punctuation that may follow a closing


def _first_word(line: str) -> str:
    """The first word in lower case; the Turkish dotless i becomes a Latin i, because patterns ignore case."""
    found = _FIRST_WORD.match(line)
    return found[0].lower().replace("ı", "i") if found else ""


_CLOSING_WORDS = frozenset(map(_first_word, CLOSINGS))
_NAME_WORD = re.compile(r"[^\W\d_][\w.'’-]{0,24},?$")
_SIGNS, _MEANS = ("@", "www.", "http:", "https:"), ("ext", "fax", "tel", "phone", "mobile", "cell")
_CONTACT = re.compile(
    rf"{'|'.join(map(re.escape, _SIGNS))}|\d{{3,}}[-. )/]{{0,3}}\d{{2,}}|\b(?:{'|'.join(_MEANS)}|x-?\d)", re.IGNORECASE
)
_DIGIT = re.compile("[0-9]")
_OWN_LINES, _WIDTH = 12, 64


def sign_off(lines: list[str], sender: str) -> str:
    """The closing, name and contact lines at the end of a letter; "" if there is no name.  `sender`: From's name."""
    end = end_of(lines)
    top = max(0, end - 2 * _OWN_LINES)
    start, filled = -1, 0
    for at in range(end - 1, top - 1, -1):
        line = lines[at].strip()
        if not line:
            continue
        filled += 1
        if len(line) > _WIDTH or filled > _OWN_LINES:
            break
        if closes := _closes(line):
            start = at if start >= 0 or closes > 1 else start
            break
        alone = at == top or filled == _OWN_LINES or not lines[at - 1].strip()
        if _is_sentence(line):
            break
        if _is_name(line, sender, alone):
            start = at
        elif len(line.split()) > 7:
            break
    if start < 0 or not any(line.strip() for line in lines[:start]):
        return ""
    return "\n".join(lines[start:end])


def _before_contact(line: str) -> str:
    """The part of the line before its first address or telephone number."""
    if line.isascii() and not _may_have_contact(line.lower()):
        return line
    return _CONTACT.split(line, 1)[0]


def _may_have_contact(low: str) -> bool:
    """Whether `_CONTACT` can match this line (ASCII, lower case).  Much faster than trying the pattern itself."""
    if _DIGIT.search(low) or any(map(low.__contains__, _SIGNS)):
        return True
    return any(_begins_word(low, word) for word in _MEANS if word in low)


def _begins_word(text: str, found: str) -> bool:
    """Whether `found` stands at the beginning of a word: the `ext` in `next` does not count as an extension."""
    at = text.find(found)
    while at > 0 and (text[at - 1].isalnum() or text[at - 1] == "_"):
        at = text.find(found, at + 1)
    return at >= 0


def _closes(line: str) -> int:
    """1 if the line is a closing, 2 if it is a closing followed by a name, else 0."""
    first = _first_word(line)
    if first.isascii() and first not in _CLOSING_WORDS:
        return 0
    return 2 if _CLOSING_AND_NAME.match(line) else 1 if _CLOSING.match(line) else 0


def _is_sentence(line: str) -> bool:
    """Whether the line ends like a sentence: with `?`, or with a full stop after a word that is not an abbreviation."""
    if line[-1] in "?!;:":
        return True
    before = line[-4:-1]
    return line[-1] == "." and len(before) == 3 and before.isascii() and before.isalpha() and before.islower()


def _is_name(line: str, sender: str, alone: bool) -> bool:
    """Whether the line is a name: it has a word of the sender's name, or is `alone` and looks like a name."""
    words = _before_contact(line).replace("(", " ").split()
    if not words or len(words) > 5:
        return False
    known = {word.casefold() for word in re.findall(r"[^\W\d_]{2,}", sender.replace("@", " "))}
    bare = [word.strip(".,-*_~").casefold() for word in words]
    if known.intersection(bare):
        return True
    initials = "".join(words).replace(".", "")
    if 2 <= len(initials) <= 3 and initials.isupper() and len(words) == 1:
        return {letter.casefold() for letter in initials} <= {word[0] for word in known}
    return alone and len(words) <= 3 and all(_NAME_WORD.match(word) and word[0].isupper() for word in words)
