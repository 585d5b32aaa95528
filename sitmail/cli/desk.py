"""Verbs that question the desk: the running daemon if there is one, else the store.  `show` formats the answers."""

from __future__ import annotations

import base64
import json
import os
import re
import sys
from argparse import Namespace
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sitmail.cli import show
from sitmail.cli.ask import ask, control_socket
from sitmail.cli.failure import Failure
from sitmail.cli.parsing import meant
from sitmail.cli.table import safe, safe_lines
from sitmail.config import find

NEEDS_A_HUMAN = 1
REMEMBER = "remember"  # behind `held accept ID`: its writer is known from now on
# The actions and the arguments of each.  Without an action there is no argument, or one id to show.
ACTIONS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "inbox": {"retry": ("id",)},
    "outbox": {"retry": ("id",)},
    "held": {"accept": ("id",), "attach": ("number", "id"), "reject": ("id",), "spam": ("id",)},
}
AGES = (  # (part, moment, how old it may be, sentence)
    ("inbox", "oldest", timedelta(minutes=5), "A mail has been waiting in the inbox since {}: sitmail inbox."),
    ("outbox", "oldest", timedelta(hours=1), "A letter has been waiting to be sent since {}: sitmail outbox."),
    ("held", "oldest", timedelta(days=1), "A mail has been held for a decision since {}: sitmail held."),
    (
        "notices",
        "oldest_known",
        timedelta(minutes=1),
        "The limits on automatic mail have held back a letter to a known person since {}.",
    ),
)
ROWS = 50  # length of a list without --limit
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
AGO = re.compile(r"(\d{1,5})([mhdw])", re.ASCII)
NUMBER = re.compile(r"\[?(?:[A-Za-z]{2,10}-|#)?([0-9]{1,18})\]?")


def incidents(asked: Namespace) -> int:
    args = {"all": asked.all, "status": asked.status, "owner": asked.owner, "reference": asked.reference}
    args["search"] = asked.search
    return listed(asked, "incidents", args, show.incidents)


def queue(asked: Namespace) -> int:
    if not asked.name:
        return emit(asked, question(asked, "queues", {}), show.queues)
    return listed(asked, "incidents", {"queue": asked.name}, show.incidents)


def report(asked: Namespace) -> int:
    if not asked.words:
        return emit(asked, question(asked, "reports", {}), show.reports)
    args = {"question": " ".join([*asked.words, asked.period or ""]), "csv": asked.csv and not asked.json}
    return emit(asked, question(asked, "report", args), show.report)


def incident(asked: Namespace) -> int:
    args = {"number": number(asked.number), "raw": asked.raw, "mbox": asked.mbox}
    return emit(asked, question(asked, "incident", args), show.incident)


def inbox(asked: Namespace) -> int:
    args = {**spoken("inbox", asked.words), "raw": asked.raw, "ignored": asked.ignored}
    if asked.ignored and ("id" in args or asked.raw):
        raise Failure("sitmail inbox: --ignored is a list by itself, without ID and --raw", os.EX_USAGE)
    if asked.raw and (args.get("action") or "id" not in args):
        raise Failure("sitmail inbox: --raw needs the ID of one mail", os.EX_USAGE)
    if "id" not in args:
        return listed(asked, "inbox", args, show.ignored if asked.ignored else show.inbox)
    return emit(asked, question(asked, "inbox", args), show.one)


def outbox(asked: Namespace) -> int:
    args = {**spoken("outbox", asked.words), "all": asked.all}
    if "id" not in args and "action" not in args:
        return listed(asked, "outbox", args, show.outbox)
    return emit(asked, question(asked, "outbox", args), show.one)


def held(asked: Namespace) -> int:
    args = spoken("held", asked.words)
    if not args:
        return listed(asked, "held", args, show.held)
    return emit(asked, question(asked, "held", args), show.one)


def listed(asked: Namespace, verb: str, args: Mapping[str, Any], shown: Callable[[Any], Iterable[str]]) -> int:
    """A list, newest last.  People get the newest 50 unless they say otherwise, programs get all."""
    limit = ROWS if asked.limit is None and not asked.json else asked.limit or 0
    args = {**args, "since": since(asked.since, datetime.now(UTC)) if asked.since else None}
    rows = question(asked, verb, {**args, "limit": limit and limit + 1})  # one more, to know whether it is cut
    if limit and len(rows) > limit:
        rows = rows[-limit:]
        if not asked.json:
            print(f"The newest {limit} are shown; --limit 0 shows all.", file=sys.stderr)
    return emit(asked, rows, shown)


