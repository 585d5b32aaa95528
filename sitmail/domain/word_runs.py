"""Finds runs of words that stand in two texts, however each was broken, marked, decorated or put into capitals.

Texts are compared by their letters and digits alone (`squeezed`): white space, punctuation, emphasis, marks of
quotation and invisible characters do not count.  What a run means is judged by `leak_guard`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import accumulate

from sitmail.domain.common_words import COMMON_WORDS
from sitmail.domain.record import record

RUN_WORDS, RUN_LETTERS = 8, 60  # so many in a row are no accident; a sign of East Asian scripts counts as two letters
_LEAST = 24  # bytes of a run: eight very short words may well be an accident
_BLOCK = 12  # bytes: each run holds one block of the text whole, if blocks are half as long as a run
_MANY = 400  # blocks from which a set of all that could be found is quicker than searches
_SPAN = 400  # bytes: no shortest run is longer
_PIECE = 6  # characters into which a word without blanks for long is cut, as East Asian sentences are
_COVER = 4  # words in a row that show where a text is known

_CAPITALS = bytes.maketrans(bytes(range(65, 91)), bytes(range(97, 123)))
_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalnum())
# UTF-8 of signs that are no letters: Latin-1 signs, general punctuation to dingbats, East Asian punctuation, the
# byte-order mark and variation selectors, emoji.  Full-width forms go, too.
_SIGNS = re.compile(rb"\xc2[\x80-\xbf]|\xe2[\x80-\xaf].|\xe3\x80.|\xef[\xb8\xbb\xbc\xbd].|\xf0\x9f..", re.DOTALL)
_ADDED_LINK = re.compile(r"<(?:mailto|https?):[^<>\s]{1,300}>", re.IGNORECASE)  # as Outlook does behind addresses
_PREFIX = re.compile(r"\W{0,20}(?:\w{1,12}>|[0-9]{1,4}[:.)|])\s*")  # `BJ> `, `12: `
_REPEATED = 3  # lines that begin alike have a prefix; and so many words of it are taken off


@record
class Run:
    """Words that stand in both texts.  `telling` are those that neither the third text has nor courtesy uses."""

    words: str
    telling: int


def squeezed(text: str) -> bytes:
    """The letters and digits of a text, in lower case and without anything between them, as UTF-8."""
    if "<" in text:
        text = _ADDED_LINK.sub("", text)
    if text.isascii():
        return text.encode().translate(_CAPITALS, _NO_LETTERS)
    return _SIGNS.sub(b"", text.lower().encode("utf-8", "replace")).translate(None, _NO_LETTERS)


def shared_runs(lines: Sequence[str], known: bytes, public: bytes, ignored: Collection[int] = ()) -> list[Run]:
    """Runs of these lines that stand in `known`, whatever a program put before each.  Both are squeezed texts, with
    line ends between them.

    Words in lines at the places `ignored` belong to runs, and tell nothing.
    """
    plain = _runs(lines, known, public, ignored)
    bare = _without_prefixes(lines)
    return plain or (_runs(bare, known, public, ignored) if bare != lines else [])


def _runs(lines: Sequence[str], known: bytes, public: bytes, ignored: Collection[int]) -> list[Run]:
    whole = squeezed("\n".join(lines))
    present = _blocks_present(whole, known)
    if 1 not in present:  # as in nearly all mails
        return []
    pieces = [piece for at, line in enumerate(lines) for piece in _pieces(line, at in ignored)]
    ends = list(accumulate(len(piece) for _, piece, *_ in pieces))
    starts = [0, *ends[:-1]]
    whole = b"".join(piece for _, piece, *_ in pieces)
    present = _blocks_present(whole, known)
    found: list[Run] = []
    first = 0
    while first < len(pieces):
        begin = starts[first]
        block = present.find(1, -(-begin // _BLOCK))
        if block < 0:
            break
        first = max(first, bisect_left(starts, block * _BLOCK - _SPAN))
        begin = starts[first]
        last = _shortest(pieces, first)
        if last is None:
            break
        if whole[begin : ends[last]] not in known:
            first += 1
            continue
        while last + 1 < len(pieces) and whole[begin : ends[last + 1]] in known:
            last += 1
        found.append(_judged(pieces[first : last + 1], public))
        first = max(first + 1, last + 2 - RUN_WORDS)
    return found


def _blocks_present(whole: bytes, known: bytes) -> bytearray:
    """For each block of the text, whether it stands in what is known: a quick look before the thorough one."""
    blocks = [whole[at : at + _BLOCK] for at in range(0, len(whole) - _BLOCK + 1, _BLOCK)]
    if len(blocks) <= _MANY:
        return bytearray(block in known for block in blocks)
    every = frozenset(known[at : at + _BLOCK] for at in range(len(known) - _BLOCK + 1))
    return bytearray(block in every for block in blocks)


Piece = tuple[str, bytes, int, bool]  # as it was written, squeezed, its width in letters, whether it is ignored


def _pieces(text: str, ignored: bool) -> Iterable[Piece]:
    """The words of a line; long ones without blanks in several pieces."""
    if "<" in text:
        text = _ADDED_LINK.sub("", text)
    for word in text.split():
        if len(word) <= 3 * _PIECE and word.isascii():
            if piece := squeezed(word):
                yield word, piece, len(piece), ignored
            continue
        for at in range(0, len(word), _PIECE) if len(word) > 3 * _PIECE else (0,):
            part = word[at : at + _PIECE] if len(word) > 3 * _PIECE else word
            if piece := squeezed(part):
                yield part, piece, sum(2 if char >= "\u2e80" else 1 for char in part), ignored


def _shortest(pieces: Sequence[Piece], first: int) -> int | None:
    """The last piece of the shortest run that begins here; None if the text ends before."""
    words = letters = size = 0
    for at in range(first, len(pieces)):
        _, piece, width, _ = pieces[at]
        words, letters, size = words + 1, letters + width, size + len(piece)
        if (words >= RUN_WORDS and size >= _LEAST) or letters >= RUN_LETTERS:
            return at
    return None


def _judged(run: Sequence[Piece], public: bytes) -> Run:
    """How many of its words tell something that is not public."""
    covered = bytearray(ignored for *_, ignored in run)
    for at in range(max(1, len(run) - _COVER + 1)):
        if b"".join(piece for _, piece, *_ in run[at : at + _COVER]) in public:
            covered[at : at + _COVER] = b"\1" * min(_COVER, len(run) - at)
    apart = sum(len(piece) for _, piece, *_ in run) < 3 * len(run)  # letters with blanks between them
    telling = sum(
        not is_public and not piece.isdigit() and (apart or (len(piece) > 2 and piece not in COMMON_WORDS))
        for (_, piece, *_), is_public in zip(run, covered, strict=True)
    )
    return Run(" ".join(word for word, *_ in run), telling)


def _without_prefixes(lines: Sequence[str]) -> Sequence[str]:
    """The lines less what a program put before them: initials with a bracket, numbers, words that repeat."""
    if len(lines) < _REPEATED:
        return lines
    for _ in range(_REPEATED):
        ends = _ends_of_prefixes(lines)
        if not any(ends):
            break
        lines = [line[end:] for line, end in zip(lines, ends, strict=True)]
    return lines


def _ends_of_prefixes(lines: Sequence[str]) -> list[int]:
    """Where the prefix of each line ends; all 0 if too few have one."""
    marked = [found.end() if (found := _PREFIX.match(line)) else 0 for line in lines]
    if sum(map(bool, marked)) >= _REPEATED:
        return marked
    firsts = [(line.split(None, 1) or [""])[0] for line in lines]
    ((word, count),) = Counter(filter(None, firsts)).most_common(1) or [("", 0)]
    if count < _REPEATED:
        return [0] * len(lines)
    return [line.index(word) + len(word) if first == word else 0 for line, first in zip(lines, firsts, strict=True)]
