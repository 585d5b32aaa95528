"""What our letters say: templates in folders, the admin's before the packaged ones.

One file a letter (`acknowledgement.txt`), which gives its subject, its text part and its page: the lines up to the
first blank one are "Subject: ...", the rest is paragraphs and blocks (`blocks`).  A file whose name begins with `_` is
a piece that others include or extend.  Templates are plain Jinja, and as trusted as the configuration
(docs/decisions/plain-templates.md).  An admin's file may extend the packaged one of the same name:
`{% extends "packaged/answer.txt" %}`.

Values are data: nothing in them is ever read as a template or as a tag.  Who gets which letter, and what it may show,
is decided in `services`.

A pitfall of `trim_blocks`: the line end after a block tag is eaten, so a sentence that ends with a tag runs into the
next line.  Write `{% endif +%}` there, or let the tag stand on a line of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

from jinja2 import (
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateSyntaxError,
)

from sitmail.domain.nouns import NOUNS
from sitmail.sending.letters import blocks, figures, languages, page_part, text_part
from sitmail.sending.letters.filters import filters
from sitmail.sending.letters.languages import Language
from sitmail.sending.letters.translation import TranslatedLoader, in_one

ENVIRONMENTS = 12  # that are kept: our languages, with each noun

T = TypeVar("T")
Guard = Callable[[str], str]


class LetterError(Exception):
    """No template gives this letter; a mistake in the templates, which trying again does not mend."""


class WrittenLetter(NamedTuple):
    """A letter in words: the subject is one line, the text ends with a newline, `page` is "" where none is wanted."""

    subject: str
    text: str
    page: str
    language: str


def packaged() -> Path:
    """The folder of templates that came with the program: inside the wheel, else in the checkout."""
    package = Path(__file__).parents[2]
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent / "templates"


class _Candidate(NamedTuple):
    """A file that may give a letter: with all that it extends and includes; and as it is, which knows its lines."""

    joined: Template
    apart: Callable[[], Template]


class Letters:
    """Templates, read once; make a new one to read them again.

    `folders` in order of precedence, the packaged one last.  `html` False: letters have no page.  `noun`: what letters
    call an incident.  `faults` holds, by file, why a template was passed over for the one behind it.
    """

    def __init__(self, folders: Sequence[Path], html: bool = True, noun: str = NOUNS[0]) -> None:
        self._folders, self._html, self._noun = tuple(folders), html, noun
        self._environments: dict[str, tuple[Environment, ...]] = {}  # by language
        self._candidates: dict[tuple[str, str], tuple[_Candidate, ...]] = {}  # by language and purpose
        self._languages: dict[str, Language] = {}
        self.faults: dict[str, str] = {}

    @property
    def pages(self) -> bool:
        """Whether letters have one."""
        return self._html

    def write(
        self,
        language: str,
        purpose: str,
        values: Mapping[str, object],
        reply: str = "",
        reference: str = "",
        guard: Guard = str,
    ) -> WrittenLetter:
        """A letter; LetterError if no template can give it.

        `reply` and `reference` are address and subject of its buttons; `guard` takes out of the rendered words what
        this reader may not see.
        """

        def one(template: Template, spoken: Language) -> WrittenLetter:
            rendered = template.render({**values, **spoken.names})
            return _written(guard(rendered), spoken, reply, reference, self._html)

        return self._in(language, purpose, one)

    def piece(self, language: str, purpose: str, values: Mapping[str, object]) -> str:
        """What a notice has to say within another letter; to be given to that one's template."""

        def one(template: Template, spoken: Language) -> str:
            return template.render({**values, **spoken.names}).partition("\n\n")[2]

        return self._in(language, purpose, one)

    def language(self, wanted: str) -> Language:
        """The language that a reader who wants that one is written in."""
        found = self._languages.get(wanted)
        if found is None:
            found = self._languages[wanted] = languages.language(self._folders, wanted, self.faults, self._noun)
        return found

    def speaks(self, wanted: str) -> bool:
        """Whether letters are there in this language, or in its family (pt-br: pt)."""
        return self.language(wanted).tag.partition("-")[0] == languages.family(wanted)[0].partition("-")[0]

    def check(self, samples: Mapping[str, Sequence[Mapping[str, object]]]) -> list[str]:
        """Writes every letter of every folder with its samples; one sentence for each mistake."""
        wrong: list[str] = []
        for spoken in [self.language(tag) for tag in self._tags()]:
            for environment, folder in zip(self._environments_in(spoken), self._folders, strict=True):
                for path in sorted(folder.glob("*.txt")):
                    if not path.stem.startswith("_"):
                        wrong += _check_one(environment, path, samples, spoken)
        wrong += [self.faults[place] for place in self.faults if place.endswith(".po")]
        for folder in self._folders:
            wrong += [
                f"{path}: letters are one file for all languages now, so this one is not used; "
                f"{folder / path.name} would be"
                for path in sorted(folder.glob("*/*.txt"))
            ]
        for purpose in samples:
            if not any((folder / f"{purpose}.txt").is_file() for folder in self._folders):
                wrong.append(f"templates: no {purpose}.txt")
        return list(dict.fromkeys(wrong))

    def _tags(self) -> list[str]:
        """The languages that letters can be written in, English first."""
        found = [path for folder in self._folders for path in sorted(folder.glob("locale/*/LC_MESSAGES/sitmail.po"))]
        return list(dict.fromkeys([languages.FALLBACK, *(path.parts[-3].replace("_", "-") for path in found)]))

    def _environments_in(self, spoken: Language) -> tuple[Environment, ...]:
        """The second sees all folders but the first, and so on: with it a letter is tried again without the first."""
        if spoken.tag not in self._environments:
            *before, last = [self._folders[at:] for at in range(len(self._folders))]
            mixed = [_environment(some, spoken) for some in before]
            self._environments[spoken.tag] = (*mixed, _environment_of_one(last[0], spoken, self._noun))
        return self._environments[spoken.tag]

    def _in(self, language: str, purpose: str, use: Callable[[Template, Language], T]) -> T:
        """In this language; in English where a sentence of its catalogue spoils every template."""
        spoken = self.language(language)
        try:
            return self._by_the_first_that_can(spoken, purpose, use)
        except LetterError:
            if spoken.tag == languages.FALLBACK:
                raise
        return self._by_the_first_that_can(self.language(languages.FALLBACK), purpose, use)

    def _by_the_first_that_can(self, spoken: Language, purpose: str, use: Callable[[Template, Language], T]) -> T:
        candidates = self._candidates.get((spoken.tag, purpose))
        if candidates is None:
            candidates = self._candidates[spoken.tag, purpose] = tuple(self._found(spoken, purpose))
        for candidate in candidates:
            try:
                return use(candidate.joined, spoken)
            except Exception:  # whatever an admin's template does, the packaged one has to speak
                try:
                    return use(candidate.apart(), spoken)
                except Exception as error:
                    path = str(candidate.joined.filename)
                    self.faults[path] = _sentence(path, error)
        raise LetterError(f"no template gives {purpose}.txt: {'; '.join(self.faults.values()) or 'none found'}")

    def _found(self, spoken: Language, purpose: str) -> Iterator[_Candidate]:
        """Templates to try, the admin's first."""
        name = f"{purpose}.txt"
        for at, environment in enumerate(self._environments_in(spoken)):
            path = next((folder / name for folder in self._folders[at:] if (folder / name).is_file()), None)
            if path is None:
                break
            try:
                yield _Candidate(in_one(environment, name), partial(environment.get_template, name))
            except Exception as error:
                self.faults[str(path)] = _sentence(str(path), error)


