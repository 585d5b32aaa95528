"""`/report NAME [PERIOD]`: a report in a letter of its own, which leaves as soon as it is made; alone, which there are.

A small function as in `engineer/verbs`.  What may be asked stands in `domain/figures/catalogue`.
"""

from __future__ import annotations

from sitmail.domain.engineer.request import Request
from sitmail.domain.figures.catalogue import REPORTS, question
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.sentence import Sentence

MOST = 5  # reports that one email asks for


def report(request: Request, argument: str) -> str:
    if not argument.strip():
        listed = [[f"/report {one.name} {one.usage}", one.answers] for one in REPORTS.values()]
        request.letters.append((NoticePurpose.REPORT, {"what": "reports", "reports": listed}))
        return Sentence("the reports are listed in this letter")
    asked = question(argument, request.now, request.zone()).written
    if sum(purpose is NoticePurpose.REPORT for purpose, _ in request.letters) >= MOST:
        raise ValueError(Sentence("an email brings %(count)s reports at most; send the others in another", count=MOST))
    detail = {"what": "report", "query": asked, "question": asked}
    request.letters.append((NoticePurpose.REPORT, detail))
    return Sentence("the report '%(name)s' comes in a letter of its own", name=asked)
