"""The Python names of a document: one for each declared variable, the same in every function of the module."""

from __future__ import annotations

import builtins
from collections.abc import Mapping

from codegen.printer import RESERVED
from derive.context import Context, written
from derive.names import KEYWORDS, python_names, python_of

#: names that the module uses for its own helpers
HELPERS = ("_arrays", "_length")

#: names that a function of the module cannot have: the helpers need them
TAKEN = (*RESERVED, *HELPERS, "annotations", "Any", *(n for n in dir(builtins) if n.isidentifier()))


def spelled(context: Context) -> dict[str, str]:
    """Declared (internal) name → identifier."""
    made = python_names((written(n) for n in context.declarations), (*RESERVED, *HELPERS))
    return {n: made[written(n)] for n in context.declarations}


def aliases(spelled: Mapping[str, str]) -> dict[str, str]:
    """Other words for identifiers, by internal name: `x` for the family x^{(i)}, `lambda` for λ.

    A word that is an identifier itself, or that two could mean, is left out.
    """
    found: dict[str, set[str]] = {}
    for name, identifier in spelled.items():
        bare = written(name).split("^{(")[0]
        for word in (python_of(bare), *(word for word, short in KEYWORDS.items() if short == identifier)):
            found.setdefault(word, set()).add(identifier)
    taken = set(spelled.values())
    return {word: next(iter(of)) for word, of in found.items() if len(of) == 1 and word not in taken}


__all__ = ["HELPERS", "TAKEN", "aliases", "spelled"]
