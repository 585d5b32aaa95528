"""Headless Chromium: takes pictures of pages, and measures them at a width, in light or dark.

A page is measured inside a frame of another page, because a headless window is never narrower than 500 pixels.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or ""
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--hide-scrollbars",
    "--mute-audio",
)
_MEASURE = (Path(__file__).parent / "measure.js").read_text()
_RESULT = re.compile(r'<pre id="measured">(.*?)</pre>', re.DOTALL)


def _run(*arguments: str, dark: bool) -> str:
    with tempfile.TemporaryDirectory() as home:
        colours = f"--blink-settings=preferredColorScheme={0 if dark else 1}"
        command = [CHROMIUM, *_FLAGS, colours, f"--user-data-dir={home}", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    if done.returncode:
        raise RuntimeError(f"chromium ended with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout


def _framed(pages: Mapping[str, str], width: int) -> str:
    frames = "\n".join(
        f'<iframe title="{html.escape(name)}" style="width:{width}px;height:1200px;border:0" '
        f'srcdoc="{html.escape(page)}"></iframe>'
        for name, page in pages.items()
    )
    return f'<!DOCTYPE html><meta charset="utf-8"><pre id="measured"></pre>{frames}<script>{_MEASURE}</script>'


def measured(pages: Mapping[str, str], width: int, dark: bool = False) -> dict[str, dict[str, Any]]:
    """What a browser makes of each page in a window of so many pixels.

    Keys: `overflow` (pixels beyond the window), `low` (texts whose contrast is below 4.5, with it), `small` (buttons
    lower than 44 pixels), `remote` (addresses that would be fetched).
    """
    with tempfile.TemporaryDirectory() as folder:
        frame = Path(folder, "frame.html")
        frame.write_text(_framed(pages, width), encoding="utf-8")
        shown = _run("--virtual-time-budget=5000", "--dump-dom", frame.as_uri(), dark=dark)
    found = _RESULT.search(shown)
    if found is None or not found[1]:
        raise RuntimeError("chromium measured nothing")
    return dict(json.loads(html.unescape(found[1])))


def picture(page: str, file: Path, width: int, height: int = 1400, dark: bool = False) -> None:
    """A picture of a page (PNG), as a window of that width shows it."""
    with tempfile.TemporaryDirectory() as folder:
        frame = Path(folder, "page.html")
        framed = f'<iframe style="width:{width}px;height:{height}px;border:0" srcdoc="{html.escape(page)}"></iframe>'
        frame.write_text(f'<!DOCTYPE html><meta charset="utf-8"><body style="margin:0">{framed}', encoding="utf-8")
        _run(f"--window-size={width},{height}", f"--screenshot={file}", frame.as_uri(), dark=dark)
