"""The Python names of a document: one for each declared variable, the same in every function of the module."""

from __future__ import annotations

import builtins

from codegen.printer import RESERVED
from derive.context import Context, written
from derive.names import python_names

#: names that the module uses for its own helpers
HELPERS = ("_arrays", "_length")

#: names that a function of the module cannot have: the helpers need them
TAKEN = (*RESERVED, *HELPERS, "annotations", "Any", *(n for n in dir(builtins) if n.isidentifier()))


def spelled(context: Context) -> dict[str, str]:
    """Declared (internal) name → identifier."""
    made = python_names((written(n) for n in context.declarations), (*RESERVED, *HELPERS))
    return {n: made[written(n)] for n in context.declarations}


__all__ = ["HELPERS", "TAKEN", "spelled"]
