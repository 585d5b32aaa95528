"""How a new incident is sorted before anybody has looked at it: its product, request type and reason.

What is certain comes first (the mailbox, the contract), then the words of the mail.  `assignment` routes by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sitmail.domain.dictionary import MAX_VALUE, mentions
from sitmail.domain.mail import Mail
from sitmail.domain.policy import Mailbox, Policy
from sitmail.domain.record import record


@record
class Classification:
    """Codes of the dictionary, "" where nothing tells; `item`: what the unit is; `text`: where words are looked for."""

    product: str = ""
    request_type: str = ""
    reason: str = ""
    item: str = ""
    text: str = ""

    @property
    def says(self) -> str:
        """For `/why`; "" where nothing was found."""
        named = {"product": self.product, "request type": self.request_type, "reason": self.reason}
        return ", ".join(f"{name} {value}" for name, value in named.items() if value)


def classify(mail: Mail, box: Mailbox, policy: Policy, product: str = "", item: str = "") -> Classification:
    """`product` is the contract's; `item` is what the unit is that the mail names."""
    codes = policy.dictionary
    text = f"{mail.subject}\n{mail.text}"
    return Classification(
        product=mail.filled.get("product") or box.product or product or _by_words(codes.products, text),
        request_type=box.request_type or _by_words(codes.request_types, text),
        reason=_by_words(codes.reasons, text),
        item=item,
        text=text,
    )


def customer_reference(policy: Policy, site: str, mail: Mail) -> str:
    """The customer's own number for it: the first that the site's expression finds in subject and new words."""
    expression = policy.references.get(site)
    found = expression.search(f"{mail.subject}\n{mail.own_words or mail.text}") if expression is not None else None
    return str(found[0])[:MAX_VALUE] if found else ""


def _by_words(table: Sequence[Any], text: str) -> str:
    """The first entry one of whose words stands in the text."""
    return next((str(one.id) for one in table if one.words and mentions(one.words, text)), "")
