"""The table of verbs of the command line.  Parser, help and the reference page are made from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from sitmail.domain.record import record


@record
class Argument:
    """An argument as argparse takes it: positional if `names` has no dashes, else an option."""

    names: tuple[str, ...]
    help: str
    more: Mapping[str, Any] = field(default_factory=dict)


@record
class Verb:
    """A verb.  `does` is module:function, imported when the verb is used.  `reading`: it only reads."""

    name: str
    usage: str
    summary: str
    arguments: tuple[Argument, ...]
    does: str
    reading: bool = False
    details: str = ""


def place(name: str, help: str, **more: Any) -> Argument:
    return Argument((name,), help, more)


def option(name: str, help: str, metavar: str = "", **more: Any) -> Argument:
    """A switch, or with `metavar` an option with a value."""
    return Argument((name,), help, {"metavar": metavar, **more} if metavar else {"action": "store_true", **more})


LISTS = (
    option("--limit", "how many of the newest rows (default: 50, with --json all; 0: all)", "N", type=int),
    option("--since", "only what is newer: 2d, 3h, or a date such as 2026-12-24", "TIME"),
)
EVERYWHERE = (
    option("--json", "print one JSON value for programs"),
    option("--config", "the configuration file; else $SITMAIL_CONFIG, ./config.toml, /etc/sitmail/config.toml", "FILE"),
    option("--debug", "show the traceback of an unexpected error"),
)

VERBS = (
    Verb(
        "init",
        "[DIR]",
        "write a commented config.toml and an empty directory file",
        (place("folder", "where (default: here)", metavar="DIR", nargs="?", default="."),),
        "sitmail.cli.setup:init",
        details="A file that exists already is never overwritten.",
    ),
    Verb(
        "run",
        "[--once] [--log-level LEVEL]",
        "run the desk; prints `ready` and where it listens",
        (
            option("--once", "empty inbox and outbox, then end"),
            option(
                "--log-level",
                "log only messages of this level or above: debug, info (default), warning, error, critical",
                "LEVEL",
                choices=("debug", "info", "warning", "error", "critical"),
                default="info",
            ),
        ),
        "sitmail.cli.setup:run",
    ),
    Verb(
        "check",
        "[--connect] [MAIL.eml]",
        "check the configuration, this machine and every letter, and say what is wrong",
        (
            option("--connect", "also connect to the database, the relay and the mailboxes"),
            place("mail", "a mail you received: shows what to write under [trust]", metavar="MAIL.eml", nargs="?"),
        ),
        "sitmail.cli.setup:check",
    ),
    Verb(
        "deliver",
        "[-f SENDER] [--socket S] [--spool DIR] [RECIPIENT...] < mail",
        "give the desk one mail, from a mail server's pipe",
        (
            option("-f", "the envelope sender (default: the mail's Return-Path)", "SENDER"),
            option("--socket", "the desk's LMTP socket (default: $SITMAIL_SOCKET)", "S"),
            option("--spool", "where mail waits while the desk is down (default: $SITMAIL_SPOOL, or beside S)", "DIR"),
            place("recipients", "the recipients of the envelope", metavar="RECIPIENT", nargs="*"),
        ),
        "sitmail.cli.deliver:deliver",
        details="Exit codes: 0 the mail is stored safely, 75 try again later, 65 or 67 it is refused.",
    ),
    Verb(
        "explain",
        "FILE...",
        "show what sitmail understands from a mail and would do with it; changes nothing",
        (place("files", "mails as files; - is standard input", metavar="FILE", nargs="+"),),
        "sitmail.cli.explaining:explain",
        details="With --json there is one object for each file, each on a line of its own.",
    ),
    Verb(
        "incidents",
        "[--all] [--status S] [--owner O] [--reference R] [--search WORDS] [--limit N] [--since TIME]",
        "list open incidents",
        (
            option("--all", "closed ones too"),
            option("--status", "only those with this status", "S"),
            option("--owner", "only those of this engineer; none: those that nobody owns", "O"),
            option("--reference", "only those that the customer calls so, closed ones too", "R"),
            option("--search", "only those that /search WORDS would list, closed ones too", "WORDS"),
            *LISTS,
        ),
        "sitmail.cli.desk:incidents",
        reading=True,
    ),
    Verb(
        "queue",
        "[NAME] [--limit N] [--since TIME]",
        "list the incidents of a queue of the configuration; alone: the queues",
        (place("name", "its name, or the beginning of it", metavar="NAME", nargs="?"), *LISTS),
        "sitmail.cli.desk:queue",
        reading=True,
    ),
    Verb(
        "report",
        "[NAME [by WHAT] [N]] [--period P] [--csv]",
        "print a report; alone: the reports",
        (
            place("words", "its name; what it is split by; the number of an incident", metavar="WORD", nargs="*"),
            option("--period", "today, lastweek, 2026-11, 2026-Q4, 30d, 2026-01-01..2026-03-31 (default: 30d)", "P"),
            option("--csv", "print its tables as CSV, an empty line between them"),
        ),
        "sitmail.cli.desk:report",
        reading=True,
    ),
    Verb(
        "incident",
        "N [--raw U] [--mbox]",
        "show one incident with its log",
        (
            place("number", "its number, or its reference", metavar="N"),
            option("--raw", "print the mail that update U came by", "U"),
            option("--mbox", "print the mails of the public conversation as an mbox"),
        ),
        "sitmail.cli.desk:incident",
        reading=True,
    ),
    Verb(
        "inbox",
        "[--ignored | ID [--raw] | retry ID] [--limit N] [--since TIME]",
        "list incoming mail and how each ended",
        (
            place("words", "show one mail; retry: read one in quarantine again", metavar="ID | retry ID", nargs="*"),
            option("--ignored", "list what was ignored and why, by sender"),
            option("--raw", "print the mail as it came"),
            *LISTS,
        ),
        "sitmail.cli.desk:inbox",
        reading=True,
    ),
    Verb(
        "outbox",
        "[ID | retry ID|all] [--all] [--limit N] [--since TIME]",
        "list letters that have not been sent",
        (
            place("words", "show one letter; retry: try to send it now", metavar="ID | retry ID|all", nargs="*"),
            option("--all", "list those that have been sent, too"),
            *LISTS,
        ),
        "sitmail.cli.desk:outbox",
        reading=True,
    ),
    Verb(
        "held",
        "[ID | accept ID | attach N ID | reject ID [WHY] | spam ID] [--limit N] [--since TIME]",
        "list mails that wait for a decision, or decide about one",
        (
            place(
                "words",
                "show one held mail; or accept it as new, attach it to incident N, reject it (its writer is told WHY), "
                "or call it spam",
                metavar="ID | accept ID | attach N ID | reject ID [WHY] | spam ID",
                nargs="*",
            ),
            *LISTS,
        ),
        "sitmail.cli.desk:held",
        reading=True,
    ),
    Verb(
        "status",
        "",
        "show whether the desk works: queues, ages, last errors; exit code 1 if a human is needed",
        (),
        "sitmail.cli.desk:status",
        reading=True,
    ),
    Verb(
        "passwd",
        "NAME [--delete]",
        "give an engineer or a script a password for sending mail to the desk",
        (
            place("name", "an engineer's id or address, or any name for a script", metavar="NAME"),
            option("--delete", "remove the password"),
        ),
        "sitmail.cli.passwd:passwd",
        details="Asks for the password, or reads it as one line of standard input; only its hash is written, into the "
        "file that passwords in [smtp] names.",
    ),
    Verb(
        "directory",
        "import FILE [--dry-run] | export [--changes] | merge ADDRESS INTO",
        "take sites, contacts, contracts and units from a TOML or CSV file, print them, or make two contacts one",
        (
            place("words", "import and a file, export, or merge and two addresses", metavar="WORD", nargs="+"),
            option("--dry-run", "check the file against the store, and write nothing"),
            option("--changes", "only what was changed by mail or command, to be pasted into a file"),
        ),
        "sitmail.cli.directory:directory",
        details="The first line of a CSV file names the keys of its rows, as the configuration reference has them; "
        "several addresses stand between blanks. What is wrong is told by line, and nothing is written then.",
    ),
    Verb(
        "import",
        "FILE... [--dry-run] [--first-number N] [--status S] [--staff WHO] [--ignore COLUMN] [--encoding E]",
        "take old incidents from the CSV and mbox files of another desk; sends nothing",
        (
            place(
                "files", "CSV files with a row for each incident or update, and mbox files", metavar="FILE", nargs="*"
            ),
            option("--dry-run", "check the files against the store, and write nothing"),
            option("--first-number", "the number of the next new incident, above all that are there", "N", type=int),
            option("--status", "of incidents whose rows name none (default: closed for those of mails alone)", "S"),
            option("--staff", "address or @domain of former colleagues; several times", "WHO", action="append"),
            option("--ignore", "leave out this column of CSV files; several times", "COLUMN", action="append"),
            option("--encoding", "of CSV files (default: utf-8)", "E", default="utf-8"),
        ),
        "sitmail.cli.incident_import:bring",
        details="Numbers are kept. The files are checked whole, what is wrong is told by row, and nothing is written "
        "then. The same files again add nothing. docs/howto/moving-in.md has the columns.",
    ),
    Verb(
        "letters",
        "DIR [--language L]",
        "write every letter with invented data as .eml, .txt and .html, with an index.html",
        (
            place("folder", "where: a new or empty folder, or one that it wrote before", metavar="DIR"),
            option("--language", "en, de or fr (default: the desk's)", "L"),
        ),
        "sitmail.cli.letters_gallery:letters",
        details="With the templates of [letters] folder and the names of the configuration, if there is one.",
    ),
    Verb(
        "install-files",
        "[--prefix DIR]",
        "write systemd units, man pages, shell completion and documentation",
        (option("--prefix", "below which folder (default: /usr/local)", "DIR", default="/usr/local"),),
        "sitmail.cli.install_files:install_files",
    ),
    Verb(
        "demo",
        "",
        "play a whole conversation through a real daemon on this machine, and show the letters",
        (),
        "sitmail.cli.demo:demo",
    ),
)
LATER = {
    "backup": "a backup while running",
    "restore": "restoring a backup",
    "migrate": "moving to another store",
}


def verb(name: str) -> Verb | None:
    return next((verb for verb in VERBS if verb.name == name), None)
