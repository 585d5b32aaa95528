"""The verbs' names in German and French.  They are understood at any time, whatever language a reader's letters have.

A line is read in `command_lines`, which asks `verb_of`, as `/help VERB` does; everything else knows the English names
alone.
"""

from __future__ import annotations

from collections.abc import Mapping

# The first name of a verb is the one that the reference shows; others are spellings without accents, or other words.
NAMES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "de": {
        "accept": ("annehmen",),
        "allow": ("erlauben",),
        "answer": ("antwort",),
        "ask": ("fragen",),
        "assign": ("zuweisen", "zuteilen"),
        "attach": ("anhängen", "anhaengen"),
        "away": ("abwesend",),
        "back": ("zurück", "zurueck"),
        "block": ("sperren",),
        "cc": ("kopie",),
        "close": ("schließen", "schliessen"),
        "contact": ("kontakt",),
        "contacts": ("kontakte",),
        "contract": ("vertrag",),
        "due": ("fällig", "faellig"),
        "dup": ("dublette",),
        "entitlement": ("anspruch",),
        "event": ("ereignis",),
        "files": ("dateien",),
        "help": ("hilfe",),
        "hold": ("anhalten", "pausieren"),
        "keep": ("behalten",),
        "later": ("später", "spaeter"),
        "level": ("stufe",),
        "link": ("verknüpfen", "verknuepfen"),
        "list": ("liste",),
        "merge": ("zusammenführen", "zusammenfuehren"),
        "met": ("erreicht",),
        "note": ("notiz",),
        "priority": ("priorität", "prioritaet"),
        "product": ("produkt",),
        "public": ("öffentlich", "oeffentlich"),
        "reason": ("grund",),
        "reject": ("ablehnen",),
        "remove": ("entfernen",),
        "reopen": ("wiedereröffnen", "wiedereroeffnen", "wiederöffnen"),
        "research": ("recherchieren",),
        "resolve": ("lösen", "loesen"),
        "review": ("durchsicht",),
        "search": ("suchen",),
        "send": ("senden",),
        "share": ("freigeben",),
        "show": ("zeigen",),
        "split": ("teilen",),
        "stop": ("stopp",),
        "take": ("übernehmen", "uebernehmen"),
        "thread": ("verlauf",),
        "time": ("zeit",),
        "title": ("titel",),
        "visibility": ("sichtbarkeit",),
        "undo": ("rückgängig", "rueckgaengig"),
        "recall": ("zurückrufen", "zurueckrufen"),
        "wait": ("warten",),
        "watch": ("beobachten",),
        "who": ("wer",),
        "why": ("warum",),
    },
    "fr": {
        "accept": ("accepter",),
        "allow": ("autoriser",),
        "answer": ("réponse", "reponse"),
        "ask": ("demander",),
        "assign": ("attribuer", "assigner", "confier"),
        "attach": ("joindre",),
        "away": ("absent",),
        "back": ("retour",),
        "block": ("bloquer",),
        "cc": ("copie",),
        "close": ("fermer", "clore"),
        "contract": ("contrat",),
        "due": ("échéance", "echeance"),
        "dup": ("doublon",),
        "entitlement": ("droits",),
        "event": ("événement", "evenement"),
        "files": ("fichiers",),
        "help": ("aide",),
        "hold": ("suspendre",),
        "keep": ("garder",),
        "later": ("plus-tard",),
        "level": ("niveau",),
        "link": ("lier",),
        "list": ("liste",),
        "merge": ("fusionner",),
        "met": ("atteint",),
        "priority": ("priorité", "priorite"),
        "product": ("produit",),
        "public": ("publique",),
        "reason": ("motif",),
        "reject": ("refuser",),
        "remove": ("retirer",),
        "reopen": ("rouvrir", "réouvrir", "reouvrir"),
        "research": ("rechercher",),
        "resolve": ("résoudre", "resoudre"),
        "review": ("revue",),
        "search": ("chercher",),
        "send": ("envoyer",),
        "share": ("partager",),
        "show": ("montrer", "afficher"),
        "split": ("séparer", "separer"),
        "status": ("statut", "état", "etat"),
        "stop": ("arrêter", "arreter"),
        "take": ("prendre",),
        "thread": ("fil",),
        "time": ("temps",),
        "title": ("titre",),
        "undo": ("annuler",),
        "recall": ("rappeler",),
        "visibility": ("visibilité", "visibilite"),
        "wait": ("attendre",),
        "watch": ("suivre",),
        "who": ("qui",),
        "why": ("pourquoi",),
    },
}
_VERBS = {name: verb for names in NAMES.values() for verb, all_names in names.items() for name in all_names}


def verb_of(word: str) -> str:
    """The English name of a verb that is written in another language; any other word as it is, in lower case."""
    word = word.lower()
    return _VERBS.get(word, word)


def names_of(verb: str) -> tuple[str, ...]:
    """The verb's English name, and its names in other languages."""
    return (verb, *(name for names in NAMES.values() for name in names.get(verb, ())))


def name_in(language: str, verb: str) -> str:
    """The verb's name for readers of a language (a tag such as de or fr-ch); "" where it has no other name there."""
    return NAMES.get(language.partition("-")[0], {}).get(verb, ("",))[0]
