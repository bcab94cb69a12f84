"""Building scalar terms tidily: flat sums and products, numbers folded, deltas contracted.

Every identity here holds wherever its left side has a value; what a pass makes of a whole equation
is proved again by the kernel (`codegen.justify`).
"""

from __future__ import annotations

from fractions import Fraction

from derive.binders import free_indices, fresh, substitute
from derive.terms import (
    ONE,
    ZERO,
    Add,
    Const,
    Delta,
    Entry,
    Fn,
    Index,
    IndexLike,
    Num,
    Pow,
    Prod,
    SizeTerm,
    Sum,
    Term,
    Var,
)  # fmt: skip
from derive.terms import Mul as _Mul


def number(t: Term) -> Fraction | None:
    return t.value if isinstance(t, Num) else None


def product(*args: Term) -> Term:
    """The product: flat, its number in front, exponentials gathered, 1 left out."""
    factors: list[Term] = []
    stack = list(reversed(args))
    coefficient = Fraction(1)
    while stack:
        a = stack.pop()
        if isinstance(a, _Mul):
            stack.extend(reversed(a.args))
        elif isinstance(a, Num):
            coefficient *= a.value
        elif (mask := _complement(a)) is not None:
            factors.append(mask)
            coefficient = -coefficient
        else:
            factors.append(a)
    if not coefficient:
        return ZERO
    exponents = [f for f in factors if _is_exp(f)]
    if len(exponents) > 1 and not all(map(decays, exponents)):  # eᵃeᵇ = eᵃ⁺ᵇ
        first = factors.index(exponents[0])
        factors = [f for f in factors if not _is_exp(f)]
        factors.insert(first, exponential(total(*(e.args[0] for e in exponents if isinstance(e, Fn)))))
    factors = _powers(factors)
    if any(isinstance(f, (Num, _Mul)) for f in factors):
        return product(Num(coefficient), *factors)
    if coefficient != 1 or not factors:
        factors.insert(0, Num(coefficient))
    return factors[0] if len(factors) == 1 else _Mul(tuple(factors))


def _complement(t: Term) -> Term | None:
    """1 − δ, where `t` is δ − 1: a mask keeps its sign outside."""
    if isinstance(t, Add) and len(t.args) == 2 and Num(Fraction(-1)) in t.args:
        for a in t.args:
            if isinstance(a, Delta):
                return Add((ONE, _Mul((Num(Fraction(-1)), a))))
    return None


def _is_exp(t: Term) -> bool:
    return isinstance(t, Fn) and t.name == "exp"


def decays(t: Term) -> bool:
    """e^{−c|x|} or e^{−max(x, 0)}: at most 1, so that it needs no other exponential to stay finite."""
    exponent = t.args[0] if isinstance(t, Fn) else t
    if not isinstance(exponent, _Mul) or (number(exponent.args[0]) or 0) >= 0 or len(exponent.args) != 2:
        return False
    inside = exponent.args[1]
    return isinstance(inside, Fn) and (inside.name == "abs" or (inside.name == "max" and ZERO in inside.args))


def _powers(factors: list[Term]) -> list[Term]:
    """x x = x², x · x⁻² = x⁻¹ (never x · x⁻¹ = 1, which would widen where it is defined)."""
    made: list[Term] = []
    for f in factors:
        base, e = _parted(f)
        for n, other in enumerate(made):
            known, d = _parted(other)
            if known == base and d + e != 0 and (d > 0) == (e > 0):
                made[n] = power(base, Num(d + e))
                break
        else:
            made.append(f)
    return made


def _parted(t: Term) -> tuple[Term, Fraction]:
    if isinstance(t, Pow) and isinstance(t.exponent, Num) and t.exponent.value.denominator == 1:
        return t.base, t.exponent.value
    return t, Fraction(1)


def total(*args: Term) -> Term:
    """The sum: flat, its numbers gathered at their first place, 0 left out."""
    terms: list[Term] = []
    stack = list(reversed(args))
    constant, place = Fraction(0), None
    while stack:
        a = stack.pop()
        if isinstance(a, Add):
            stack.extend(reversed(a.args))
        elif isinstance(a, Num):
            constant += a.value
            place = len(terms) if place is None else place
        else:
            terms.append(a)
    if constant or not terms:
        terms.insert(place or 0, Num(constant))
    terms = _without_opposites(terms)
    if not terms:
        return Num(constant)
    return terms[0] if len(terms) == 1 else Add(tuple(terms))


def _without_opposites(terms: list[Term]) -> list[Term]:
    """x − x = 0, for an entry of an array or a product of some: they have a value everywhere."""
    made: list[Term] = []
    for t in terms:
        opposite = product(Num(Fraction(-1)), t) if _everywhere(t) else None
        if opposite is not None and opposite in made:
            made.remove(opposite)
        else:
            made.append(t)
    return made


def _everywhere(t: Term) -> bool:
    return all(isinstance(n, (Num, SizeTerm, Const, Var, Entry, _Mul)) for n in t.walk())


def negative(t: Term) -> Term:
    return product(Num(Fraction(-1)), t)


def exp_less_one(t: Term) -> tuple[int, Term] | None:
    """(s, x) where `t` is s (eˣ − 1), s = ±1: of a small x, eˣ has few digits of it."""
    if not isinstance(t, Add) or len(t.args) != 2:
        return None
    for one, f in (t.args, t.args[::-1]):
        sign = number(one)
        if sign == -1 and isinstance(f, Fn) and _is_exp(f):
            return 1, f.args[0]
        if sign == 1 and isinstance(f, _Mul) and len(f.args) == 2 and number(f.args[0]) == -1:
            e = f.args[1]
            if isinstance(e, Fn) and _is_exp(e):
                return -1, e.args[0]
    return None


