"""The checks of `sitmail check` after the configuration is valid: letters, patterns, key, store, relay."""

from __future__ import annotations

import asyncio
import os
from contextlib import closing
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError

from sitmail.cli import machine_checks
from sitmail.cli.explaining import read
from sitmail.cli.machine_checks import existing
from sitmail.cli.samples import samples
from sitmail.config import Config
from sitmail.config.mistakes import quoted
from sitmail.daemon import imap_accounts
from sitmail.daemon.delivery_loop import probe
from sitmail.domain.authentication import advice_for_trust
from sitmail.reading.parse import parse
from sitmail.sending.letters.templates import Letters, packaged
from sitmail.services.keys import lost
from sitmail.store.database import StoreError, open_reader
from sitmail.store.directory_changes import changes
from sitmail.store.outbox import any_letter

NOTHING: dict[str, list[str]] = {"mistakes": [], "warnings": [], "unreachable": [], "remarks": []}


def report(settings: Config, connect: bool, mail: str | None) -> dict[str, list[str]]:
    """Sentences: mistakes, warnings, what could not be reached, remarks.  Raises Failure if the mail cannot be read."""
    letters = Letters((*settings.templates, packaged()), noun=settings.policy.noun)
    return NOTHING | {
        "mistakes": [*key(settings), *machine_checks.mistakes(settings), *letters.check(samples())],
        "warnings": [*settings.warnings, *languages(settings, letters), *machine_checks.warnings(settings)],
        "unreachable": [*store(settings), *relay(settings), *imap_accounts.unreachable(settings)] if connect else [],
        "remarks": [*results(settings), *changed(settings), *_advice(mail)],
    }


def _advice(mail: str | None) -> list[str]:
    return list(advice_for_trust(parse(read(mail)).header_order)) if mail else []


def results(settings: Config) -> list[str]:
    """A remark if Authentication-Results at the very top count: the admin must be sure who can write there."""
    trust = settings.policy.trust
    if not trust.authserv_id or 0 not in trust.authserv_hops:
        return []
    doors = ", ".join(map(str, (*settings.smtp.listen, *settings.lmtp.listen))) or "the doors"
    return [
        f"[trust] authserv_hops = 0 is only safe if nobody but your mail server can reach {doors}: "
        f"whoever else does can forge results of {trust.authserv_id}."
    ]


def changed(settings: Config) -> list[str]:
    """A remark if changes by mail lie over what the directory files declare."""
    try:
        with closing(open_reader(settings.store.url)) as reader, reader.read() as connection:
            over = list(dict.fromkeys(f"{one.kind} {one.key}" for one in changes(connection)))
    except StoreError:  # there is none yet
        return []
    if not over:
        return []
    named = ", ".join(over[:5]) + (f" and {len(over) - 5} more" if len(over) > 5 else "")
    return [
        f"Changes by mail lie over the directory ({named}): "
        "`sitmail directory export --changes` prints them as TOML to paste."
    ]


def languages(settings: Config, letters: Letters) -> list[str]:
    """A sentence for each language that the configuration or the directory names, and that no letter is written in."""
    policy, directory = settings.policy, settings.directory
    named = [("desk.language", policy.language)]
    named += [(f"engineer {one.id}: language", one.language) for one in policy.engineers.values()]
    named += [(f"directory: site {one.id}: language", one.language) for one in directory.sites]
    named += [
        (f"directory: contact {one.name or one.addresses[0]}: language", one.language) for one in directory.contacts
    ]
    first: dict[str, str] = {}
    for place, language in named:
        if language:
            first.setdefault(language, place)
    return [
        f"{place}: there are no letters in {quoted(language)}, so they are written in English"
        for language, place in first.items()
        if not letters.speaks(language)
    ]


def key(settings: Config) -> list[str]:
    """A mistake if the key file is missing although the store holds letters; `run` refuses to start then."""
    if not (sentence := lost(settings.key_file)):
        return []
    try:
        with closing(open_reader(settings.store.url)) as reader, reader.read() as connection:
            return [sentence] if any_letter(connection) else []
    except StoreError:  # there is no store yet, or it cannot be reached: no signed letters are known of
        return []


def store(settings: Config) -> list[str]:
    """A sentence if the store does not answer.  A store that the daemon creates at its first start is no problem."""
    url = settings.store.url
    try:
        if url.startswith("sqlite:///"):
            path = Path(url.removeprefix("sqlite:///"))
            if path.exists():
                open_reader(url).close()
            return []
        engine = create_engine(url)
        with closing(engine.connect()):
            return []
    except StoreError as error:
        return [f"store: {error}"]
    except (SQLAlchemyError, ImportError) as error:
        return [f"store: {str(getattr(error, 'orig', None) or error).splitlines()[0]}"]


def relay(settings: Config) -> list[str]:
    """Problems with the relay, found by the desk's own client: greeting, certificate, login.  Creates no folder."""
    folder = settings.relay.folder
    if folder is not None:
        return [] if os.access(existing(folder), os.W_OK) else [f"relay: nothing can be written in {folder}"]
    trouble = asyncio.run(probe(settings))
    return [f"relay: {trouble}"] if trouble else []
