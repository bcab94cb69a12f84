"""What a line may lack: terms and factors that other lines, the definitions and the names suggest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations_with_replacement, islice, product

from derive.binders import bound, free_indices
from derive.context import Context
from derive.terms import (
    Add,
    Call,
    Diff,
    Entry,
    Fn,
    Hadamard,
    Index,
    Inverse,
    MatMul,
    Mul,
    Num,
    Shape,
    SizeTerm,
    Sum,
    Term,
    TermError,
    Trace,
    Transpose,
    Var,
    mul,
)  # fmt: skip

#: at most so many products of names
_MOST = 60
_PARTS = 16


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


def factors_below(context: Context, t: Term) -> tuple[Term, ...]:
    """The scalar factors, free of indices, in the definitions that t reaches."""
    bodies = [context.definitions[n].body for n in sorted(context.reachable(t)) if n in context.definitions]
    found = dict.fromkeys(x for body in bodies for x in factors(body) if not x.shape and not free_indices(x))
    return tuple(x for x in found if not isinstance(x, Diff))[:_PARTS]


def square_matrices(names: Iterable[Var], terms: Iterable[Term]) -> tuple[Term, ...]:
    """The square matrices among the names, and the inverses in the terms."""
    found: dict[Term, None] = {v: None for v in names if len(v.shape) == 2 and v.shape[0] == v.shape[1]}
    found.update((part, None) for t in terms for part in t.walk() if isinstance(part, Inverse))
    found.update((Inverse(v), None) for v in list(found) if not isinstance(v, Inverse))
    return tuple(found)


def names_of(context: Context, terms: Iterable[Term]) -> tuple[Var, ...]:
    """The declared and defined values that the terms depend on."""
    reached = set().union(*(context.reachable(t) for t in terms))
    found = [d.var for n, d in context.declarations.items() if n in reached]
    found += [d.var for n, d in context.definitions.items() if n in reached and not d.params and not d.local]
    return tuple(found)


def scalars(context: Context, terms: Iterable[Term]) -> tuple[Term, ...]:
    """The declared scalars that the terms depend on."""
    return tuple(v for v in names_of(context, terms) if not v.shape and v.name in context.declarations)


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
            yield replace(call, order=call.order + 1)
            for at in _places(call.shape, free) if call.shape else ():
                yield Call(call.name, (Entry(call.args[0], at),), (), call.order + 1)


def _places(shape: Shape, free: tuple[Index, ...]) -> Iterator[tuple[Index, ...]]:
    return product(*([i for i in free if i.size == axis] for axis in shape))


def products(names: Sequence[Var], t: Term, free: tuple[Index, ...]) -> tuple[Term, ...]:
    """Products of up to three of the names, transposed or not, of the shape of t; entries of names."""
    found: dict[Term, None] = {}
    if not t.shape:
        entries = [Entry(v, at) for v in names if v.shape for at in _places(v.shape, free)]
        single: list[Term] = [*(v for v in names if not v.shape), *entries]
        pairs = [mul(a, b) for a, b in combinations_with_replacement(single, 2)]
        found.update(dict.fromkeys((single + pairs)[:_MOST]))
    plain: list[Term] = [v for v in names if 1 <= len(v.shape) <= 2]
    turned: list[Term] = [Transpose(v) for v in plain]
    found.update(dict.fromkeys(v for v in plain if v.shape == t.shape))
    for count in (2, 3):
        for chosen in product([*plain, *turned], repeat=count):
            made = _chained(chosen)
            if made is not None and made.shape == t.shape:
                found[made] = None
            if len(found) >= 2 * _MOST:
                return tuple(found)
    return tuple(found)


def likenesses(terms: Iterable[Term], names: Sequence[Var]) -> Iterator[Term]:
    """The terms with one name put for another of its shape: Σ bₙ beside Σ aₙ, tr B beside tr A."""
    for t in terms:
        for v in dict.fromkeys(part for part in t.walk() if isinstance(part, Var)):
            for other in names:
                if other != v and other.shape == v.shape:
                    yield _renamed(t, v, other)


def _renamed(t: Term, v: Var, other: Var) -> Term:
    if t == v:
        return other
    children = t.children
    return t.rebuild(tuple(_renamed(c, v, other) for c in children)) if children else t


def distributed(t: Term) -> list[Term]:
    """The terms whose sum t is, up to their signs, once products, sums and traces are multiplied out."""
    if isinstance(t, Add):  # the signs are for whoever uses the terms
        return [s for x in t.args for s in distributed(_unsigned(x))][:_PARTS]
    if isinstance(t, Fn) and t.name == "log" and isinstance(t.args[0], Mul):
        return [Fn("log", (x,)) for x in t.args[0].args]
    if not isinstance(t, (Mul, MatMul, Hadamard, Sum, Trace, Transpose, Entry, Diff)):
        return [t]
    parts = [distributed(c) if k == 0 or not isinstance(t, Diff) else [c] for k, c in enumerate(t.children)]
    if all(len(p) == 1 for p in parts):
        return [t]
    made: list[Term] = []
    for chosen in islice(product(*parts), _PARTS):
        try:
            made.append(t.rebuild(chosen))
        except TermError:
            return [t]
    return made


def _unsigned(t: Term) -> Term:
    """t or −t, whichever has no sign in front."""
    if isinstance(t, Mul) and isinstance(t.args[0], Num) and t.args[0].value == -1 and len(t.args) > 1:
        return t.args[1] if len(t.args) == 2 else Mul(t.args[1:])
    return t


def _chained(parts: tuple[Term, ...]) -> Term | None:
    made = parts[0]
    for part in parts[1:]:
        try:
            made = MatMul(made, part)
        except TermError:
            return None
    return made


__all__ = [
    "derivatives", "distributed", "factors", "factors_below", "likenesses", "names_of", "products", "scalars",
    "size_terms", "square_matrices", "summands",
]  # fmt: skip
