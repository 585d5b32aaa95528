"""Writes the catalogues of our letters anew: `make messages`.

The sentences stand in the templates, in English; the names of statuses, targets and the like in the domain.  A
catalogue keeps what is translated, loses what is no longer said, and has an empty line for what is new; `tests/house`
refuses an empty one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

from sitmail.domain.customer_verbs import CUSTOMER
from sitmail.domain.endings import HeldReason
from sitmail.domain.engineer.waiting_answer import AUTHOR_LEFT
from sitmail.domain.event_types import BUILT_IN
from sitmail.domain.incident import CLOSING_STATUSES, LABELS
from sitmail.domain.links import LABELS as LABELS_OF_LINKS
from sitmail.domain.sla import TimedTarget
from sitmail.domain.time_rules import HOLD_OVER
from sitmail.domain.verbs import STAFF
from sitmail.domain.waits import FOLLOW_UP
from sitmail.sending.letters.languages import catalogue_path
from sitmail.services.update_views import EVENTS
from sitmail.services.views import CODES

LANGUAGES = ("de", "fr")
TEMPLATES = Path(__file__).parents[2] / "templates"
# Lines of a head that would change with every run, or name nobody.
_UNSAID = tuple(
    f'"{field}'.encode()
    for field in "Project-Id Report-Msgid POT-Creation PO-Revision Last-Translator Language-Team Generated-By".split()  # noqa: SIM905
)
Message = str | tuple[str, ...]


def _of_the_rules() -> Iterator[tuple[Message, str]]:
    """Each first argument of a `Sentence`."""
    from babel.messages.extract import extract_python  # noqa: PLC0415

    package = Path(__file__).parents[1]
    for path in sorted(package.rglob("*.py")):
        with path.open("rb") as file:
            for _, _, message, _ in extract_python(file, {"Sentence": None}, (), {}):
                first = message[0] if isinstance(message, tuple) else message
                if isinstance(first, str) and first:
                    yield first, path.stem.strip("_")


def messages() -> list[tuple[Message, str]]:
    """Every sentence, with the template or the module that has it; a pair is a sentence for one and for several."""
    found: dict[Message, str] = {}
    for message, place in (*_of_templates(), *_of_the_domain(), *_of_the_rules()):
        found.setdefault(message, place)
    return list(found.items())


def _of_templates() -> Iterator[tuple[Message, str]]:
    from jinja2.ext import babel_extract  # noqa: PLC0415

    options = {"trim_blocks": "true", "lstrip_blocks": "true", "trimmed": "true", "silent": "false"}
    for path in sorted(TEMPLATES.glob("*.txt")):
        with path.open("rb") as file:
            for _, _, message, _ in babel_extract(file, ("_", "gettext", "ngettext"), (), options):
                yield (message if isinstance(message, str) else tuple(filter(None, message or ()))), path.name


def _of_the_domain() -> Iterator[tuple[Message, str]]:
    for label in LABELS.values():
        yield from ((label.internal, "statuses"), (label.customer, "statuses"))
    yield from ((one.replace("-", " "), "closing statuses") for one in CLOSING_STATUSES)
    yield from ((str(one).replace("_", " "), "targets") for one in TimedTarget)
    yield from ((str(one).replace("-", " "), "held mail") for one in HeldReason)
    yield from ((name, "priorities") for name in ("Low", "Medium", "High", "Critical"))
    yield from ((one, "next actions") for one in (FOLLOW_UP, HOLD_OVER, AUTHOR_LEFT))
    yield from ((did, "updates") for did in EVENTS.values())
    yield from ((label, "codes") for label in CODES.values())
    yield from ((label, "links") for label in LABELS_OF_LINKS.values())
    yield from ((one.name, "event types") for one in BUILT_IN)
    yield from ((verb.does, "verbs") for verb in (*CUSTOMER.values(), *STAFF.values()) if not verb.later)


def catalogue(language: str, known: bytes) -> bytes:
    """The catalogue of a language with all messages, and with the translations of `known`."""
    from babel.messages.catalog import Catalog  # noqa: PLC0415
    from babel.messages.pofile import read_po, write_po  # noqa: PLC0415

    before = read_po(BytesIO(known), language)
    fresh = Catalog(language, header_comment="# Letters of sitmail.", fuzzy=False)
    for message, place in messages():
        translated = before.get(message if isinstance(message, str) else message[0])
        fresh.add(message, translated.string if translated else None, auto_comments=[place])
    written = BytesIO()
    write_po(written, fresh, width=110)
    return b"".join(line for line in written.getvalue().splitlines(keepends=True) if not line.startswith(_UNSAID))


def write(languages: Iterable[str] = LANGUAGES) -> None:
    for language in languages:
        path = catalogue_path(TEMPLATES, language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(catalogue(language, path.read_bytes() if path.exists() else b""))


if __name__ == "__main__":
    write()
