"""Formulas over arrays as a person leaves them: what summands share stands outside them, once.

    transposes  Mᵀ ⊙ (Aᵀ − Bᵀ)          (M ⊙ (A − B))ᵀ
    scalars     (1/N) A + (1/N) B       (1/N) (A + B)
    products    AC + BC, CA + CB        (A + B)C, C(A + B)
    rows        diag(h)(abᵀ + cdᵀ)      (h ⊙ a)bᵀ + (h ⊙ c)dᵀ

Both sides of a rule are defined for the same values; the statement that is written so is proved like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from derive.entrywise import is_entrywise
from derive.gradient.constructors import flat, product, scaled, transposed
from derive.gradient.factors import base_and_exponent, factors_of, negative, power_of
from derive.gradient.quotients import positive_first
from derive.terms import (
    MINUS_ONE,
    ONE,
    ONE_SIZE,
    Add,
    Call,
    Diag,
    Fn,
    Full,
    Hadamard,
    MatMul,
    Mul,
    Num,
    Pow,
    Term,
    Transpose,
    matmul_factors,
)  # fmt: skip


def together(t: Term) -> Term:
    """`t` by the rules above, from the leaves up."""
    if not t.children:
        return t
    made = t.rebuild(tuple(together(c) for c in t.children))
    for rule in (_in_front, _rows, _outside, _sum):
        made = rule(made)
    return made


def _in_front(t: Term) -> Term:
    return product(t.left, t.right) if isinstance(t, MatMul) and t.shape else t


# -- transposes --------------------------------------------------------------------------------------------------


def _outside(t: Term) -> Term:
    """An array computed entry by entry from transposes, as the transpose of one."""
    entrywise = isinstance(t, (Add, Hadamard, Fn, Pow)) or (isinstance(t, Call) and is_entrywise(t))
    if not entrywise or len(t.shape) != 2 or ONE_SIZE in t.shape or not _transposes(t):
        return t
    turned = transposed(t)
    return _whole(_sum(turned)) if _transposes(turned) < _transposes(t) else t


def _whole(t: Term) -> Term:
    """c (A + B)ᵀ for c (A + B)."""
    *scalars, core = t.args if isinstance(t, Mul) else (t,)
    return scaled(scalars, Transpose(core))


def _transposes(t: Term) -> int:
    return sum(isinstance(n, Transpose) for n in t.walk())


# -- sums --------------------------------------------------------------------------------------------------------


def _sum(t: Term) -> Term:
    if not isinstance(t, Add) or not t.shape:
        return t
    t = flat(t)
    for rule in (_alike, _sided, _common, _signs):
        if isinstance(t, Add):
            t = rule(t)
    return t


def _taken_apart(t: Term) -> tuple[Fraction, tuple[Term, ...], Term]:
    """Number, scalars and array of a summand."""
    factors = t.args if isinstance(t, Mul) else (t,)
    number = Fraction(1)
    scalars: list[Term] = []
    core: Term | None = None
    for f in factors:
        if f.shape:
            core = f
        elif isinstance(f, Num):
            number *= f.value
        else:
            scalars.append(f)
    assert core is not None
    if isinstance(core, Full) and not isinstance(core.value, (Add, Num)):  # k 𝟏; 20 + 20z has its 20z beside others
        for f in factors_of(core.value):
            number, scalars = (number * f.value, scalars) if isinstance(f, Num) else (number, [*scalars, f])
        core = Full(ONE, core.dims)
    return number, tuple(scalars), core


def _alike(t: Add) -> Term:
    """c A + c B as c (A + B) where the scalars are the same up to the sign."""
    groups: dict[tuple[Fraction, frozenset[Term]], list[Term]] = {}
    for a in t.args:
        number, scalars, _ = _taken_apart(a)
        groups.setdefault((abs(number), frozenset(scalars)), []).append(a)
    made: list[Term] = []
    for (number, alike), members in groups.items():
        if len(members) == 1 or (number == 1 and not alike):
            made += members
            continue
        order = _taken_apart(members[0])[1]
        parts = [(_taken_apart(a)[0] / number, _taken_apart(a)[2]) for a in members]
        made.append(_times(number, order, parts))
    return made[0] if len(made) == 1 else Add(tuple(made))


def _times(number: Fraction, scalars: Sequence[Term], parts: Sequence[tuple[Fraction, Term]]) -> Term:
    """number · scalars · Σ parts, with the sign in front where all parts have it."""
    if all(n < 0 for n, _ in parts):
        number, parts = -number, [(-n, core) for n, core in parts]
    parts = sorted(parts, key=lambda p: p[0] < 0)  # A − B, not −B + A
    inner = _sum(flat(Add(tuple(scaled([Num(n)], core) for n, core in parts))))
    return scaled([Num(number), *scalars], inner)


def _common(t: Add) -> Term:
    """What all summands have as a scalar factor, in the lowest power: 1/q · A − p/q² · B as 1/q · (A − p/q · B)."""
    rows = []
    for a in t.args:
        number, scalars, core = _taken_apart(a)
        powers: dict[Term, Fraction] = {}
        for f in scalars:
            base, e = base_and_exponent(f)
            powers[base] = powers.get(base, Fraction(0)) + e
        rows.append((number, powers, core))
    shared: dict[Term, Fraction] = {}
    for base in rows[0][1]:
        found = [powers.get(base, Fraction(0)) for _, powers, _ in rows]
        if all(e > 0 for e in found):
            shared[base] = min(found)
        elif all(e < 0 for e in found):
            shared[base] = max(found)
    sizes = {abs(number) for number, _, _ in rows}
    number = sizes.pop() if len(sizes) == 1 else Fraction(1)
    if not shared and number == 1:
        return t
    parts = []
    for n, powers, core in rows:
        left = {base: e - shared.get(base, 0) for base, e in powers.items()}
        rest = [power_of(base, e) for base, e in left.items() if e]
        parts.append(scaled([Num(n / number), *rest], core))
    if all(negative(p) for p in parts):
        number, parts = -number, [scaled([MINUS_ONE], p) for p in parts]
    parts.sort(key=negative)
    return scaled([Num(number), *(power_of(b, e) for b, e in shared.items())], _sum(Add(tuple(parts))))


def _signs(t: Add) -> Term:
    """A − B rather than −B + A, and −(A + B) where all have the sign."""
    if all(negative(a) for a in t.args):
        return scaled([MINUS_ONE], Add(tuple(scaled([MINUS_ONE], a) for a in t.args)))
    return positive_first(t)


def _sided(t: Add) -> Term:
    """AC + BC as (A + B)C and CA + CB as C(A + B), where this needs no product of matrices that was not there."""
    for at, join in ((0, _turned_rows), (-1, _before)):
        groups: dict[Term, list[int]] = {}
        for place, a in enumerate(t.args):
            core = _taken_apart(a)[2]
            if isinstance(core, MatMul):
                groups.setdefault(matmul_factors(core)[at], []).append(place)
        for factor, places in groups.items():
            if len(places) > 1:
                rests = [_rest(t.args[place], at) for place in places]
                if all(len(core) == 1 or _thin(_chain(core)) for _, core in rests):
                    inner = _sum(_outside(flat(Add(tuple(scaled(s, _chain(core)) for s, core in rests)))))
                    whole = join(factor, inner)
                    kept = [a for place, a in enumerate(t.args) if place not in places[1:]]
                    kept[kept.index(t.args[places[0]])] = whole
                    return kept[0] if len(kept) == 1 else _sum(Add(tuple(kept)))
    return t


def _rest(t: Term, at: int) -> tuple[list[Term], list[Term]]:
    """Scalars and factors of a product without its first (0) or last (−1) one."""
    number, scalars, core = _taken_apart(t)
    factors = matmul_factors(core)
    return [Num(number), *scalars], factors[1:] if at == 0 else factors[:-1]


def _chain(factors: list[Term]) -> Term:
    made = factors[-1]
    for f in reversed(factors[:-1]):
        made = MatMul(f, made)
    return made


def _thin(t: Term) -> bool:
    return len(t.shape) < 2 or ONE_SIZE in t.shape


def _before(factor: Term, rest: Term) -> Term:
    return product(rest, factor)


def _turned_rows(factor: Term, rest: Term) -> Term:
    """a(bᵀ + cᵀ) as a(b + c)ᵀ."""
    if ONE_SIZE in rest.shape:
        number, scalars, core = _taken_apart(rest)
        parts = core.args if isinstance(core, Add) else (core,)
        turned = [_column(p) for p in parts]
        if all(p is not None for p in turned):
            inner = flat(Add(tuple(p for p in turned if p is not None)))
            rest = scaled([Num(number), *scalars], Transpose(inner))
    return product(factor, rest)


def _column(t: Term) -> Term | None:
    """a of a row c aᵀ, with its scalars."""
    number, scalars, core = _taken_apart(t)
    return scaled([Num(number), *scalars], core.arg) if isinstance(core, Transpose) else None


# -- rows --------------------------------------------------------------------------------------------------------


def _rows(t: Term) -> Term:
    """diag(h)(abᵀ + cdᵀ) as (h ⊙ a)bᵀ + (h ⊙ c)dᵀ."""
    if not isinstance(t, MatMul) or not isinstance(t.left, Diag):
        return t
    parts = t.right.args if isinstance(t.right, Add) else (t.right,)
    made = []
    for a in parts:
        number, scalars, core = _taken_apart(a)
        if not isinstance(core, MatMul) or len(core.left.shape) != 1 or not isinstance(core.right, Transpose):
            return t
        ones = isinstance(core.left, Full) and core.left.value == ONE
        column = t.left.arg if ones else Hadamard(core.left, t.left.arg)
        made.append(scaled([Num(number), *scalars], MatMul(column, core.right)))
    return flat(Add(tuple(made))) if len(made) > 1 else made[0]


__all__ = ["together"]
