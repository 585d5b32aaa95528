"""What may leave the house: words and files that somebody means for others, less what was only said to him.

Programs quote without marks, break lines and join them; mails carry whole letters of ours as files.  What we wrote to
staff is known word by word (`memory`), and our tokens by their form.  Nothing quoted from a letter to staff is ever
relayed, and what was issued to one reader never leaves to another.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sitmail.domain.mail import Attachment
from sitmail.domain.memory import RUN, Said, bare, covered, words_of
from sitmail.domain.trust import names_a_token

SCANNED = 2_000_000  # bytes of a file that are looked at
NEAR = 12  # characters: a shorter line of a file may be anybody's


def relayable(words: str, said: Said) -> tuple[str, str]:
    """(what may leave, what stays): lines of letters that were meant for staff stay."""
    lines = words.split("\n")
    repeated = _repeated(lines, said)
    stays = {at for at, line in enumerate(lines) if at in repeated or bare(line) in said.lines}
    leaves = "\n".join(line for at, line in enumerate(lines) if at not in stays).strip()
    return leaves, "\n".join(lines[at] for at in sorted(stays)).strip()


def _repeated(lines: Sequence[str], said: Said) -> set[int]:
    """Places of lines whose words stand in such a letter in that order, whatever its lines were."""
    if not said.internal or len(words_of("\n".join(lines))) < RUN:
        return set()
    total, hit = covered(lines, said.runs)
    return {at for at, count in enumerate(total) if count and count - hit[at] <= (count > RUN)}


def may_leave(file: Attachment, said: Said) -> bool:
    """A letter of ours in a mail, as a message or saved as a file, may hold tokens and words for staff: it stays."""
    if file.type.startswith("message/"):
        return False
    content = file.content[:SCANNED].replace(b"\0", b"")  # UTF-16, as Outlook saves letters
    if b"x-sitmail-" in content.lower() or names_a_token(content.decode("latin-1")):
        return False
    if not said.lines:
        return True
    text = re.sub(r"<[^<>]*>", "\n", content.decode("utf-8", "replace"))
    lines = map(bare, text.split("\n"))
    return not any(len(line) >= NEAR and line in said.lines for line in lines)
