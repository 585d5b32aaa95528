"""Reads the values that people write into the file: durations, sizes, addresses, hours, days, listeners.

Each function takes a raw TOML value and returns the value that is meant, or raises ValueError with a sentence that
begins with "expected"; `mistakes` adds what was found instead.  Keys and tables are declared elsewhere.
"""

from __future__ import annotations

import re
import zoneinfo
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache, partial
from ipaddress import ip_network
from itertools import pairwise
from typing import Annotated, Any

from pydantic import AfterValidator, PlainValidator

from sitmail.config.machinery import Listener, Network
from sitmail.config.mistakes import suggestion
from sitmail.domain.address import addr_spec
from sitmail.domain.address import domain as domain_of
from sitmail.domain.hours import Span

IDENT = re.compile(r"[^\W_][\w./-]{0,63}")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
HOURS = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)", re.ASCII)
SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,3})?)\s*([kmg]?i?b?)", re.ASCII | re.IGNORECASE)
FACTORS = {"": 1, "k": 1000, "ki": 1024, "m": 1000**2, "mi": 1024**2, "g": 1000**3, "gi": 1024**3}
LISTEN = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+)):(\d{1,5})", re.ASCII | re.IGNORECASE)
DURATION = 'expected a duration such as "30m" or "2h"'
ONLY_NAMES = frozenset({"me", "account-manager"})  # words that /assign accepts besides ids


def span(value: object) -> Span:
    """A duration as written; the length of its days and weeks depends on the calendar that is used later."""
    if not isinstance(value, str):
        raise ValueError(DURATION)
    try:
        return Span.parse(value)
    except ValueError:
        raise ValueError(DURATION) from None


def seconds(value: object) -> int:
    """A duration in seconds of wall time."""
    return span(value).wall()


def lasting(value: object, without: str) -> Span:
    """A duration of working time, longer than zero; `without` says what having none is written like."""
    found = span(value)
    if found.wall() == 0:
        raise ValueError(f"expected a duration longer than nothing ({without})")
    return found


def hours_only(value: object) -> int:
    """How long a working day is, in seconds."""
    found = span(value)
    if found.days or found.weeks or not 0 < found.seconds <= 86_400:
        raise ValueError('expected the length of a working day, such as "8h"')
    return found.seconds


def minutes(value: object) -> int:
    """A duration in whole minutes, at least one, without days, whose length would be a matter of calendars."""
    expected = 'expected hours and minutes, such as "20h" or "15m"'
    try:
        found = span(value)
    except ValueError:
        raise ValueError(expected) from None
    if found.days or found.weeks or found.seconds < 60 or found.seconds % 60:
        raise ValueError(expected)
    return found.seconds // 60


def size(value: object) -> int:
    """Bytes: a number, or one with a unit (`50 MB`, `64 KiB`); kilo is 1000, kibi 1024."""
    expected = 'expected a size such as "50 MB", or a number of bytes'
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    match = SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    if not match:
        raise ValueError(expected)
    found = int(Decimal(match[1]) * FACTORS[match[2].lower().removesuffix("b")])
    if found <= 0:
        raise ValueError(expected)
    return found


def free_mail(value: object) -> str:
    """A domain, or a name under any public suffix: `webmail.*`."""
    written = value.strip() if isinstance(value, str) else ""
    found = domain_of(written.removesuffix(".*"))
    if not found or len(found) > 253:
        raise ValueError('expected a domain such as "mail.example.net", or a family such as "webmail.*"')
    return f"{found}.*" if written.endswith(".*") else found


def address(value: object) -> str:
    """A mail address in the canonical form of `domain.address.addr_spec`; quoted local parts are refused."""
    found = addr_spec(value.strip()) if isinstance(value, str) and '"' not in value else ""
    if not found:
        raise ValueError('expected a mail address such as "alice@example.com"')
    return found


def domain(value: object) -> str:
    """A domain as lower-case A-labels (RFC 5890), in whatever form it was written."""
    found = domain_of(value.strip().removeprefix("@")) if isinstance(value, str) else ""
    if not found:
        raise ValueError('expected a domain such as "example.org"')
    return found


def person(value: object) -> str:
    """A mail address, or a domain with or without the @ before it; domains as `@example.com`."""
    try:
        return address(value) if isinstance(value, str) and "@" in value.strip()[1:] else f"@{domain(value)}"
    except ValueError:
        raise ValueError('expected a mail address, or a domain such as "example.com"') from None


