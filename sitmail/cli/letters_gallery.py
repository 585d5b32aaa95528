"""`sitmail letters`: every letter with invented data in files, to be looked at before anybody gets one.

The words are of the admin's templates where there are some, the names of the configuration.
"""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from sitmail import config
from sitmail.cli.failure import Failure
from sitmail.cli.here import loaded
from sitmail.cli.samples import NOW, samples
from sitmail.cli.table import safe
from sitmail.domain.policy import Policy
from sitmail.sending import compose
from sitmail.sending.letters.templates import Letters, WrittenLetter, packaged
from sitmail.services.routing import command_address
from sitmail.services.views import DeskView

OURS = '<meta name="generator" content="sitmail letters">'  # a folder with this in its index may be written again
REFERENCE = "[SIT-12]"  # of the samples


class Shown(NamedTuple):
    """A letter on one occasion.  `name` is that of its files; `values` are what its template was given."""

    name: str
    purpose: str
    written: WrittenLetter
    values: Mapping[str, Any]


def shown(book: Letters, language: str, occasions: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[Shown]:
    """Each letter on each of these occasions; a piece of another letter is none."""
    for purpose, several in occasions.items():
        for place, values in enumerate(several, 1):
            if not values["piece"]:
                incident = values["incident"]
                reference = incident.reference if incident else REFERENCE
                written = book.write(language, purpose, values, values["reply"], reference)
                yield Shown(f"{purpose}-{place}", purpose, written, values)


def letters(asked: Namespace) -> int:
    """Writes the letters into a folder.  Templates that fail are named on standard error; `check` says more of them."""
    path = config.find(asked.config, os.environ)
    settings = loaded(path) if path is not None else None
    if settings:
        book = Letters((*settings.templates, packaged()), settings.html, settings.policy.noun)
    else:
        book = Letters([packaged()])
    language = asked.language or (settings.policy.language if settings else "") or "en"
    if not book.speaks(language):
        raise Failure(f"sitmail letters: there are no letters in {language!r}; there are in en, de and fr", os.EX_USAGE)
    folder = Path(asked.folder)
    every = list(shown(book, language, _named(settings.policy) if settings else samples()))
    try:
        _refuse_strange(folder)
        for number, one in enumerate(every, 1):
            for ending, content in files_of(one, number).items():
                (folder / f"{one.name}.{ending}").write_bytes(content)
        (folder / "index.html").write_text(_index(every), "utf-8")
    except OSError as error:
        raise Failure(f"{folder} cannot be written: {error.strerror}.", os.EX_CANTCREAT) from error
    for fault in book.faults.values():
        print(f"warning: {safe(fault)}; ours is shown", file=sys.stderr)
    if asked.json:
        rows = [{"name": one.name, "letter": one.purpose, "subject": one.written.subject} for one in every]
        print(json.dumps({"folder": str(folder), "language": book.language(language).tag, "letters": rows}, indent=2))
    else:
        print(f"wrote {len(every)} letters; look at {safe(str(folder / 'index.html'))}")
    return os.EX_OK


def _refuse_strange(folder: Path) -> None:
    """Makes the folder.  Raises Failure (EX_CANTCREAT) if it holds something that we did not write."""
    folder.mkdir(parents=True, exist_ok=True)
    index = folder / "index.html"
    if any(folder.iterdir()) and not (index.is_file() and OURS in index.read_text("utf-8", "replace")):
        raise Failure(f"{folder} holds other files; name a new or an empty folder.", os.EX_CANTCREAT)


def _named(policy: Policy) -> dict[str, list[dict[str, Any]]]:
    """The samples with the names of a configuration: the desk, its addresses, its references, one of its engineers."""
    box = policy.mailboxes[0]
    desk = DeskView(box.name or policy.name, box.address, command_address(box))
    local, _, domain = box.address.partition("@")
    owner = next((engineer.name for engineer in policy.engineers.values()), "")

    def named(values: dict[str, Any]) -> dict[str, Any]:
        incident = values["incident"]
        if incident is not None:
            who = (owner or incident.owner) if incident.owner else ""
            incident = incident._replace(reference=policy.reference(incident.number), owner=who)
        note = f"{local}+n12.k@{domain}" if values["note_address"] else ""
        return values | {
            "desk": desk,
            "incident": incident,
            "reply": f"{local}+i12.k@{domain}",
            "note_address": note,
        }

    return {purpose: [named(values) for values in several] for purpose, several in samples().items()}


def files_of(one: Shown, number: int) -> dict[str, bytes]:
    """The letter by ending: as a mail, and its parts alone."""
    desk, reader, written = one.values["desk"], one.values["reader"], one.written
    head, body = compose.compose(
        compose.Letter(
            from_name=desk.name,
            from_address=desk.address,
            to_name=reader.name,
            to_address=reader.address,
            subject=written.subject,
            date=NOW,
            message_id=f"<{number}.sample@{desk.address.rpartition('@')[2]}>",
            text=written.text,
            language=written.language,
            reply_to=one.values["reply"],
        )
    )
    files = {"eml": compose.wire(head, body, written.page.encode()), "txt": written.text.encode()}
    return files | ({"html": written.page.encode()} if written.page else {})


def _index(every: Sequence[Shown]) -> str:
    rows = []
    for one in every:
        endings = ("html", "txt", "eml") if one.written.page else ("txt", "eml")
        links = " ".join(f'<a href="{one.name}.{ending}">{ending}</a>' for ending in endings)
        rows.append(f"<tr><td>{one.name}</td><td>{escape(one.written.subject)}</td><td>{links}</td></tr>")
    style = "<style>body{font-family:sans-serif}td{padding:4px 12px 4px 0}</style>"
    head = f'<meta charset="utf-8">{OURS}<title>Letters</title>{style}'
    table = "\n".join(rows)
    language = every[0].written.language
    return (
        f'<!DOCTYPE html>\n<html lang="{language}"><head>{head}</head><body><table>\n{table}\n</table></body></html>\n'
    )
