"""The tables that stand once in the file: their keys, defaults and meaning, declared here alone.

Check, example and reference are made from this.  `later=True` marks what is understood but has no effect yet.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, SecretStr

from sitmail.config import patterns
from sitmail.config import values as v


class Table(BaseModel):
    """What all tables have in common: no unknown keys, no guessing of types, nothing changes afterwards."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, hide_input_in_errors=True, validate_default=True
    )


def key(default: Any, meaning: str, *, example: Any = None, later: bool = False) -> Any:
    """A key with its default (`...`: needed), what it means, and an example where the default shows too little."""
    return Field(
        default,
        description=meaning,
        examples=None if example is None else [example],
        json_schema_extra={"later": later},
    )


Several = Annotated[int, Field(ge=1, le=100_000)]
FormerTag = Annotated[patterns.Compiled, PlainValidator(patterns.former_tag)]


class Desk(Table):
    """Who you are.  The address is the only key that every desk has to write."""

    address: v.Address = key(..., "where customers write to", example="support@example.com")
    name: v.Line = key("Support", "stands in the From of our letters: Name via Support")
    tag: v.Tag = key("SIT", "2-10 letters before an incident's number: [SIT-1234]")
    timezone: v.Zone = key("UTC", "of times people write and read, where theirs is not known", example="Europe/London")
    language: v.Language = key("en", "of our letters, where the reader's is not known")
    former_tags: list[FormerTag] = key(
        [], "how older systems wrote numbers: expressions with one group", example=[r"#(\d+)"]
    )
    former_offset: Annotated[int, Field(ge=-(10**9), le=10**9)] = key(0, "added to numbers found by former_tags")
    plus: bool = key(True, "mail to local+anything@ reaches us too")
    reply_address: v.ReplyPattern = key("", 'pattern of reply addresses, if not by plus: "support-{}@example.com"')
    team: v.Line = key("", "team of incidents without another one; empty: every engineer", example="support")
    default_owner: v.Line = key("", "engineer who owns what nobody else can", example="alice")
    send_delay: v.Seconds = key("0s", "how long what people write waits before it is sent")


class Store(Table):
    """Where everything is kept: a SQLite file beside this one, or PostgreSQL."""

    url: str = key("sqlite:///sitmail.db", 'or "postgresql+psycopg://user@host/name"')
    blobs: v.Line = key("blobs", 'folder for big pieces, or "database"')


class Metrics(Table):
    """Numbers for Prometheus: counts and ages, no address, no subject.  Off unless one of the keys is set."""

    listen: v.MetricsListen = key("", "where Prometheus asks, over HTTP; empty: nowhere", example="127.0.0.1:9725")
    textfile: v.Line = key("", "a file that is written every 15 s for the node exporter", example="sitmail.prom")


class SmtpDoor(Table):
    """The SMTP door: mail comes in here, for our own addresses only."""

    listen: list[v.SmtpListen] = key(
        ["127.0.0.1:8025"],
        'addresses it listens on, also with TLS first: "tls:0.0.0.0:465"; an empty list closes the door',
    )
    hostname: v.Line = key("", "how we greet; empty: this machine's name")
    max_message_size: v.Size = key("50 MB", "bigger mail is refused with 552")
    tls_cert: str = key("", "certificate file (PEM): offers STARTTLS")
    tls_key: str = key("", "its key file, if not in the same file")
    passwords: str = key("", "who may log in under TLS: a file that sitmail passwd writes", example="passwd")
    proxy_from: list[v.IpNetwork] = key(
        [], "balancers whose connections begin with a PROXY header", example=["192.0.2.0/24"]
    )
    max_connections: Several = key(1200, "connections at a time; more are told 421")
    max_connections_per_client: Several = key(50, "of these, from one address")


class LmtpDoor(Table):
    """The LMTP door, for a mail server on this machine and for `sitmail deliver`."""

    listen: list[v.Listen] = key(
        ["unix:lmtp.sock", "127.0.0.1:8024"], "addresses it listens on; an empty list closes the door"
    )
    spool: v.Line = key(
        "", "folder where sitmail deliver keeps mail while the desk is down; empty: deliver, beside the Unix socket"
    )


class Relay(Table):
    """The mail server that carries our letters."""

    url: str = key("smtp://127.0.0.1:25", 'or smtps:// or smtp+starttls://, or to try: "maildir:outgoing"')
    user: v.Line = key("", "login name, if it wants one")
    password: SecretStr = key("", "better in password_file, or the systemd credential relay.password")
    password_file: str = key("", "file that holds the password alone")


class Letters(Table):
    """How our letters look."""

    folder: v.Line = key("templates", "your own wording of letters; only you may write to it, not the daemon")


class Trust(Table):
    """What counts as proof that a mail's author is who From says."""

    authserv_id: v.Line = key("", "your server's name in Authentication-Results; empty: none count")
    authserv_hops: v.Hops = key(
        0, "how many Received fields of your servers stand above those results: a number or a list"
    )
    authserv_strips: bool = key(False, "your server removes forged results; needed where hops is above 0")
    commands: Literal["proof", "both", "confirm"] = key("proof", "what an engineer's commands need")
    customers: Literal["from", "proof"] = key("from", "what a customer's words need")
    unknown_sender: Literal["open", "hold", "reject"] = key("open", "what happens to a stranger's mail")
    free_mail: list[v.FreeMail] = key(
        [], "more domains where anybody gets an address; a family ends in .*", example=["mail.example.net", "webmail.*"]
    )
    people: list[v.Person] = key(
        [], "addresses and domains where gateways mark people's mail as bulk", example=["acme.example"]
    )


Count = Annotated[int, Field(ge=0, le=1_000_000)]


class Limits(Table):
    """Bounds on automatic letters to people outside the desk; above them letters wait, none is dropped."""

    acks_per_sender_hour: Count = key(4, "acknowledgements to one sender an hour")
    automatic_per_address_day: Count = key(40, "automatic letters to one address a day")
    automatic_per_incident_day: Count = key(20, "automatic letters about one incident a day")
    automatic_per_minute: Count = key(60, "automatic letters a minute")
    reads_per_sender_hour: Count = key(20, "answers to /list, /status and the like to one person an hour")
    digest_above: Count = key(10, "engineers get one digest instead of more notices than this")
    fold_within: v.Seconds = key("5m", "later notices to one reader about one incident join one letter")


class DirectoryFiles(Table):
    """Files that declare sites, contacts, contracts and units."""

    files: list[v.Line] = key(["directory/*.toml"], "names or patterns, beside this file")


class Closing(Table):
    """How incidents end."""

    reopen: bool = key(True, "customers may reopen")
    reopen_days: Count = key(30, "for so many days after closing")
    customer_may_close: bool = key(False, "a customer's /close closes; else it asks the owner")
    presume_after: v.WorkingTime = key("1d", "after so long silence means yes", later=True)
    chase_after: v.WorkingTime = key("2d", "after so long a silent customer is asked again", later=True)
    attempts: Count = key(1, "letters that ask before silence means yes", later=True)
    require: list[v.Line] = key([], "what must be set before closing", example=["request_type"], later=True)


class Attachments(Table):
    """What happens to files in mails."""

    relay_max: v.Size = key("10 MB", "bigger ones are kept and named, not sent along")
    virus_header: v.Line = key("", "field by which your scanner marks infected mail", example="X-Virus-Status")
    spam_header: v.Line = key("X-Spam-Flag: YES", "field, and its value, that marks spam: held, and not answered")
