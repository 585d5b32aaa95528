"""Samples of the letters that say what words mean: a few of each."""

from __future__ import annotations

from sitmail.domain.incident import Status
from sitmail.domain.sentence import Sentence
from sitmail.domain.terms import ENDS, STATUSES, WORDS_INSIDE, WORDS_OUTSIDE, Section, Term, plain

OUTSIDE = plain(
    (
        Section(Sentence("How it stands:"), (Term(Sentence("Active"), STATUSES[Status.ACTIVE].outside),)),
        Section(Sentence("How it ended:"), (Term(Sentence("solved"), ENDS["solved"]),)),
        Section(Sentence("Priorities, the lowest first:"), (Term(Sentence("Low"), ""), Term(Sentence("High"), ""))),
        Section(Sentence("Other words:"), WORDS_OUTSIDE),
    )
)
INSIDE = plain(
    (
        Section(Sentence("Statuses:"), (Term(Sentence("Active"), STATUSES[Status.ACTIVE].inside),)),
        Section(Sentence("Request types:"), (Term("Fault (bug)", ""),)),
        Section(Sentence("Other words:"), WORDS_INSIDE),
    )
)
