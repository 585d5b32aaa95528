"""Writes pictures of every letter: light, dark and on a narrow screen.  `make gallery`; ONLY="assigned answer"."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.gallery import browser
from tests.gallery.letters import letters

LOOKS = {"light": (700, False), "dark": (700, True), "narrow": (320, False)}


def main(folder: Path, only: list[str]) -> None:
    if not browser.CHROMIUM:
        sys.exit("gallery: needs Chromium; `make peers`, as root on Debian, installs it")
    folder.mkdir(parents=True, exist_ok=True)
    shown = [one for one in letters(first=True) if not only or one.name.split("-")[0] in only]
    for place, one in enumerate(shown, 1):
        for look, (width, dark) in LOOKS.items():
            browser.picture(one.page, folder / f"{one.name}.{look}.png", width, dark=dark)
        print(f"\r{place}/{len(shown)}", end="", file=sys.stderr)
    print(f"\n{3 * len(shown)} pictures in {folder}", file=sys.stderr)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
