"""The tables that stand once in the file: their keys, defaults and meaning, declared here alone.

Check, example and reference are made from this.  `later=True` marks what is understood but has no effect yet.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, SecretStr

from sitmail.config import patterns
from sitmail.config import values as v
from sitmail.config.hour_of_day import Hour
from sitmail.domain.feedback import USUALLY
from sitmail.domain.incident import CLOSING_STATUSES

ClosingStatus = Literal[CLOSING_STATUSES]  # type: ignore[valid-type]


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
    name: v.Line = key("Support", "the desk's name, in the From of our letters: Name via Support")
    tag: v.Tag = key("SIT", "2-10 letters before an incident's number: [SIT-1234]")
    timezone: v.Zone = key("UTC", "time zone of people whose own is not known", example="Europe/London")
    language: v.Language = key("en", "language of letters to people whose own is not known")
    noun: Literal["incident", "ticket", "request", "case"] = key("incident", "what letters call an incident")
    former_tags: list[FormerTag] = key(
        [], "regular expressions that find the numbers of an older system, each with one group", example=[r"#(\d+)"]
    )
    former_offset: Annotated[int, Field(ge=-(10**9), le=10**9)] = key(0, "added to the numbers that former_tags find")
    plus: bool = key(True, "mail to support+anything@example.com reaches the desk, too")
    reply_address: v.ReplyPattern = key(
        "", 'pattern of reply addresses, if they are not made with a plus: "support-{}@example.com"'
    )
    team: v.Line = key(
        "", "team of incidents for which no other team is named; empty: every engineer", example="support"
    )
    default_owner: v.Line = key("", "engineer who gets the incidents that nobody else can get", example="alice")
    familiar: bool = key(False, "true: who owned a contact's last incident owns the next")
    assign_on_first_reply: bool = key(
        True, "who answers first owns an incident that nobody owns; false: only /take and /assign say who owns it"
    )
    send_delay: v.Seconds = key(
        "0s", "how long engineers' words to people outside wait before they leave; /recall takes them back meanwhile"
    )
    unowned_every: v.Every | None = key(
        None, "working time after which those on duty hear again of what nobody owns; absent: never", example="20m"
    )
    morning: Hour = key(
        "", "hour of the morning paper, on working days, by each reader's own clock; empty: none", example="08:00"
    )
    waiting_too_long: v.WorkingTime = key(
        "3d", "working time after which the morning paper lists what waits for somebody"
    )
    held_reminder: v.WorkingTime = key(
        "4h", "working time after which those on duty are told again of held mail, three times at most; 0: never"
    )
    leave: Literal["free", "granted"] = key(
        "free", "whether /away counts at once, or, of an engineer with a manager, when the manager says yes"
    )
    crossed: Literal["return", "send"] = key(
        "return", "what happens to an answer to a letter that is older than newer words: it comes back once, or is sent"
    )
    airlock: Literal["return", "send"] = key(
        "return",
        "what happens to an answer that may be a slip (behaviour 3): it comes back once, or is sent",
    )


class Store(Table):
    """Where everything is kept: a SQLite file beside this one, or PostgreSQL."""

    url: str = key("sqlite:///sitmail.db", 'or "postgresql+psycopg://user@host/name"')
    blobs: v.Line = key("blobs", 'folder for large files, or "database"')


class Metrics(Table):
    """Numbers for Prometheus: counts and ages, no address, no subject.  Off unless one of the keys is set."""

    listen: v.MetricsListen = key(
        "", "address on which Prometheus may ask by HTTP; empty: none", example="127.0.0.1:9725"
    )
    textfile: v.Line = key("", "a file that is written every 15 s for the node exporter", example="sitmail.prom")


class SmtpDoor(Table):
    """The SMTP door: mail comes in here, for our own addresses only."""

    listen: list[v.SmtpListen] = key(
        ["127.0.0.1:8025"],
        'addresses it listens on, also with TLS first: "tls:0.0.0.0:465"; an empty list closes the door',
    )
    hostname: v.Line = key("", "our name in the SMTP greeting; empty: this machine's name")
    max_message_size: v.Size = key("50 MB", "larger mail is refused with 552")
    tls_cert: str = key("", "certificate file (PEM); with it STARTTLS is offered")
    tls_key: str = key("", "file of its key, if the key is not in the certificate file")
    passwords: str = key(
        "", "file with the logins that are allowed under TLS; sitmail passwd writes it", example="passwd"
    )
    proxy_from: list[v.IpNetwork] = key(
        [], "load balancers whose connections begin with a PROXY header", example=["192.0.2.0/24"]
    )
    max_connections: Several = key(1200, "connections at the same time; further ones get 421")
    max_connections_per_client: Several = key(50, "how many of these may come from one address")


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
    user: v.Line = key("", "login name, if the server asks for one")
    password: SecretStr = key("", "better in password_file, or the systemd credential relay.password")
    password_file: str = key("", "file that holds the password alone")


class Letters(Table):
    """How our letters look."""

    html: bool = key(True, "letters have an HTML page beside their text; false: text alone")
    folder: v.Line = key(
        "templates", "folder with your own wording of letters; the daemon must not be able to write there"
    )


class Trust(Table):
    """What counts as proof that a mail's author is who From says."""

    authserv_id: v.Line = key("", "your server's name in Authentication-Results; empty: none count")
    authserv_hops: v.Hops = key(
        0, "how many Received fields of your servers stand above those results: a number or a list"
    )
    authserv_strips: bool = key(False, "true: your server removes forged results; needed if hops is above 0")
    commands: Literal["proof", "both", "confirm"] = key("proof", "which proof an engineer's commands need")
    customers: Literal["from", "proof"] = key("from", "which proof a customer's words need")
    unknown_sender: Literal["open", "hold", "reject"] = key("open", "what happens to a stranger's mail")
    free_mail: list[v.FreeMail] = key(
        [],
        "more domains where anybody can get an address; .* stands for every ending",
        example=["mail.example.net", "webmail.*"],
    )
    people: list[v.Person] = key(
        [], "addresses and domains of people whose gateway marks their mail as bulk", example=["acme.example"]
    )


