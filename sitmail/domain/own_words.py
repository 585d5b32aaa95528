"""Which words of a mail are its author's own, newly written.

Reading marks each line by what the structure of the mail shows; that alone decides where nothing else is known
(`by_structure`).  A desk knows more: what it sent to the author, and what the log holds (`by_memory`).  A quoted line
that we never wrote is the author's, typed between the lines he answers; a quotation of which we know nothing, and that
no mark proves, is doubtful and shown as such.  No word is lost: each line is in exactly one of the `Words`.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Callable, Iterable, Sequence
from itertools import takewhile

from sitmail.domain import quoted_pages
from sitmail.domain.mail import Mail
from sitmail.domain.memory import ENOUGH_LINES, Remembered, Said
from sitmail.domain.record import changed, record

# Kinds of lines, one letter each.
OWN = " "  # the author's
BANNER = "b"  # what a gateway put on top
FRAME = "a"  # introduces a quotation: an attribution, labels of a header block, a ruled line
MARKED = ">"  # quoted by a mark, below a frame
BELOW = "x"  # what follows a header block, to the end
WEAK = "w"  # what follows an attribution without any mark
LOOSE = "q"  # begins with a mark of quotation, and nothing introduces it
INSIDE = "i"  # in a quotation, but the author's
SIGNATURE = "s"
FOOTER = "f"  # a signature by its look alone: without his name, or known by a phrase
DOUBTFUL = "?"

_QUOTATION = frozenset({FRAME, MARKED, BELOW, WEAK, LOOSE, INSIDE})
_STRETCH = re.compile(r"(.)\1*")
_QUOTED_RUN = re.compile("[>axwqi?]+")
_NESTED = re.compile(r"\s*>\s*>")  # a quotation of a quotation: nobody types there
_CONTEXT = 6  # lines that an answer inside a quotation takes along


@record
class Words:
    """A mail's words by whose they are.  `answers` were typed into a quotation, and stand with what they answer."""

    new: str
    answers: str = ""
    doubtful: str = ""
    quoted: str = ""
    signature: str = ""


def by_structure(lines: Sequence[str], kinds: str) -> Words:
    """Words as the structure shows them.  If none would be new, all of them are shown as if they were."""
    decided = _placed(lines, kinds)
    if not _has(lines, decided, OWN + INSIDE):
        return Words("", _joined(lines))
    return _sorted(lines, decided)


def by_memory(lines: Sequence[str], kinds: str, said: Said, staff: bool = False) -> Words:
    """Words as the desk knows them.  If none are new, all are doubtful.

    `staff`: what an engineer quotes stays only where it is public, since his words may leave the house; and a mail
    without new words says nothing.
    """
    if not (said or staff):
        return by_structure(lines, kinds)
    looked = Remembered(lines, said)
    decided = "".join(_without_copies(looked, _decided(looked, list(kinds), staff)))
    if not (staff or _has(lines, decided, OWN + INSIDE)):
        return Words("", doubtful=_joined(lines))
    return _sorted(lines, decided, looked.public if staff else None)


def may_repeat(mail: Mail) -> bool:
    """It quotes, or is long enough to hold a letter of ours: what is remembered matters."""
    return bool(mail.marks.strip(OWN)) or mail.new_text.count("\n") >= ENOUGH_LINES


def remembered(mail: Mail, said: Said, staff: bool = False) -> Mail:
    """The mail, its words told from what its author only repeats."""
    lines = mail.text.split("\n")
    if not (said or staff) or len(lines) != len(mail.marks):  # a forward, a report: its words were told apart otherwise
        return mail
    words = by_memory(lines, mail.marks, said, staff)
    told = {"new_text": words.new, "answers": words.answers, "doubtful_text": words.doubtful}
    return changed(mail, {**told, "quoted_text": words.quoted, "signature": words.signature})


# --- by structure


def places(lines: Sequence[str], kinds: str) -> Sequence[int]:
    """Places of the author's lines by the structure, those he answers between them included."""
    return _chosen(lines, _placed(lines, kinds))


