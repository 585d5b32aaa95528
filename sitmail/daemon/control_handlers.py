"""Joins the questions of the command line to the desk's parts: for the control socket, and where no daemon runs."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sitmail.config import Config
from sitmail.daemon.control import Handler
from sitmail.daemon.disk_space import disk_of
from sitmail.services import keys
from sitmail.services.held_mail_commands import NotDecided, Order
from sitmail.services.held_mail_commands import decide as decide_held
from sitmail.services.reports import VERBS, AnswerContext, DaemonState, NoAnswer, answer, writing
from sitmail.store.blobs import BlobStore
from sitmail.store.database import Database


def answer_context(
    config: Config,
    database: Database,
    blobs: BlobStore,
    now: datetime,
    daemon: DaemonState | None = None,
    forget: Callable[[], None] | None = None,
) -> AnswerContext:
    """All that can be asked and changed, under this configuration."""

    def decide(action: str, held: int, number: int, actor: str, why: str) -> dict[str, Any]:
        order = Order(action, held, number, actor, now, config.policy, why)
        try:
            return database.write(decide_held, order).result()
        except NotDecided as reason:
            raise NoAnswer(str(reason), os.EX_DATAERR) from reason

    return AnswerContext(
        policy=config.policy,
        now=now,
        read=database.read,
        blob=blobs.read,
        write=writing(database),
        decide=decide,
        daemon=daemon,
        disk=lambda: disk_of(config),
        missing=blobs.missing,
        key=lambda connection: keys.missed(connection, config.key_file),
        forget=forget,
        keep=lambda content, sha256: blobs.prepare(content, sha256, len(content)),
        keys=lambda: keys.load(config.key_file) if config.key_file.exists() else keys.THROWAWAY,
    )


def handlers(context: Callable[[], AnswerContext]) -> dict[str, Handler]:
    """Answers to every question, each in a thread.  `context` gives that of the moment: a reload may change it."""

    def one(verb: str) -> Handler:
        async def handle(args: dict[str, Any]) -> object:
            return await asyncio.to_thread(lambda: answer(verb, args, context()))

        return handle

    return {verb: one(verb) for verb in VERBS}