_ONE_FOLDER: dict[tuple[object, ...], Environment] = {}  # by all that it depends on


def _environment_of_one(folder: Path, language: Language, noun: str) -> Environment:
    """As it was made before in this process, while no file of the folder changes: a desk that is reloaded, and each
    of some thousand tests, would compile our templates anew."""
    files = sorted(folder.rglob("*.*"))
    state = (folder, language.tag, noun, *((path, path.stat().st_mtime_ns) for path in files))
    if state not in _ONE_FOLDER:
        if len(_ONE_FOLDER) >= ENVIRONMENTS:
            _ONE_FOLDER.pop(next(iter(_ONE_FOLDER)))
        _ONE_FOLDER[state] = _environment((folder,), language)
    return _ONE_FOLDER[state]


def _environment(folders: Sequence[Path], language: Language) -> Environment:
    places = [FileSystemLoader(folders), PrefixLoader({"packaged": FileSystemLoader(folders[-1])})]
    environment = Environment(
        loader=TranslatedLoader(places, language.gettext),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - the writer of the page escapes
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,  # a desk has some fifty templates: all are kept, and finding one costs no search
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True  # translators see a sentence, not how its lines were broken
    environment.filters.update(filters(language))
    environment.filters.update(blocks.FILTERS)
    environment.filters["figures"] = figures.filter_for(language, environment.filters["sentence"], blocks.figures)
    environment.globals.clear()  # letters need none of Jinja's functions, and each include would copy them
    return environment


def _check_one(
    environment: Environment, path: Path, samples: Mapping[str, Sequence[Mapping[str, object]]], spoken: Language
) -> list[str]:
    purpose = path.stem
    if purpose not in samples:
        near = get_close_matches(purpose, samples, 1)
        return [f"{path}: no letter has this name" + (f" (did you mean {near[0]}.txt?)" if near else "")]
    try:
        template = environment.get_template(path.name)
    except Exception as error:
        return [_sentence(str(path), error)]
    wrong: dict[str, None] = {}
    for sample in samples[purpose]:
        try:
            _written(template.render({**sample, **spoken.names}), spoken, "desk@example.com", "", html=True)
        except Exception as error:
            wrong[_sentence(str(path), error)] = None
    return list(wrong)


def _written(rendered: str, spoken: Language, reply: str, reference: str, html: bool) -> WrittenLetter:
    head, _, body = rendered.partition("\n\n")
    subject = " ".join(head.split())
    if not subject.startswith("Subject:"):
        raise LetterError('the first line does not begin with "Subject:"')
    subject, letter = subject.removeprefix("Subject:").strip(), blocks.read(body)
    if not subject or not letter:
        raise LetterError("the subject or the text is empty")
    frame = page_part.Frame(spoken.tag, spoken.direction, subject, reply, reference)
    return WrittenLetter(subject, text_part.write(letter), page_part.write(letter, frame) if html else "", spoken.tag)


def _sentence(path: str, error: Exception) -> str:
    """file:line: what is wrong.  Jinja rewrites tracebacks so that they name the template's own file and lines."""
    known = isinstance(error, TemplateError | LetterError)
    what = str(error) if known else f"{type(error).__name__}: {error}"
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename or path}:{error.lineno}: {error.message}"
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.endswith(".txt"):
            path, line = trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next
    return f"{path}:{line}: {what}" if line else f"{path}: {what}"
