"""What may leave the house: words and files that somebody means for others, less what was only said to staff.

Programs quote without marks, break lines and join them; mails carry whole letters of ours as files.  What we wrote to
staff is known word by word (`memory`), and our tokens by their form.  Lines that stand in a letter to staff are taken
out (`released`); what still holds words for staff alone, in whatever form, stops the mail (`leaks`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from sitmail.domain import file_contents
from sitmail.domain.mail import Attachment
from sitmail.domain.memory import RUN, Said, bare, covered, words_of
from sitmail.domain.nouns import NAMES
from sitmail.domain.record import record
from sitmail.domain.sentence import Sentence
from sitmail.domain.trust import names_a_token
from sitmail.domain.word_runs import shared_runs, squeezed

SCANNED = 2_000_000  # bytes of a file that are looked at
NEAR = 12  # characters: a shorter line of a file may be anybody's
TELLING = 2  # words of a run that are neither public nor words of courtesy: fewer tell nothing
SHOWN = 160  # characters of what was found, as its author gets it back

INSIDE = Sentence("only staff were told that, and no public update has it; take it out, or say it in words of your own")
OWN_NOTE = Sentence(
    "that stands in a note of yours; take it out, or put /public on the first line if the customer may read it"
)
FRAME = Sentence("that is a part of a letter to staff, quoted; take it out")


def _head(language: str, customer: str, owner: str, state: str) -> str:
    first = rf"\b(?:{'|'.join(name.capitalize() for name in NAMES[language])})\s*"
    second, third, fourth = (rf"\b{label.rstrip(' :')}\s*" for label in (customer, owner, state))
    return rf"{first}\W{{1,6}}[A-Z]{{2,10}}-\d.{{0,400}}?{second}:.{{0,400}}?{third}:.{{0,300}}?{fourth}:"


# What no letter to a customer holds: the first line of each letter to staff, and the table in its head, in each
# language that letters are written in.  `tests/house/test_messages.py` compares them with the catalogues.
FIRST_LINES = ("a plain reply is read by:", "eine einfache Antwort lesen:", "une simple réponse est lue par :")
# Before these labels stands the noun of the desk.
HEADS = {
    "en": ("Customer:", "Owner:", "State:"),
    "de": ("Kunde:", "Zuständig:", "Status:"),
    "fr": ("Client :", "Responsable :", "État :"),
}
_FIRST_LINES = tuple(squeezed(line) for line in FIRST_LINES)
_HEAD = re.compile("|".join(_head(language, *labels) for language, labels in HEADS.items()), re.DOTALL)


@record
class Leak:
    """Words that must not leave, as their author wrote them, and the sentence that tells him why.

    `note`: they stand in an internal update, which whoever may answer may also tell outside, if he means to.
    """

    words: str
    says: str
    note: bool = False


@record
class Released:
    """`leaves` may be sent, `stays` are lines of letters to staff; if there are `leaks`, nothing may be sent."""

    leaves: str
    stays: str
    leaks: tuple[Leak, ...] = ()


def released(words: str, said: Said, notes_too: bool = True) -> Released:
    """Sorts an engineer's words for the customer.  `notes_too`: his own notes are not meant for the customer."""
    lines = words.split("\n")
    repeated = _repeated(lines, said)
    held = frozenset(at for at, line in enumerate(lines) if at in repeated or said.is_internal(bare(line)))
    leaves = "\n".join(line for at, line in enumerate(lines) if at not in held).strip()
    found = leaks(lines, said, notes_too, held) if leaves else ()
    return Released(leaves, "\n".join(lines[at] for at in sorted(held)).strip(), tuple(found))


def _repeated(lines: Sequence[str], said: Said) -> set[int]:
    """Places of lines whose words stand in such a letter in that order, whatever its lines were."""
    if not said.internal or len(words_of("\n".join(lines))) < RUN:
        return set()
    total, hit = covered(lines, said.internal_letters, said.public_letters)
    return {at for at, count in enumerate(total) if count and count - hit[at] <= (count > RUN)}


def leaks(lines: Sequence[str], said: Said, notes_too: bool = True, held: Collection[int] = ()) -> list[Leak]:
    """What of these lines was told to staff alone, where lines at the places `held` do not leave."""
    leaving = "\n".join(line for at, line in enumerate(lines) if at not in held)
    found = [Leak(leaving.strip()[:SHOWN], FRAME)] if holds_frame(leaving) else []
    checked = [(said.note_letters, said.letters_outside, OWN_NOTE)] if notes_too else []
    beside = b"\n".join((said.letters_outside, said.note_letters))  # his own notes stand in letters, too
    for known, public, says in (*checked, (said.secret_letters, beside, INSIDE)):
        runs = shared_runs(lines, known, public, held) if known else ()
        for run in runs:
            if run.telling >= TELLING:
                note = says is OWN_NOTE or squeezed(run.words) in said.update_letters
                found.append(Leak(run.words[:SHOWN], says, note))
    return found


def holds_frame(text: str) -> bool:
    """Whether a text holds what only our letters to staff hold."""
    letters = squeezed(text)
    return any(line in letters for line in _FIRST_LINES) or _HEAD.search(text) is not None


# --- files


@record
class Examined:
    """Whether a file may leave; `closed`: it could not be opened, or not all of it."""

    leaves: bool
    closed: bool = False


def may_leave(file: Attachment, said: Said) -> bool:
    return examined(file, said).leaves


def examined(file: Attachment, said: Said) -> Examined:
    """A letter of ours in a mail, as a message or saved as a file, may hold tokens and words for staff: it stays."""
    if file.type.startswith("message/"):
        return Examined(False)
    inside = file_contents.opened(file.content[:SCANNED], file.size)
    if any(_tells(text, said) for text in inside.texts):
        return Examined(False)
    return Examined(True, inside.closed)


def _tells(text: str, said: Said) -> bool:
    if "x-sitmail-" in text.lower() or names_a_token(text):
        return True
    lines = map(bare, text.split("\n")) if said.lines else ()
    return any(len(line) >= NEAR and line in said.lines for line in lines) or bool(leaks(text.split("\n"), said))