Count = Annotated[int, Field(ge=0, le=1_000_000)]


class Limits(Table):
    """Limits on automatic letters to people outside the desk.  Above a limit letters wait; none is dropped."""

    acks_per_sender_hour: Count = key(4, "acknowledgements to one sender an hour")
    automatic_per_address_day: Count = key(40, "automatic letters to one address a day")
    automatic_per_incident_day: Count = key(20, "automatic letters about one incident a day")
    automatic_per_minute: Count = key(60, "automatic letters a minute")
    reads_per_sender_hour: Count = key(20, "answers to /list, /status and the like to one person an hour")
    digest_above: Count = key(10, "an engineer for whom more notices than this wait gets one digest instead")
    fold_within: v.Seconds = key(
        "5m", "how long further notices to one reader about one incident are collected into one letter"
    )


class DirectoryFiles(Table):
    """Files that declare sites, contacts, contracts and units."""

    files: list[v.Line] = key(["directory/*.toml"], "names or patterns, beside this file")
    corrections: bool = key(False, "true: an acknowledgement shows a contact what we know of him, for him to correct")


class Closing(Table):
    """How incidents end."""

    default: ClosingStatus = key("solved", "closing status of an engineer's `/close` alone")
    reopen: bool = key(True, "customers may reopen")
    reopen_days: Count = key(30, "how many days after closing they may reopen")
    listed_days: Count = key(
        90, "how many days after closing colleagues may read an incident, where a contract's visibility lets them"
    )
    closed_for_good: Literal["new", "hold"] = key(
        "new", "words about an incident that is closed for good: they open a new one, or are held for a decision"
    )
    customer_may_close: bool = key(False, "true: a customer's /close closes the incident; false: it asks the owner")
    defer_at_most: v.Line = key(
        "",
        "the highest priority of what may be closed as reported-bug, until development fixed it; empty: the lowest",
        example="medium",
    )
    hold_days: Count = key(90, "how many days a customer may have us pause by /hold; 0: not at all")
    presume_after: v.WorkingTime = key(
        "1d", "how long after each letter that asks whether it works; 0: no answer closes nothing"
    )
    chase_after: v.WorkingTime = key(
        "2d", "how long without an answer until the customer is asked again, or else follows; 0: never"
    )
    attempts: Count = key(1, "how many letters ask whether it works before no answer means yes")
    unresponsive: Literal["ask", "close"] = key(
        "ask", "a customer who does not answer what we need: ask the owner what to do, or close"
    )
    unresponsive_status: ClosingStatus = key("no-longer-relevant", "the closing status where that closes it")
    require: list[v.Line] | None = key(
        None,
        "what /resolve needs: request_type, reason, severity, product, fields; absent: the type, if there are types",
        example=["request_type", "reason"],
    )