def _placed(lines: Sequence[str], marks: str) -> str:
    """Weak and loose lines become the author's or a quotation, by where they stand."""
    if not any(kind in marks for kind in (LOOSE, WEAK, FOOTER)):  # as in most mails
        return marks
    kinds = list(marks)
    own = [at for at, kind in enumerate(kinds) if kind == OWN and lines[at].strip()]
    first, last = (own[0], own[-1]) if own else (len(kinds), -1)
    proved = marks.rfind(FRAME + MARKED)  # a program that marks what it quotes does so everywhere
    stretches = _stretches(marks)
    answered = any(kind == LOOSE and first < start < last for kind, start, _ in stretches)
    for kind, start, end in stretches:
        if kind == LOOSE:
            introduced = first < start and lines[own[bisect(own, start) - 1]].rstrip().endswith((":", "："))
            kinds[start:end] = [OWN if introduced or (answered and start < last) else MARKED] * (end - start)
        elif kind == WEAK:
            frame = _frame_above(kinds, start)
            kinds[frame:end] = [INSIDE if first > frame or proved >= end else BELOW] * (end - frame)
        elif kind == FOOTER:
            kinds[start:end] = [SIGNATURE] * (end - start)
    return "".join(kinds)


def _stretches(kinds: str) -> list[tuple[str, int, int]]:
    """(kind, first line, line behind the last) of lines of one kind."""
    return [(found[1], found.start(), found.end()) for found in _STRETCH.finditer(kinds)]


def _frame_above(kinds: Sequence[str], start: int) -> int:
    while start and kinds[start - 1] == FRAME:
        start -= 1
    return start


def _has(lines: Sequence[str], kinds: str, wanted: str) -> bool:
    return any(kind in wanted and _speaks(line) for line, kind in zip(lines, kinds, strict=True))


def _speaks(line: str) -> bool:
    """It has a letter, a digit, or a sign beyond ASCII, as a lifted thumb is."""
    return any(char.isalnum() or char > "\u2190" for char in line)


# --- by memory


def _decided(looked: Remembered, kinds: list[str], staff: bool) -> list[str]:
    """Each quotation is ours, proved by its marks, or doubtful; what is unknown in one of ours is the author's."""
    lines = looked.lines
    chain = False  # a letter of ours is quoted: below it stands what that one quoted
    for start, end in _quotations("".join(kinds)):
        places = [at for at in range(start, end) if kinds[at] in _QUOTATION]
        body = [at for at in places if kinds[at] != FRAME and lines[at].strip()]
        kind = next((kinds[at] for at in body if kinds[at] != INSIDE), INSIDE)
        looked.look_at(body, thoroughly=staff or kind != MARKED)
        if looked.ours(body):
            chain = True
            strong, added = looked.mostly_ours(body), quoted_pages.beside_words(lines, body)
            for at in body:
                if at in added or looked.known(at):
                    kinds[at] = MARKED if kind == LOOSE else kind
                    continue
                own = strong and not (staff and looked.tainted(at)) and not _NESTED.match(lines[at])
                kinds[at] = INSIDE if own else DOUBTFUL
        elif kind == LOOSE:
            held_back = staff and (not looked.said.internal or any(looked.tainted(at) for at in body))
            for at in body:
                kinds[at] = MARKED if looked.known(at) else DOUBTFUL if held_back else OWN
        elif body and not chain and kind != MARKED:
            for at in places:
                kinds[at] = INSIDE if kind == WEAK else DOUBTFUL
    for kind, start, end in _stretches("".join(kinds)):
        if kind in (FOOTER, BANNER):
            looked.look_at(range(start, end), thoroughly=staff)
            if looked.habitual(range(start, end)):
                found = SIGNATURE if kind == FOOTER else BANNER
            else:  # it may be that of a letter of ours
                found = BELOW if all(map(looked.known, range(start, end))) else DOUBTFUL
            kinds[start:end] = [found] * (end - start)
    return kinds


def _quotations(kinds: str) -> list[tuple[int, int]]:
    """(first line, line behind the last) of each: from a frame, or a loose mark, up to the next one.

    Own words may stand between: answers, in a quotation that goes on below them.
    """
    starts: list[int] = []
    for kind, start, _ in _stretches(kinds):
        if kind in (FRAME, LOOSE) or (kind in _QUOTATION and not starts):
            starts.append(start)
    return list(zip(starts, [*starts[1:], len(kinds)], strict=False))


