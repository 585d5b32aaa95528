"""The words and files of a held mail, shown on the command line to the person who decides about it."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from sitmail.domain.policy import Policy
from sitmail.services.process_mail import reading


def words_of(raw: bytes, policy: Policy) -> dict[str, Any]:
    """The text and the files of a mail as the desk reads them; an unusual mail is parsed within the parser's limits."""
    from sitmail.reading.parse import parse  # noqa: PLC0415 - heavy, and for this answer alone
    from sitmail.reading.parser_client import ParserClient, unusual  # noqa: PLC0415

    if unusual(raw):
        with closing(ParserClient()) as worker:
            (mail,) = worker([(raw, None)], reading(policy))
        if isinstance(mail, OSError):
            return {"words": f"The mail cannot be read: {mail}.", "files": []}
    else:
        mail = parse(raw, None, reading(policy))
    files = [{"name": one.name, "type": one.type, "size": one.size} for one in mail.attachments]
    return {"words": mail.text, "files": files}
