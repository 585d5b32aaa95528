"""`sitmail import`: old incidents out of CSV and mbox files.

The files are checked whole before anything is written.  Then incidents are written some at a time, each once: what was
written before is found again by its number, else by its row or its first mail.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from argparse import Namespace
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sitmail.cli import incident_cells as cells
from sitmail.cli import incident_mails, incident_rows, mbox_files
from sitmail.cli.failure import Failure
from sitmail.cli.here import loaded
from sitmail.cli.import_staging import Staging
from sitmail.cli.importing import SHOWN, Ask, Progress, asking, refuse
from sitmail.cli.incident_assembly import assembled, complete
from sitmail.cli.incident_rows import Options
from sitmail.cli.setup import found
from sitmail.domain.imported import ImportedIncident, written

TOGETHER, CHARACTERS = 50, 200_000  # incidents of one transaction, and the text after which it is enough
COMPARED = 400  # incidents that are looked up at once
ENOUGH = 1_000  # mistakes
NOTHING = {"action": "nothing"}


def bring(asked: Namespace) -> int:
    """The verb."""
    if not asked.files and not asked.first_number:
        raise Failure("sitmail import: which files? CSV or mbox; see sitmail import --help", os.EX_USAGE)
    options = _options(asked)
    with asking(asked, "import", NOTHING) as ask:
        told, changed = take([Path(one) for one in asked.files], options, ask, asked.first_number, dry=asked.dry_run)
    for line in changed:
        print(line, file=sys.stderr)
    print(json.dumps(told) if asked.json else _sentence(told))
    return os.EX_OK


def _options(asked: Namespace) -> Options:
    policy = loaded(found(asked)).policy
    options = Options(
        policy,
        datetime.now(UTC),
        "utf-8-sig" if asked.encoding.lower() in ("utf-8", "utf8") else asked.encoding,
        tuple(asked.ignore or ()),
        tuple(one.strip().lower() for one in asked.staff or ()),
    )
    try:
        "".encode(options.encoding)
        return replace(options, status=cells.status(asked.status, policy) if asked.status else "")
    except (LookupError, ValueError) as why:
        raise Failure(f"sitmail import: {why}", os.EX_USAGE) from why


def _sentence(told: Mapping[str, Any]) -> str:
    end = "All are written." if told["written"] else "A dry run: nothing was written."
    counts = f"{told['new']} new, {told['same']} imported before, {told['changed']} different from what was imported"
    return f"Incidents: {counts}.  The next new one gets number {told['next_number']}.  {end}"


def take(
    files: Sequence[Path], options: Options, ask: Ask, first: int = 0, *, dry: bool = False
) -> tuple[dict[str, Any], list[str]]:
    """Imports files: what came of it, and a line for each incident that differs from what was imported before.

    Raises Failure where something is wrong; nothing was written then, unless the sentence says what.
    """
    with tempfile.TemporaryDirectory(prefix="sitmail-import-") as folder, closing(Staging(Path(folder))) as staging:
        mistakes: list[str] = []
        _stage(files, options, staging, mistakes)
        refuse(mistakes)
        sites = _sites(staging, ask)
        changed = _check(staging, options, sites, ask)
        counts = {state: staging.count(state) for state in ("new", "same", "changed")}
        count = {"action": "count", "above": staging.highest(), "first": first or 0, "dry": dry}
        told = {"incidents": sum(counts.values()), **counts, "next_number": ask(count), "written": not dry}
        if not dry:
            _write(staging, counts["new"], options, sites, ask)
            told["next_number"] = ask({**count, "above": 0, "first": 0, "dry": True})  # some may have got a new one
        return told, changed


# --- reading and checking


def _stage(files: Sequence[Path], options: Options, staging: Staging, mistakes: list[str]) -> None:
    for path in files:
        try:
            is_mbox = mbox_files.begins(path)
            lines = path.stat().st_size // 200
        except OSError as error:
            raise Failure(f"{path} cannot be read: {error.strerror}", os.EX_NOINPUT) from error
        bar = Progress("reading", lines)
        (incident_mails if is_mbox else incident_rows).stage(path, options, staging, mistakes, bar.add)
        bar.end()


def _sites(staging: Staging, ask: Ask) -> dict[str, str]:
    """Ids of all sites that the rows name, by name in lower case."""
    names = sorted({one.lower() for one in staging.values("site")})
    known: dict[str, str] = {}
    for at in range(0, len(names), COMPARED):
        known |= ask({"action": "sites"}, json.dumps(names[at : at + COMPARED]).encode())
    return known


def _check(staging: Staging, options: Options, sites: Mapping[str, str], ask: Ask) -> list[str]:
    """Reads every incident and notes which are new.  Raises Failure if any is wrong."""
    mistakes: list[str] = []
    changed: list[str] = []
    bar = Progress("checking", staging.count(""))
    some: list[ImportedIncident] = []
    for gathered in staging.incidents(""):
        one = assembled(gathered, options, sites, mistakes)
        some += [] if one is None else [replace(one, updates=())]
        if len(some) == COMPARED:
            _compare(some, staging, ask, mistakes, changed)
        bar.add(1)
        if len(mistakes) > ENOUGH:
            break
    _compare(some, staging, ask, mistakes, changed)
    bar.end()
    refuse(mistakes)
    more = [f"... and {len(changed) - SHOWN} more differ."] if len(changed) > SHOWN else []
    return [*changed[:SHOWN], *more]


def _compare(
    some: list[ImportedIncident],
    staging: Staging,
    ask: Ask,
    mistakes: list[str],
    changed: list[str],
) -> None:
    """What the desk knows of these, which are then done with."""
    if not some:
        return
    question = [{"key": one.key, "digest": one.digest, "number": one.number} for one in some]
    for one, answer in zip(some, ask({"action": "compare"}, json.dumps(question).encode()), strict=True):
        state, number = answer["state"], answer["incident"]
        if state == "taken":
            mistakes.append(f"{one.place}: number {number} is taken by {answer['title']!r}; expected a free number")
        elif state == "changed":
            changed.append(f"{one.place}: differs from what was imported as incident {number}, which stays as it is")
        staging.note(one.key, state)
    some.clear()


# --- writing


def _write(staging: Staging, total: int, options: Options, sites: Mapping[str, str], ask: Ask) -> None:
    """Each part is a transaction.  Raises Failure if what is there has changed meanwhile."""
    bar = Progress("writing", total)
    keeper = incident_mails.Keeper(ask)
    some: list[ImportedIncident] = []
    size = 0
    for gathered in staging.incidents("new"):
        one = assembled(gathered, options, sites, [])
        if one is None:
            continue
        mails = [part for part in gathered.parts if part.kind == "mail"]
        some.append(complete(one, incident_mails.updates(mails, options, keeper)))
        size += gathered.size + sum(len(update.text) + len(update.quoted) for update in some[-1].updates)
        if len(some) == TOGETHER or size > CHARACTERS:
            _send(some, keeper, bar, ask)
            size = 0
    _send(some, keeper, bar, ask)
    bar.end()


def _send(some: list[ImportedIncident], keeper: incident_mails.Keeper, bar: Progress, ask: Ask) -> None:
    """One transaction."""
    if not some:
        return
    body = ",".join(written(keeper.as_kept(one)) for one in some)
    answer = ask({"action": "write"}, f"[{body}]".encode())
    if answer["taken"]:
        places = {one.key: one.place for one in some}
        lines = [f"{places[key]}: {why}" for key, why in answer["taken"].items()]
        raise Failure(lines[0], os.EX_TEMPFAIL, *lines[1:], f"{bar.done} incidents were written; import again.")
    bar.add(len(some))
    some.clear()
