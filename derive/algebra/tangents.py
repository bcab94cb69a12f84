"""Lower bounds by tangents: log t ≤ t − 1 for t > 0, strict for t ≠ 1, and e^t ≥ 1 + t."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import permutations

from derive.algebra import sums
from derive.algebra.atoms import NOTHING, ONE, Atom, Mono, Poly, Rational, atom_poly, fresh, mono, total
from derive.algebra.normal import Normalizer
from derive.terms import Index

MOST_SCALES = 4


def lower(n: Normalizer, gap: Poly, gathered: bool = False) -> tuple[Poly, bool]:
    """A normal form that is ≤ gap wherever gap is defined, and whether it is even < gap.

    For w ≥ 0: w (log A − log B) ≥ w (1 − B/A), −w log B ≥ w (1 − B) and w log A ≥ w (1 − 1/A).  Logs under
    one bound sum are paired under it; if `gathered`, a log outside goes there as well, by
    log A = Σ_k w_k log A / Σ_k w_k where the sum of the weights is a number.
    """
    plain: list[Poly] = []
    groups: dict[str, list[tuple[Atom, Poly]]] = {}
    for m, c in gap.terms.items():
        found = [a for a, e in m if a.kind == "sum" and e == 1 and _has_log(a)]
        if len(found) == 1:
            rest = n.monomial({b: e for b, e in m if b is not found[0]}, c)
            groups.setdefault(str(sorted(str(b.size) for b in found[0].binders)), []).append((found[0], rest))
        else:
            plain.append(Poly({m: c}))
    parts: list[Poly] = []
    strict = False
    for members in groups.values():
        ks = tuple(fresh(b) for b in _by_size(members[0][0]))
        inside = total(n.mul(n.rename(a.args[0], dict(zip(_by_size(a), ks))), rest) for a, rest in members)
        if gathered and len(ks) == 1:
            inside, plain = _gathered(n, ks[0], inside, plain)
        bound, less = _bounded(n, inside)
        parts.append(sums.sum_many(n, ks, bound))
        strict = strict or less
    first, less = _bounded(n, total(plain))
    return total([first, *parts]), strict or less


def _by_size(a: Atom) -> list[Index]:
    return sorted(a.binders, key=lambda b: str(b.size))


def _gathered(n: Normalizer, k: Index, inside: Poly, plain: list[Poly]) -> tuple[Poly, list[Poly]]:
    """The logs of `plain` under Σ_k, spread by the first weight of a log there whose sum is a number."""
    for w in _weights(inside)[0].values():
        whole = sums.sum_many(n, (k,), w).constant
        if whole:
            logs = [p for p in plain if any(a.kind == "log" for a in p.atoms())]
            moved = n.mul(w, total(logs)).scale(Fraction(1) / Fraction(whole))
            return inside + moved, [p for p in plain if p not in logs]
    return inside, plain


def lower_exp(n: Normalizer, gap: Poly) -> Poly:
    """A normal form that is ≤ gap: w e^t ≥ w (1 + t) for w ≥ 0, under sums too."""
    parts: list[Poly] = []
    weights: dict[Mono, Poly] = {}
    for m, c in gap.terms.items():
        wide = [a for a, e in m if a.kind == "sum" and e == 1]
        if len(wide) == 1:
            binders, (body,) = n.opened(wide[0])
            rest = n.monomial({a: e for a, e in m if a is not wide[0]}, c)
            parts.append(sums.sum_many(n, binders, lower_exp(n, n.mul(rest, body))))
            continue
        power = tuple((a, e) for a, e in m if a.kind == "exp")
        rest = n.monomial({a: e for a, e in m if a.kind != "exp"}, c)
        weights[power] = weights.get(power, NOTHING) + rest
    for power, weight in weights.items():
        if power and n.signs.nonneg(weight):
            parts.append(n.mul(weight, ONE + total(a.args[0].scale(e) for a, e in power)))
        else:
            parts.append(n.mul(weight, Poly({power: 1})))
    return total(parts)


def touching(n: Normalizer, gap: Poly) -> Iterator[Poly]:
    """Normal forms that are ≤ gap: w Σ_k e^{x_k} ≥ w Σ_k e^{y_k} (1 + x_k − y_k) for w ≥ 0, for the sum of e^{y_k}
    in another term."""
    wide = [(m, c, a) for m, c in gap.terms.items() for a, e in m if a.kind == "sum" and e == 1]
    found = [(m, c, a) for m, c, a in wide if len(a.binders) == 1]
    for (m, c, a), (_, _, b) in permutations(found[:MOST_SCALES], 2):
        if a.binders[0].size != b.binders[0].size:
            continue
        (k,), (body,) = n.opened(a)
        single = n.mul(n.monomial({x: e for x, e in m if x is not a}, c), body).single
        other = n.rename(b.args[0], {b.binders[0]: k}).single
        if single is None or other is None:
            continue
        (power, weight), (at, _) = (_parted(n, *part) for part in (single, other))
        if n.signs.nonneg(weight):
            tangent = n.mul(weight, n.exp(at), ONE + power - at)
            yield gap - Poly({m: c}) + sums.sum_many(n, (k,), tangent)


def _parted(n: Normalizer, m: Mono, c: Rational) -> tuple[Poly, Poly]:
    """t and w with c m = w e^t."""
    power = total(a.args[0].scale(e) for a, e in m if a.kind == "exp")
    return power, n.monomial({a: e for a, e in m if a.kind != "exp"}, c)


def raised(n: Normalizer, high: Poly, low: Poly) -> Iterator[Poly]:
    """Normal forms that are ≤ s (e^high − e^low) for some s > 0: the exponential is increasing."""
    if any(a.kind == "log" for p in (high, low) for a in p.atoms()):
        for gap in scaled(n, n.exp(high) - n.exp(low)):
            yield lower_exp(n, gap)
            yield from touching(n, gap)


def scaled(n: Normalizer, gap: Poly) -> Iterator[Poly]:
    """The gap, and it divided by the exponentials that stand in one of its monomials: its sign is the same."""
    yield gap
    seen = {gap}
    for m in gap.terms:
        divisor = n.monomial({a: -e for a, e in m if a.kind == "exp"})
        made = n.mul(gap, divisor)
        if made not in seen and len(seen) <= MOST_SCALES:
            seen.add(made)
            yield made


def shifted(n: Normalizer, gap: Poly) -> Iterator[Poly]:
    """Normal forms that are ≤ gap: −w log B ≥ −w (t + B/e^t − 1), for an exponential e^t in B."""
    for a, w in _weights(gap)[0].items():
        if not n.signs.nonneg(-w) or not n.signs.positive(a.args[0]):
            continue
        for m in list(a.args[0].terms)[:MOST_SCALES]:
            power = [(b, e) for b, e in m if b.kind == "exp"]
            if power:
                t = total(b.args[0].scale(e) for b, e in power)
                part = n.mul(a.args[0], n.monomial({b: -e for b, e in power}))
                yield gap - n.mul(w, atom_poly(a)) + n.mul(w, t + part - ONE)


def _has_log(a: Atom) -> bool:
    return any(b.kind == "log" for b in a.args[0].atoms())


def _weights(p: Poly) -> tuple[dict[Atom, Poly], list[Poly]]:
    """The coefficient of each log, and the monomials without one."""
    weights: dict[Atom, Poly] = {}
    rest: list[Poly] = []
    for m, c in p.terms.items():
        logs = [a for a, e in m if a.kind == "log" and e == 1]
        if len(logs) == 1:
            factors: dict[Atom, Rational] = {b: e for b, e in m if b is not logs[0]}
            weight = Poly({mono(factors): c})
            weights[logs[0]] = weights.get(logs[0], Poly({})) + weight
        else:
            rest.append(Poly({m: c}))
    return weights, rest


def _spread(n: Normalizer, weights: dict[Atom, Poly]) -> Poly | None:
    """The bound of Σ_b w_b (log A − log B) with w_b ≥ 0, or of its opposite, by one A against all B."""
    if len(weights) < 3 or total(weights.values()) or not all(n.signs.positive(a.args[0]) for a in weights):
        return None
    for a in sorted(weights):
        for sign in (1, -1):
            others = {b: w.scale(-sign) for b, w in weights.items() if b is not a}
            if all(n.signs.nonneg(w) for w in others.values()):
                top = n.power(a.args[0], -sign)
                return total(n.mul(w, ONE - n.mul(n.power(b.args[0], sign), top)) for b, w in others.items())
    return None


def _bounded(n: Normalizer, p: Poly) -> tuple[Poly, bool]:
    weights, rest = _weights(p)
    strict = False
    spread = _spread(n, weights)
    if spread is not None:
        return total([*rest, spread]), False
    for b in sorted(weights):
        if b not in weights:
            continue
        w, sign = (weights[b], 1) if n.signs.nonneg(weights[b]) else (-weights[b], -1)
        if not w or not n.signs.nonneg(w) or not n.signs.positive(b.args[0]):
            continue
        del weights[b]
        quotient = n.power(b.args[0], -sign)
        for a in sorted(weights):  # the other logs of this weight, for or against
            if n.signs.positive(a.args[0]) and weights[a] in (w, -w):
                quotient = n.mul(quotient, n.power(a.args[0], -1 if weights[a] == w else 1))
                del weights[a]
        rest.append(n.mul(w, ONE - quotient))
        strict = strict or (n.signs.positive(w) and n.signs.nonzero(ONE - quotient))
    left = [n.mul(w, atom_poly(a)) for a, w in weights.items()]
    return total([*rest, *left]), strict
