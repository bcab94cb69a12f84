"""Which terms compute the same array, up to the names of indices and the order of sums and products."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from itertools import permutations
from itertools import product as choices

from codegen.scalars import free_of
from codegen.simplify import number, product, rebuilt, total
from derive.binders import bound, free_indices, generic
from derive.terms import (
    ZERO,
    Add,
    Comp,
    Delta,
    Entry,
    Fn,
    Index,
    IndexLike,
    Mul,
    Num,
    Pow,
    Prod,
    Sum,
    Term,
    Var,
)  # fmt: skip

#: among more axes than this that nothing tells apart, one order only is tried
AXES = 3


@lru_cache(maxsize=50_000)
def fingerprint(t: Term) -> tuple[str, tuple[Index, ...]]:
    """(key, axes): terms with equal keys are equal when their axes are put in the place of each other."""
    options = ((_spelled(t, _named(axes)), axes) for axes in _orders(t))
    return min(options, key=lambda o: o[0])


def alike(a: Term, b: Term) -> bool:
    """Whether two terms with the same free indices are written alike, up to order and bound names."""
    return spelled(a) == spelled(b)


def spelled(t: Term, axes: tuple[Index, ...] = ()) -> str:
    """A text that terms have in common when they are equal up to the order of sums and products, the sign under
    an even power, the names of bound indices, and those of `axes`."""
    return _spelled(t, _named(axes))


def _named(axes: tuple[Index, ...]) -> dict[Index, str]:
    return {i: f"#{n}:{i.size}" for n, i in enumerate(axes)}


def _orders(t: Term) -> Iterator[tuple[Index, ...]]:
    """The orders of the free indices of `t` that are tried: those that the places where they stand leave open."""
    free = free_of(t)
    if len(free) < AXES:
        yield from permutations(free)
        return
    places: dict[str, list[Index]] = {}
    for i in free:
        place = _spelled(t, {k: f"{'*' if k == i else '?'}{k.size}" for k in free})
        places.setdefault(place, []).append(i)
    groups = [group for _, group in sorted(places.items())]
    tied = sum(len(group) for group in groups if len(group) > 1)
    for chosen in choices(*(permutations(group) if tied <= AXES else [tuple(group)] for group in groups)):
        yield tuple(i for group in chosen for i in group)


def _spelled(t: Term, names: Mapping[Index, str]) -> str:
    """The text, with these names for the free indices."""
    return _closed(t) if not free_indices(t) else _written(t, names)


@lru_cache(maxsize=50_000)
def _closed(t: Term) -> str:
    return _written(t, {})


def _written(t: Term, names: Mapping[Index, str]) -> str:
    match t:
        case Num(value=v):
            return str(v)
        case Var(name=name):
            return repr(name)
        case Entry(array=array, indices=at):
            return f"{_spelled(array, names)}[{','.join(_name(i, names) for i in at)}]"
        case Delta(left=i, right=j):
            return f"d[{','.join(sorted((_name(i, names), _name(j, names))))}]"
        case Mul():
            sign, text = _product(t, names)
            return f"-{text}" if sign < 0 else text
        case Add():
            return _added(_terms(t, names))
        case Pow(base=base, exponent=e) if (n := number(e)) is None or n.denominator != 1 or n < 1:
            return f"({_spelled(base, names)})^({_spelled(e, names)})"
        case Pow():
            text, times = _power(t, names)
            return f"({text})^{times}"
        case Fn(name=name, args=args):
            return f"{name}({','.join(_spelled(a, names) for a in args)})"
        case Sum() | Prod() | Comp():
            height = _height(t)
            inner = {**names, **{i: f"b{height - n}" for n, i in enumerate(bound(t))}}
            sizes = ",".join(str(i.size) for i in bound(t))
            return f"{type(t).__name__}({sizes};{getattr(t, 'start', 1)};{_spelled(t.children[0], inner)})"
        case _:
            below = ",".join(_spelled(c, names) for c in t.children)
            return f"{type(t).__name__}({generic(t) or ''};{below})"


def _name(i: IndexLike, names: Mapping[Index, str]) -> str:
    return str(i) if isinstance(i, int) else names.get(i) or f"{i}:{i.size}"


def _product(t: Term, names: Mapping[Index, str]) -> tuple[int, str]:
    """The sign of a term, and the text of the rest: its factors in one order."""
    coefficient = Fraction(1)
    powers: Counter[str] = Counter()
    stack = [t]
    while stack:
        f = stack.pop()
        if isinstance(f, Mul):
            stack.extend(f.args)
        elif isinstance(f, Num):
            coefficient *= f.value
        else:
            text, n = _power(f, names)
            powers[text] += n
    factors = sorted(text if n == 1 else f"({text})^{n}" for text, n in powers.items())
    if abs(coefficient) != 1 or not factors:
        factors.append(str(abs(coefficient)))
    return (-1 if coefficient < 0 else 1), factors[0] if len(factors) == 1 else f"({'*'.join(factors)})"


def _power(t: Term, names: Mapping[Index, str]) -> tuple[str, int]:
    """x and n of xⁿ for a whole n > 0: x · x² is x³."""
    e = number(t.exponent) if isinstance(t, Pow) else None
    if not isinstance(t, Pow) or e is None or e.denominator != 1 or e < 1:
        return _spelled(t, names), 1
    if not isinstance(t.base, Add) or e % 2:
        return _spelled(t.base, names), int(e)
    terms = _terms(t.base, names)
    return min(_added(terms), _added([(-s, x) for s, x in terms])), int(e)


def _terms(t: Add, names: Mapping[Index, str]) -> list[tuple[int, str]]:
    made: list[tuple[int, str]] = []
    for a in t.args:
        made.extend(_terms(a, names) if isinstance(a, Add) else [_product(a, names)])
    return made


def _added(terms: list[tuple[int, str]]) -> str:
    return f"({''.join(sorted(('-' if sign < 0 else '+') + text for sign, text in terms))})"


@lru_cache(maxsize=50_000)
def _height(t: Term) -> int:
    """The number of indices that are bound in each other in `t`."""
    return max(map(_height, t.children), default=0) + len(bound(t))


def collected(t: Term) -> Term:
    """`t` with equal terms of its sums gathered: Σₙ aₙeₙᵢ + Σₘ aₘeᵢₘ = 2 Σₙ aₙeₙᵢ for a symmetric e."""
    if not t.children or t.shape:
        return t
    children = tuple(collected(c) for c in t.children)
    made = t if all(a is b for a, b in zip(children, t.children)) else rebuilt(t, children)
    if not isinstance(made, Add):
        return made
    groups: dict[tuple[str, tuple[Index, ...]], tuple[Term, Term]] = {}
    args = [part for a in made.args for part in _spread(a)]
    for a in args:
        factors = a.args if isinstance(a, Mul) else (a,)
        rest = product(*(f for f in factors if not isinstance(f, Num)))
        coefficient = product(*(f for f in factors if isinstance(f, Num)))
        key = fingerprint(rest)
        old, first = groups.get(key, (ZERO, rest))
        groups[key] = total(old, coefficient), first
    if len(groups) == len(args):
        return made
    kept = [(c, rest) for c, rest in groups.values() if number(c) != 0]
    numbers = {number(c) for c, _ in kept}
    if len(kept) > 1 and len({abs(n) for n in numbers if n is not None}) == 1 and numbers != {1}:
        size = max(abs(n) for n in numbers if n is not None)  # 2a − 2b = 2 (a − b)
        return product(Num(size), total(*(product(Num((number(c) or size) / size), rest) for c, rest in kept)))
    return total(*(product(c, rest) for c, rest in kept))


def _spread(a: Term) -> tuple[Term, ...]:
    """The terms of x + y, and of c (x + y): c x and c y, for a number c."""
    if isinstance(a, Add):
        return tuple(part for x in a.args for part in _spread(x))
    if isinstance(a, Mul) and len(a.args) == 2 and isinstance(a.args[0], Num) and isinstance(a.args[1], Add):
        return tuple(product(a.args[0], x) for x in a.args[1].args)
    return (a,)


