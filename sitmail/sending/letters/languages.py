"""The languages letters are written in: English in the templates, others by gettext catalogues beside them.

A catalogue is `locale/LL/LC_MESSAGES/sitmail.po` in a folder of templates, the admin's before ours; it is read as it
is, so that nobody has to compile one.  Babel reads it, and writes dates as each language does; it is imported
only where somebody reads another language than English.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from sitmail.domain.nouns import NOUNS
from sitmail.sending.letters.noun_forms import spoken_with

FALLBACK = "en"
_TAG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")
_RIGHT_TO_LEFT = frozenset({"ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"})


class Language(NamedTuple):
    """`tag` as `lang` and Content-Language have it; `gettext` gives an English sentence in this language.

    `names` is what templates may call, and `language`.
    """

    tag: str
    direction: str  # ltr or rtl
    gettext: Callable[[str], str]
    names: Mapping[str, Callable[..., str] | str]


def language(folders: Sequence[Path], wanted: str, faults: dict[str, str], noun: str = NOUNS[0]) -> Language:
    """The language of letters to somebody who wants that one: it, its family (pt-br: pt), else English.

    `noun` is what its sentences call an incident.  A catalogue that cannot be read is passed over, and `faults` gets a
    sentence about it.
    """
    for tag in family(wanted):
        if tag == FALLBACK:
            break
        for folder in folders:
            catalogue = catalogue_path(folder, tag)
            if not catalogue.is_file():
                continue
            try:
                return _language(tag, _read(catalogue, tag), noun)
            except (OSError, ValueError) as error:
                faults[str(catalogue)] = f"{catalogue}: {error}"
    return _language(FALLBACK, gettext.NullTranslations(), noun)


def catalogue_path(folder: Path, tag: str) -> Path:
    return folder / "locale" / tag.replace("-", "_") / "LC_MESSAGES" / "sitmail.po"


def _read(catalogue: Path, tag: str) -> gettext.GNUTranslations:
    """Raises ValueError, with the line, where the file is no catalogue."""
    from babel.messages.mofile import write_mo  # noqa: PLC0415
    from babel.messages.pofile import PoFileError, read_po  # noqa: PLC0415

    compiled = BytesIO()
    try:
        with catalogue.open("rb") as file:
            write_mo(compiled, read_po(file, tag.replace("-", "_"), abort_invalid=True))
    except PoFileError as error:
        raise ValueError(str(error)) from error
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def _language(tag: str, found: gettext.NullTranslations, noun: str) -> Language:
    said = spoken_with(noun, tag, found.gettext)
    names: dict[str, Callable[..., str] | str] = {"language": tag}
    names |= {"_": said, "gettext": said, "ngettext": found.ngettext}
    return Language(tag, "rtl" if tag.partition("-")[0] in _RIGHT_TO_LEFT else "ltr", said, names)


def family(wanted: str) -> list[str]:
    """pt-br -> pt-br, pt, en.  What is no language tag is English."""
    tag = wanted.lower().replace("_", "-")
    if not _TAG.fullmatch(tag):
        return [FALLBACK]
    words = tag.split("-")
    return list(dict.fromkeys([*("-".join(words[:end]) for end in range(len(words), 0, -1)), FALLBACK]))
