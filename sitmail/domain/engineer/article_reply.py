"""An engineer answers a letter about an article: he changes it, has it published, follows it, or says something of it.

The mail is carried out as a whole, or comes back with the reason.  An answer to a letter that is older than what others
wrote since comes back with what is new.  How a reply is read stands in `article_edit`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sitmail.domain import article_edit, article_letters, article_verbs, sentence
from sitmail.domain.article import Content, Revision, State, mentioned
from sitmail.domain.article_facts import KnownArticle
from sitmail.domain.article_review import reviewers
from sitmail.domain.decision_builder import DecisionBuilder
from sitmail.domain.effects import Decision
from sitmail.domain.endings import Ending, Rule
from sitmail.domain.engineer.article_work import Work
from sitmail.domain.engineer.hold_for_proof import hold_for_proof
from sitmail.domain.engineer.kb_verb import followed
from sitmail.domain.engineer.publishing import publish, withdraw
from sitmail.domain.leak_guard import may_leave
from sitmail.domain.memory import bare
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.people import Person
from sitmail.domain.scanner_marks import marked
from sitmail.domain.sentence import Sentence
from sitmail.domain.short_answers import is_yes_alone
from sitmail.domain.trust import ARTICLE, Power, first_missing_power

NOTHING_NEW = Sentence("there was nothing in it that changes the article, and no words for anybody")
NO_HEADING = Sentence("that stands under no heading; write one above it, such as Solution:")
VIRUS = Sentence("its attachment was marked as a virus")
UNSEEN = Sentence("your mail is a page that hides words (by style, colour, place or size); send the line as plain text")


def article_answered(builder: DecisionBuilder) -> Decision | None:
    """The rule."""
    facts = builder.facts
    person = facts.engineer
    engineer = builder.policy.engineers.get(person.key) if person else None
    known = facts.articles.known.get(facts.articles.answered)
    if facts.route.kind != ARTICLE or person is None or engineer is None or known is None:
        return None
    base = _base(builder, known)
    said = facts.said
    reply = article_edit.read_reply(builder.mail, base.content, lambda line: said.is_internal(bare(line)))
    powers = {Power.NOTE, *(article_verbs.VERBS[verb].power for verb, _, _ in reply.commands)}
    agrees = is_yes_alone(reply.words, person.name)
    powers |= {Power.ANSWER} if agrees else set()
    rows = [[line, True, ""] for _, _, line in reply.commands]
    missing = first_missing_power(sorted(powers, key=list(Power).index), facts.staff_proof, builder.policy.trust)
    if missing is not None:
        return hold_for_proof(builder, person, 0, rows, missing)
    content, wrong = article_edit.applied(known.article.content, reply.edit)
    work = Work(builder, known, person, engineer, reply, content, wrong=[*reply.wrong, *wrong])
    if (work.edited or _decides(reply) or agrees) and (newer := _by_others(work, base)):
        return _came_back(work, base, newer)
    _look_through(work, agrees)
    return _refused(work) if work.wrong else _carried_out(work)


def _base(builder: DecisionBuilder, known: KnownArticle) -> Revision:
    """The revision that he saw when he wrote: the one that he quotes, names in the subject, or was sent last."""
    number = known.article.id
    newest = Revision(
        number, known.article.revision, known.article.updated, known.article.editor, known.article.content
    )
    for meant in (article_edit.quoted(builder.mail), mentioned(builder.mail.subject)):
        if meant and meant[0] == number and (found := known.revision(meant[1])):
            return found
    return known.revision(builder.facts.articles.sent) or newest


def _decides(reply: article_edit.Reply) -> bool:
    return any(verb in (article_verbs.PUBLISH, article_verbs.WITHDRAW) for verb, _, _ in reply.commands)


def _by_others(work: Work, base: Revision) -> list[Revision]:
    return [one for one in work.known.revisions if one.number > base.number and one.author != work.engineer.id]


def _look_through(work: Work, agrees: bool) -> None:
    mail = work.builder.mail
    if mail.hides_words and (work.reply.commands or agrees):
        line = work.reply.commands[0][2] if work.reply.commands else work.reply.words
        work.wrong.append((line, UNSEEN))
    if marked(mail.headers, work.builder.policy.virus_header):
        work.wrong.append(("", VIRUS))
    yes = [(article_verbs.PUBLISH, "", work.reply.words)] if agrees else []
    for verb, argument, line in (*work.reply.commands, *yes):
        try:
            _DO[verb](work, argument)
        except ValueError as mistake:
            work.wrong.append((line, sentence.of(mistake)))
    for file in mail.attachments:
        if not file.inline and may_leave(file, work.builder.facts.said):
            work.files.append(file)
        elif not file.inline:
            work.says.append(
                Sentence(
                    "not added, because it is an email or tells what only staff were told: %(file)s", file=file.name
                )
            )
    words = "" if agrees else work.reply.words
    if words and not _listeners(work):
        work.wrong.append((words, NO_HEADING))
    if work.does_nothing() and not words:
        work.wrong.append(("", NOTHING_NEW))


# --- what single lines do


def _subscribe(work: Work, _argument: str) -> None:
    work.follows = True
    work.says.append(followed(work.article.name, ends=False))


def _unsubscribe(work: Work, _argument: str) -> None:
    work.follows = False
    work.says.append(followed(work.article.name, ends=True))


def _reviewed(work: Work, _argument: str) -> None:
    work.becomes["reviewed"] = True
    work.says.append(Sentence("noted: you looked through %(name)s today", name=work.article.name))


def _read(what: str) -> Callable[[Work, str], None]:
    def ask(work: Work, _argument: str) -> None:
        work.letters.append(what)

    return ask


def _detach(work: Work, argument: str) -> None:
    found = [one for one in work.known.files if one.file.name.lower() == argument.lower()]
    if not found:
        raise ValueError(Sentence("%(name)s has no file '%(file)s'", name=work.article.name, file=argument))
    work.removed += found


_DO: dict[str, Callable[[Work, str], None]] = {
    article_verbs.PUBLISH: publish,
    article_verbs.WITHDRAW: withdraw,
    article_verbs.REVIEWED: _reviewed,
    article_verbs.SUBSCRIBE: _subscribe,
    article_verbs.UNSUBSCRIBE: _unsubscribe,
    article_verbs.HISTORY: _read(article_verbs.HISTORY),
    article_verbs.PRINT: _read(article_verbs.PRINT),
    article_verbs.DETACH: _detach,
}


# --- the end of it


def _carried_out(work: Work) -> Decision:
    builder, article = work.builder, work.article
    words = "" if is_yes_alone(work.reply.words, work.actor.name) else work.reply.words
    if article.pending and not work.did and not work.asked and (work.edited or (words and _is_asked(work))):
        state = State.DRAFT if article.state is State.PROPOSED else article.state
        work.becomes |= {"state": state, "pending": 0}  # what was to be looked through is not it any more
    builder.do(*work.effects())
    readers = _tell_others(work, words)
    _answer(work, words, readers)
    reason = "; ".join([line for _, _, line in work.reply.commands])[:300]
    return builder.decision(Rule.ARTICLE_ANSWERED, Ending.APPLIED, f"{article.name} {reason}".strip())


def _is_asked(work: Work) -> bool:
    """Whether he may say yes to the newest revision, so that other words of his are a no."""
    policy, article = work.builder.policy, work.article
    return work.engineer.id in reviewers(article, article.editor, policy.kb, policy.engineers)


def _listeners(work: Work) -> list[Person]:
    """Who is told of it: those who follow the article, its author, and who wrote its newest revision."""
    who = dict.fromkeys((work.article.author, work.article.editor, *sorted(work.known.subscribers)))
    staff = work.builder.facts.staff
    return [staff[one] for one in who if one in staff and one != work.engineer.id]


def _shown(work: Work) -> dict[str, Any]:
    """The article as it is once this is done."""
    return article_letters.shown(work.after(), work.builder.policy)


def _tell_others(work: Work, words: str) -> list[Person]:
    builder, changed = work.builder, article_edit.difference(work.article.content, work.content)
    base = {
        **_shown(work),
        "by": work.actor.name,
        "words": words,
        "files_changed": work.files_changed,
    }
    for one in work.asked:
        if one in builder.facts.staff:
            before = work.known.shown or Content("")
            against = article_edit.difference(before, work.content) if work.known.shown else []
            builder.tell(builder.facts.staff[one], NoticePurpose.ARTICLE_REVIEW, None, **{**base, "diff": against})
    if not (changed or words or work.did or work.files_changed):
        return []
    told = [one for one in _listeners(work) if one.key not in work.asked]
    for person in told:
        builder.tell(person, NoticePurpose.ARTICLE_CHANGED, None, **{**base, "diff": changed, "did": work.did})
    return told


def _answer(work: Work, words: str, readers: list[Person]) -> None:
    builder = work.builder
    if builder.unanswerable:
        return
    for what in work.letters:
        asked = article_letters.asked_for(what, work.after(), builder.policy, work.content)
        builder.tell(work.actor, NoticePurpose.ARTICLE, None, **{**_shown(work), **asked, "what": what})
    changed = article_edit.difference(work.article.content, work.content)
    if work.letters and not (changed or work.says or work.files_changed or work.marks or words):
        return
    detail = {
        **_shown(work),
        "what": "done",
        "says": work.says,
        "diff": changed,
        "files_changed": work.files_changed,
        "marks": work.marks,
        "words": words,
        "told": [one.name or one.address for one in readers] if words else [],
    }
    builder.tell(work.actor, NoticePurpose.ARTICLE, None, **detail)


def _came_back(work: Work, base: Revision, newer: list[Revision]) -> Decision:
    """Nothing of it is done: its author gets it back with what is new, and answers that letter."""
    builder = work.builder
    detail = {
        **_shown_now(work),
        "what": "stale",
        "by": article_letters.name(newer[-1].author, builder.policy.engineers),
        "diff": article_edit.difference(base.content, work.article.content),
        "returned": _returned(work),
    }
    if not builder.unanswerable:
        builder.tell(work.actor, NoticePurpose.ARTICLE, None, **detail)
    return builder.decision(Rule.ARTICLE_STALE, Ending.REFUSED, work.article.name)


def _refused(work: Work) -> Decision:
    """Nothing of it is done."""
    builder = work.builder
    rows = [[line, says] for line, says in work.wrong]
    often = builder.facts.returned_last_hour >= builder.policy.limits.reads_per_sender_hour
    if not builder.unanswerable and not often:
        detail = {**_shown_now(work), "what": "refused", "wrong": rows, "returned": _returned(work)}
        builder.tell(work.actor, NoticePurpose.ARTICLE, None, **detail)
    return builder.decision(Rule.ARTICLE_REFUSED, Ending.REFUSED, f"{work.article.name}: {rows[0][1]}"[:300])


def _shown_now(work: Work) -> dict[str, Any]:
    return article_letters.shown(work.known, work.builder.policy)


def _returned(work: Work) -> str:
    """What he wrote; where he wrote into the quotation, all of it."""
    mail = work.builder.mail
    return mail.text if work.reply.in_quotation else (mail.own_words or mail.text)
