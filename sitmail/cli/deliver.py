"""`sitmail deliver`: the end of an MTA's pipe.  Hands one mail from standard input to the daemon's LMTP socket.

It uses only the standard library and `dropping`, and reads no configuration, because it is started once for every mail.
MTAs bounce a mail at almost every exit code but 75.  So 0 means kept durably, 67 and 65 mean that the daemon refused
the mail for good, and everything else, wrong usage included, is 75: try again.  While no daemon answers, the mail is
kept in a drop folder if there is one.  The MTA may quote our output to a stranger, so it names no address and no path.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import sys
from collections.abc import Iterator

KEPT, REFUSED, UNKNOWN_USER, TRY_AGAIN = 0, 65, 67, 75  # sysexits.h
NOBODY = "550 5.1.1"
SOCKET = "/run/sitmail/lmtp.sock"
UNKNOWN_SENDER = "unknown@sender.invalid"  # as `domain.mail` has it; a null sender would make a bounce of the mail
TIMEOUT = 300.0  # seconds for one reply; RFC 5321 section 4.5.3.2 asks for minutes
USAGE = "usage: sitmail deliver [-f SENDER] [--socket S] [--spool DIR] [RECIPIENT...] < mail"
OPTIONS = {
    "-f": "sender",
    "--sender": "sender",
    "--socket": "socket",
    "--spool": "spool",
    "--recipient": "recipient",
    "--config": "",
}
ADDRESS = re.compile(r"[^\s<>(),:;\"\\]+@[^\s<>(),:;\"\\]+")
LONGEST = 254  # characters of an address (RFC 5321 section 4.5.3.1.3)
LINE_OF_MBOX = re.compile(rb">?From [^\r\n]*\r?\n")


class Trouble(Exception):
    """Anything but a clear answer of the daemon: the MTA must try again."""


class Silence(Trouble):
    """The daemon does not answer, or stops answering before it has refused anything."""


class Refusal(Exception):
    """The daemon refused the mail for good; the argument is its reply."""


def deliver(argv: list[str]) -> int:
    """Delivers standard input; `argv` is what follows the verb.  Returns the exit code.

    Never raises, and prints at most one line, to standard error.
    """
    try:
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.default_int_handler)
        sender, recipients, where, spool = options(argv)
        raw = sys.stdin.buffer.read()
        if not raw:
            raise Trouble("there is no mail on standard input")
        raw = LINE_OF_MBOX.sub(b"", raw, count=1) if LINE_OF_MBOX.match(raw) else raw
        fields = dict(reversed(list(header(raw))))  # the topmost of a name wins: the last hop added it
        if sender is None:
            sender = returned_to(fields.get("return-path", ""))
        groups = [recipients] if recipients else list(guesses(fields))
        if not groups:
            raise Trouble("the mail names no recipient; name one on the command line")
        text = tidied(raw)
        try:
            with Conversation(where) as lmtp:
                lmtp.hand_over(sender, groups, not recipients, stuffed(text))
        except (Silence, OSError) as silence:
            from sitmail.cli import dropping  # noqa: PLC0415 - most mails do without

            folder = dropping.place(spool, where)
            if folder is None:
                raise silence
            dropping.keep(folder, sender, groups, not recipients, text)
        return KEPT
    except Refusal as refusal:
        reply = str(refusal)
        say(f"refused: {reply}")
        return UNKNOWN_USER if reply.startswith(NOBODY) else REFUSED
    except Trouble as trouble:
        say(f"try again later: {trouble}")
    except BaseException as error:
        say(f"try again later: {type(error).__name__}")
    return TRY_AGAIN


def say(text: str) -> None:
    """Prints one line of printable ASCII to standard error.  A closed standard error is not a failure."""
    line = "".join(c if " " <= c <= "~" else "?" for c in f"sitmail deliver: {text}")[:400]
    with contextlib.suppress(OSError):
        os.write(2, line.encode() + b"\n")


def options(argv: list[str]) -> tuple[str | None, list[str], str, str]:
    """Sender (None: take it from the mail), recipients, socket, and folder.  Raises Trouble for wrong usage."""
    environ = os.environ.get
    values = {"sender": "", "socket": environ("SITMAIL_SOCKET") or SOCKET, "spool": environ("SITMAIL_SPOOL") or ""}
    recipients: list[str] = []
    given = False
    words = iter(argv)
    for word in words:
        name, equals, value = word.partition("=") if word.startswith("--") else (word, "", "")
        if word == "--":
            recipients.extend(words)
        elif name in OPTIONS:
            if not equals:
                following = next(words, None)
                if following is None:
                    raise Trouble(USAGE)
                value = following
            if OPTIONS[name] == "recipient":
                recipients.append(value)
            else:
                values[OPTIONS[name]] = value
                given = given or OPTIONS[name] == "sender"
        elif word.startswith("-f"):
            values["sender"], given = word[2:], True
        elif word.startswith("-") and word != "--json":
            raise Trouble(USAGE)
        elif word != "--json":
            recipients.append(word)
    sender = values["sender"].removeprefix("<").removesuffix(">")
    for address in (sender, *recipients):
        if any(c in address for c in "<>\r\n\0"):
            raise Trouble("an address with a bracket or a control character")
    return sender if given else None, recipients, values["socket"], values["spool"]


def header(raw: bytes) -> Iterator[tuple[str, str]]:
    """Fields of the header block, unfolded, names in lower case."""
    head = re.split(rb"\r?\n\r?\n", raw[:262_144], maxsplit=1)[0]
    for field in re.split(rb"\r?\n(?![ \t])", head):
        name, colon, value = field.partition(b":")
        if colon:
            yield name.strip().lower().decode("latin-1"), " ".join(value.decode("utf-8", "replace").split())


def returned_to(path: str) -> str:
    """The envelope sender that a Return-Path notes: "" for `<>` alone, as reports have it (RFC 5321, 4.5.5).

    A mail without that field has an unknown sender, and so has one whose field holds nothing that can be used.
    """
    if "".join(path.split()) == "<>":
        return ""
    address = first_address(path)
    return address if address and address.isascii() and len(address) <= LONGEST else UNKNOWN_SENDER


def first_address(text: str) -> str:
    """The first address in the text; "" if there is none."""
    found = ADDRESS.search(text)
    return found[0] if found else ""


def guesses(fields: dict[str, str]) -> Iterator[list[str]]:
    """Possible recipients if none were named: groups of addresses, the most reliable first.

    First those that the MTA gives the command in its environment (Postfix's local(8), Dovecot), then those in fields
    that it added to the mail, then those in the author's fields.  The daemon knows which of them are its own.
    """
    environ = os.environ.get
    for name in ("ORIGINAL_RECIPIENT", "ORIG_RECIPIENT", "RECIPIENT"):
        if address := first_address(environ(name, "")):
            yield [address]
    for name in ("x-original-to", "delivered-to"):
        if address := first_address(fields.get(name, "")):
            yield [address]
    written = ADDRESS.findall(f"{fields.get('to', '')} {fields.get('cc', '')}")
    if written:
        yield list(dict.fromkeys(written))[:50]


def tidied(raw: bytes) -> bytes:
    """The mail with CR LF line ends and no lone CR."""
    text = raw.replace(b"\r\n", b"\n").replace(b"\r", b" ").replace(b"\n", b"\r\n")
    return text if text.endswith(b"\r\n") else text + b"\r\n"


def stuffed(text: bytes) -> bytes:
    """The mail as it is sent after DATA: leading dots doubled, and a final dot (RFC 5321 section 4.5.2)."""
    if text.startswith(b"."):
        text = b"." + text
    return text.replace(b"\r\n.", b"\r\n..") + b".\r\n"


class Conversation:
    """One LMTP dialogue (RFC 2033).

    smtplib.LMTP is not used, because after DATA it reads only the first reply, while LMTP sends one a recipient.
    """

    def __init__(self, where: str) -> None:
        host, colon, port = where.removeprefix("unix:").rpartition(":")
        try:
            if colon and port.isdigit() and "/" not in where:
                self._socket = socket.create_connection((host.strip("[]"), int(port)), TIMEOUT)
            else:
                self._socket = socket.socket(socket.AF_UNIX)
                self._socket.settimeout(TIMEOUT)
                self._socket.connect(where.removeprefix("unix:"))
        except OSError as error:
            raise Silence(f"the daemon's socket does not answer ({type(error).__name__})") from error
        self._lines = self._socket.makefile("rb")

    def __enter__(self) -> Conversation:
        return self

    def __exit__(self, *_: object) -> None:
        self._lines.close()
        self._socket.close()

    def hand_over(self, sender: str, groups: list[list[str]], guessed: bool, data: bytes) -> None:
        """Returns if the mail is kept for all recipients; else raises Refusal or Trouble after trying all of them.

        If recipients are `guessed`, only the first group with an address of the desk is used, and in it only those.
        """
        self._expect("220")
        self._ask(f"LHLO {socket.gethostname()}", "250")
        self._ask(f"MAIL FROM:<{sender}>", "250")
        answers: list[str] = []
        try:
            self._transact(groups, guessed, data, answers)
        except (Silence, OSError) as silence:
            if any(not reply.startswith("2") and (reply.startswith("4") or not guessed) for reply in answers):
                raise Trouble("the daemon hung up") from silence  # not kept in the folder: a recipient was refused
            raise
        judge(answers)
        with contextlib.suppress(OSError):
            self._socket.sendall(b"QUIT\r\n")

    def _transact(self, groups: list[list[str]], guessed: bool, data: bytes, answers: list[str]) -> None:
        """The dialogue from RCPT to the last reply; the replies about recipients and mail are added to `answers`."""
        for group in groups:
            before = len(answers)
            for address in group:
                answers.append(self._ask(f"RCPT TO:<{address}>"))
            accepted = sum(reply.startswith("2") for reply in answers[before:])
            if accepted or any(reply.startswith("4") for reply in answers[before:]):
                break
        if accepted:
            if guessed:
                answers[:] = [reply for reply in answers if reply.startswith("4")]
            self._ask("DATA", "354")
            self._socket.sendall(data)
            for _ in range(accepted):
                answers.append(self._reply())

    def _ask(self, command: str, code: str = "") -> str:
        self._socket.sendall(command.encode() + b"\r\n")
        return self._expect(code)

    def _expect(self, code: str) -> str:
        """The next reply.  Raises Trouble if it has another code, which is a protocol error and no refusal."""
        reply = self._reply()
        if not reply.startswith(code):
            raise Trouble(f"the daemon said {reply}")
        return reply

    def _reply(self) -> str:
        """The last line of the next reply."""
        while True:
            line = self._lines.readline(2048)
            if not line.endswith(b"\n"):
                raise Silence("the daemon hung up")
            if not re.match(rb"[2-5]\d\d[ -]", line):
                raise Trouble("the daemon hung up")
            if line[3:4] == b" ":
                return line.decode("utf-8", "replace").strip()


def judge(replies: list[str]) -> None:
    """Raises Trouble if a reply is temporary, else Refusal if one is permanent.

    The refusal is about an unknown user only if all of them are.
    """
    for reply in replies:
        if not reply.startswith(("2", "5")):
            raise Trouble(f"the daemon said {reply}")
    refusals = [reply for reply in replies if reply.startswith("5")]
    if refusals:
        raise Refusal(next((reply for reply in refusals if not reply.startswith(NOBODY)), refusals[0]))
