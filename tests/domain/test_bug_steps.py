"""Which texts of bugs say how to reproduce them (S2-10)."""

from __future__ import annotations

import pytest

from sitmail.domain.bug_steps import has_steps

WITH = [
    "Steps: open it, press it",
    "It breaks.\n\nSteps to reproduce:\n1. open",
    "**Steps to Reproduce**\n\n1. open",
    "## How to reproduce\nopen it",
    "1) Steps to reproduce (always):\nopen it",
    "STR:\n- open it",
    "Repro steps:\nopen it",
    "Steps\n1. open",
    "Schritte:\n1. öffnen",
    "Schritte zum Nachstellen:\nöffnen",
    "Schritte, um den Fehler nachzustellen:\nöffnen",
    "So lässt sich der Fehler reproduzieren: öffnen",
    "Reproduktion:\nöffnen",
    "Nachstellen:\nöffnen",
    "Étapes :\n1. ouvrir",
    "Étapes pour reproduire le problème :\n1. ouvrir",
    "Etapes de reproduction :\nouvrir",
    "Comment reproduire\nouvrir",
    "Marche à suivre :\nouvrir",
]
WITHOUT = [
    "It breaks.",
    "Steps:",
    "It breaks.\nSteps to reproduce:\n\n",
    "Steps are missing\nsorry",
    "I took steps: none",
    "to reproduce it I have no idea\nsorry",
    "Schritte fehlen noch\nleider",
    "stripes: red\nand blue",
    "We will retrace the steps\nsoon",
]


@pytest.mark.parametrize("text", WITH)
def test_a_heading_with_something_under_it(text: str) -> None:
    assert has_steps(text)


@pytest.mark.parametrize("text", WITHOUT)
def test_no_heading_or_nothing_under_it(text: str) -> None:
    assert not has_steps(text)
