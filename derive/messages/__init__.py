"""Every message of the checker, in every language: `message(code, params, lang)`, `word(key, lang)`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module

#: language → (module of its words, module of its messages about reading)
LANGUAGES = {
    "en": ("derive.messages.english", "derive.latex.errors"),
    "ja": ("derive.messages.japanese", "derive.messages.japanese_reading"),
}


@dataclass(frozen=True)
class Catalogue:
    """The messages of one language; every language has the same keys and placeholders."""

    templates: Mapping[str, str]
    same_line: Mapping[str, str]
    groups: Mapping[str, str]
    words: Mapping[str, str]
    causes: Mapping[str, str]
    notes: Mapping[str, str]
    phrases: Mapping[str, str]


@cache
def catalogue(lang: str) -> Catalogue:
    """The messages of `lang` ("en" or "ja"); ValueError for any other language."""
    if lang not in LANGUAGES:
        raise ValueError(f"no messages in {lang!r}; languages: {', '.join(LANGUAGES)}")
    own, reading = (import_module(name) for name in LANGUAGES[lang])
    templates = {**reading.TEMPLATES, **own.TEMPLATES}
    return Catalogue(templates, own.SAME_LINE, own.GROUPS, own.WORDS, own.CAUSES, own.NOTES, own.PHRASES)


class _Missing(dict[str, str]):
    """A parameter that the checker did not give is shown as a gap, not as a traceback."""

    def __missing__(self, key: str) -> str:
        return "…"


def message(code: str, params: Mapping[str, str], lang: str = "en", *, one_line: bool = False) -> str:
    """The message of a code; "" for no code.  `one_line`: both sides stand on one line."""
    if not code:
        return ""
    words = catalogue(lang)
    template = words.same_line.get(code) if one_line else None
    template = template or words.templates.get(code)
    said = {name: words.phrases.get(value, value) for name, value in params.items()}
    return template.format_map(_Missing(said)) if template else code


def word(key: str, lang: str = "en", **params: object) -> str:
    return catalogue(lang).words[key].format_map(_Missing({k: str(v) for k, v in params.items()}))


def cause(kind: str, params: Mapping[str, str], lang: str = "en") -> str:
    """A likely cause in words; the `kind` itself where it has none."""
    return catalogue(lang).causes.get(kind, kind).format_map(_Missing(params))


def note(key: str, params: Mapping[str, str], lang: str = "en") -> str:
    """What a counterexample shows; "" for no key."""
    return catalogue(lang).notes.get(key, key).format_map(_Missing(params))


def codes() -> list[str]:
    return sorted(catalogue("en").templates)


def explain(code: str, lang: str = "en") -> str:
    """The long explanation of a code, with an example.  KeyError for a code that does not exist."""
    from derive.messages.examples import DECLARATIONS, EXAMPLES

    words = catalogue(lang)
    template = words.templates[code]
    wrong, right = EXAMPLES[code]
    lines = [f"{code}: {template.format_map(_Missing())}", "", words.groups[code[:3]]]
    for label, text in (("example", wrong), ("instead", right)):
        if text:
            lines += ["", words.words[label], *(f"    {line}" for line in _short(text).split("\n"))]
    if wrong:
        lines += ["", words.words["declared"], *(f"    {line}" for line in DECLARATIONS.split("\n"))]
    return "\n".join(lines)


def _short(text: str, most: int = 60) -> str:
    """The example with the middle of an endless formula left out."""
    return text if len(text) <= 400 else f"{text[:most]} … {text[-most:]}"
