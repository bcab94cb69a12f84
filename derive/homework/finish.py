"""What is known of a document only once all of it is read."""

from __future__ import annotations

from dataclasses import replace

from derive.context import Context
from derive.homework.claim import Document
from derive.latex.sizes import Sizes, unknown

#: of a document's errors so many are looked at for their likely cause
MOST_REPAIRS = 20


def finish(document: Document, solver: Sizes, letters: set[str], unmade: dict[str, int]) -> None:
    """Sizes that later formulas told are put into what was read before; those that nothing told get a name
    that is none of the `letters`.  `unmade`: names whose definition cannot be read, with its line."""
    contexts = {id(c): c for c in [x.context for x in document.claims] + [s.context for s in document.sections]}
    for context in contexts.values():
        for declaration in context.declarations.values():
            for size in declaration.shape:
                solver.name(size, letters)
    for context in contexts.values():
        _settle(context, solver)
    repairable = 0
    for claim in document.claims:
        claim.prop, claim.above = solver.settle_all((claim.prop, claim.above))
        error = claim.error
        if error is None:
            continue
        repairable += 1
        if repairable > MOST_REPAIRS:
            claim.written = None
        if error.code in ("D140", "D141", "D146", "D156") and error.params["name"] in unmade:
            name = error.params["name"]
            claim.error = replace(error, code="D154", params={"name": name, "line": str(unmade[name])})


def _settle(context: Context, solver: Sizes) -> None:
    for name, declaration in list(context.declarations.items()):
        shape = solver.shape(declaration.shape)
        if shape != declaration.shape:
            context.declarations[name] = replace(declaration, shape=shape)
    for name, definition in list(context.definitions.items()):
        context.definitions[name] = solver.settle_all(definition)
    context.assumptions[:] = [solver.settle_all(a) for a in context.assumptions]
    if any(map(unknown, context.least)):
        least = {solver.resolve(size): count for size, count in context.least.items()}
        context.least = {size: count for size, count in least.items() if not unknown(size)}


__all__ = ["MOST_REPAIRS", "finish"]
