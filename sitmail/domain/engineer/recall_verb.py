"""`/recall`: what its writer, or somebody of his team, said to people outside does not leave (behaviour 3.5)."""

from __future__ import annotations

from sitmail.domain.engineer.request import Request
from sitmail.domain.recall_values import DELAYED, Left, Pending, Recall
from sitmail.domain.sentence import Moment, Sentence, beside

NOTHING = Sentence("nothing waits here that could be recalled")
AT_ONCE = Sentence(
    "answers leave at once here; send_delay in [desk] of the configuration lets them wait, and /recall takes them back"
)
DONE = Sentence("it does not leave; nothing of that email is done, and its words stay in the log for staff")


def recall(request: Request, _argument: str) -> str:
    """The last one that waits on this incident; about no incident the last of its writer's."""
    if request.facts.release is not None and request.facts.release.how == DELAYED:
        return DONE  # it was, when this mail came
    number, found = request.case.incident.number, request.facts.recallable
    waiting = [one for one in found.waiting if _meant(one, number, request.actor.id)]
    mine = [one for one in waiting if one.author == request.actor.id]
    if not waiting:
        raise ValueError(_nothing(request, found.left.get(number)))
    if not mine and request.engineer.role not in ("manager", "admin"):
        raise ValueError(Sentence("it is a colleague's; he, or a manager of the team, may recall it"))
    one = (mine or waiting)[0]
    request.effects.append(Recall(one.mail, one.numbers, request.engineer.id))
    request.recalled = one.words
    others = [request.policy.reference(each) for each in one.numbers if each != number]
    about = Sentence("it was also about %(incidents)s", incidents=", ".join(others)) if others and number else ""
    return beside(DONE, about)


def _meant(one: Pending, number: int, actor: int) -> bool:
    return number in one.numbers if number else one.author == actor


def _nothing(request: Request, left: Left | None) -> str:
    says = _how_it_left(request, left) if left is not None else NOTHING
    return says if request.policy.send_delay else beside(says, AT_ONCE)


def _how_it_left(request: Request, left: Left) -> Sentence:
    moment = Moment(left.at, request.zone())
    sent, unsent = ", ".join(left.sent), ", ".join(left.unsent)
    if sent and unsent:
        return Sentence(
            "too late: on %(moment)s it left to %(sent)s, and it is on its way to %(others)s",
            moment=moment,
            sent=sent,
            others=unsent,
        )
    if unsent:
        return Sentence("too late: since %(moment)s it is on its way to %(others)s", moment=moment, others=unsent)
    return Sentence("too late: on %(moment)s it left to %(sent)s", moment=moment, sent=sent)
