"""Turns the errors that pydantic reports into our sentences.  Sentences about single values come from `values`."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from sitmail.config.mistakes import Place, mistake, shown, suggestion
from sitmail.config.settings import field_at, is_list, table_at, table_of

SECRET = frozenset({"password"})
EXPECTED = {
    "string_type": "expected a text in quotes",
    "string_unicode": "expected a text of UTF-8",
    "int_type": "expected a whole number",
    "bool_type": "expected true or false",
    "too_short": "expected at least one",
    "is_instance_of": "expected a text in quotes",  # a SecretStr
}
BOUNDS = {"greater_than_equal": ("at least", "ge"), "less_than_equal": ("at most", "le")}


def sentences(file: str, error: ValidationError, overrides: Mapping[Place, str]) -> list[str]:
    """A line for each mistake.  One in an environment variable is reported under the variable's name."""
    lines = []
    for detail in error.errors(include_url=False):
        place = tuple(step for step in detail["loc"] if step != "[key]")  # a wrong key of a table of free keys
        variable = next((overrides[place[:n]] for n in range(len(place), 0, -1) if place[:n] in overrides), None)
        sentence = _sentence(place, detail)
        lines.append(f"{variable}: {sentence}" if variable else mistake(file, place, sentence))
    return lines


def _sentence(place: Place, detail: ErrorDetails) -> str:
    kind = detail["type"]
    if kind == "extra_forbidden":
        model = table_at(place[:-1])
        return "unknown key" + suggestion(str(place[-1]), model.model_fields if model else ())
    if kind == "missing":
        return _missing(place)
    if kind == "literal_error":
        return _literal(detail)
    if kind in ("list_type", "model_type"):
        return f"{_shape(place, kind)}, not {_found(place, detail['input'])}"
    if kind in BOUNDS:
        word, bound = BOUNDS[kind]
        return f"expected a number of {word} {detail['ctx'][bound]}, not {_found(place, detail['input'])}"
    if kind == "value_error":
        sentence = str(detail["ctx"]["error"])
        return f"{sentence}, not {_found(place, detail['input'])}" if sentence.startswith("expected") else sentence
    return f"{EXPECTED.get(kind, detail['msg'].lower())}, not {_found(place, detail['input'])}"


def _missing(place: Place) -> str:
    field = field_at(place)
    example = field.examples[0] if field and field.examples else "..."
    shown = f'["{example[0]}"]' if isinstance(example, list) else f'"{example}"'
    return f"missing, but needed, such as {place[-1]} = {shown}"


def _literal(detail: ErrorDetails) -> str:
    words = [one for one in detail["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ") if one]
    found = detail["input"]
    near = suggestion(found, words) if isinstance(found, str) else ""
    return f"expected {', '.join(words[:-1])} or {words[-1]}{near}, not {_found((), found)}"


def _shape(place: Place, kind: str) -> str:
    field = field_at(place)
    name = place[-1] if isinstance(place[-1], str) else place[-2]
    if field is None or table_of(field.annotation) is None:
        return "expected a list in square brackets"
    written = ".".join(str(step) for step in place if isinstance(step, str))
    if kind == "list_type":
        return f"expected tables [[{written}]] in double brackets"
    if is_list(field.annotation):
        return f"expected a table [[{written}]]"
    return f"expected a table [{written}]" if len(place) == 1 else f"expected a table, {name} = {{ ... }}"


def _found(place: Place, value: object) -> str:
    """The value that was found, for a sentence; "" if it is a secret."""
    return "what is there" if any(step in SECRET for step in place) else shown(value)
