"""A mail of which only the header came to us: it is larger than the desk takes and stays in its mailbox.

Nobody reads it there unless somebody is told: the admins see it in `sitmail status`, and its writer gets one letter,
where a letter may go.  That it is one is no concern of this rule: the same header is a duplicate the second time.
"""

from __future__ import annotations

from sitmail.domain.decision_builder import DecisionBuilder
from sitmail.domain.effects import Decision
from sitmail.domain.endings import Ending, Rule
from sitmail.domain.held_decisions import writer_to_tell
from sitmail.domain.notice_purposes import NoticePurpose


def too_large(builder: DecisionBuilder) -> Decision | None:
    """Tells the writer that the mail was not read."""
    facts, limit = builder.facts, builder.policy.message_max
    if not facts.head_only:
        return None
    writer = writer_to_tell(builder)
    if writer is None:
        return builder.decision(Rule.TOO_LARGE, Ending.IGNORED, "its writer gets no automatic mail")
    if writer.staff:
        said = f"your mail {builder.mail.subject[:200]!r} is larger than {limit} bytes: nobody has read it"
        builder.tell(writer, NoticePurpose.VERDICT, None, verdicts=[["", False, said]], refused=True)
        return builder.decision(Rule.TOO_LARGE, Ending.REFUSED, f"{writer.name} was told so")
    subject = builder.mail.subject[:200] if writer.known else ""  # a letter to a stranger repeats nothing of his
    builder.tell(writer, NoticePurpose.TOO_LARGE, None, subject=subject, greeted=writer.known, limit=limit)
    return builder.decision(Rule.TOO_LARGE, Ending.REFUSED, f"{writer.address} was told so")
