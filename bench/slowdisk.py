"""Simulates a slow disk: a tiny preloaded library (LD_PRELOAD) in which fsync and fdatasync take 2 ms longer."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

PAUSE = 2000  # microseconds
SOURCE = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>
static int slowly(const char *name, int file) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    usleep(%d);
    return real(file);
}
int fsync(int file) { return slowly("fsync", file); }
int fdatasync(int file) { return slowly("fdatasync", file); }
"""


def missing() -> str:
    return "" if shutil.which("cc") else "no C compiler (cc)"


def environment(folder: Path) -> dict[str, str]:
    """The environment variables with which a program uses the slow fsync."""
    source, library = folder / "slow.c", folder / "slow.so"
    source.write_text(SOURCE % PAUSE)
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", library, source, "-ldl"], check=True, capture_output=True)
    return {"LD_PRELOAD": str(library)}