def blocked(value: object) -> str:
    """A mail address, or a whole domain as `@example.com`."""
    try:
        return f"@{domain(value)}" if isinstance(value, str) and value.strip().startswith("@") else address(value)
    except ValueError:
        raise ValueError('expected a mail address, or a domain such as "@example.com"') from None


def reply_pattern(value: object) -> str:
    """An address with one `{}` in its local part for kind, number and token; "": made from the desk's address."""
    if value == "":
        return ""
    found = value.strip().lower() if isinstance(value, str) else ""
    filled = "" if "{" in found.replace("{}", "") or '"' in found else addr_spec(found.replace("{}", "i1.a"))
    if found.count("{}") != 1 or not filled:
        raise ValueError('expected an address with exactly one {} before the @, such as "support-{}@example.com"')
    local, _, host = found.rpartition("@")
    if "{}" not in local:
        raise ValueError("expected the {} before the @")
    return f"{local}@{domain_of(host)}"


def ident(value: object) -> str:
    """The id of a row: what people type in commands."""
    if not isinstance(value, str) or not IDENT.fullmatch(value):
        raise ValueError("expected an id of letters, digits, and . _ - / (at most 64, no blanks)")
    if value.casefold() in ONLY_NAMES:
        raise ValueError(f"expected another id: {value} has a meaning of its own in commands")
    return value


def tag(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z]{2,10}", value):
        raise ValueError('expected 2 to 10 letters such as "SIT"')
    return value


@cache
def zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())  # reads hundreds of files


def timezone(value: object) -> str:
    """A name of the IANA time zone data; "" = the desk's."""
    expected = 'expected a time zone such as "Europe/London"'
    if not isinstance(value, str):
        raise ValueError(expected)
    if value:
        try:
            zoneinfo.ZoneInfo(value)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(expected + suggestion(value, sorted(zones()))) from None
    return value


def language(value: object) -> str:
    if value == "" or (isinstance(value, str) and LANGUAGE.fullmatch(value)):
        return str(value)
    raise ValueError('expected a language tag such as "en" or "pt-BR"')


def hours(value: object) -> tuple[int, int]:
    """Opening hours in seconds after local midnight; `24:00` is the end of the day."""
    match = HOURS.fullmatch(value) if isinstance(value, str) else None
    if not match or int(match[2]) > 59 or int(match[4]) > 59:
        raise ValueError('expected hours such as "09:00-17:30"')
    start, end = (int(match[i]) * 3600 + int(match[i + 1]) * 60 for i in (1, 3))
    if end > 86_400 or start > 86_400:
        raise ValueError("expected hours between 00:00 and 24:00")
    if start >= end:
        raise ValueError("expected hours that end after they begin (a night is written on two days)")
    return start, end


