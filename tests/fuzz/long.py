"""A long run of one target under atheris, which follows the code it reaches: python -m tests.fuzz.long TARGET SECONDS.

What it finds is left in .fuzz/TARGET; each file there is played again at the next run.
"""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["sitmail"]):
    from tests.fuzz.dialogue import SAYS
    from tests.fuzz.targets import TARGETS, WORDS

LONGEST = 64  # bytes of a word in a dictionary of libFuzzer


def main(name: str, seconds: str) -> None:
    folder = Path(".fuzz", name)
    folder.mkdir(parents=True, exist_ok=True)
    words = folder.with_suffix(".dict")
    quoted = ("".join(f"\\x{byte:02x}" for byte in word) for word in [*WORDS, *SAYS] if len(word) <= LONGEST)
    words.write_text("".join(f'"{word}"\n' for word in quoted))
    options = [f"-max_total_time={seconds}", f"-dict={words}", "-max_len=4096", "-timeout=5", "-rss_limit_mb=1024"]
    atheris.Setup([sys.argv[0], str(folder), f"-artifact_prefix={folder}/", *options], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
