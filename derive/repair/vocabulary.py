"""What a line may lack: terms and factors that other lines, the definitions and the names suggest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from derive.binders import bound
from derive.context import Context
from derive.terms import (
    Add,
    Call,
    Entry,
    Hadamard,
    Index,
    MatMul,
    Mul,
    Num,
    Shape,
    SizeTerm,
    Term,
    TermError,
    Transpose,
)  # fmt: skip

#: at most so many products of names
_MOST = 60


def summands(t: Term) -> tuple[Term, ...]:
    return t.args if isinstance(t, Add) else (t,)


def factors(t: Term) -> tuple[Term, ...]:
    """The scalars and arrays that are multiplied somewhere in t."""
    found: dict[Term, None] = {}
    for part in t.walk():
        if isinstance(part, Mul):
            found.update(dict.fromkeys(x for x in part.args if not isinstance(x, Num)))
        elif isinstance(part, Hadamard):
            found.update({part.left: None, part.right: None})
    return tuple(found)


def size_terms(*terms: Term) -> tuple[Term, ...]:
    """The sizes of the axes, sums and indices in the terms, as numbers."""
    found: dict[Term, None] = {}
    for t in terms:
        for part in t.walk():
            sizes = [*part.shape, *(i.size for i in bound(part))]
            sizes += [part.size] if isinstance(part, SizeTerm) else []
            found.update(dict.fromkeys(SizeTerm(s) for s in sizes if s.literal is None))
    return tuple(found)


def derivatives(context: Context, terms: tuple[Term, ...], free: tuple[Index, ...]) -> Iterator[Term]:
    """f′(u) for every f(u) in the terms or in a definition that they reach, and its entries."""
    bodies = list(terms)
    for t in terms:
        bodies += [context.definitions[n].body for n in context.reachable(t) if n in context.definitions]
    for call in dict.fromkeys(part for body in bodies for part in body.walk()):
        if isinstance(call, Call) and len(call.args) == 1 and call.shape == call.args[0].shape:
            made = replace(call, order=call.order + 1)
            yield made
            if made.shape:
                yield from (Entry(made, at) for at in _places(made.shape, free))


def _places(shape: Shape, free: tuple[Index, ...]) -> Iterator[tuple[Index, ...]]:
    return product(*([i for i in free if i.size == axis] for axis in shape))


def products(context: Context, t: Term, free: tuple[Index, ...]) -> tuple[Term, ...]:
    """Products of up to three declared names, transposed or not, of the shape of t; entries of names."""
    names = [d.var for d in context.declarations.values()]
    if not t.shape:
        entries = [Entry(v, at) for v in names if v.shape for at in _places(v.shape, free)]
        return tuple(([v for v in names if not v.shape] + entries)[:_MOST])
    plain: list[Term] = [v for v in names if v.shape]
    turned: list[Term] = [Transpose(v) for v in plain]
    found: dict[Term, None] = dict.fromkeys(v for v in plain if v.shape == t.shape)
    for count in (2, 3):
        for chosen in product([*plain, *turned], repeat=count):
            made = _chained(chosen)
            if made is not None and made.shape == t.shape:
                found[made] = None
            if len(found) >= _MOST:
                return tuple(found)
    return tuple(found)


def _chained(parts: tuple[Term, ...]) -> Term | None:
    made = parts[0]
    for part in parts[1:]:
        try:
            made = MatMul(made, part)
        except TermError:
            return None
    return made


__all__ = ["derivatives", "factors", "products", "size_terms", "summands"]
