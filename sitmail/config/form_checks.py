"""Finds web forms whose mail could not be understood, or would be believed too easily."""

from __future__ import annotations

from collections.abc import Iterator

from sitmail.config.mistakes import mistake, quoted, suggestion
from sitmail.config.settings import Settings
from sitmail.domain.forms import CONTACT, MEANINGS
from sitmail.domain.labelled_values import folded


def mistakes(file: str, settings: Settings) -> Iterator[str]:
    """A line for each field that means nothing."""
    known = [*MEANINGS, *(one.id for one in settings.field)]
    for i, form in enumerate(settings.form):
        if CONTACT not in form.fields:
            yield mistake(
                file, ("form", i, "fields"), f"needs {quoted(CONTACT)}, the field with the customer's address"
            )
        for what in form.fields:
            if what not in known:
                why = f"no [[field]] {quoted(what)}{suggestion(what, known)}"
                yield mistake(file, ("form", i, "fields", what), why)
        seen: dict[str, str] = {}
        for what, label in form.fields.items():
            if (first := seen.setdefault(folded(label), what)) != what:
                yield mistake(file, ("form", i, "fields", what), f"{quoted(label)} is {quoted(first)} already")


def warnings(file: str, settings: Settings) -> Iterator[str]:
    """A line for each form that nothing proves, or that everybody is."""
    for i, form in enumerate(settings.form):
        if not (form.hosts or settings.trust.authserv_id or settings.smtp.passwords):
            why = "nothing can prove its mail; it needs hosts, [trust] authserv_id or [smtp] passwords"
            yield mistake(file, ("form", i), why)
        for host in form.hosts:
            if host.is_loopback:
                why = (
                    f"{str(host)!r}: whatever a mail server on this machine hands over by SMTP would count as its mail"
                )
                yield mistake(file, ("form", i, "hosts"), why)
