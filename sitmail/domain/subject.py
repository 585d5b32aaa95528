"""Subjects: references to incidents in them, and what programs put before them.

A reference is a hint where a mail belongs, never a right (behaviour 2).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from sitmail.domain.expression import Expression

DIGITS = 9  # so long may an incident's number be

# What mail programs put before the subject of an answer, in lower case, without the colon.
REPLY = frozenset(
    """re aw antw antwort sv ref rif r odp bls atb yn res rv2 ynt cevap vá svar vastaus eftersvar sva resp rép на
    回复 回覆 答复 答覆 返信 回信 рe ответ отв απ σχετ απάντηση תגובה השב رد 답장 회신""".split()  # noqa: SIM905
)
FORWARD = frozenset(
    """fw fwd wg w tr trs rv vl vb doorst enc i pd fs továbbítás weiterleitung ilt videresend videresendt doorsturen
    пересыл пересл 转发 轉寄 轉發 転送 전달 πρθ προώθ προωθ העברה הועבר""".split()  # noqa: SIM905
)
# Norwegian and Danish programs forward by it, Finnish ones answer: what stands below must tell.
EITHER = frozenset(("vs",))
_KINDS = {
    **dict.fromkeys(REPLY, "reply"),
    **dict.fromkeys(FORWARD, "forward"),
    **dict.fromkeys(EITHER, "either"),
}
_LIST_TAG = re.compile(r"\s*\[[^\[\]]{1,60}\](?=\s*\S{1,16}\s?[:：])")
_PREFIX = re.compile(r"\s*([^\W\d_][^\W\d_.\u0307 ]{0,15})\.?\s?(?:[\[(^*]\s?\d{0,4}\s?[\])]?)?\s?[:：]\s?")


@lru_cache(maxsize=8)
def _own(tag: str) -> re.Pattern[str]:
    spaced = r"\s?".join(re.escape(c) for c in tag)
    return re.compile(rf"\[\s?{spaced}\s?-\s?([0-9](?:\s?[0-9]){{0,{DIGITS - 1}}})\s?\]", re.IGNORECASE)


def references(subject: str, tag: str, former: Iterable[Expression] = (), offset: int = 0) -> tuple[int, ...]:
    """Numbers of the incidents a subject names, each once: `[TAG-1234]` first, then former formats.

    White space inside counts as folding, digits are ASCII.  `former` are patterns of the admin with one group, the
    number; `offset` moves those.
    """
    if "[" not in subject and not former:
        return ()
    found = [int(re.sub(r"\s", "", number)) for number in _own(tag).findall(subject)]
    return tuple(dict.fromkeys(n for n in (*found, *former_numbers(subject, former, offset)) if n > 0))


def former_numbers(subject: str, former: Iterable[Expression], offset: int = 0) -> tuple[int, ...]:
    """The numbers, moved by `offset`, that stand in a subject as an older system wrote them, each once."""
    found = []
    for pattern in former:
        for match in pattern.finditer(subject):
            digits = match[1] or ""
            if digits.isascii() and digits.isdigit() and len(digits) <= DIGITS:
                found.append(int(digits) + offset)
    return tuple(dict.fromkeys(found))


def _kind(prefix: str) -> str:
    """reply, forward, either, or '' for a word that is no such prefix."""
    return _KINDS.get(prefix.lower().replace("\u0307", ""), "")  # which is what lower case makes of the Turkish I


@lru_cache(maxsize=256)  # asked several times about each mail, while it is read and decided
def _peel(subject: str) -> tuple[tuple[str, ...], str]:
    """The known prefixes in order, and what stands behind them."""
    if ":" not in subject and "：" not in subject:
        return (), subject.strip()
    kinds: list[str] = []
    if tagged := _LIST_TAG.match(subject):
        inner = _PREFIX.match(subject, tagged.end())
        if inner and _kind(inner[1]):
            subject = subject[tagged.end() :]
    while match := _PREFIX.match(subject):
        kind = _kind(match[1])
        if not kind:
            break
        kinds.append(kind)
        subject = subject[match.end() :]
    return tuple(kinds), subject.strip()


def base(subject: str, tag: str = "") -> str:
    """The subject without the prefixes of answers and forwards, and without our references if `tag` is given."""
    if tag:
        subject = " ".join((_own(tag).sub(" ", subject) if "[" in subject else subject).split())
    return _peel(subject)[1]


def is_reply(subject: str) -> bool:
    """The outermost prefix is one of an answer, in some language at least."""
    kinds = _peel(subject)[0]
    return bool(kinds) and kinds[0] in ("reply", "either")


def is_either(subject: str) -> bool:
    """The outermost prefix is one of an answer in one language, and of a forward in another."""
    kinds = _peel(subject)[0]
    return bool(kinds) and kinds[0] == "either"


def is_forward(subject: str) -> bool:
    """The outermost prefix is one of a forwarded mail, or it ends in `(fwd)`."""
    kinds, rest = _peel(subject)
    return (kinds[0] == "forward") if kinds else rest.lower().endswith("(fwd)")
