"""The words and files of a held mail, for whoever decides about it on the command line."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from sitmail.domain.policy import Policy
from sitmail.services.process_mail import reading


def words_of(raw: bytes, policy: Policy) -> dict[str, Any]:
    """Text and files as the desk understands them; read within the parser's limits where the mail is unusual."""
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