def power(base: Term, exponent: Term) -> Term:
    e = number(exponent)
    if isinstance(base, Const) and base.name == "e":
        return exponential(exponent)
    if e is None:
        return Pow(base, exponent)
    if e == 1:
        return base
    if e == 0:
        return ONE
    if isinstance(base, Num) and e.denominator == 1 and (base.value or e > 0):
        return Num(base.value ** int(e))
    if _is_exp(base) and isinstance(base, Fn):  # (eᵃ)ᶜ = eᶜᵃ
        return exponential(product(exponent, base.args[0]))
    if e.denominator == 1:
        if isinstance(base, _Mul) and e < 0:  # 1/(ab) = 1/a · 1/b
            return product(*(power(a, exponent) for a in base.args))
        if isinstance(base, Pow) and isinstance(base.exponent, Num):
            inner = base.exponent.value
            if inner.denominator == 1 and (inner > 0 or e > 0) and inner * e != 1:  # (xᵃ)ᵇ = xᵃᵇ
                return power(base.base, Num(inner * e))
            if inner.denominator != 1:  # roots: (√x)² = x where x ≥ 0 is kept as it is
                return Pow(base, exponent)
    return Pow(base, exponent)


def exponential(t: Term) -> Term:
    return ONE if t == ZERO else Fn("exp", (t,))


def delta(i: IndexLike, j: IndexLike) -> Term:
    """δ_ij; between literals it is a number."""
    if i == j:
        return ONE
    if isinstance(i, int) and isinstance(j, int):
        return ZERO
    return Delta(i, j)


def sum_over(index: Index, body: Term, start: int = 1) -> Term:
    """Σ over index of body: what is free of the index moves out, deltas contract."""
    if body == ZERO:
        return ZERO
    if index not in free_indices(body):
        count: Term = _count(index, start)
        return product(count, body)
    factors = body.args if isinstance(body, _Mul) else (body,)
    outside = [f for f in factors if index not in free_indices(f)]
    inside = [f for f in factors if index in free_indices(f)]
    if start == 1:
        for f in inside:
            if isinstance(f, Delta):  # Σ_k δ_kj a_k = a_j
                to = f.right if f.left == index else f.left
                rest = product(*(g for g in inside if g is not f))
                return product(*outside, tidy(substitute(rest, {index: to})))
    if len(inside) == 1 and isinstance(inside[0], Add):  # Σ (c + a_k) = n c + Σ a_k
        free = [a for a in inside[0].args if index not in free_indices(a)]
        if free and not _differs(inside[0]):
            bound = [a for a in inside[0].args if index in free_indices(a)]
            parts = (product(_count(index, start), total(*free)), sum_over(index, total(*bound), start))
            return product(*outside, total(*parts))
    return product(*outside, Sum(index, product(*inside), start))


def _differs(t: Add) -> bool:
    """f(x) − 1: a rule may keep the digits of its small terms, which a sum of f(x) loses."""
    rest = [a for a in t.args if number(a) is None]
    if len(rest) != 1 or len(t.args) != 2:
        return False
    c = sum(number(a) or 0 for a in t.args)
    minus = isinstance(rest[0], _Mul) and (number(rest[0].args[0]) or 0) < 0
    factors = rest[0].args if isinstance(rest[0], _Mul) else rest
    return minus == (c > 0) and any(isinstance(f, (Fn, Pow)) for f in factors)


def _count(index: Index, start: int) -> Term:
    literal = index.size.literal
    if literal is not None:
        return Num(Fraction(literal - start + 1))
    size: Term = SizeTerm(index.size)
    return size if start == 1 else total(size, Num(Fraction(1 - start)))


def prod_over(index: Index, body: Term, start: int = 1) -> Term:
    if index not in free_indices(body):
        return power(body, _count(index, start))
    return Prod(index, body, start)


def tidy(t: Term) -> Term:
    """A scalar term rebuilt by the constructors above, from its leaves up."""
    children = tuple(tidy(c) for c in t.children)
    return rebuilt(t, children)


def rebuilt(t: Term, children: tuple[Term, ...]) -> Term:
    """The node `t` with these children, tidy if they are."""
    if t.shape:
        return t.rebuild(children)
    match t:
        case Add():
            return total(*children)
        case _Mul():
            return product(*children)
        case Pow():
            return power(children[0], children[1])
        case Fn(name="exp"):
            return exponential(children[0])
        case Fn(name="sqrt"):
            return power(children[0], Num(Fraction(1, 2)))
        case Fn(name="abs") if isinstance(children[0], _Mul) and (number(children[0].args[0]) or 0) < 0:  # |−x| = |x|
            return Fn("abs", (negative(children[0]),))
        case Delta(left=i, right=j):
            return delta(i, j)
        case Sum(index=index, start=start):
            return sum_over(index, children[0], start)
        case Prod(index=index, start=start):
            return prod_over(index, children[0], start)
        case SizeTerm(size=s) if s.literal is not None:
            return Num(Fraction(s.literal))
        case _:
            return t.rebuild(children)


def renamed(t: Term) -> Term:
    """The term with every bound index fresh: parts of it may be put side by side without capture."""
    if isinstance(t, (Sum, Prod)):
        k = fresh(t.index.size)
        body = renamed(substitute(t.body, {t.index: k}))
        return Sum(k, body, t.start) if isinstance(t, Sum) else Prod(k, body, t.start)
    if not t.children:
        return t
    return t.rebuild(tuple(renamed(c) for c in t.children))


__all__ = [
    "decays", "delta", "exp_less_one", "exponential", "negative", "number", "power", "prod_over", "product",
    "rebuilt", "renamed", "sum_over", "tidy", "total",
]  # fmt: skip
