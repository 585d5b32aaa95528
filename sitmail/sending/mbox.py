"""Mails in one file, as mail programs and archives take them (mbox; `mboxrd`, which can be undone)."""

from __future__ import annotations

import re
from datetime import UTC, datetime


def mbox_entry(sender: str, received: datetime, raw: bytes) -> bytes:
    """One mail between its `From ` line and an empty line, with LF line ends."""
    mark = f"From {''.join(sender.split()) or 'MAILER-DAEMON'} {received.astimezone(UTC).ctime()}\n"
    body = re.sub(rb"^(>*From )", rb">\1", raw.replace(b"\r\n", b"\n"), flags=re.MULTILINE)
    return mark.encode("utf-8", "replace") + body.rstrip(b"\n") + b"\n\n"
