"""What our letters say: templates in folders, the admin's before the packaged ones.

One folder a language (`en`), one file a letter (`acknowledgement.txt`): the lines up to the first blank one give
"Subject: ...", the rest is the text.  A file whose name begins with `_` is a piece that others include.  Templates are
plain Jinja, and as trusted as the configuration (docs/decisions/plain-templates.md).  An admin's file may extend the
packaged one of the same name: `{% extends "packaged/en/answer.txt" %}`.

Values are data: nothing in them is ever read as a template (a subject "{{7*7}}" appears as it is).  Who gets which
letter, and what it may show, is decided in `services`.

A pitfall of `trim_blocks`: the line end after a block tag is eaten, so a sentence that ends with a tag runs into the
next line.  Write `{% endif +%}` there, or let the tag stand on a line of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateSyntaxError,
)

from sitmail.sending.template_filters import FILTERS

FALLBACK = "en"
SIGNATURE = "-- "  # the line by which mail programs know one (RFC 3676 section 4.3)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")


class LetterError(Exception):
    """No template gives this letter; a mistake in the templates, which trying again does not mend."""


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
        # The second sees all folders but the first, and so on: with it a letter is tried again without the first.
        self._environments = tuple(_environment(self._folders[at:]) for at in range(len(self._folders)))
        self._candidates: dict[tuple[str, str], tuple[Template, ...]] = {}
        self.faults: dict[str, str] = {}

    def render(self, language: str, purpose: str, values: Mapping[str, object]) -> tuple[str, str]:
        """Subject (one line) and text (ends with a newline) of a letter; LetterError if no template can give it."""
        candidates = self._candidates.get((language, purpose))
        if candidates is None:
            candidates = self._candidates[language, purpose] = tuple(self._found(language, purpose))
        for template in candidates:
            try:
                return _rendered(template, values)
            except Exception as error:  # whatever an admin's template does, the packaged one has to speak
                path = str(template.filename)
                self.faults[path] = _sentence(path, error)
        raise LetterError(
            f"no template renders {language}/{purpose}.txt: {'; '.join(self.faults.values()) or 'none found'}"
        )

    def check(self, samples: Mapping[str, Sequence[Mapping[str, object]]]) -> list[str]:
        """Render every letter of every language and folder with its samples; one sentence for each mistake."""
        wrong: list[str] = []
        for environment, folder in zip(self._environments, self._folders, strict=True):
            for path in sorted(folder.glob("*/*.txt")):
                if not path.stem.startswith("_"):
                    wrong += _check_one(environment, path, samples)
        for purpose in samples:
            if not any((folder / FALLBACK / f"{purpose}.txt").is_file() for folder in self._folders):
                wrong.append(f"templates: no {FALLBACK}/{purpose}.txt")
        return wrong

    def speak(self, language: str) -> bool:
        """Whether any letter is there in this language, or in its family (pt-br: pt)."""
        tags = [tag for tag in _family(language) if tag != FALLBACK or language.lower().startswith(FALLBACK)]
        return any(next((folder / tag).glob("*.txt"), None) for folder in self._folders for tag in tags)

    def _found(self, language: str, purpose: str) -> Iterator[Template]:
        """Templates to try: of the language, of its family (pt-br: pt), of English; the admin's first in each."""
        for tag in _family(language):
            name = f"{tag}/{purpose}.txt"
            for at, environment in enumerate(self._environments):
                path = next((folder / name for folder in self._folders[at:] if (folder / name).is_file()), None)
                if path is None:
                    break
                try:
                    yield environment.get_template(name)
                except Exception as error:
                    self.faults[str(path)] = _sentence(str(path), error)


def _environment(folders: Sequence[Path]) -> Environment:
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(folders), PrefixLoader({"packaged": FileSystemLoader(folders[-1])})]),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - letters are plain text
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,  # a desk has some fifty templates: all are kept, and finding one costs no search
    )
    environment.filters.update(FILTERS)
    environment.globals.clear()  # letters need none of Jinja's functions, and each include would copy them
    return environment


def _check_one(
    environment: Environment, path: Path, samples: Mapping[str, Sequence[Mapping[str, object]]]
) -> list[str]:
    language, purpose = path.parent.name, path.stem
    if not _LANGUAGE.fullmatch(language):
        return [f"{path}: {language!r} is no language (write it like 'en' or 'pt-br')"]
    if purpose not in samples:
        near = get_close_matches(purpose, samples, 1)
        return [f"{path}: no letter has this name" + (f" (did you mean {near[0]}.txt?)" if near else "")]
    try:
        template = environment.get_template(f"{language}/{purpose}.txt")
    except Exception as error:
        return [_sentence(str(path), error)]
    wrong: dict[str, None] = {}
    for sample in samples[purpose]:
        try:
            _rendered(template, sample)
        except Exception as error:
            wrong[_sentence(str(path), error)] = None
    return list(wrong)


def _rendered(template: Template, values: Mapping[str, object]) -> tuple[str, str]:
    head, _, text = template.render(values).partition("\n\n")
    subject = " ".join(head.split())
    if not subject.startswith("Subject:"):
        raise LetterError('the first line does not begin with "Subject:"')
    subject, text = subject.removeprefix("Subject:").strip(), _tidy(text)
    if not subject or not text:
        raise LetterError("the subject or the text is empty")
    return subject, text + "\n"


def _tidy(text: str) -> str:
    """No white space at the ends of lines, and never two blank ones in a row, none at the ends."""
    text = "\n".join([line if line == SIGNATURE else line.rstrip() for line in text.split("\n")]).strip("\n")
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text


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