class Prepaid(Table):
    """How prepaid time of contracts is counted; the services themselves stand in directory files."""

    engineer_period: v.Minutes = key("1m", "an engineer's time on an incident is rounded up to a multiple of this")
    customer_period: v.Minutes = key("1m", "what is drawn for an incident is rounded up to a multiple of this")
    overdraft: Literal["refuse", "warn", "allow"] = key(
        "warn", "where less is left: refuse draws no more, warn tells the account manager, allow"
    )
    approve: bool = key(False, "true: nothing is drawn before the manager of its owner says yes")
    tell_customer: bool = key(False, "true: who reads that it is closed reads how much time was counted")


class Feedback(Table):
    """After closing, the contact is asked by one letter how you did.  Off unless `after` is written."""

    after: v.WorkingTime | None = key(
        None, "working time between the closing and that letter; absent: nobody is asked", example="1d"
    )
    question: v.Line = key("", "your own question, to everybody in its one language; empty: how satisfied they are")
    scale: Annotated[int, Field(ge=2, le=10)] = key(5, "the best number; the worst is 1")
    low: Annotated[int, Field(ge=0, le=9)] = key(2, "this and lower is told to the owner's manager at once; 0: nothing")
    every: v.Seconds = key("30d", "how long nobody is asked again; 0s: asked about every incident")
    closed_as: list[ClosingStatus] = key(list(USUALLY), "closing statuses after which somebody is asked")


class KnowledgeBase(Table):
    """How articles of the knowledge base come about."""

    review: bool = key(False, "true: somebody else than its author publishes an article")
    reviewers: list[v.Line] = key(
        [], "engineers who say yes; empty: the author's manager, else admins", example=["alice"]
    )
    stale_days: Count = key(180, "days after which what nobody cites or reads is an orphan")


class Storm(Table):
    """When many people write about the same thing, one incident for all of them is proposed."""

    count: Annotated[int, Field(ge=0, le=10_000)] = key(20, "people who write about the same thing; 0: never")
    within: v.Seconds = key("10m", "in how short a time")


class Tell(Table):
    """Who else is told of what happens; what people are told anyway stands in docs/reference/who-is-told-what.md."""

    participant: list[Literal["opened", "chased"]] = key(
        [], "colleagues in copy of a new incident, and where its contact is asked once more", example=["opened"]
    )
    manager: list[Literal["critical", "reopened", "vendor-asked", "vendor-wrote"]] = key(
        ["critical"], "the owner's manager: of what gets the highest priority, is opened again, or goes to a vendor"
    )
    account_manager: list[Literal["opened"]] = key([], "of every new incident of the site", example=["opened"])
    vendor: list[Literal["closed"]] = key([], "a vendor who worked on it", example=["closed"])


class Attachments(Table):
    """What happens to files in mails."""

    relay_max: v.Size = key("10 MB", "larger files are kept and named in the letter, but not sent")
    virus_header: v.Line = key("", "header field by which your scanner marks infected mail", example="X-Virus-Status")
    spam_header: v.Line = key(
        "X-Spam-Flag: YES", "header field and value that mark spam; such mail is held and not answered"
    )
