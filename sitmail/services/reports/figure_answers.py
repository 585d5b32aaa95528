"""Reports for the command line: everything is counted, since who sits at the desk's machine may read it all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from sitmail.domain.figures.catalogue import REPORTS, question
from sitmail.domain.figures.csv_text import csv_text
from sitmail.domain.figures.one_incident import FACTS
from sitmail.services.figures import runs
from sitmail.services.figures.incident_report import NoFigures
from sitmail.services.reports.answer_context import AnswerContext
from sitmail.services.reports.plain import NoAnswer

Args = Mapping[str, Any]


def reports(_args: Args, _context: AnswerContext) -> Any:
    """Which reports there are."""
    return [{"name": one.name, "usage": one.usage, "answers": str(one.answers)} for one in REPORTS.values()]


def report(args: Args, context: AnswerContext) -> Any:
    """The figures of a report, or its tables as CSV.  Raises NoAnswer."""
    policy = context.policy
    try:
        asked = question(str(args.get("question", "")), context.now, policy.timezone)
        with context.read() as connection:
            made = runs.figures(connection, policy, asked, "", context.now, policy.timezone)
    except (ValueError, NoFigures) as mistake:
        raise NoAnswer(f"{mistake}.".replace("..", "."), os.EX_USAGE) from mistake
    if args.get("csv"):
        tables = [one for one in made.tables if one.name != FACTS]
        return "\r\n".join([csv_text(one, policy.timezone, for_people=False) for one in tables]).encode()
    return {**made.document(), "timezone": policy.timezone}
