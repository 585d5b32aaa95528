"""`sitmail passwd`: sets or removes an engineer's password for the SMTP door."""

from __future__ import annotations

import getpass
import json
import os
import sys
from argparse import Namespace

from sitmail.cli.failure import Failure
from sitmail.cli.here import loaded
from sitmail.cli.setup import found
from sitmail.cli.table import safe
from sitmail.config import Config
from sitmail.receiving.passwords import NAME, PasswordFileError, change, hashed

SHORTEST = 8  # characters; length matters more than the kinds of characters


def passwd(asked: Namespace) -> int:
    """Asks twice on a terminal, else reads one line of standard input.  Takes effect at the next login."""
    settings = loaded(found(asked))
    path = settings.smtp.passwords
    if path is None:
        raise Failure('passwd: nobody may log in yet: write passwords = "passwd" into [smtp]', os.EX_CONFIG)
    if not NAME.fullmatch(asked.name):
        raise Failure(f"passwd: {safe(asked.name)!r} is no name: letters, digits and . _ + - / @", os.EX_USAGE)
    digest = "" if asked.delete else hashed(_password(asked.name))
    try:
        change(path, asked.name, digest)
    except PasswordFileError as error:
        raise Failure(f"passwd: {error}", os.EX_CONFIG) from error
    except OSError as error:
        raise Failure(f"passwd: {path} cannot be written: {error.strerror}", os.EX_NOPERM) from error
    who = meant(settings, asked.name)
    if asked.json:
        print(json.dumps({"name": asked.name.lower(), "engineer": who or None, "removed": asked.delete}))
    elif asked.delete:
        print(f"{asked.name} can no longer log in.")
    else:
        print(f"{asked.name} can log in" + (f" as {who}." if who else ", and is no engineer: a script."))
    return os.EX_OK


def meant(settings: Config, name: str) -> str:
    """The id of the engineer with this id or address.  Raises Failure if there is none."""
    engineers = settings.policy.engineers.values()
    return next((one.id for one in engineers if name.lower() in (one.id.lower(), *one.addresses)), "")


def _password(name: str) -> str:
    try:
        if sys.stdin.isatty():
            password = getpass.getpass(f"Password for {name}: ")
            if getpass.getpass("Again: ") != password:
                raise Failure("passwd: these were two different passwords", os.EX_DATAERR)
        else:
            password = sys.stdin.readline().rstrip("\r\n")
    except (EOFError, UnicodeDecodeError) as error:
        raise Failure("passwd: no password was given", os.EX_DATAERR) from error
    if len(password) < SHORTEST or "\0" in password:
        raise Failure(f"passwd: a password has at least {SHORTEST} characters", os.EX_DATAERR)
    return password
