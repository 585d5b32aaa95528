"""Generates pages of docs/reference from the domain (commands, letters, endings) and the table of command-line.md.

Run as a module it writes them into the source tree.  The page of the configuration is made by `config.example`.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from sitmail.cli import reference_of_telling
from sitmail.cli.parsing import reference as command_line
from sitmail.cli.samples import DETAILS
from sitmail.domain import authority
from sitmail.domain.authority import Standing
from sitmail.domain.customer_verbs import CUSTOMER, SITE_ADMIN
from sitmail.domain.endings import Ending, HeldReason, Rule
from sitmail.domain.facts import Proof
from sitmail.domain.notice_purposes import PURPOSES, NoticePurpose, NoticeTraits
from sitmail.domain.trust import COMMAND_WORDS, CUSTOMER_POWERS, CUSTOMER_WORDS, STAFF_POWERS, Power
from sitmail.domain.verb_names import NAMES, name_in
from sitmail.domain.verbs import STAFF, Verb
from sitmail.sending.letters.templates import packaged
from sitmail.services.views import (
    DeskView,
    DigestLine,
    FileView,
    IncidentView,
    LetterContext,
    PlainReply,
    ReaderView,
    UpdateView,
)

CUSTOMERS = (Standing.CONTACT, Standing.PARTICIPANT)
VIEWS = (DeskView, ReaderView, PlainReply, IncidentView, UpdateView, FileView, DigestLine)

COMMANDS = """\
# Commands in mail

Made from `sitmail/domain/verbs.py`; do not edit.

A command is a line of its own, at the very top or the very end of what you newly write; blank lines may stand between
them. In the middle of a text, in quotations, signatures, attachments and automatic mail nothing is a command. Upper or
lower case does not matter, and statuses, priorities and people may be written by id, by name, or by a beginning that
fits one of them alone. A path such as `/tmp/x` and a line between backticks are text. Durations: `30m` `2h` `3d` `1w`,
in working time; dates: `2026-12-24`, `friday`, `24 dec 14:00`.

`/help` in a mail sends the list of your verbs.
"""
STAFF_PAGE = """\
## For engineers

All lines of a mail are carried out, or none: then nothing of it is sent to anybody, and it comes back with a word about
each line. Command lines never reach the customer. Signs around a verb do not hide it: `/note:`, `//note`, `- /note` are
`/note`. Words behind `/public`, `/keep` and `/note` are words; behind a verb that takes none they are refused.

At the command address, and in answers to a digest, a line begins with the number: `12: /take`, `12,13: /close solved`;
`12: words` is a public answer to 12, `12: /note words` a note about it; the lines below go on with either.
"""
CUSTOMER_PAGE = """\
## For customers

Any other line that begins with a slash is text. The words around a command are always logged and told, whether the
command is carried out or not.
"""
SITE_PAGE = """\
## For a site's admin contact

A contact with `role = "admin"` writes these lines too, to the command address or in a reply to any letter, in a mail
without words; for everybody else they are text. They are about his own site and its contracts. What changes something
needs his yes to a letter at his registered address; somebody from outside the domains of the site also needs the
account manager's, who is told of every change. All lines of a mail are carried out, or none.
"""
LATER = "Known, but not yet carried out; whoever writes one is told so: "
POWERS_PAGE = """\
## What a power needs

[Trust](../explanation/trust.md) describes what counts as proof. Where proof is missing, the mail is kept, and a
letter asks to confirm it. The columns are the settings of `[trust]`.
"""
LETTERS = """\
# Letters

Made from `sitmail/domain/notice_purposes.py`, `sitmail/services/views.py` and the templates; do not edit.

Every letter that the desk writes has a purpose, and the template of the same name: `templates/PURPOSE.txt`. A folder
`templates` beside the configuration (`[letters] folder`) holds your own wording; what it lacks is taken from ours.
[Your own letters](../howto/your-own-letters.md) shows how.

- *A plain reply* goes to the leg: what is public, the customer and all participants read; what is internal, staff only.
- *Automatic* letters have `Auto-Submitted` and count for the limits of `[limits]`; the others carry the words of a
  person and leave at once, engineers' to people outside after `send_delay`.
- *Folded* letters: the first one to a reader about an incident is sent at once; those that follow within `fold_within`
  become one letter, with the subject of the gravest. Other letters do not wait; a warning waits for no longer than
  half of the time that is left. A notice that is no longer true when it would leave is not sent.
"""
BLOCKS = """\
## Blocks

What an admin's file may replace, in the order in which it is written. Letters to customers have the frame
`_customer.txt`, those to staff `_staff.txt`.
"""
VARIABLES = """\
## Variables

