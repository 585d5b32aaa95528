"""The one exception of the command line: a sentence for people, and an exit code of sysexits.h."""

from __future__ import annotations


class Failure(Exception):
    """Ends the program with `code`, after printing `lines` to standard error."""

    def __init__(self, sentence: str, code: int, *more: str) -> None:
        super().__init__(sentence)
        self.lines = (sentence, *more)
        self.code = code
