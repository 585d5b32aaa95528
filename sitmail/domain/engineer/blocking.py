"""`/block ADDRESS` and `/block del ADDRESS`: mail from there is kept as ignored, and nobody hears of it."""

from __future__ import annotations

from sitmail.domain.address import addr_spec
from sitmail.domain.address import domain as domain_of
from sitmail.domain.effects import Block
from sitmail.domain.engineer.request import Request
from sitmail.domain.free_mail import is_free_mail
from sitmail.domain.sentence import Sentence

HOW = Sentence("write /block ADDRESS, or /block @DOMAIN; /block del ADDRESS undoes it")


def block(request: Request, argument: str) -> str:
    words = argument.strip().split()
    undo = len(words) == 2 and words[0].lower() == "del"
    if len(words) != 1 + undo:
        raise ValueError(HOW)
    written = words[-1].strip("<>")
    where = f"@{domain_of(written[1:])}" if written.startswith("@") else addr_spec(written)
    if where in ("", "@"):
        raise ValueError(HOW)
    if not undo and (why := _needed(request, where)):
        raise ValueError(why)
    request.effects.append(Block(where, request.engineer.id, undo))
    if undo:
        return Sentence("mail from %(where)s is read again", where=where)
    return Sentence("mail from %(where)s is kept as ignored from now on", where=where)


def _needed(request: Request, where: str) -> str:
    """Why it may not be blocked; "" if it may."""
    policy = request.policy
    ours = [policy.desk.address, *(each for one in policy.engineers.values() for each in one.addresses)]
    ours += [box.address for box in policy.mailboxes]
    if policy.is_own(where) or any(where in (each, "@" + each.rpartition("@")[2]) for each in ours):
        return Sentence("%(where)s is ours", where=where)
    if where.startswith("@") and is_free_mail(where[1:], policy.trust.free_mail):
        domain = where[1:]
        return Sentence("anybody can have an address at %(domain)s; block one address alone", domain=domain)
    return ""