`detail` is what the notice says beside the incident; write `detail.get("owner")` where it may be missing. A moment is
printed by the filter `moment(zone)`. `verbs` are the lines of [commands](commands.md).
"""
ENDINGS = """\
# Endings and reasons

Made from `sitmail/domain/endings.py`; do not edit.

Every mail that was kept has exactly one ending, which `sitmail inbox` shows.
"""
HELD = """\
## Why a mail is held

A held mail is never lost: staff accept it, attach it to an incident, reject it or call it spam, or its author confirms
it; and its words are kept as they came.
"""
RULES = """\
## Which rule decided

Each decision names the rule that made it, and a sentence about this mail where there is more to say than the rule's
meaning. `/why`, `sitmail explain` and `sitmail inbox` show both.
"""
WHO = """\
# Who may do what

Made from `sitmail/domain/authority.py`, `sitmail/domain/trust.py` and `sitmail/domain/verbs.py`; do not edit.

A cell names the proof that a command needs with the default settings of `[trust]`; [commands](commands.md) has the
stricter ones. An engineer's command without that proof is held, and a letter to the registered address asks for a yes;
a customer's is held for staff, and an admin contact's asks him for a yes. *after /take*: it is refused with the
sentence that the incident is another team's.
*no such*: the answer is the one to a number that does not exist. Strangers have no commands.
"""
ADDS = """\
Adding somebody from outside the customer's site needs token and authenticated together, and more than five incidents
in one mail a yes, whoever asks for it. A line may need more than its verb: `/attach N` also that its writer may act
on N.
"""
# What each power allows, as the page about trust describes it.
MEANINGS = {
    Power.OPEN: "open an incident",
    Power.SAY: "add words, ask for closure, reopen",
    Power.READ: "read",
    Power.RELAY: "have words relayed to participants",
    Power.CONFIRM_CLOSURE: "close, or confirm a closure",
    Power.NOTE: "note, take, set the status",
    Power.ANSWER: "answer, assign, close, set the priority",
    Power.ADD_SAME_SITE: "add a person of the same site",
    Power.ADD_OUTSIDER: "add anybody else",
    Power.BEGIN: "write to somebody whom the desk does not know (`/new to`)",
    Power.MANY: "act on more than five incidents in one mail",
    Power.SHARE: "make public what staff alone had read (`/share`)",
    Power.CHOSEN: "act on what a search finds (`owner:jane: /assign bob`)",
    Power.DIRECTORY: "change who is known, and who is blocked",
}


def commands() -> str:
    """The text of docs/reference/commands.md."""
    return "\n".join(
        [
            COMMANDS,
            STAFF_PAGE,
            _verbs(STAFF),
            CUSTOMER_PAGE,
            _verbs(CUSTOMER),
            SITE_PAGE,
            _verbs(SITE_ADMIN),
            POWERS_PAGE,
            *_powers(),
        ]
    )


def who_may_do_what() -> str:
    """The text of docs/reference/who-may-do-what.md."""
    parts = [WHO]
    for title, verbs, standings in (
        ("Staff", STAFF, [one for one in Standing if one in authority.STAFF]),
        ("Customers", CUSTOMER, [*CUSTOMERS, Standing.OUTSIDE]),
        ("A site's admin contact", SITE_ADMIN, [Standing.SITE_ADMIN, *CUSTOMERS, Standing.OUTSIDE]),
    ):
        rows = [
            (f"`/{verb.name}`", str(verb.reach), *(_cell(verb, one) for one in standings))
            for verb in verbs.values()
            if not verb.later
        ]
        parts += [f"## {title}\n", _table(("command", "is about", *map(str, standings)), rows)]
    beyond = [(str(reach), ", ".join(map(str, sorted(who)))) for reach, who in authority.MAY.items()]
    return "\n".join([*parts, ADDS, "## Who reaches what\n", _table(("what", "who"), beyond)])


def _cell(verb: Verb, who: Standing) -> str:
    if not authority.may(verb.reach, who):
        return "after /take" if who in authority.STAFF else "no such"
    return _proofs((STAFF_POWERS if who in authority.STAFF else CUSTOMER_POWERS)[verb.power][0])


def letters() -> str:
    """The text of docs/reference/letters.md."""
    parts = [LETTERS]
    for title, outside in (("To customers", True), ("To staff", False)):
        rows = [_letter(purpose, traits) for purpose, traits in PURPOSES.items() if traits.outside is outside]
        parts += [f"## {title}\n", _table(("purpose", "a plain reply is", "automatic", "folded", "files"), rows)]
    frames = [("customers", _blocks("_customer.txt")), ("staff", _blocks("_staff.txt"))]
    parts += [BLOCKS, _table(("letters to", "blocks"), frames), VARIABLES]
    parts += [_table(("variable", "fields"), list(_variables()))]
    details = [(f"`{purpose}`", _codes(_keys(purpose))) for purpose in PURPOSES if _keys(purpose)]
    return "\n".join([*parts, _table(("letter", "`detail` has"), details)])


def _blocks(frame: str) -> str:
    return _codes(re.findall(r"\{% block (\w+) %\}", (packaged() / frame).read_text("utf-8")))


def _variables() -> Iterator[tuple[str, str]]:
    """Of each variable its fields, where it has some."""
    made = LetterContext.__annotations__
    for name in made:
        if name not in ("detail", "also", "piece"):
            view = next((view for view in VIEWS if re.search(rf"\b{view.__name__}\b", str(made[name]))), None)
            many = "each has " if view and "tuple" in str(made[name]) else ""
            yield f"`{name}`", f"{many}{_codes(view._fields)}" if view else ""
    yield "`language`", ""


def _keys(purpose: NoticePurpose) -> list[str]:
    return sorted({key for occasion in DETAILS.get(purpose, ()) for key in occasion})


def _codes(names: Iterable[str]) -> str:
    return " ".join(f"`{name}`" for name in names)


def endings() -> str:
    """The text of docs/reference/endings-and-reasons.md."""
    parts = [
        ENDINGS,
        _meanings("ending", Ending),
        HELD,
        _meanings("reason", HeldReason),
        RULES,
        _meanings("rule", Rule),
    ]
    return "\n".join(parts)


def _meanings(head: str, members: Iterable[Ending | HeldReason | Rule]) -> str:
    return _table((head, "means"), [(str(one), one.meaning) for one in members])


def _verbs(verbs: Mapping[str, Verb]) -> str:
    rows = [
        (
            f"`{f'/{verb.name} {verb.arguments}'.rstrip()}`",
            verb.does,
            str(verb.power),
            f"`{verb.example}`",
            ", ".join(filter(None, (name_in(language, verb.name) for language in NAMES))) or "-",
        )
        for verb in verbs.values()
        if not verb.later
    ]
    later = ", ".join(f"`/{verb.name}`" for verb in verbs.values() if verb.later)
    told = f"\n{textwrap.fill(f'{LATER}{later}.', 118, break_on_hyphens=False)}\n" if later else ""
    return _table(("command", "what it does", "power", "example", "German, French"), rows) + told


def _powers() -> list[str]:
    tables = (
        ("engineers", "commands", COMMAND_WORDS, STAFF_POWERS),
        ("customers", "customers", CUSTOMER_WORDS, CUSTOMER_POWERS),
    )
    return [
        _table(
            (who, "to", *(f'`{key} = "{word}"`' for word in words)),
            [(str(power), MEANINGS[power], *map(_proofs, proofs)) for power, proofs in powers.items()],
        )
        for who, key, words, powers in tables
    ]


def _proofs(enough: frozenset[Proof]) -> str:
    if Proof.NONE in enough:
        return "no proof"
    if Proof.TOKEN in enough:
        return "token or authenticated"
    return "token and authenticated together" if Proof.BOTH in enough else "confirmed"


def _letter(purpose: NoticePurpose, traits: NoticeTraits) -> tuple[str, ...]:
    said = (traits.automatic, traits.folds and not traits.at_once, traits.carries_files)
    leg = "as the mail that it is about" if purpose is NoticePurpose.VERDICT else str(traits.leg)
    return (f"`{purpose}`", leg, *("yes" if yes else "" for yes in said))


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table; bars in cells are escaped."""
    lines = [" | ".join(cell.replace("|", "\\|") for cell in row) for row in rows]
    return "\n".join([f"| {' | '.join(heads)} |", "|---" * len(heads) + "|", *(f"| {line} |" for line in lines)]) + "\n"


PAGES = {
    "commands.md": commands,
    "who-may-do-what.md": who_may_do_what,
    "letters.md": letters,
    "who-is-told-what.md": reference_of_telling.page,
    "endings-and-reasons.md": endings,
}


def main() -> None:
    """Writes the pages into docs/reference of the current folder, which is the source tree's top."""
    folder = Path("docs/reference")
    for name, text in PAGES.items():
        (folder / name).write_text(text(), "utf-8")
    page = (folder / "command-line.md").read_text("utf-8")
    before, _, rest = page.partition("| command | does |\n")
    after = rest.partition("\n\n")[2]
    (folder / "command-line.md").write_text(f"{before}{command_line()}\n\n{after}", "utf-8")


if __name__ == "__main__":
    main()
