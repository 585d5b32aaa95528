"""Compares the CPU time of our parser with that of the standard library's compat32 parser, in the same run.

`python -m bench.reading`.  Our parser does everything that the desk needs (addresses, charsets, text from HTML,
quotation, signature, forwards, bounces); the other one only parses and decodes every part.
"""

from __future__ import annotations

import base64
import email
import random
import time
from collections.abc import Callable

from sitmail.reading.parse import parse

HEAD = (
    "Return-Path: <anna@example.org>\r\n"
    "Received: from mail.example.org by mx.example.com; Mon, 2 Nov 2026 10:00:00 +0100\r\n"
    "From: Anna Ost <anna@example.org>\r\nTo: Support <support@example.com>\r\nSubject: Re: disk full [IT-12]\r\n"
    "Date: Mon, 2 Nov 2026 10:00:00 +0100\r\nMessage-ID: <a@example.org>\r\nIn-Reply-To: <b@example.com>\r\n"
    "References: <b@example.com>\r\nMIME-Version: 1.0\r\n"
)
PLAIN = "Content-Type: text/plain; charset=utf-8\r\n\r\n"
PARAGRAPH = (
    "Hello,\r\n\r\nthe disk of server seven is full again, and nobody can save his work at the moment.\r\n"
    "Please have a look. It began at 10:15 and has got worse since then.\r\n\r\n"
)
QUOTED = (
    "On Mon, 2 Nov 2026 at 09:00, Desk <support@example.com> wrote:\r\n> Which server is it?\r\n> Since when?\r\n"
    "\r\n-- \r\nAnna Ost\r\n"
)


def plain(size: int) -> bytes:
    room = max(0, size - len(HEAD + PLAIN + QUOTED))
    return (HEAD + PLAIN + (PARAGRAPH * (room // len(PARAGRAPH) + 1))[:room] + "\r\n" + QUOTED).encode()


def with_file(size: int) -> bytes:
    content = base64.encodebytes(random.Random(1).randbytes(size)).replace(b"\n", b"\r\n")
    return (
        (
            f"{HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n{PLAIN}{PARAGRAPH}\r\n--b\r\n"
            "Content-Type: application/pdf; name=report.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        ).encode()
        + content
        + b"--b--\r\n"
    )


def compat32(raw: bytes) -> list[object]:
    return [part.get_payload(decode=True) for part in email.message_from_bytes(raw).walk()]


def cost(reader: Callable[[bytes], object], raw: bytes, rounds: int) -> float:
    """CPU time a mail in milliseconds, the best of five batches."""
    batches = []
    for _ in range(5):
        began = time.process_time()
        for _ in range(rounds):
            reader(raw)
        batches.append((time.process_time() - began) / rounds * 1000)
    return min(batches)


def main() -> None:
    print(f"{'mail':24}{'sitmail':>12}{'compat32':>12}   CPU ms a mail")
    for name, raw, rounds in (
        ("2 KB", plain(2_000), 200),
        ("20 KB", plain(20_000), 40),
        ("1 MB file", with_file(1_000_000), 5),
    ):
        print(f"{name:24}{cost(parse, raw, rounds):12.3f}{cost(compat32, raw, rounds):12.3f}")


if __name__ == "__main__":
    main()
