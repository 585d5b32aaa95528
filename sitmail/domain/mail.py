"""What we know of a letter that came in: the value `reading.parse` makes and everything later reads.

No parsing here, and no judgement either: which machine wrote it is told by `automatic`, what it asks by `commands`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime

from sitmail.domain.record import record

UNKNOWN_SENDER = "unknown@sender.invalid"  # of an envelope that nobody told us (RFC 2606 section 2); "" is the null one
INLINE = 256 * 1024  # bytes of a mail or a file that stay in memory, and in a database row; larger ones are files


@record
class Address:
    """A mailbox of RFC 5322 section 3.4: display name and addr-spec."""

    name: str
    address: str


HEAD_ONLY = "imap-head"


@record
class Envelope:
    """What the door was told (RFC 5321), before a byte of the mail was read.  `door` HEAD_ONLY: all we have is its
    header, because the mail is too large and stays in its mailbox.

    `sender` is "" for the null sender; `recipients` are ours only; `received` is aware, UTC.  `login` is the name
    given to SMTP AUTH, if any.
    """

    sender: str
    recipients: tuple[str, ...]
    received: datetime
    door: str = "smtp"
    client: str = ""
    login: str = ""


@record
class Attachment:
    """A part that is no text of the letter.  `name` is a safe label, never a path; `size` and `sha256` are of all.

    `content` is only its beginning (as much as rules look at) while a file at `path` waits for the store to take it.
    """

    name: str
    type: str
    size: int
    sha256: str
    inline: bool = False
    content: bytes = field(default=b"", repr=False, compare=False)
    path: str = field(default="", repr=False, compare=False)


@record
class Forwarded:
    """The letter inside a forwarded one; display only, never an identity (its author may have typed it)."""

    sender: Address | None
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    subject: str
    date: str
    text: str


@record
class FailedRecipient:
    """One recipient of a delivery report (RFC 3464 section 2.3)."""

    address: str
    action: str
    status: str
    hard: bool


_OURS = frozenset(("rejected", "authfailure", "requireptr", "blocked", "badreputation"))


@record
class Bounce:
    """A delivery status notification, of RFC 3464 or any other dialect.

    `hard`: the address is bad and should not be tried again.  `until`: a delayed letter is tried till then, if that is
    told.
    """

    action: str
    status: str
    hard: bool
    reason: str
    recipients: tuple[FailedRecipient, ...]
    original_message_id: str
    until: datetime | None = None

    @property
    def ours(self) -> bool:
        """The other side refused our address or our server, whoever the letter was for."""
        return self.action == "failed" and self.reason in _OURS


@record
class Mail:
    """A letter as understood.  Every field has a value for every sequence of bytes.

    `identity` is the From address in lower case, if there is exactly one From with one mailbox that our strict
    parser accepts, else "" (behaviour 7).  `text` is everything readable, `marks` a letter for each of its lines
    (`own_words`).  By these `new_text` is what its author newly wrote, `answers` what he typed into a quotation (no
    commands), `doubtful_text` what may be his or quoted.  `html` is the whole page, `page` what of it says `new_text`,
    cleaned (`reading.formats.written_page`).  `headers` are the raw unfolded fields by
    lower-case name, in order of appearance, capped.  `hops` counts Received fields.
    `reply_to` are those whom Reply-To names besides From, `originals` those of X-Original-From and X-Original-Sender;
    `in_our_name` is the address of ours that stood in From, where `identity` is one of these instead, or "".
    `form` is the address of the web form through which it came, whose mail it is no more; `filled` is what that
    says of product, priority and fields (`domain/forms`).
    `machine` names the rule by which a machine speaks ("" when a person does), `unanswerable` the rule by which we
    may not answer automatically, and `mark` the field that asks for no automatic answer, whoever wrote.
    """

    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    subject: str = ""
    sender: Address | None = None
    identity: str = ""
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    date: datetime | None = None
    charset: str = ""
    text: str = ""
    new_text: str = ""
    answers: str = ""
    doubtful_text: str = ""
    quoted_text: str = ""
    signature: str = ""
    marks: str = ""
    html: str = ""
    page: str = ""
    hides_words: bool = False  # `text` was made of a page on which a reader does not see all of it
    attachments: tuple[Attachment, ...] = ()
    forwarded: Forwarded | None = None
    bounce: Bounce | None = None
    kind: str = "new"  # new reply forward auto-reply bounce list own unreadable (behaviour 6)
    reply_to: tuple[Address, ...] = ()
    originals: tuple[Address, ...] = ()
    in_our_name: str = ""
    form: str = ""
    filled: Mapping[str, str] = field(default_factory=dict)
    machine: str = ""
    unanswerable: str = ""
    mark: str = ""
    hops: int = 0
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    header_order: tuple[tuple[str, str], ...] = field(default=(), repr=False)  # for Authentication-Results
    defects: tuple[str, ...] = ()

    @property
    def own_words(self) -> str:
        """All that its author newly wrote."""
        return "\n\n".join(filter(None, (self.new_text, self.answers)))

    def without_pictures(self, seen: frozenset[str]) -> Mail:
        """The mail without logos and portraits that its writer's program sent with every letter before."""
        if not seen or not self.own_words.strip():
            return self
        kept = (file for file in self.attachments if not (file.type.startswith("image/") and file.sha256 in seen))
        return replace(self, attachments=tuple(kept))

    def ids(self) -> tuple[str, ...]:
        """Ids this mail answers: In-Reply-To, then References from the right, each once."""
        return tuple(dict.fromkeys((*self.in_reply_to, *reversed(self.references))))