def _without_copies(looked: Remembered, kinds: list[str]) -> list[str]:
    """Less our own letters where nothing marks them as quoted: only a block at the very end or the very top counts.

    A line of ours between the words of an author is his doing, and stays.
    """
    own = [at for at, kind in enumerate(kinds) if kind == OWN]
    filled = [at for at in own if looked.lines[at].strip()]
    for places, ending in ((list(reversed(own)), filled[-1:]), (own, filled[:1])):
        if not ending or not looked.holds(ending[0]):
            continue
        looked.look_at(own, thoroughly=True)
        copied = list(takewhile(looked.known, places))
        if len(copied) < len(own) and looked.enough(copied):
            for at in copied:
                kinds[at] = BELOW
    return kinds


# --- the words


def _sorted(lines: Sequence[str], kinds: str, public: Callable[[int], bool] | None = None) -> Words:
    """The words by the kinds of their lines; of quoted lines between answers only `public` ones stay, if given."""
    chosen = _chosen(lines, kinds)
    if public is not None:
        chosen = [at for at in chosen if kinds[at] in (OWN, INSIDE) or public(at) or not lines[at].strip()]
    if len(chosen) == len(kinds):
        return Words(_joined(lines))
    if isinstance(chosen, range) and kinds.count(MARKED, chosen.stop) + kinds.count(FRAME, chosen.stop) == len(
        kinds
    ) - len(chosen):  # as most: own words, and below them a quotation
        return Words(_joined(lines[: chosen.stop]), quoted=_joined(lines[chosen.stop :]))
    taken = set(chosen)
    answers = _answers(lines, kinds, taken, public) if INSIDE in kinds else []
    taken.update(answers)

    def of(wanted: str) -> str:
        return _joined(line for at, line in enumerate(lines) if kinds[at] in wanted and at not in taken)

    return Words(
        _joined(lines[at] for at in chosen),
        _joined(_spaced(lines, answers)),
        of(DOUBTFUL),
        of(BANNER + FRAME + MARKED + BELOW + WEAK + LOOSE),
        of(SIGNATURE),
    )


def _chosen(lines: Sequence[str], kinds: str) -> Sequence[int]:
    """Places of the author's lines.

    Own words between two quotations make an interleaved answer: all from the first to the last own word stays.
    """
    above = len(kinds) - len(kinds.lstrip(OWN))
    if OWN not in kinds[above:]:  # as most: own words, and below them nothing or a quotation
        return range(above)
    own = [at for at, kind in enumerate(kinds) if kind == OWN and lines[at].strip()]
    if not own:
        return ()
    first, last = own[0], own[-1]
    every = [at for at, kind in enumerate(kinds) if kind == OWN]
    if _QUOTED_RUN.search(kinds, 0, last) is None:
        return every
    before = "".join(kind for at, kind in enumerate(kinds[: last + 1]) if kind != OWN or lines[at].strip())
    answered = len(_QUOTED_RUN.findall(before))  # quotations that own words follow
    goes_on = MARKED in kinds[last + 1 :] and _answers_below(kinds, last)
    if not (answered > 1 or (answered and goes_on)):
        return every
    quoted = next((at for at, kind in enumerate(kinds) if kind not in OWN + BANNER), len(kinds))
    left_out = BANNER + DOUBTFUL + SIGNATURE + FOOTER
    return [at for at in range(min(quoted, first), last + 1) if kinds[at] not in left_out]


def _answers_below(kinds: str, last: int) -> bool:
    """A quotation goes on directly below the last own words, without an attribution of its own."""
    return next((kind for kind in kinds[last + 1 :] if kind != OWN), OWN) == MARKED


def _answers(
    lines: Sequence[str], kinds: Sequence[str], taken: set[int], public: Callable[[int], bool] | None
) -> list[int]:
    """Places of what was typed into a quotation, each with the lines above that it answers."""
    found: list[int] = []
    for at, kind in enumerate(kinds):
        if kind != INSIDE or at in taken:
            continue
        above: list[int] = []
        place = at - 1
        while place >= 0 and not lines[place].strip():
            place -= 1
        while place >= 0 and kinds[place] in (MARKED, BELOW) and lines[place].strip() and len(above) < _CONTEXT:
            above.append(place)
            place -= 1
        found += [n for n in reversed(above) if (public is None or public(n)) and n not in taken and n not in found]
        found.append(at)
    return found


def _spaced(lines: Sequence[str], places: Sequence[int]) -> Iterable[str]:
    """These lines, with a blank one where others stood between them."""
    for number, at in enumerate(places):
        if number and at > places[number - 1] + 1:
            yield ""
        yield lines[at]


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(lines).strip("\n")
