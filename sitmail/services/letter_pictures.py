"""Pictures inside of what people wrote: which files of a letter its page shows, and what stands for those that stay.

A page names a picture by the beginning of its file's SHA-256 (`reading.formats.written_page`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from sitmail.reading.formats.written_page import content_id
from sitmail.services.views import FileView

_SHOWN = re.compile(r'<img src="cid:([0-9a-f]{32})@pictures"')
_PICTURE = re.compile(r'<img src="cid:([0-9a-f]{32})@pictures"(?: alt="([^"]*)")?>')


def content_ids(page: str, files: Sequence[FileView]) -> dict[str, str]:
    """The Content-ID of each of these files that the page shows, by SHA-256."""
    if "cid:" not in page:
        return {}
    named = {found[1] for found in _SHOWN.finditer(page)}
    return {file.sha256: content_id(file.sha256) for file in files if file.sha256[:32] in named}


def without_missing(html: str, there: Collection[str]) -> str:
    """What somebody wrote, with a word for each picture whose file does not travel with the letter."""
    if "cid:" not in html:
        return html
    known = {sha256[:32] for sha256 in there}
    return _PICTURE.sub(
        lambda found: found[0] if found[1] in known else f"<small>[{found[2] or 'image'}]</small>", html
    )
