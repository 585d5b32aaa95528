"""What our letters say: templates in folders, the admin's before the packaged ones.

One folder a language (`en`), one file a letter (`acknowledgement.txt`): the lines up to the first blank one give
"Subject: ...", the rest is the text.  The two are templates of their own: what one `set`s the other does not see,
and a value in the subject can never run over into the text.  Who gets which letter is no business of this room.

Values are data: nothing in them is ever read as a template (a subject "{{7*7}}" appears as it is).

A pitfall of `trim_blocks`: the line end after a block tag is eaten, so a sentence that ends with a tag runs into the
next line.  Write `{% endif +%}` there, or let the tag stand on a line of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import NoReturn

from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined, Template, TemplateError, TemplateSyntaxError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from sitmail.domain.record import record
from sitmail.sending.sandbox import Sandbox, Seen
from sitmail.sending.template_filters import FILTERS, only_spaces

FALLBACK = "en"
SIGNATURE = "-- "  # the line by which mail programs know one (RFC 3676 section 4.3)
_SIGNATURE_LINE = f"\n{SIGNATURE}\n"
_INCLUDE = re.compile(r"""\{% include ["']([\w/.-]+)["'] \+?%\}""")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")


class LetterError(Exception):
    """No template gives this letter; a mistake in the templates, which trying again does not mend."""


@record
class _Parts:
    """`apart` makes the same of the files as they are, slower, so that a mistake is told with its own file and line."""

    subject: Template
    text: Template
    apart: Callable[[], _Parts]


def packaged() -> Path:
    """The folder of templates that came with the program: inside the wheel, else in the checkout."""
    package = Path(__file__).parent.parent
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent / "templates"


class Letters:
    """Templates, read once; make a new one to read them again.

    `folders` in order of precedence, the packaged one last.  `faults` holds, by file, why a template was passed over
    for the one behind it.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)
        self._rooms = tuple(_environment(self._folders[place:]) for place in range(len(self._folders)))
        self._known: dict[tuple[str, str], tuple[tuple[str, _Parts], ...]] = {}
        self.faults: dict[str, str] = {}

    def render(self, language: str, purpose: str, context: Mapping[str, object]) -> tuple[str, str]:
        """Subject (one line) and text (ends with a newline) of a letter; LetterError if no template can give it."""
        wanted = self._known.get((language, purpose))
        if wanted is None:
            wanted = self._known[language, purpose] = self._candidates(language, purpose)
        for name, parts in wanted:
            try:
                return _rendered(parts, context)
            except Exception as error:  # whatever an admin's template does, the packaged one has to speak
                self.faults[name] = _sentence(name, _cause(parts, context) or error)
        raise LetterError(
            f"no template renders {language}/{purpose}.txt: {'; '.join(self.faults.values()) or 'none found'}"
        )

    def check(self, samples: Mapping[str, Sequence[Mapping[str, object]]]) -> list[str]:
        """Render every letter of every language and folder with its samples; one sentence for each mistake."""
        wrong: list[str] = []
        for place, folder in enumerate(self._folders):
            for path in sorted(folder.glob("*/*.txt")):
                if path.stem.startswith("_"):  # pieces that others include
                    continue
                wrong += self._check_one(place, path, samples)
        for purpose in samples:
            if not any((folder / FALLBACK / f"{purpose}.txt").is_file() for folder in self._folders):
                wrong.append(f"templates: no {FALLBACK}/{purpose}.txt")
        return wrong

    def _check_one(self, place: int, path: Path, samples: Mapping[str, Sequence[Mapping[str, object]]]) -> list[str]:
        language, purpose = path.parent.name, path.stem
        if not _LANGUAGE.fullmatch(language):
            return [f"{path}: {language!r} is no language (write it like 'en' or 'pt-br')"]
        if purpose not in samples:
            near = get_close_matches(purpose, samples, 1)
            return [f"{path}: no letter has this name" + (f" (did you mean {near[0]}.txt?)" if near else "")]
        wrong: dict[str, None] = {}
        try:
            parts = _parts(self._rooms[place], self._rooms[0], f"{language}/{purpose}.txt", whole=False)
        except Exception as error:
            return [_sentence(str(path), error)]
        for sample in samples[purpose]:
            try:
                _rendered(parts, sample)
            except Exception as error:
                wrong[_sentence(str(path), error)] = None
        return list(wrong)

    def _candidates(self, language: str, purpose: str) -> tuple[tuple[str, _Parts], ...]:
        """Templates to try, each with the file it is in: of the language, of its family (pt-br: pt), of English.

        Pieces that a packaged template includes are the admin's first too; if they fail, the packaged ones serve.
        """
        found: list[tuple[str, _Parts]] = []
        for tongue in _family(language):
            for place, folder in enumerate(self._folders):
                path = folder / tongue / f"{purpose}.txt"
                if not path.is_file():
                    continue
                for room in {0: self._rooms[0], place: self._rooms[place]}.values():
                    try:
                        found.append((str(path), _parts(self._rooms[place], room, f"{tongue}/{purpose}.txt")))
                    except Exception as error:
                        self.faults[str(path)] = _sentence(str(path), error)
        return tuple(found)


def _environment(folders: Sequence[Path]) -> ImmutableSandboxedEnvironment:
    room = Sandbox(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
        undefined=StrictUndefined,
        autoescape=False,  # letters are plain text
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    room.filters.update(FILTERS)
    return room


def _parts(
    home: ImmutableSandboxedEnvironment, room: ImmutableSandboxedEnvironment, name: str, *, whole: bool = True
) -> _Parts:
    """The template as `home` has it, with the pieces of `room`; `whole` puts these in before it is compiled."""
    assert home.loader is not None
    source, path, _ = home.loader.get_source(home, name)
    source = _whole(room, source) if whole else source
    head, _, text = source.partition("\n\n")
    text = "\n" * (head.count("\n") + 2) + text  # so that a mistake is told with its line in the file
    pieces = (room.compile(each, name, path or name) for each in (head, text))
    subject, body = (Template.from_code(room, code, room.make_globals(None)) for code in pieces)
    return _Parts(subject, body, lambda: _parts(home, room, name, whole=False))


def _cause(parts: _Parts, context: Mapping[str, object]) -> Exception | None:
    """What goes wrong where the pieces are files of their own."""
    try:
        _rendered(parts.apart(), context)
    except Exception as error:
        return error
    return None


def _whole(room: ImmutableSandboxedEnvironment, source: str, depth: int = 5) -> str:
    """The source with the pieces it includes by name put in: an include at run time copies the whole context."""
    assert room.loader is not None
    loader = room.loader

    def piece(found: re.Match[str]) -> str:
        included = loader.get_source(room, found[1])[0]
        return _whole(room, included, depth - 1).removesuffix("\n")

    return _INCLUDE.sub(piece, source) if depth else source


def _rendered(parts: _Parts, values: Mapping[str, object]) -> tuple[str, str]:
    context = _context(parts.subject, values)
    subject = " ".join(_said(parts.subject, context).split())
    if not subject.startswith("Subject:"):
        _fail('the first line does not begin with "Subject:"')
    subject = subject.removeprefix("Subject:").strip()
    if context.vars or context.blocks or parts.text.blocks:  # what one of them sets the other does not see
        context = _context(parts.text, values)
    text = _tidy(_said(parts.text, context))
    if not subject or not text:
        _fail("the subject or the text is empty")
    return subject, text + "\n"


def _context(template: Template, values: Mapping[str, object]) -> Context:
    """What a template sees.  Its own way to make one copies everything once more, which took longer than to render."""
    return Seen(template.environment, values, template.name, template.blocks)


def _said(template: Template, context: Context) -> str:
    """As Template.render, with a context made before."""
    try:
        return "".join(template.root_render_func(context))
    except Exception:
        template.environment.handle_exception()


def _tidy(text: str) -> str:
    """No white space at the ends of lines, and never two blank ones in a row, none at the ends."""
    text = text.strip("\n")
    if not _has_tails(text):  # which is looked up in a third of the time it takes to cut them off
        while "\n\n\n" in text:
            text = text.replace("\n\n\n", "\n\n")
        return text
    lines = [""]
    for written in text.split("\n"):
        line = written if written == SIGNATURE else written.rstrip()
        if line or lines[-1]:
            lines.append(line)
    return "\n".join(lines).strip("\n")


def _has_tails(text: str) -> bool:
    """Whether there may be white space at the end of a line."""
    if text[-1:] == " " or not only_spaces(text):
        return True
    at = text.find(" \n")
    while at >= 0:
        if at < 3 or not text.startswith(_SIGNATURE_LINE, at - 3):
            return True
        at = text.find(" \n", at + 1)
    return False


def _fail(sentence: str) -> NoReturn:
    raise LetterError(sentence)


def _family(language: str) -> list[str]:
    """pt-br -> pt-br, pt, en.  What is no language tag is English."""
    tag = language.lower().replace("_", "-")
    if not _LANGUAGE.fullmatch(tag):
        return [FALLBACK]
    words = tag.split("-")
    return list(dict.fromkeys([*("-".join(words[:end]) for end in range(len(words), 0, -1)), FALLBACK]))


def _sentence(path: str, error: Exception) -> str:
    """file:line: what is wrong.  Jinja rewrites tracebacks so that they name the template's own file and lines."""
    what = str(error) if isinstance(error, TemplateError | LetterError) else f"{type(error).__name__}: {error}"
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename or path}:{error.lineno}: {error.message}"
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.endswith(".txt"):
            path, line = trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next
    return f"{path}:{line}: {what}" if line else f"{path}: {what}"
