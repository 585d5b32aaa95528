"""Authentication-Results (RFC 8601): does our relay vouch for the domain in From?

A tokenising parser and a strict judge: what is malformed, contradictory or in the wrong place proves nothing, and an
honest mail that is refused here is merely unproven.  It vouches for a domain, never for a person in it.  What a proof
allows is `trust`'s business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sitmail.domain.policy import Trust
from sitmail.domain.record import record

FIELD = "authentication-results"
LARGEST = 65_536  # characters in all fields that count
DEEPEST = 8  # comments in comments
READABLE = re.compile(r"[\t\x20-\x7e]*")  # no control character, and nothing that other alphabets make look alike
TOKEN = re.compile(r"""(?P<gap>[ \t]+)|(?P<word>[^\s;="()]+)|(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<mark>[;=(])""")
COMMENT = re.compile(r'\\.|[()"]')
QUOTED_PAIR = re.compile(r"\\(.)")
AUTHSERV_ID = re.compile(r"[ \t]*([A-Za-z0-9._-]{1,255})(?=[ \t;]|\Z)")
KEYWORD = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")


@record
class Result:
    """One resinfo of RFC 8601 section 2.2: `properties` as ("header.from", value), names in lower case."""

    method: str
    result: str
    properties: tuple[tuple[str, str], ...] = ()

    def named(self, name: str) -> str:
        """The value of a property in lower case; "" if it is missing or stands there twice with two values."""
        found = {value.lower() for key, value in self.properties if key == name}
        return found.pop() if len(found) == 1 else ""

    def twofold(self, name: str) -> bool:
        return len({value.lower() for key, value in self.properties if key == name}) > 1


def authenticated(header_order: Sequence[tuple[str, str]], identity: str, trust: Trust) -> str:
    """The method, "dmarc" or "dkim", by which our relay vouches for the domain of `identity`; "" if it does not.

    `header_order` are the fields from the top: lower-case name and unfolded value.  Believed is only the topmost
    field of `authserv_id` that stands below as many Received as `authserv_hops` says (below any only if
    `authserv_strips`; behaviour 5); others at the same place can only take its word away.
    """
    domain = identity.rpartition("@")[2].lower()
    read = _counted(header_order, trust) if domain else []
    return _verdict(read[0], [result for results in read for result in results], domain) if read else ""


def refuted(header_order: Sequence[tuple[str, str]], identity: str, trust: Trust) -> bool:
    """Whether our relay says that From's own domain disowns the mail: a counted dmarc=fail for that very domain."""
    domain = identity.rpartition("@")[2].lower()
    return any(
        result.method == "dmarc" and result.result == "fail" and _domain(result.named("header.from")) in ("", domain)
        for results in (_counted(header_order, trust) if domain else ())
        for result in results
    )


def _counted(header_order: Sequence[tuple[str, str]], trust: Trust) -> list[list[Result]]:
    """The results of each field that counts, the topmost first; [] where none does."""
    if not trust.authserv_id:
        return []
    hops = {hops for hops in trust.authserv_hops if hops == 0 or trust.authserv_strips}
    ours = [(above, value) for name, above, value in _fields(header_order) if name == trust.authserv_id.lower()]
    places = [(above, value) for above, value in ours if above in hops]
    values = [value for above, value in places if above == places[0][0]]
    if not values or sum(map(len, values)) > LARGEST:
        return []
    return [parse(value) or [] for value in values]


def describe(header_order: Sequence[tuple[str, str]]) -> list[str]:
    """Sentences for an admin who asks what to write under [trust]: each id once a place, with its place."""
    found = dict.fromkeys((name, above) for name, above, _ in _fields(header_order) if name)
    if not found:
        return ["No Authentication-Results field stands in this mail: nothing in it can prove who wrote it."]
    return [_described(name, above) for name, above in list(found)[:20]]


def _described(name: str, above: int) -> str:
    lines = "no Received line" if not above else "1 Received line" if above == 1 else f"{above} Received lines"
    advice = f'authserv_id = "{name}", authserv_hops = {above}'
    if above:
        advice += ", and authserv_strips = true if the relay removes such fields from mail of others"
    return f"Results of {name} stand below {lines}; if that is our relay, write {advice}."


def _fields(header_order: Sequence[tuple[str, str]]) -> Iterator[tuple[str, int, str]]:
    """Each Authentication-Results: authserv-id in lower case, number of Received above, value.

    The id must stand as relays write it: first, bare, in ASCII.  The RFC would allow comments and quotes round it, but
    a relay that strips foreign fields may overlook those, so they count as nobody's ("").
    """
    above = 0
    for name, value in header_order:
        if name == "received":
            above += 1
        elif name == FIELD:
            found = AUTHSERV_ID.match(value)
            yield found[1].lower() if found else "", above, value


def _verdict(results: Sequence[Result], everything: Sequence[Result], domain: str) -> str:
    """What the believed field proves, if nothing at its place says otherwise.

    A DMARC pass must name the very domain; any other DMARC result but none is a no to all.  A DKIM pass counts only
    where no DKIM result is anything else.  SPF says nothing about From.
    """
    dmarc = [result for result in everything if result.method == "dmarc"]
    if any(result.result != "none" for result in dmarc):
        if any(result.result != "pass" or _domain(result.named("header.from")) != domain for result in dmarc):
            return ""
        if any(result.method == "dmarc" for result in results):
            return "dmarc"
    dkim = [result for result in everything if result.method == "dkim"]
    if any(result.result != "pass" for result in dkim):
        return ""
    return "dkim" if any(_signs(result, domain) for result in results if result.method == "dkim") else ""


def _signs(result: Result, domain: str) -> bool:
    """Whether a DKIM signature is of the domain or of one above it.

    Its owner governs what is below; never the other way round, where a customer's subdomain would speak for its host
    (relaxed alignment would allow that).  One label is no owner.
    """
    if result.twofold("header.d") or result.twofold("header.i"):
        return False
    signer, agent = _domain(result.named("header.d")), _domain(result.named("header.i"))
    if signer and agent and not _within(agent, signer):  # RFC 6376 section 3.5: i= is within d=
        return False
    signer = signer or agent
    return "." in signer.strip(".") and _within(domain, signer)


def _domain(value: str) -> str:
    return value.rpartition("@")[2]


def _within(domain: str, above: str) -> bool:
    return domain == above or domain.endswith(f".{above}")


def parse(value: str) -> list[Result] | None:
    """The results of one field; None if it is not well-formed by RFC 8601, or has a version we do not know.

    Beyond the RFC a property without a type (`action=none`) and an empty result (`;` at the end) are allowed, as big
    senders write them.
    """
    tokens = _tokens(value)
    if tokens is None:
        return None
    first, *rest = _split(tokens)
    words = [text for kind, text in first if kind != "gap"]
    if not 1 <= len(words) <= 2 or words[1:] not in ([], ["1"]):
        return None
    results = []
    for part in rest:
        if [text.lower() for kind, text in part if kind != "gap"] in ([], ["none"]):
            continue
        result = _result(part)
        if result is None:
            return None
        results.append(result)
    return results


Token = tuple[str, str]  # kind (gap word quoted mark) and text; a comment is a gap


def _tokens(value: str) -> list[Token] | None:
    """None where a character, a quotation or a comment is out of order."""
    if not READABLE.fullmatch(value):
        return None
    tokens: list[Token] = []
    place = 0
    while place < len(value):
        found = TOKEN.match(value, place)
        if found is None:
            return None
        kind, text, place = found.lastgroup or "", found[0], found.end()
        if text == "(":
            end = _comment_end(value, place)
            if end is None:
                return None
            kind, place = "gap", end
        elif kind == "quoted":
            text = QUOTED_PAIR.sub(r"\1", text[1:-1])
        tokens.append((kind, text))
    return tokens


def _comment_end(value: str, place: int) -> int | None:
    """Where a comment ends that was opened just before `place`; None if nowhere, or not for sure.

    Quotes mean nothing in a comment (RFC 5322 section 3.2.2), but relays copy envelope addresses into it, whose quoted
    local part may hold a bracket that closes it early and then go on with results of its author's making.  So a
    bracket within quotes makes the whole field void.
    """
    depth, quoting = 1, False
    for found in COMMENT.finditer(value, place):
        if found[0] == '"':
            quoting = not quoting
        elif found[0] in "()":
            if quoting or depth > DEEPEST:
                return None
            depth += 1 if found[0] == "(" else -1
        if not depth:
            return found.end()
    return None


def _split(tokens: Sequence[Token]) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token == ("mark", ";"):
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _result(part: Sequence[Token]) -> Result | None:
    """One resinfo: `name = value` again and again, the first of them being method and result."""
    pairs: list[tuple[str, str]] = []
    rest = list(reversed(part))  # the next token is the last
    while _skip(rest):
        kind, name = rest.pop()
        if kind != "word" or not _skip(rest) or rest.pop() != ("mark", "="):
            return None
        _skip(rest)
        value = ""
        while rest and rest[-1][0] != "gap":  # "local part"@domain and a=b are one value
            value += rest.pop()[1]
        pairs.append((name.lower(), value))
    method, result = pairs[0]
    method, _, version = method.partition("/")
    if not KEYWORD.fullmatch(method) or version not in ("", "1"):
        return None
    return Result(method, result.lower(), tuple(pairs[1:]))


def _skip(rest: list[Token]) -> bool:
    """Passes over blanks and comments; whether anything is left."""
    while rest and rest[-1][0] == "gap":
        rest.pop()
    return bool(rest)
