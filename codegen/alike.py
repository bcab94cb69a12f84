"""Which terms compute the same array, up to the names of indices and the order of sums and products."""

from __future__ import annotations

from functools import lru_cache
from itertools import permutations

from codegen.masks import symmetric
from codegen.scalars import free_of
from codegen.simplify import negative, number, product, rebuilt, total
from derive.binders import canonical, substitute
from derive.terms import ZERO, Add, Index, Mul, Num, Pow, Term

#: axes of a term with more than this are tried in one order only
AXES = 3


@lru_cache(maxsize=50_000)
def fingerprint(t: Term) -> tuple[Term, tuple[Index, ...]]:
    """(key, axes): terms with equal keys are equal when their axes are put in the place of each other."""
    free = free_of(t)
    orders = permutations(free) if len(free) <= AXES else [free]
    options = []
    for axes in orders:
        named = substitute(t, {i: Index(f"#a{n}", i.size) for n, i in enumerate(axes)})
        key = arranged(symmetric(canonical(named)))
        options.append((_text(key), key, axes))
    _, key, axes = min(options, key=lambda o: o[0])
    return key, axes


def alike(a: Term, b: Term) -> bool:
    """Whether two terms with the same free indices are written alike, up to order and bound names."""
    return arranged(symmetric(canonical(a))) == arranged(symmetric(canonical(b)))


@lru_cache(maxsize=50_000)
def _text(t: Term) -> str:
    return repr(t)


@lru_cache(maxsize=50_000)
def arranged(t: Term) -> Term:
    """Sums and products in one order; under an even power in one sign."""
    if not t.children:
        return t
    children = tuple(arranged(c) for c in t.children)
    made = rebuilt(t, children) if not t.shape else t.rebuild(children)
    if isinstance(made, (Add, Mul)):
        return made.rebuild(tuple(sorted(made.args, key=_text)))
    if isinstance(made, Pow) and isinstance(made.base, Add):
        e = number(made.exponent)
        if e is not None and e.denominator == 1 and e % 2 == 0:
            turned = arranged(total(*(negative(a) for a in made.base.args)))
            return Pow(min(made.base, turned, key=_text), made.exponent)
    return made


def collected(t: Term) -> Term:
    """`t` with equal terms of its sums gathered: Σₙ aₙeₙᵢ + Σₘ aₘeᵢₘ = 2 Σₙ aₙeₙᵢ for a symmetric e."""
    if not t.children or t.shape:
        return t
    children = tuple(collected(c) for c in t.children)
    made = t if all(a is b for a, b in zip(children, t.children)) else rebuilt(t, children)
    if not isinstance(made, Add):
        return made
    groups: dict[tuple[Term, tuple[Index, ...]], tuple[Term, Term]] = {}
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


