"""Compares what a step expects with what happened: everything named must have happened, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tests.letters.events import event
from tests.letters.laws import REPLY_KINDS
from tests.letters.script import Step
from tests.letters.writing import Letter, address

AT_FIRST = {  # of an incident that was just opened, where the step says nothing else
    "closing_status": "", "temporary_owner": "", "resolution": "", "verified": "", "cycle": 1, "watchers": [],
    "tags": [], "links": [], "closure_requested": False, "waits": False, "late": False, "clocks": {},
}  # fmt: skip


def differences(
    step: Step, seen: Mapping[str, Any], letters: Sequence[Letter], names: Mapping[str, str], *, whole: bool = False
) -> list[str]:
    """Sentences; none where all is as it was written.  `whole`: owners of new incidents and all clocks are named."""
    short = {address(who): name for name, who in names.items()}
    found = [
        *_endings(step, seen["inbox"]),
        *_held(step, seen["held"]),
        *_entries(step, seen["log"], short),
        *_letters(step, letters, short),
        *_incidents(step, seen["before"], seen["after"], short, whole),
    ]
    waiting = [f"{short.get(who, who)} {purpose}" for who, purpose in seen["waiting"]]
    if waiting != sorted(step.waiting):
        found.append(f"waiting notices: {waiting}, not {sorted(step.waiting)}")
    return found


def _endings(step: Step, rows: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    for row in rows:
        if (row["ending"], row["rule"]) != (step.ending, step.rule or row["rule"]):
            yield f"ended as {row['ending']} by {row['rule']} ({row['reason']}), not {step.ending} by {step.rule}"


def _held(step: Step, rows: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    reasons = [row["reason"] for row in rows]
    if reasons != ([step.reason] if step.reason else []):
        yield f"held: {reasons}, not {step.reason or 'at all'}"


def _many(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or [])


def _contains(wanted: Mapping[str, Any], text: str) -> Iterable[str]:
    flat = " ".join(text.split())
    for word in _many(wanted.get("has")):
        if " ".join(word.split()) not in flat:
            yield f"lacks {word!r}:\n{text}"
    for word in _many(wanted.get("hasnt")):
        if " ".join(word.split()) in flat:
            yield f"holds {word!r}:\n{text}"


# --- the log


def _entries(step: Step, rows: Sequence[Mapping[str, Any]], short: Mapping[str, str]) -> Iterable[str]:
    happened = [f"{short.get(row['author'], row['author'])} {row['event']} {row['leg']}" for row in rows]
    wanted = [{"entry": one} if isinstance(one, str) else one for one in step.log]
    if happened != [one["entry"] for one in wanted]:
        yield f"the log got {happened}, not {[one['entry'] for one in wanted]}"
        return
    for one, row in zip(wanted, rows, strict=True):
        for sentence in _contains(one, row["text"]):
            yield f"log {one['entry']}: {sentence}"
        if "is" in one and row["text"] != one["is"]:
            yield f"log {one['entry']}: is {row['text']!r}"
        if "proof" in one and row["proof"] != one["proof"]:
            yield f"log {one['entry']}: its proof is {row['proof']}"
        if "files" in one and row["files"] != _many(one["files"]):
            yield f"log {one['entry']}: its files are {row['files']}"
        if "incident" in one and row["incident"] != one["incident"]:
            yield f"log {one['entry']}: is of incident {row['incident']}"


# --- letters


def _letters(step: Step, letters: Sequence[Letter], short: Mapping[str, str]) -> Iterable[str]:
    wanted = [{"letter": one} if isinstance(one, str) else one for one in step.letters]
    left = [(f"{short.get(one.recipient, one.recipient)} {one.purpose}", one) for one in letters]
    if sorted(name for name, _ in left) != sorted(one["letter"] for one in wanted):
        yield f"left: {sorted(name for name, _ in left)}, not {sorted(one['letter'] for one in wanted)}"
        return
    for one in wanted:
        place = next(at for at, (name, _) in enumerate(left) if name == one["letter"])
        _, letter = left.pop(place)
        head = "\n".join(f"{name}: {' '.join(str(value).split())}" for name, value in letter.parsed.items())
        for sentence in _contains(one, f"{head}\n\n{letter.text}"):
            yield f"letter {one['letter']} {sentence}"
        for source in (one for one in _many(one.get("page")) if one not in letter.page):
            yield f"letter {one['letter']}: its page lacks {source!r}:\n{letter.page}"
        if event(letter) != one.get("event", ""):
            yield f"letter {one['letter']}: its event is {event(letter)!r}"
        if "files" in one and letter.files != _many(one["files"]):
            yield f"letter {one['letter']}: its files are {letter.files}"
        kind = REPLY_KINDS.get(letter.reply_to.rpartition("+")[2][:1], "")
        if "reply" in one and kind != one["reply"]:
            yield f"letter {one['letter']}: a plain reply is {kind}"


# --- incidents


def _incidents(
    step: Step, before: Mapping[int, Any], after: Mapping[int, Any], short: Mapping[str, str], whole: bool
) -> Iterable[str]:
    opened = sorted(set(after) - set(before))
    named = {int(one.get("number", 1)): one for one in step.incident}
    if opened != sorted(set(named) - set(before)):
        yield f"opened: {opened}, while {sorted(named)} are named"
        return
    for number, row in after.items():
        wanted = {k: v for k, v in named.get(number, {}).items() if k != "number"}
        usual = before.get(number) or AT_FIRST | {"status": "active" if row["owner"] else "new"}
        for name, value in row.items():
            now = _short(value, short)
            if name in wanted:
                if now != wanted[name]:
                    yield f"incident {number}: {name} is {now!r}, not {wanted[name]!r}"
            elif name in usual and value != usual[name] and (whole or name != "clocks"):
                yield f"incident {number}: {name} became {now!r}"
        if unknown := set(wanted) - set(row):
            yield f"incident {number}: no field {sorted(unknown)}"
        if whole and number in opened and "owner" not in wanted:
            yield f"incident {number}: its owner {_short(row['owner'], short)!r} is not named"


def _short(value: Any, short: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [short.get(one, one) for one in value]
    return short.get(value, value) if isinstance(value, str) else value
