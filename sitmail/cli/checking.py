"""What `sitmail check` looks at once the configuration itself is right: letters, patterns, and what stands outside."""

from __future__ import annotations

import os
import smtplib
import ssl
from contextlib import closing
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError

from sitmail import config
from sitmail.cli.explaining import read
from sitmail.cli.samples import samples
from sitmail.config import Config, Relay
from sitmail.domain.authentication import describe
from sitmail.mail.letters import Letters, packaged
from sitmail.mail.parse import parse
from sitmail.store.database import StoreError, open_reader

PATIENCE = 15.0  # seconds for the relay


def report(settings: Config, connect: bool, mail: str | None) -> dict[str, list[str]]:
    """Sentences: mistakes, warnings, what could not be reached, remarks.  Raises Failure if the mail is not there."""
    letters = Letters((*settings.templates, packaged()))
    return {
        "mistakes": [*config.slow_patterns(settings), *letters.check(samples())],
        "warnings": list(settings.warnings),
        "unreachable": [*store(settings), *relay(settings.relay)] if connect else [],
        "remarks": describe(parse(read(mail)).header_order) if mail else [],
    }


def store(settings: Config) -> list[str]:
    """Whether the store answers; one that the daemon will make at its first start is no trouble."""
    url = settings.store.url
    try:
        if url.startswith("sqlite:///"):
            path = Path(url.removeprefix("sqlite:///"))
            if path.exists():
                open_reader(url).close()
            elif not os.access(_existing(path.parent), os.W_OK):
                return [f"store: nothing can be written in {path.parent}"]
            return []
        engine = create_engine(url)
        with closing(engine.connect()):
            return []
    except StoreError as error:
        return [f"store: {error}"]
    except (SQLAlchemyError, ImportError) as error:
        return [f"store: {str(getattr(error, 'orig', None) or error).splitlines()[0]}"]


def relay(relay: Relay) -> list[str]:
    """Whether the relay greets, takes our login, and has a good certificate where it needs one."""
    if relay.folder is not None:
        good = os.access(_existing(relay.folder), os.W_OK)
        return [] if good else [f"relay: nothing can be written in {relay.folder}"]
    try:
        with _greeted(relay) as smtp:
            if relay.scheme == "smtp+starttls":
                smtp.starttls(context=ssl.create_default_context())
            if relay.user:
                smtp.login(relay.user, relay.password)
    except (OSError, smtplib.SMTPException) as error:  # an SMTPException's text is the relay's reply, without our words
        return [f"relay: {relay.url}: {error}"]
    return []


def _greeted(relay: Relay) -> smtplib.SMTP:
    if relay.scheme == "smtps":
        return smtplib.SMTP_SSL(relay.host, relay.port, timeout=PATIENCE, context=ssl.create_default_context())
    return smtplib.SMTP(relay.host, relay.port, timeout=PATIENCE)


def _existing(folder: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    return next((place for place in (folder, *folder.parents) if place.exists()), folder)
