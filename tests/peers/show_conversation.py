"""Shows every letter of a conversation, as a person reads it:  python -m tests.peers.show_conversation mutt"""

from __future__ import annotations

import sys
import tempfile
from email.message import EmailMessage
from pathlib import Path

from tests.peers import conversation, mail_world
from tests.peers.mail_programs import PROGRAMS, text_of
from tests.peers.mail_world import PEOPLE

HEADS = ("From", "To", "Reply-To", "Subject")


def shown(letter: EmailMessage) -> str:
    heads = "\n".join(f"{name}: {letter[name]}" for name in HEADS if letter[name])
    return f"{heads}\n\n{text_of(letter).rstrip()}\n"


def main(program: str) -> None:
    with mail_world.opened() as world, tempfile.TemporaryDirectory() as folder:
        told = conversation.play(world, program, Path(folder))
    for mail in told.mails:
        print(f"===== to the desk, by {program}\n{shown(mail)}")
    for user in PEOPLE:
        for letter in told.letters[user]:
            print(f"===== to {user}: {letter['X-Sitmail-Letter']}\n{shown(letter)}")


if __name__ == "__main__":
    if sys.argv[1:2] not in [[name] for name in PROGRAMS]:
        sys.exit(f"usage: python -m tests.peers.show_conversation {'|'.join(PROGRAMS)}")
    main(sys.argv[1])
