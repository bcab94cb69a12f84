"""The loss as one layer sees it: J := cL + R, what the layers above make of it, and a penalty."""

from __future__ import annotations

from derive.context import Context
from derive.terms import ONE, Add, Mul, Term, Var


def taken_apart(context: Context, whole: Var, above: Var) -> tuple[Term, Term, Term | None]:
    """c, L and R (None if there is none) of the definition of `whole`, where L alone depends on `above`.

    Raises `ValueError` where the definition is no such sum.
    """
    definition = context.definitions.get(whole.name)
    if definition is None or definition.params or definition.var != whole or whole.shape:
        raise ValueError(f"{whole.name} is no defined scalar")
    body = definition.body
    data, rest = _parted(context, body.args if isinstance(body, Add) else (body,), above)
    if len(data) == 1:
        inner, others = _parted(context, data[0].args if isinstance(data[0], Mul) else data, above)
        if len(inner) == 1:
            return _joined(Mul, others) or ONE, inner[0], _joined(Add, rest)
    raise ValueError(f"{whole.name} is not a multiple of what the layers above make of {above.name}, and a penalty")


def _parted(context: Context, parts: tuple[Term, ...], above: Var) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    """Those that depend on `above`, and the others."""
    found = [above.name in context.reachable(part) for part in parts]
    return (
        tuple(part for part, there in zip(parts, found) if there),
        tuple(part for part, there in zip(parts, found) if not there),
    )


def _joined(make: type[Add] | type[Mul], parts: tuple[Term, ...]) -> Term | None:
    return parts[0] if len(parts) == 1 else make(parts) if parts else None


__all__ = ["taken_apart"]