def since(word: str, now: datetime) -> str:
    """`2d`, `3h`, or a date (UTC) or moment as RFC 3339 writes it.  Raises Failure (EX_USAGE)."""
    if found := AGO.fullmatch(word.strip()):
        return (now - int(found[1]) * UNITS[found[2]]).isoformat()
    try:
        moment = datetime.fromisoformat(word.strip())
    except ValueError:
        raise Failure(f"sitmail: {word!r} is no time; write 2d, 3h or 2026-12-24", os.EX_USAGE) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()


def status(asked: Namespace) -> int:
    """Prints the desk's state; 1 if something needs a human.

    Ages are compared with the clock here, because the answer itself does not depend on the current time.
    """
    value = question(asked, "status", {})
    late = overdue(value, datetime.now(UTC))
    emit(asked, value, lambda answer: show.status(answer, late))
    if asked.json:
        for sentence in late:
            print(safe(sentence), file=sys.stderr)
    return NEEDS_A_HUMAN if late or not value["healthy"] else os.EX_OK


def question(asked: Namespace, verb: str, args: Mapping[str, Any]) -> Any:
    """The answer, from the daemon or computed in this process.  Raises Failure."""
    config = find(asked.config, os.environ)
    if config is None:
        raise Failure("There is no configuration here: sitmail init writes one, --config names one.", os.EX_CONFIG)
    where = control_socket(config, os.environ)
    answered, value = ask(where, verb, args) if where else (False, None)
    return value if answered else _here(config, verb, args)


def emit(asked: Namespace, value: Any, shown: Callable[[Any], Iterable[str]]) -> int:
    """Prints an answer as JSON, as text for people, or as raw bytes; on a terminal control characters are escaped."""
    if isinstance(value, bytes):
        if not asked.json and sys.stdout.isatty():
            print(*safe_lines(value.decode("utf-8", "backslashreplace")), sep="\n")
            return os.EX_OK
        if not asked.json:
            sys.stdout.buffer.write(value)
            return os.EX_OK
        value = {"size": len(value), "base64": base64.b64encode(value).decode()}
    lines = [json.dumps(value, indent=2)] if asked.json else shown(value)
    for line in lines:
        print(line)
    return os.EX_OK


def spoken(verb: str, words: list[str]) -> dict[str, Any]:
    """`attach 12 3` as {action, number, id}; a number alone is an id to show.  Raises Failure (EX_USAGE)."""
    actions = ACTIONS[verb]
    if not words:
        return {}
    if len(words) == 1 and NUMBER.fullmatch(words[0]):
        return {"id": number(words[0])}
    action, rest = words[0], words[1:]
    if action not in actions:
        raise Failure(f"sitmail {verb}: {action!r} is no number and no action{meant(action, actions)}", os.EX_USAGE)
    names, why = actions[action], ""
    if verb == "held" and action == "reject":
        rest, why = rest[:1], " ".join(rest[1:])
    if verb == "held" and action == "accept" and rest[1:] == [REMEMBER]:
        rest, why = rest[:1], REMEMBER
    if verb == "outbox" and rest == ["all"]:
        return {"action": action}
    if len(rest) != len(names):
        wanted = " ".join("N" if name == "number" else "ID" for name in names)
        raise Failure(f"sitmail {verb} {action}: needs {wanted}", os.EX_USAGE)
    found = {"action": action, **{name: number(word) for name, word in zip(names, rest, strict=True)}}
    return {**found, "why": why} if why else found


def number(word: str) -> int:
    """1234, #1234, SIT-1234 or [SIT-1234].  Raises Failure (EX_USAGE)."""
    found = NUMBER.fullmatch(word.strip())
    if not found or not int(found[1]):
        raise Failure(f"sitmail: {word!r} is no number", os.EX_USAGE)
    return int(found[1])


def overdue(value: Mapping[str, Any], now: datetime) -> list[str]:
    """A sentence for each thing that has waited too long at `now`."""
    return [
        sentence.format(value[part][key])
        for part, key, limit, sentence in AGES
        if value[part] and value[part][key] and now - datetime.fromisoformat(value[part][key]) > limit
    ]


def _here(config: Path, verb: str, args: Mapping[str, Any]) -> Any:
    from sitmail.cli.here import answer_here  # noqa: PLC0415 - loads the store: only where no daemon answers

    return answer_here(config, verb, args)
