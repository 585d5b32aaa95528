"""A letter that left the desk, and how a reply names it."""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_string, policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import EmailPolicy
from functools import cached_property, lru_cache
from typing import Any

_parsed = lru_cache(10_000)(policy.default.header_fetch_parse)


class _Remembering(EmailPolicy):
    """Parses a field once: the library does it anew at each look, and a letter is looked at a hundred times."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        return _parsed(name, value)


POLICY = _Remembering()
ON = "On Mon, 2 Mar 2026 at 12:00, Example Support <support@example.com> wrote:"


@dataclass(frozen=True)
class Letter:
    """A letter that left the desk, as a relay sees it."""

    sender: str
    recipient: str
    raw: bytes

    @cached_property
    def parsed(self) -> EmailMessage:
        if self.raw.partition(b"\r\n\r\n")[0].isascii():
            read = BytesParser(policy=POLICY).parsebytes(self.raw)
        else:  # addresses beyond ASCII (RFC 6532), which the library reads in text alone
            read = message_from_string(self.raw.decode(), policy=POLICY)  # type: ignore[assignment]
        assert isinstance(read, EmailMessage)
        return read

    @cached_property
    def purpose(self) -> str:
        return str(self.parsed["X-Sitmail-Letter"])

    @cached_property
    def reply_to(self) -> str:
        return address(str(self.parsed["Reply-To"]))

    @cached_property
    def message_id(self) -> str:
        return str(self.parsed["Message-ID"])

    @cached_property
    def text(self) -> str:
        body = self.parsed.get_body(("plain",))
        assert body is not None
        return str(body.get_content()).replace("\r\n", "\n")

    @cached_property
    def page(self) -> str:
        """The HTML part; "" where the letter is text alone."""
        body = self.parsed.get_body(("html",))
        return "" if body is None else str(body.get_content()).replace("\r\n", "\n")

    @property
    def files(self) -> list[str]:
        return [str(part.get_filename()) for part in self.parsed.iter_attachments()]


def address(who: str) -> str:
    return who.rpartition("<")[2].rstrip(">").strip().lower()
