"""Non-negativity by completing squares: a polynomial that is a quadratic form in monomials.

    p = Σ_ij q_ij b_i b_j with the rational matrix q positive semidefinite  ⟹  p ≥ 0

Under sums the same holds summand by summand.  Products of sums are opened into one multiple sum, whose
summand may be averaged over the orders of bound indices of one range; so the Cauchy–Schwarz inequality
is ½ Σ_ij (a_i b_j − a_j b_i)² ≥ 0 and the variance is (1/2N²) Σ_ij (x_i − x_j)² ≥ 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, permutations, product
from math import factorial, prod

from derive.algebra import sums
from derive.algebra.atoms import Atom, Mono, Poly, Rational, Unsupported, fresh, mono, tidy, total
from derive.algebra.normal import Normalizer
from derive.algebra.patterns import opened
from derive.terms import Index, Size

#: larger forms are given up: not shown to be ≥ 0
MOST_MONOMIALS, MOST_BASIS, MOST_ORDERS, MOST_CHOICES, MOST_UNITS = 60, 24, 24, 64, 3


def form(n: Normalizer, p: Poly) -> str:
    """">" or "≥" where p is seen to be so against 0 by completing squares, after multiplication by
    denominators that are positive; else ""."""
    # squares first: the range of a summand, by cases, may take long
    return _form(n, p, _completed) or _form(n, p, _sign)


def squared(n: Normalizer, p: Poly) -> bool:
    """p ≥ 0 by completing squares alone, where some of its terms are negative."""
    return any(c < 0 for c in p.terms.values()) and bool(_form(n, p, _completed))


def _form(n: Normalizer, p: Poly, sign: Callable[[Normalizer, Poly], str], inside: bool = False) -> str:
    if len(p) > MOST_MONOMIALS:
        return ""
    try:
        top, bottom = n.together(p)
    except Unsupported:
        return ""
    if not all(e % 2 == 0 or n.signs.positive(part) for part, e in bottom):
        return ""
    found = [sign(n, q) for q in summands(n, top)]
    if all(found):
        return ">" if ">" in found else "≥"
    best = ""
    for q in shared(n, top):
        here = sign(n, q)
        if not here and sign is _completed and not inside and q != top:
            here = _within(n, q)
        if here == ">":
            return here
        best = best or here
    return best


def _within(n: Normalizer, q: Poly) -> str:
    """The sign of what stands under a sum, over its own denominators:
    Σ_i (Σ_j a_ij z_j² / s_i − (Σ_j a_ij z_j)² / s_i²)."""
    return "" if all(e > 0 for m in q.terms for _, e in m) else _form(n, q, _completed, inside=True)


def summands(n: Normalizer, p: Poly) -> Iterator[Poly]:
    """Summands q with p = Σ (Σ over fresh indices of q), one for each multiset of ranges."""
    parts: list[tuple[list[Index], Poly]] = []
    for m, c in p.terms.items():
        bound, factors = opened(m, n.rename)
        parts.append((bound, Poly({mono(factors): c})))
    most = Counter[Size]()
    for bound, _ in parts:
        most |= Counter(b.size for b in bound)
    groups: dict[tuple[Size, ...], list[tuple[list[Index], Poly]]] = {}
    for bound, q in parts:
        bound, q = _widened(n, bound, q, most)
        groups.setdefault(tuple(sorted(b.size for b in bound)), []).append((bound, q))
    for sizes, members in groups.items():
        common = [fresh(Index("i", s)) for s in sizes]
        made = total(n.rename(q, dict(zip(sorted(bound, key=lambda b: b.size), common))) for bound, q in members)
        yield _averaged(n, made, common)


def shared(n: Normalizer, p: Poly) -> Iterator[Poly]:
    """Summands q with p = Σ_c q, where the indices other than c stay under sums inside q: Σ_n (Σ_d X_nd w_d)²."""
    parts = [(*opened(m, n.rename), c) for m, c in p.terms.items()]
    if len(parts) > MOST_BASIS**2:
        return
    plain = [(bound, Poly({mono(factors): c})) for bound, factors, c in parts]
    yield from _gathered(n, plain)
    most = Counter[Size]()
    for bound, _ in plain:
        most |= Counter(b.size for b in bound)
    for units in ((), *_units(n)):
        wide = [_widened(n, bound, q, most, units) for bound, q in plain]
        if [len(bound) for bound, _ in wide] != [len(bound) for bound, _ in plain]:
            yield from _gathered(n, wide)


def _gathered(n: Normalizer, parts: list[tuple[list[Index], Poly]]) -> Iterator[Poly]:
    """The parts under one sum over ranges that all have, the fewest first."""
    least = Counter(b.size for b in parts[0][0]) if parts else Counter[Size]()
    for bound, _ in parts:
        least &= Counter(b.size for b in bound)
    chosen = {c for k in range(sum(least.values()) + 1) for c in combinations(sorted(least.elements()), k)}
    for sizes in sorted(chosen, key=len):
        common = [fresh(Index("c", s)) for s in sizes]
        choices: list[set[Poly]] = []
        for bound, q in parts:
            found = set()
            for order in permutations(bound, len(sizes)):
                if tuple(b.size for b in order) == sizes:
                    inner = sums.sum_many(n, tuple(b for b in bound if b not in order), q)
                    found.add(n.rename(inner, dict(zip(order, common))))
            choices.append(found)
        if not all(choices):
            continue
        ordered = [sorted(c, key=lambda q: q.key) for c in choices]
        if prod(map(len, choices)) > MOST_CHOICES:  # the mean over all orders hardly depends on the choice
            yield _averaged(n, total(c[0] for c in ordered), common)
            continue
        for choice in product(*ordered):
            made = total(choice)
            mean = _averaged(n, made, common)
            yield mean
            if mean != made:
                yield made


@dataclass(frozen=True)
class _Unit:
    """Σ_k w(k) = c, a number that is not 0, so 1 = Σ_k w(k)/c; w may depend on one more index, for every value
    of which it holds."""

    index: Index
    weight: Poly
    labels: frozenset[str]
    free: tuple[Index, ...] = ()


def _units(n: Normalizer) -> Iterator[tuple[_Unit, ...]]:
    """What is put in the place of 1, in turn: each unit, the mean of two, and two after one another."""
    found = []
    for rule in n.facts.rules:
        c = rule.result.constant
        if len(rule.pattern.bound) == 1 and len(rule.pattern.free) < 2 and c:
            weight = Poly({mono(dict(rule.pattern.factors)): Fraction(1) / c})
            found.append(_Unit(rule.pattern.bound[0], weight, rule.labels, rule.pattern.free))
    yield from ((unit,) for unit in found)
    for one, two in combinations(found[:MOST_UNITS], 2):
        if one.index.size == two.index.size and not one.free and not two.free:
            other = n.rename(two.weight, {two.index: one.index})
            yield (_Unit(one.index, (one.weight + other).scale(Fraction(1, 2)), one.labels | two.labels),)
            yield one, two


def _widened(
    n: Normalizer, bound: list[Index], q: Poly, most: Counter[Size], units: tuple[_Unit, ...] = ()
) -> tuple[list[Index], Poly]:
    """N c = Σ_n c, or c = Σ_n w_n c, as long as another monomial has a sum over that range more."""
    ((m, c),) = q.terms.items()
    factors: dict[Atom, Rational] = dict(m)
    wide = list(bound)
    weights: list[Poly] = []
    for size, times in (most - Counter(b.size for b in bound)).items():
        atom = Atom("size", size.names[0]) if size.names and size == Size.named(size.names[0]) else None
        while atom is not None and times and factors.get(atom, 0) >= 1:
            factors[atom] = tidy(factors[atom] - 1)
            wide.append(fresh(Index("i", size)))
            times -= 1
        while units and (unit := units[len(weights) % len(units)]).index.size == size and times:
            wide.append(fresh(unit.index))
            names = {unit.index: wide[-1]}
            for free in unit.free:
                at = _place(unit, free, bound, m)
                if at is None:
                    return list(bound), q
                names[free] = at
            weights.append(n.rename(unit.weight, names))
            n.facts.used |= unit.labels
            times -= 1
    return wide, n.mul(Poly({mono(factors): c}), *weights)


def _place(unit: _Unit, free: Index, bound: list[Index], m: Mono) -> Index | None:
    """The bound index at which the weight has an entry that the monomial has, else one of its range."""
    weights = {(a.name, a.indices.index(free)) for a in unit.weight.atoms() if a.kind == "var" and free in a.indices}
    of_range = [b for b in bound if b.size == free.size]
    entries = {(a.name, k, i) for a, _ in m if a.kind == "var" for k, i in enumerate(a.indices)}
    found = [b for b in of_range if any((name, k, b) in entries for name, k in weights)]
    return next(iter([*found, *of_range]), None)


def _averaged(n: Normalizer, q: Poly, bound: list[Index]) -> Poly:
    """The mean of q over the orders of indices of one range: its sum is the same."""
    classes = [[b for b in bound if b.size == size] for size in sorted({b.size for b in bound})]
    count = prod(factorial(len(c)) for c in classes)
    if count == 1 or count > MOST_ORDERS:
        return q
    images = product(*(permutations(c) for c in classes))
    made = []
    for image in images:
        middle = {b: fresh(b) for b in bound}
        back = {middle[b]: x for c, xs in zip(classes, image) for b, x in zip(c, xs)}
        made.append(n.rename(n.rename(q, middle), back))
    return total(made).scale(Fraction(1, count))


def _sign(n: Normalizer, q: Poly) -> str:
    """">" or "≥" where q is seen to be so, else ""."""
    plain = n.signs.range(q)
    return ">" if plain.positive else "≥" if plain.nonneg else _completed(n, q)


def _completed(n: Normalizer, q: Poly) -> str:
    """The same by completing squares alone."""
    q, content = _without_content(n, q)
    made = _matrix(n, q)
    if made is None or not psd(made[1]):
        return ""
    basis, matrix = made
    # less a little of a square that is never 0 it is still semidefinite
    never = [i for b, i in basis.items() if n.signs.monomial(_times(b, b)).positive]
    strict = n.signs.monomial(mono(content)).positive and any(_remainder(matrix, i) > 0 for i in never)
    return ">" if strict else "≥"


def vanishing(n: Normalizer, p: Poly) -> list[Poly]:
    """What is 0 for all its free indices where p = 0: the squares that p is seen to be a sum of."""
    if len(p) > MOST_MONOMIALS:
        return []
    try:
        top, _ = n.together(p)
    except Unsupported:
        return []
    found: list[Poly] = []
    for q in shared(n, top):  # under more sums each square says more
        made = _matrix(n, q)
        if made is not None and psd(made[1]):
            found = _squares(n, *made)
    return found


def _squares(n: Normalizer, basis: dict[Mono, int], matrix: list[list[Fraction]]) -> list[Poly]:
    """The l_k with Σ_ij q_ij b_i b_j = Σ_k d_k l_k² and d_k > 0, by elimination."""
    rows = [list(row) for row in matrix]
    left = set(range(len(rows)))
    names = [n.monomial(dict(b)) for b in basis]
    found = []
    while left and (k := max(left, key=lambda i: rows[i][i])) is not None and rows[k][k] > 0:
        found.append(total(names[j].scale(rows[k][j] / rows[k][k]) for j in sorted(left)))
        left.discard(k)
        _eliminate(rows, k, left)
    return found


def _matrix(n: Normalizer, q: Poly) -> tuple[dict[Mono, int], list[list[Fraction]]] | None:
    """Monomials b (to their places) and the symmetric matrix with q = Σ_ij q_ij b_i b_j."""
    basis: dict[Mono, int] = {}
    for m, c in q.terms.items():
        root = _root(n, m)
        if root is not None and c > 0:
            basis.setdefault(root, len(basis))
    if not 0 < len(basis) <= MOST_BASIS:
        return None
    matrix = [[Fraction(0)] * len(basis) for _ in basis]
    products: dict[Mono, tuple[int, int]] = {}
    for (b, i), (d, j) in combinations(basis.items(), 2):
        products.setdefault(_times(b, d), (i, j))
    for m, c in q.terms.items():
        root = _root(n, m)
        if root in basis and root is not None:
            matrix[basis[root]][basis[root]] += c
        elif m in products:
            i, j = products[m]
            matrix[i][j] += Fraction(c) / 2
            matrix[j][i] += Fraction(c) / 2
        else:
            return None
    return basis, matrix


def _without_content(n: Normalizer, q: Poly) -> tuple[Poly, dict[Atom, Rational]]:
    """q divided by the factors common to all monomials whose product is ≥ 0, and those."""
    common: dict[Atom, Rational] = {}
    for a in q.atoms():
        least = min(dict(m).get(a, 0) for m in q.terms)
        if least > 0 and (n.signs.power(a, 1).nonneg or (isinstance(least, int) and least >= 2)):
            common[a] = least if n.signs.power(a, 1).nonneg else least - least % 2
    if not common:
        return q, common
    made = {}
    for m, c in q.terms.items():
        factors: dict[Atom, Rational] = dict(m)
        for a, e in common.items():
            factors[a] = tidy(factors[a] - e)
        made[mono(factors)] = c
    return Poly(made), common


def _root(n: Normalizer, m: Mono) -> Mono | None:
    """b with b² = m, where an odd power needs an atom that is ≥ 0."""
    for a, e in m:
        even = isinstance(e, int) and e % 2 == 0
        if not even and not n.signs.power(a, 1).nonneg:
            return None
    return tuple((a, tidy(Fraction(e) / 2)) for a, e in m)


def _times(a: Mono, b: Mono) -> Mono:
    factors: dict[Atom, Rational] = dict(a)
    for x, e in b:
        factors[x] = tidy(factors.get(x, 0) + e)
    return mono(factors)


def psd(matrix: list[list[Fraction]]) -> bool:
    """Is the symmetric matrix positive semidefinite?  Exact elimination."""
    rows = [list(row) for row in matrix]
    left = set(range(len(rows)))
    while left:
        k = max(left, key=lambda i: rows[i][i])
        pivot = rows[k][k]
        if pivot < 0:
            return False
        if pivot == 0:
            return all(rows[i][j] == 0 for i in left for j in left)
        left.discard(k)
        _eliminate(rows, k, left)
    return True


def _remainder(matrix: list[list[Fraction]], i: int) -> Fraction:
    """What is left on the diagonal at i when all others are eliminated from a semidefinite matrix:
    the most that can be taken from there."""
    rows = [list(row) for row in matrix]
    left = set(range(len(rows)))
    for k in range(len(rows)):
        if k != i and rows[k][k] > 0:
            left.discard(k)
            _eliminate(rows, k, left)
    return rows[i][i]


def _eliminate(rows: list[list[Fraction]], k: int, left: set[int]) -> None:
    for i in left:
        ratio = rows[i][k] / rows[k][k]
        for j in left:
            rows[i][j] -= ratio * rows[k][j]


__all__ = ["form", "psd", "shared", "squared", "summands", "vanishing"]
