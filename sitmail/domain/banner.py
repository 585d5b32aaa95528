"""Finds the warning that a mail gateway or program put above a letter, such as "this message came from outside".

The author did not write it, so it is left out of the author's words.  Only the first paragraph or the first line can be
a banner, and only in sentences that gateways write: a customer may well begin with "Attention: the external disk is
full".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_LINES, _SIZE, _TAG_SIZE = 6, 700, 80
_TAG = re.compile(
    r"""[\W_]{0,12}(?:external|externe?s?|extern|esterno|esterna|externo|externa|ekstern|externt|ulkoinen|zewnętrzn[ya]|
    externí|externý|külső|внешн(?:ее|яя|ий)|зовнішн(?:ій|є)|harici|vanjski|外部|社外|외부)
    [\s-]{0,3}(?:e-?mail|mail|message|sender|nachricht|absender|courriel|expéditeur|correo|remitente|mittente|remetente|
    afzender|bericht|mejl|avsändare|afsender|avsender|viesti|lähettäjä|wiadomość|nadawca|zpráva|odesílatel|správa|
    odosielateľ|feladó|письмо|отправитель|лист|відправник|e-?posta|gönderen|pošiljatelj|邮件|郵件|メール|메일)?[\W_]{0,12}$""",
    re.IGNORECASE | re.VERBOSE,
)
_WARNING = r"""[\W_]{0,12}(?:(?:caution|warning|attention|alert|be\ careful|notice|external|achtung|warnung|vorsicht|
    hinweis|prudence|avertissement|mise\ en\ garde|precaución|atención|advertencia|aviso|attenzione|avviso|cuidado|
    atenção|let\ op|waarschuwing|opgelet|uwaga|ostrzeżenie|varning|observera|obs|advarsel|bemærk|varoitus|huomio|
    upozornění|pozor|upozornenie|figyelem|figyelmeztetés|atenție|avertisment|внимание|предупреждение|увага|попередження|dikkat|
    uyarı|oprez|upozorenje|tähelepanu|hoiatus|注意|警告|주의|경고|ext)\b[\W_]{0,12}(?:external\b[\W_]{0,8}|e-?mail\b[\W_]{0,8})?)?\W{0,3}
    """
_HOUSE = r"(?:organi[sz]ation|company|network|firm|universit\w+|domain|group|enterprise|institution|agency|tenant)"
_FROM_OUTSIDE = (
    rf"(?:outside\b.{{0,40}}\b{_HOUSE}|"
    r"external\ (?:sender|source|e-?mail|address|domain|party|account|organi[sz]ation|network))"
)
_SAID = (
    rf"(?:please\ (?:note|be\ aware)\ that\ )?(?:this|the)\ (?:e-?mail|mail|message|sender)\b.{{0,60}}\b"
    rf"{_FROM_OUTSIDE}",
    rf"(?:e-?mail|message|mail)\ (?:from|originated|sent|received).{{0,40}}\b{_FROM_OUTSIDE}",
    r"external\ (?:sender|e-?mail)\b(?!\s\w+\s(?:is|are|was|does|has|not))",
    r"\[external\].{0,40}\b(?:outside|mail|sender)",
    r"external\W{1,3}(?:do\ not|be\ careful|use\ caution|think\ before)",
    r"diese\ (?:e-?mail|mail|nachricht).{0,60}(?:extern|außerhalb|ausserhalb)",
    r"(?:ce\ (?:courriel|message|mail)|cet\ e-?mail).{0,60}(?:extérieur|externe)",
    r"est[ea]\ (?:correo|mensaje|e-?mail|mensagem).{0,60}(?:fuera|extern|fora\b)",
    r"quest[ao]\ (?:e-?mail|mail|messaggio).{0,60}(?:estern|fuori)",
    r"(?:deze|dit)\ (?:e-?mail|mail|bericht).{0,60}(?:buiten|extern)",
    r"(?:ta\ wiadomość|ta\ poczta|wiadomość).{0,60}(?:spoza|zewn)",
    r"(?:det\ här|detta|denne|dette)\ (?:e-?post|e-?mail|mejl|mail|meddelande|besked).{0,60}"
    r"(?:utanför|extern|uden\ for|udefra|ekstern|utenfor)",
    r"tämä\ (?:viesti|sähköposti).{0,60}ulko",
    r"(?:tento|tato|táto)\ (?:e-?mail|zpráva|správa).{0,60}(?:extern|mimo|zvenčí|vně)",
    r"ez\ az\ (?:e-?mail|üzenet).{0,60}(?:kívül|külső)",
    r"acest\ (?:e-?mail|mesaj).{0,60}(?:extern|afara)",
    r"(?:это|данное)\ (?:письмо|сообщение).{0,60}(?:внешн|извне)",
    r"цей\ лист.{0,60}(?:зовн|поза|ззовні)",
    r"bu\ (?:e-?posta|ileti|mesaj).{0,60}(?:dış|harici)",
    r"ov[aj]+\ (?:poruka|e-?mail).{0,60}(?:izvan|vanjsk)",
    r"see\ (?:kiri|e-?kiri).{0,60}väljast",
    r"(?:此|本)(?:邮件|郵件).{0,20}外部|このメールは.{0,20}(?:外部|社外)|이\ (?:메일|이메일).{0,20}외부",
    r"you\ don['’]t\ often\ get\ e-?mail\ from|some\ people\ who\ received\ this\ message\ don",
    r"sie\ erhalten\ nicht\ (?:oft|häufig)\ e|vous\ n['’](?:obtenez|recevez)\ pas\ souvent|no\ suele\ recibir\ correo",
    r"non\ si\ ricevono\ spesso|u\ ontvangt\ niet\ vaak|nie\ otrzymujesz\ często|você\ não\ costuma\ receber",
    r"du\ får\ (?:inte|ikke)\ ofte?a?",
)
_SENTENCE = re.compile(f"{_WARNING}(?:{'|'.join(_SAID)})", re.IGNORECASE | re.VERBOSE)


def banner_lines(lines: Sequence[str]) -> int:
    """How many lines at the top are a banner; 0 if there is none, or if nothing follows it."""
    start = 0
    while start < len(lines) and not lines[start].strip():
        start += 1
    end, far = start, min(start + _LINES + 1, len(lines))
    while end < far and lines[end].strip():
        end += 1
    if start == end:
        return 0
    found = 0
    if end < len(lines) and end - start <= _LINES:
        found = end if _is_banner(" ".join(lines[start:end])) else 0
    found = found or (start + 1 if _is_banner(lines[start]) else 0)
    return found if found and any(line.strip() for line in lines[start + 1 :]) else 0


def _is_banner(text: str) -> bool:
    text = text.strip()
    if len(text) <= _TAG_SIZE and _TAG.match(text) and (not text.isalpha() or text.isupper()):
        return True
    return len(text) <= _SIZE and bool(_SENTENCE.match(text))