def apart(intervals: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """One day's intervals in order.  Raises ValueError where two overlap."""
    ordered = sorted(intervals)
    if any(later[0] < earlier[1] for earlier, later in pairwise(ordered)):
        raise ValueError("expected hours that do not overlap")
    return ordered


def day(value: object) -> date:
    """A TOML date, or a text in the same form."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        if isinstance(value, str) and len(value) == 10:
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError("expected a date such as 2026-12-25")


def country(value: object) -> str:
    """A country or a part of one (ISO 3166): `GB`, `DE-BY`.  That its holidays are known is looked up elsewhere."""
    found = re.fullmatch(r"([A-Za-z]{2})(?:-([A-Za-z0-9 -]{1,30}))?", value) if isinstance(value, str) else None
    if value == "":
        return ""
    if not found:
        raise ValueError('expected a country such as "GB", or a part of one such as "DE-BY"')
    return found[1].upper() + (f"-{found[2]}" if found[2] else "")


def first(value: object) -> str:
    """What of a folder is taken at the first start: new, unseen, all, or what came since a date."""
    if value in ("new", "unseen", "all"):
        return str(value)
    try:
        return day(value).isoformat()
    except ValueError:
        raise ValueError('expected "new", "unseen", "all", or a date such as 2026-12-25') from None


def listener(value: object) -> Listener:
    """`host:port`, `[ipv6]:port` or `unix:path`."""
    if isinstance(value, str) and value.startswith("unix:") and len(value) > 5 and "\0" not in value:
        return Listener(path=value[5:])
    match = LISTEN.fullmatch(value) if isinstance(value, str) else None
    if not match or int(match[3]) > 65_535:
        raise ValueError('expected "host:port" or "unix:path", such as "127.0.0.1:8025"')
    return Listener(host=match[1] or match[2], port=int(match[3]))


def metrics_listener(value: object) -> Listener | None:
    """`host:port`; "" is nowhere."""
    if value is None or value == "":
        return None
    match = LISTEN.fullmatch(value) if isinstance(value, str) else None
    if not match or int(match[3]) > 65_535:
        raise ValueError('expected "host:port", such as "127.0.0.1:9725"')
    return Listener(host=match[1] or match[2], port=int(match[3]))


def smtp_listener(value: object) -> Listener:
    """A listener, or `tls:host:port` for TLS from the first byte."""
    if isinstance(value, str) and value.startswith("tls:") and not value.startswith("tls:unix:"):
        return replace(listener(value[4:]), tls=True)
    return listener(value)


def network(value: object) -> Network:
    """An address or a network of addresses, `192.0.2.1` or `192.0.2.0/24`."""
    try:
        return ip_network(value if isinstance(value, str) else "")
    except ValueError:
        raise ValueError('expected an address or a network such as "192.0.2.1" or "192.0.2.0/24"') from None


def fractions(value: object) -> tuple[float, ...]:
    """Parts of a promised time at which to warn, in order, each once."""
    good = isinstance(value, list) and all(
        isinstance(part, int | float) and not isinstance(part, bool) and 0 < part < 1 for part in value
    )
    if not good or not isinstance(value, list):
        raise ValueError("expected a list of numbers between 0 and 1, such as [0.75, 0.9]")
    return tuple(sorted({float(part) for part in value}))


def share(value: object) -> float:
    """A part of a promised time, which may be more than all of it."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 100:
        raise ValueError("expected a part of the promised time such as 0.5, 1.0 or 1.5")
    return float(value)


def hops(value: object) -> tuple[int, ...]:
    """How many Received fields of our own servers may stand above the results: a number, or a list of numbers."""
    found: list[Any] = value if isinstance(value, list) else [value]
    if not found or not all(isinstance(n, int) and not isinstance(n, bool) and 0 <= n <= 20 for n in found):
        raise ValueError("expected a number from 0 to 20, or a list of such numbers")
    return tuple(dict.fromkeys(int(n) for n in found))


def field_name(value: object) -> str:
    """The name of a header field (RFC 5322 section 2.2)."""
    if not isinstance(value, str) or not re.fullmatch(r"[!-9;-~]{1,76}", value):
        raise ValueError('expected the name of a header field such as "Delivered-To"')
    return value


def line(value: str) -> str:
    """A text for a header field or a list: one line without control characters."""
    if len(value) > 200 or any(ord(c) < 32 or ord(c) == 127 for c in value):
        raise ValueError("expected one line of at most 200 characters")
    return value


def _plain(function: Any) -> Any:
    return PlainValidator(function)


Address = Annotated[str, _plain(address)]
Blocked = Annotated[str, _plain(blocked)]
Country = Annotated[str, _plain(country)]
Domain = Annotated[str, _plain(domain)]
Person = Annotated[str, _plain(person)]
Day = Annotated[date, _plain(day)]
Every = Annotated[Span, _plain(partial(lasting, without="without the key it is not done again"))]
FieldName = Annotated[str, _plain(field_name)]
First = Annotated[str, _plain(first)]
Fractions = Annotated[tuple[float, ...], _plain(fractions)]
FreeMail = Annotated[str, _plain(free_mail)]
Hops = Annotated[tuple[int, ...], _plain(hops)]
Hours = Annotated[tuple[int, int], _plain(hours)]
HoursOnly = Annotated[int, _plain(hours_only)]
Ident = Annotated[str, _plain(ident)]
Intervals = Annotated[list[Hours], AfterValidator(apart)]
Language = Annotated[str, _plain(language)]
Line = Annotated[str, AfterValidator(line)]
Listen = Annotated[Listener, _plain(listener)]
IpNetwork = Annotated[Network, _plain(network)]
Promise = Annotated[Span, _plain(partial(lasting, without="leave the key out to promise nothing"))]
ReplyPattern = Annotated[str, _plain(reply_pattern)]
Minutes = Annotated[int, _plain(minutes)]
Seconds = Annotated[int, _plain(seconds)]
Share = Annotated[float, _plain(share)]
Size = Annotated[int, _plain(size)]
MetricsListen = Annotated[Listener | None, _plain(metrics_listener)]
SmtpListen = Annotated[Listener, _plain(smtp_listener)]
Tag = Annotated[str, _plain(tag)]
WorkingTime = Annotated[Span, _plain(span)]
Zone = Annotated[str, _plain(timezone)]
