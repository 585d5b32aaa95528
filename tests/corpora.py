"""Collections of mail: a small one of our own in `corpus/`, and a large one where it lies beside the checkout.

Tests run on every collection that is there.  `index.json` of a folder lists its entries: what each must be read as.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Collection:
    """`replies` and `forwards` name the folders of texts; the numbers are what a run must at least have seen."""

    folder: Path
    replies: str
    forwards: str
    threads: str
    mails: int
    kept: int  # of the mails, those that are no repeat
    right_replies: int
    joined: int

    def entries(self, kind: str, name: str = "*") -> Iterator[tuple[str, dict[str, Any], bytes]]:
        """(folder, entry, content) of every entry of a kind."""
        for index in sorted(self.folder.glob(f"{name}/index.json")):
            for entry in json.loads(index.read_text(encoding="utf-8")):
                if entry["kind"] == kind:
                    yield index.parent.name, entry, (index.parent / entry["path"]).read_bytes()


OURS = Collection(Path(__file__).parent / "corpus", "replies", "forwards", "letters", 10, 10, 4, 2)
LARGE = Collection(
    folder=Path(__file__).resolve().parents[2] / "shared" / "corpora",
    replies="crisp-email-reply-parser",
    forwards="crisp-email-forward-parser",
    threads="spamassassin",
    mails=1000,
    kept=900,
    right_replies=58,
    joined=80,
)
COLLECTIONS = {"ours": OURS} | ({"large": LARGE} if LARGE.folder.is_dir() else {})
