"""Authentication-Results (RFC 8601): does our relay vouch for the domain in From?

The field is split into tokens and judged strictly: if it is malformed, contradictory or in the wrong place, it proves
nothing.  An honest mail loses little by that, for it only counts as unproven.  A result vouches for a domain, never for
a person in it.  What a proof allows is described in `trust`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sitmail.domain.policy import Trust
from sitmail.domain.record import record

FIELD = "authentication-results"
LARGEST = 65_536  # characters in all fields that count together
DEEPEST = 8  # levels of nested comments
READABLE = re.compile(r"[\t\x20-\x7e]*")  # no control characters, and no look-alikes from other alphabets
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
        """The value of a property in lower case; "" if it is missing or has two different values."""
        found = {value.lower() for key, value in self.properties if key == name}
        return found.pop() if len(found) == 1 else ""

    def twofold(self, name: str) -> bool:
        return len({value.lower() for key, value in self.properties if key == name}) > 1


def authenticated(header_order: Sequence[tuple[str, str]], identity: str, trust: Trust) -> str:
    """The method, "dmarc" or "dkim", by which our relay vouches for the domain of `identity`; "" if it does not.

    `header_order` holds the fields from the top: lower-case name and unfolded value.  Only the topmost field of
    `authserv_id` counts that has as many Received fields above it as `authserv_hops` allows (any number above 0 only
    with `authserv_strips`; behaviour 5).  Other fields at the same place can refute it, but prove nothing.
    """
    domain = identity.rpartition("@")[2].lower()
    read = _counted(header_order, trust) if domain else []
    return _verdict(read[0], [result for results in read for result in results], domain) if read else ""


def disowned_by_domain(header_order: Sequence[tuple[str, str]], identity: str, trust: Trust) -> bool:
    """Whether our relay says that the mail is not from From's domain: a field that counts has dmarc=fail for it."""
    domain = identity.rpartition("@")[2].lower()
    return any(
        result.method == "dmarc" and result.result == "fail" and _domain(result.named("header.from")) in ("", domain)
        for results in (_counted(header_order, trust) if domain else ())
        for result in results
    )


def _counted(header_order: Sequence[tuple[str, str]], trust: Trust) -> list[list[Result]]:
    """The results of each field that counts, the topmost first; [] if none does."""
    if not trust.authserv_id:
        return []
    hops = {hops for hops in trust.authserv_hops if hops == 0 or trust.authserv_strips}
    ours = [(above, value) for name, above, value in _fields(header_order) if name == trust.authserv_id.lower()]
    places = [(above, value) for above, value in ours if above in hops]
    values = [value for above, value in places if above == places[0][0]]
    if not values or sum(map(len, values)) > LARGEST:
        return []
    return [parse(value) or [] for value in values]


def advice_for_trust(header_order: Sequence[tuple[str, str]]) -> list[str]:
    """Sentences that help an admin to fill in [trust]: each authserv-id with the place where its field was found."""
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

    The id must come first, without comments or quotes, in ASCII, as relays write it.  The RFC allows comments and
    quotes round it, but a relay that strips forged fields may overlook those, so that their id is taken as "".
    """
    above = 0
    for name, value in header_order:
        if name == "received":
            above += 1
        elif name == FIELD:
            found = AUTHSERV_ID.match(value)
            yield found[1].lower() if found else "", above, value


def _verdict(results: Sequence[Result], everything: Sequence[Result], domain: str) -> str:
    """The method by which `results` vouch for the domain, if no field at the same place contradicts them; else "".

    A DMARC pass must name exactly this domain; any other DMARC result except "none" rules out every proof.  A DKIM pass
    counts only if all DKIM results are passes.  SPF says nothing about From.
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

    The owner of a domain controls its subdomains.  The reverse must not count, although relaxed alignment allows it: a
    customer's subdomain would vouch for the host's domain.  A domain of one label does not count.
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
    """The tokens of a field, or None if a character, a quoted string or a comment is malformed."""
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
    """Where the comment ends that was opened just before `place`; None if it does not end, or its end is uncertain.

    Quotes mean nothing in a comment (RFC 5322 section 3.2.2).  But relays copy envelope addresses into comments, and a
    quoted local part may hold a bracket that closes the comment early, followed by forged results.  A bracket between
    quotes therefore makes the whole field void.
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
    """One resinfo, a sequence of `name = value` of which the first is method and result; None if it is malformed."""
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
    """Skips blanks and comments; returns whether anything is left."""
    while rest and rest[-1][0] == "gap":
        rest.pop()
    return bool(rest)
