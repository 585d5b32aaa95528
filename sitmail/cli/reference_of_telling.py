"""The text of docs/reference/who-is-told-what.md, made from the table of `domain/who_is_told`."""

from __future__ import annotations

from sitmail.domain.who_is_told import TABLE, Cell, Happening, Level, Role, When

HEAD = """\
# Who is told what

Made from `sitmail/domain/who_is_told.py`; do not edit.

A row is what happened, a column who has which part in it. A cell names the [letter](letters.md). Who did it is told
only as confirmation: a customer by the column *writer*, an engineer by one letter about what came of his lines.

- *(all)*: customers of level `all` alone; *(important)*: those of level `important`, too. A letter to customers without
  such a word is for all of them. Their level stands in the directory, and `/level` by mail changes it.
- *([tell])*: only where the configuration says so; *([[escalation]])* likewise.
- *(every_incident)*: as the admin chose: letters, or lines of the morning paper.
- *status changed* stands for other changes, too (priority, title, product, ...), of which engineers alone are told.
- Words, and what came of them, are one letter: `words` ends with the status that they brought.
- Where a customer's mail closes an incident or opens it again, engineers read that mail: `customer_wrote`.
- While an owner is away, his stand-in is told in his place; where nobody owns it, those on duty.

"""
WORDS = {When.CONFIGURED: "[tell]", When.ESCALATION: "[[escalation]]", When.WISH: "every_incident"}
INSIDE, OUTSIDE = (
    (Role.OWNER, Role.TEMPORARY_OWNER, Role.FORMER_OWNER, Role.WATCHER, Role.ON_DUTY),
    (Role.WRITER, Role.CONTACT, Role.PARTICIPANT, Role.VENDOR),
)
ABOVE = (Role.MANAGER, Role.ACCOUNT_MANAGER, Role.ADMIN)


def page() -> str:
    parts = [
        ("Customers and vendors", OUTSIDE),
        ("Engineers who have a part in it", INSIDE),
        ("Others of staff", ABOVE),
    ]
    return HEAD + "\n".join(f"## {title}\n\n{_table(roles)}" for title, roles in parts)


def _table(roles: tuple[Role, ...]) -> str:
    heads = ["what happened", *(str(role).replace("_", " ") for role in roles)]
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for what, row in TABLE.items():
        cells = [_cell(row.get(role)) for role in roles]
        if any(cells):
            lines.append(f"| {_name(what)} | " + " | ".join(one or "-" for one in cells) + " |")
    return "\n".join(lines) + "\n"


def _name(what: Happening) -> str:
    return str(what).replace("-", " ")


def _cell(cell: Cell | None) -> str:
    if cell is None:
        return ""
    word = WORDS.get(cell.when, "")
    if cell.when is When.LEVEL and cell.level is not Level.REPLIES:
        word = str(cell.level)
    return f"`{cell.purpose}`" + (f" ({word})" if word else "")
