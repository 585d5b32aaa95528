"""What differs between the kinds of partners: vendors, bug trackers and order desks (behaviour 2.4, 3.2).

What they have in common, a leg and a reply address of their own at each incident, is in `partners` and
`engineer/to_partner`.
"""

from __future__ import annotations

from collections.abc import Mapping

from sitmail.domain.people import Kind
from sitmail.domain.record import record
from sitmail.domain.sentence import Sentence


@record
class PartnerKind:
    """`one`: what somebody is who is of that kind.  `line` is the command that writes to it.

    `waits`: an incident waits for it once we wrote, and is active again when it answers.
    """

    one: Sentence
    verb: str
    line: str
    waits: bool = False


PARTNER_KINDS: Mapping[Kind, PartnerKind] = {
    Kind.VENDOR: PartnerKind(Sentence("a vendor"), "vendor", "/vendor NAME", waits=True),
    Kind.TRACKER: PartnerKind(Sentence("a bug tracker"), "bug", "/bug TITLE"),
    Kind.ORDER_DESK: PartnerKind(Sentence("an order desk"), "order", "/order new"),
}
PARTNERED = frozenset(kind.verb for kind in PARTNER_KINDS.values())  # verbs whose words go to a partner
