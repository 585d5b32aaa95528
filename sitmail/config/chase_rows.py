"""Rows of `[[chase]]`: what the desk does while a customer does not answer."""

from __future__ import annotations

from sitmail.config import values as v
from sitmail.config.tables import Table, key


class Chase(Table):
    """A step while an incident awaits its customer, in the order of the file.  Without any the contact is asked."""

    id: v.Line = key("", "for your own use", example="first-reminder")
    name: v.Line = key("", "the same")
    after: v.Every = key("2d", "working time since the letter or the step before", example="2d")
    to: list[v.Line] = key(
        ["contact"],
        "who is asked: contact, contact-manager (by the directory); or told to ring: owner, manager, ids of engineers",
        example=["contact", "contact-manager"],
    )
    priority: v.Line = key("", "id of the priority; empty: all", example="medium")
    service_level: v.Line = key("", "name of the service level; empty: all", example="standard")
