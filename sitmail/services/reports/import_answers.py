"""Answers the questions of `sitmail import`: what is there already, and the parts of it as they are written."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection

from sitmail.domain.imported import read
from sitmail.domain.mail import Attachment
from sitmail.services import incident_import
from sitmail.services.attached_files import without_secrets
from sitmail.services.incident_import import ImportDesk, NotImported
from sitmail.services.reports.answer_context import AnswerContext, write
from sitmail.services.reports.plain import NoAnswer
from sitmail.store import blobs, ids, imported

Args = Mapping[str, Any]


def bring(args: Args, context: AnswerContext) -> Any:
    """One step of an import.  Raises NoAnswer."""
    step = STEPS.get(str(args.get("action")))
    if step is None:
        raise NoAnswer(f"Nothing can be imported by {args.get('action')!r}.", os.EX_USAGE)
    return step(args, context)


def _nothing(_args: Args, _context: AnswerContext) -> Any:
    return {}


def _sites(args: Args, context: AnswerContext) -> Any:
    """Ids of sites by what names them."""
    with context.read() as connection:
        return imported.sites(connection, json.loads(args["body"]))


def _compare(args: Args, context: AnswerContext) -> Any:
    with context.read() as connection:
        return incident_import.compare(connection, json.loads(args["body"]))


def _count(args: Args, context: AnswerContext) -> Any:
    """Where new incidents count from."""

    def job(connection: Connection) -> Any:
        above, first = int(args["above"]), int(args["first"])
        return incident_import.count_on(connection, above, first, dry=bool(args["dry"]))

    try:
        return write(context, job)
    except ValueError as why:
        raise NoAnswer(f"{why}.", os.EX_DATAERR) from why


def _files(args: Args, context: AnswerContext) -> Any:
    """Keeps mails as they are (those without a name), and files without tokens of ours.

    The body is a list of [name, type, size], a line feed, and the contents.  Returns [size, sum] of what is kept
    otherwise than it came, by the sum of that.
    """
    if context.keep is None:
        raise NoAnswer("Nothing can be imported here.", os.EX_UNAVAILABLE)
    head, _, contents = args["body"].partition(b"\n")
    rows, changed = [], {}
    at, secrets = 0, _keys(context)
    for name, kind, size in json.loads(head):
        content = contents[at : at + size]
        at += size
        came = Attachment(name, kind, size, sha256(content).hexdigest(), content=content)
        file = without_secrets(came, secrets) if name else came
        rows.append(context.keep(file.content, file.sha256))
        if file is not came:
            changed[came.sha256] = [file.size, file.sha256]
    write(context, lambda connection: blobs.insert(connection, rows))
    return changed


def _write(args: Args, context: AnswerContext) -> Any:
    """Writes incidents, in one transaction."""
    incidents = [read(one) for one in json.loads(args["body"])]
    desk = ImportDesk(context.policy, _keys(context), context.now)

    def job(connection: Connection) -> int:
        count = incident_import.bring(connection, ids.of(connection), desk, incidents)
        if context.forget is not None:
            context.forget()
        return count

    try:
        return {"written": write(context, job), "taken": {}}
    except NotImported as why:
        return {"written": 0, "taken": dict(why.taken)}


def _keys(context: AnswerContext) -> Any:
    if context.keys is None:
        raise NoAnswer("Nothing can be imported here.", os.EX_UNAVAILABLE)
    return context.keys()


STEPS: Mapping[str, Callable[[Args, AnswerContext], Any]] = {
    "nothing": _nothing,
    "sites": _sites,
    "compare": _compare,
    "count": _count,
    "files": _files,
    "write": _write,
}
