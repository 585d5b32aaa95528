"""Answers the questions of the command line, both in the daemon and in a `sitmail` command without one.

A question is a verb with plain arguments.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from sitmail.domain.held_decisions import ACTIONS
from sitmail.domain.incident_search import Search, parse
from sitmail.domain.queues import queue_named
from sitmail.services import directory_import, merging_contacts, search_index
from sitmail.services.reports import conversation, figure_answers, health, import_answers, listing, queues
from sitmail.services.reports.answer_context import AnswerContext, write
from sitmail.services.reports.held_words import words_of
from sitmail.services.reports.newest import Newest
from sitmail.services.reports.plain import NoAnswer
from sitmail.store import ids
from sitmail.store import inbox as store_inbox
from sitmail.store import outbox as store_outbox
from sitmail.store.errors import StoreError

Args = Mapping[str, Any]


def answer(verb: str, args: Args, context: AnswerContext) -> Any:
    """A JSON value, or bytes where a raw mail was asked for.  Raises NoAnswer."""
    if verb not in VERBS:
        raise NoAnswer(f"There is no question {verb!r}.", os.EX_USAGE)
    try:
        return VERBS[verb](args, context)
    except StoreError as trouble:
        raise NoAnswer(f"The store says: {trouble}.", os.EX_UNAVAILABLE) from trouble


def _incidents(args: Args, context: AnswerContext) -> Any:
    search = _search(args, context)
    if search and search.words and context.write:
        context.write(search_index.catch_up)
    with context.read() as connection:
        return listing.incidents(
            connection,
            context.policy,
            bool(args.get("all")),
            args.get("status"),
            args.get("owner"),
            args.get("reference"),
            search,
            _newest(args),
        )


def _search(args: Args, context: AnswerContext) -> Search | None:
    """What `--search` says, or the queue of that name; `owner:me` is nobody at a terminal."""
    policy = context.policy
    try:
        if name := args.get("queue"):
            return parse(queue_named(str(name), policy.queues).search, policy, context.now, policy.timezone)
        return parse(str(args["search"]), policy, context.now, policy.timezone) if args.get("search") else None
    except ValueError as mistake:
        raise NoAnswer(str(mistake), os.EX_USAGE) from mistake


def _queues(_args: Args, context: AnswerContext) -> Any:
    return [{"name": one.name, "search": one.search} for one in context.policy.queues]


def _incident(args: Args, context: AnswerContext) -> Any:
    number = _number(args, "number")
    with context.read() as connection:
        if args.get("raw"):
            return context.blob(connection, conversation.raw_of(connection, number, str(args["raw"])))
        if args.get("mbox"):
            return conversation.mbox(connection, number, context.blob)
        return conversation.incident(connection, context.policy, number)


def _inbox(args: Args, context: AnswerContext) -> Any:
    if args.get("action") == "retry":
        mail = _number(args, "id")
        if not write(context, lambda connection: store_inbox.retry(connection, mail)):
            with context.read() as connection:
                ending = queues.inbox_one(connection, mail)["ending"]
            raise NoAnswer(f"Mail {mail} ended as {ending}: only mail in quarantine can be read again.", os.EX_DATAERR)
    with context.read() as connection:
        if args.get("id") is None:
            shown = queues.ignored if args.get("ignored") else queues.inbox
            return shown(connection, _newest(args))
        found = queues.inbox_one(connection, _number(args, "id"))
        return context.blob(connection, found["sha256"]) if args.get("raw") else found


def _outbox(args: Args, context: AnswerContext) -> Any:
    if args.get("action") == "retry":
        letter = None if args.get("id") is None else _number(args, "id")
        retried = write(context, lambda connection: store_outbox.retry(connection, letter, context.now))
        if letter is None:
            return {"retried": retried}
        with context.read() as connection:
            found = queues.outbox_one(connection, letter)
        if not retried:
            raise NoAnswer(
                f"Letter {letter} is {found['state']}: only deferred and failed ones can be tried again.", os.EX_DATAERR
            )
        return found
    with context.read() as connection:
        if args.get("id") is not None:
            return queues.outbox_one(connection, _number(args, "id"))
        return queues.outbox(connection, bool(args.get("all")), _newest(args))


def _held(args: Args, context: AnswerContext) -> Any:
    action = args.get("action")
    if action is not None:
        if action not in ACTIONS or context.decide is None:
            raise NoAnswer(f"Held mail cannot be decided by {action!r}.", os.EX_USAGE)
        number = _number(args, "number") if action == "attach" else 0
        actor, why = str(args.get("actor") or "command line"), str(args.get("why") or "")
        return context.decide(action, _number(args, "id"), number, actor, why)
    with context.read() as connection:
        if args.get("id") is None:
            return queues.held(connection, _newest(args))
        found = queues.held_one(connection, _number(args, "id"))
        return {**found, **words_of(context.blob(connection, found["sha256"]), context.policy)}


def _directory(args: Args, context: AnswerContext) -> Any:
    """A part of an import; the answer says what is wrong, and how many rows are new.  Or two contacts become one."""
    if args.get("action") == "merge":
        return _merge(args, context)
    if args.get("action") != "import":
        raise NoAnswer(f"The directory cannot be changed by {args.get('action')!r}.", os.EX_USAGE)
    forget = context.forget

    def job(connection: Connection) -> Any:
        found = directory_import.bring(
            connection,
            ids.of(connection),
            args["rows"],
            str(args["origin"]),
            dry=bool(args.get("dry")),
            known=frozenset(args.get("known", ())),
        )
        if forget is not None:
            forget()
        return found

    return write(context, job)


def _merge(args: Args, context: AnswerContext) -> Any:
    def job(connection: Connection) -> Any:
        return merging_contacts.merge(connection, str(args["one"]), str(args["other"]), str(args["by"]), context.now)

    try:
        return write(context, job)
    except merging_contacts.NotMerged as why:
        raise NoAnswer(f"Nothing was merged: {why}.", os.EX_DATAERR) from why


def _status(_args: Args, context: AnswerContext) -> Any:
    """The desk's state; answered even if the database cannot be read."""
    disk = context.disk() if context.disk else None
    try:
        with context.read() as connection:
            missing = context.missing(connection) if context.missing else []
            key = context.key(connection) if context.key else ""
            return health.status(connection, context.policy, context.daemon, disk, missing, key)
    except (StoreError, SQLAlchemyError, sqlite3.Error) as error:
        return health.without_database(_first_line(error), context.daemon, disk)


def _first_line(error: Exception) -> str:
    """The first line of a driver's exception, without the statement and advice that SQLAlchemy adds."""
    return str(getattr(error, "orig", None) or error).strip().partition("\n")[0] or type(error).__name__


def _newest(args: Args) -> Newest:
    """The arguments `limit` and `since`.  Raises NoAnswer."""
    since = args.get("since")
    try:
        moment = datetime.fromisoformat(str(since)) if since else None
    except ValueError:
        raise NoAnswer(f"{since!r} is no moment.", os.EX_USAGE) from None
    return Newest(limit=_number(args, "limit") if args.get("limit") else 0, since=moment)


def _number(args: Args, name: str) -> int:
    value = args.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**63:
        raise NoAnswer(f"{name} must be a number, not {value!r}.", os.EX_USAGE)
    return value


VERBS: Mapping[str, Callable[[Args, AnswerContext], Any]] = {
    "incidents": _incidents,
    "incident": _incident,
    "queues": _queues,
    "report": figure_answers.report,
    "reports": figure_answers.reports,
    "inbox": _inbox,
    "outbox": _outbox,
    "held": _held,
    "directory": _directory,
    "import": import_answers.bring,
    "status": _status,
}
