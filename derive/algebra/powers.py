"""Powers, exponentials, logarithms and other functions of normal forms."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import gcd, lcm
from typing import TYPE_CHECKING

from derive.algebra.atoms import (
    NOTHING,
    ONE,
    Atom,
    Mono,
    Poly,
    Rational,
    Unsupported,
    atom_poly,
    mono,
    number,
    tidy,
    total,
)  # fmt: skip

if TYPE_CHECKING:
    from derive.algebra.normal import Normalizer

MOST_POWER = 24
MOST_DIGITS = 400


def power(n: Normalizer, p: Poly, r: Rational) -> Poly:
    """p^r for a rational r."""
    if r == 0:
        return ONE
    if r == 1:
        return p
    if (c := p.constant) is not None:
        return number_power(n, c, r)
    if isinstance(r, int) and r > 0:
        return _repeated(n, p, r)
    by_cases = n.split(p, lambda q: power(n, q, r))
    if by_cases is not None:
        return by_cases
    content, atoms, rest = content_of(n, p)
    if isinstance(r, int):
        top = n.monomial({a: e * r for a, e in atoms}, Fraction(content) ** r)
        parts = [_base(q, e * r) for q, e in _split_factors(n, rest)]
        return n.mul(top, *parts)
    return _fractional(n, content, atoms, rest, r)


def _repeated(n: Normalizer, p: Poly, r: int) -> Poly:
    single = p.single
    if single is not None:
        m, c = single
        return n.monomial({a: tidy(e * r) for a, e in m}, _checked(Fraction(c), r))
    if r > MOST_POWER:
        raise Unsupported("a power too large to write out")
    result = ONE
    for _ in range(r):
        result = n.mul(result, p)
    return result


def _checked(c: Fraction, r: int) -> Fraction:
    if abs(r) * max(len(str(c.numerator)), len(str(c.denominator))) > MOST_DIGITS and abs(c) != 1:
        raise Unsupported("a number with too many digits")
    return c**r


def magnitude(c: Rational) -> Rational:
    return c if c >= 0 else -c


def number_power(n: Normalizer, c: Rational, r: Rational) -> Poly:
    """c^r exactly: primes keep an exponent in (0, 1)."""
    if c == 0:
        if r < 0:
            raise Unsupported("a division by zero")
        return NOTHING
    if isinstance(r, int):
        return number(_checked(Fraction(c), r))
    if c < 0:
        raise Unsupported("a fractional power of a negative number")
    result = ONE
    for prime, e in _primes(Fraction(c)).items():
        result = n.mul(result, n.monomial({Atom("prime", str(prime)): tidy(e * r)}))
    return result


def _primes(c: Fraction) -> dict[int, int]:
    from sympy import factorint

    if max(c.numerator, c.denominator) > 10**30:
        raise Unsupported("a number too large to factor")
    found = {int(p): int(e) for p, e in factorint(c.numerator).items()}
    for p, e in factorint(c.denominator).items():
        found[int(p)] = found.get(int(p), 0) - int(e)
    return found


def content_of(n: Normalizer, p: Poly) -> tuple[Rational, Mono, Poly]:
    """p = content · Π atoms^e · rest; rest has coprime integer coefficients, its lead is positive,
    no atom divides all of it and no exponent is negative."""
    coefficients = [Fraction(c) for c in p.terms.values()]
    scale = Fraction(
        gcd(*(c.numerator for c in coefficients)), lcm(*(c.denominator for c in coefficients))
    )
    least: dict[Atom, Rational] = {}
    monomials = [dict(m) for m in p.terms]
    for a in p.atoms():
        low = min(m.get(a, 0) for m in monomials)
        if low and a.kind not in ("delta",):
            least[a] = low
    rest = total(
        n.monomial({a: tidy(e - least.get(a, 0)) for a, e in _with(m, least).items()}, c)
        for m, c in p.terms.items()
    )
    if not rest:
        raise Unsupported("a sum that only its common factor shows to be 0")
    if rest.lead()[1] < 0:
        scale = -scale
    rest = rest.scale(1 / Fraction(scale))
    single = rest.single
    if single is not None and single[0]:  # the common factor made one monomial of the sum
        merged: dict[Atom, Rational] = dict(least)
        for a, e in single[0]:
            merged[a] = tidy(merged.get(a, 0) + e)
        return tidy(scale * single[1]), mono(merged), ONE
    return tidy(scale), mono(least), rest


def _with(m: Mono, least: dict[Atom, Rational]) -> dict[Atom, Rational]:
    factors: dict[Atom, Rational] = dict(m)
    for a in least:
        factors.setdefault(a, 0)
    return factors


def _split_factors(n: Normalizer, p: Poly) -> list[tuple[Poly, int]]:
    return [] if p == ONE else n.factors(p)


def _base(p: Poly, e: Rational) -> Poly:
    """p^e with p irreducible (or not factored)."""
    if (c := p.constant) is not None:
        return number(_checked(Fraction(c), int(e)))
    single = p.single
    if single is not None and len(single[0]) == 1 and single[1] == 1:
        ((a, f),) = single[0]
        return atom_poly(a, tidy(f * e))
    return atom_poly(Atom("base", args=(p,)), tidy(e))


def _fractional(n: Normalizer, content: Rational, atoms: Mono, rest: Poly, r: Rational) -> Poly:
    """(c Π a^e R)^r: positive factors come out, even powers leave an absolute value."""
    parts: list[Poly] = []
    stay: dict[Atom, Rational] = {}
    for a, e in atoms:
        if n.signs.power(a, 1).positive:
            parts.append(n.monomial({a: tidy(e * r)}))
        elif isinstance(e, int) and e % 2 == 0:
            parts.append(power(n, fn(n, "abs", (atom_poly(a),)), tidy(e * r)))
        else:
            stay[a] = e
    inner: list[tuple[Poly, Rational]] = []
    sign: Rational = 1 if content > 0 else -1
    for q, e in _split_factors(n, rest):
        if (c := q.constant) is not None:
            content = content * Fraction(c) ** e
        elif n.signs.positive(q):
            inner.append((q, tidy(e * r)))
        elif n.signs.positive(-q):
            inner.append((-q, tidy(e * r)))
            sign = sign if e % 2 == 0 else -sign
        elif e % 2 == 0:
            parts.append(power(n, fn(n, "abs", (q,)), tidy(e * r)))
        else:
            stay_poly = n.power(q, e)
            stay[_opaque(stay_poly)] = 1
    parts.append(number_power(n, magnitude(content), r))
    parts.extend(n.monomial({_opaque(q): e}) for q, e in inner)
    if stay or sign < 0:
        left = n.mul(*(_reveal(a, e) for a, e in stay.items())).scale(sign)
        parts.append(n.monomial({Atom("base", args=(left,)): tidy(r)}))
    return n.mul(*parts)


def _opaque(p: Poly) -> Atom:
    single = p.single
    if single is not None and len(single[0]) == 1 and single[1] == 1 and single[0][0][1] == 1:
        return single[0][0][0]
    return Atom("base", args=(p,))


def _reveal(a: Atom, e: Rational) -> Poly:
    return a.args[0] if a.kind == "base" and e == 1 else atom_poly(a, e)


def power_by(n: Normalizer, p: Poly, q: Poly) -> Poly:
    """p^q for a symbolic q."""
    if (c := q.constant) is not None:
        return power(n, p, c)
    if n.signs.positive(p):
        return exp(n, n.mul(q, log(n, p)))
    by_cases = n.split(q, lambda e: power_by(n, p, e))
    if by_cases is not None:
        return by_cases
    if p == ONE:
        return ONE
    return atom_poly(Atom("pow", args=(p, q)))


def exp(n: Normalizer, p: Poly) -> Poly:
    """exp(Σ c m) = Π exp(m)^c, and exp(c log P) = P^c for positive P."""
    by_cases = n.split(p, lambda q: exp(n, q))
    if by_cases is not None:
        return by_cases
    result = ONE
    for m, c in p.terms.items():
        if len(m) == 1 and m[0][0].kind == "log" and m[0][1] == 1:
            result = n.mul(result, power(n, m[0][0].args[0], c))
        else:
            result = n.mul(result, atom_poly(Atom("exp", args=(Poly({m: 1}),)), c))
    return result


def log(n: Normalizer, p: Poly) -> Poly:
    """log(c Π a^e) = log c + Σ e log a over the positive factors."""
    if (c := p.constant) is not None:
        return _log_number(c)
    by_cases = n.split(p, lambda q: log(n, q))
    if by_cases is not None:
        return by_cases
    content, atoms, rest = content_of(n, p)
    parts: list[Poly] = []
    left: list[Poly] = []
    sign = 1 if content > 0 else -1
    parts.append(_log_number(magnitude(content)))
    for a, e in atoms:
        if n.signs.power(a, 1).positive:
            parts.append(_log_atom(a).scale(e))
        elif isinstance(e, int) and e % 2 == 0:
            parts.append(log(n, fn(n, "abs", (atom_poly(a),))).scale(e))
        elif isinstance(e, int) and a.kind == "base" and n.signs.power(a, 1).negative:
            parts.append(log(n, -a.args[0]).scale(e))
            sign = -sign
        else:
            left.append(atom_poly(a, e))
    for q, e in _split_factors(n, rest):
        if (k := q.constant) is not None:
            parts.append(_log_number(Fraction(k) ** e))
        elif n.signs.positive(q):
            parts.append(_log_poly(q).scale(e))
        elif n.signs.positive(-q):
            parts.append(_log_poly(-q).scale(e))
            sign = sign if e % 2 == 0 else -sign
        elif e % 2 == 0:
            parts.append(log(n, fn(n, "abs", (q,))).scale(e))
        else:
            left.append(n.power(q, e))
    if left or sign < 0:
        parts.append(_log_poly(n.mul(*left).scale(sign)))
    return total(parts)


def _log_atom(a: Atom) -> Poly:
    if a.kind == "exp":
        return a.args[0]
    if a.kind == "prime":
        return _log_poly(number(int(a.name)))
    return _log_poly(a.args[0] if a.kind == "base" else atom_poly(a))


def _log_poly(p: Poly) -> Poly:
    single = p.single
    if single is not None and single[1] == 1 and len(single[0]) == 1 and single[0][0][0].kind == "exp":
        a, e = single[0][0]
        return a.args[0].scale(e)
    return NOTHING if p == ONE else atom_poly(Atom("log", args=(p,)))


def _log_number(c: Rational) -> Poly:
    if c <= 0:
        raise Unsupported("the log of a number that is not positive")
    return total(_log_poly(number(p)).scale(e) for p, e in _primes(Fraction(c)).items())


def fn(n: Normalizer, name: str, args: tuple[Poly, ...], order: int = 0) -> Poly:
    """sin, cos, abs and unknown functions; tanh, sinh, cosh, max, sqrt through the others."""
    if name in _THROUGH:
        return _THROUGH[name](n, args)
    if len(args) == 1:
        by_cases = n.split(args[0], lambda q: fn(n, name, (q,), order))
        if by_cases is not None:
            return by_cases
        if name in ("sin", "cos", "abs") and not order:
            return _even_odd(n, name, args[0])
    return atom_poly(Atom("fn", name, args=args, order=order))


def _even_odd(n: Normalizer, name: str, p: Poly) -> Poly:
    if not p:
        return ONE if name == "cos" else NOTHING
    if name == "abs":
        found = n.signs.range(p)
        if found.nonneg:
            return p
        if found.nonpos:
            return -p
        content, atoms, rest = content_of(n, p)
        if atoms or abs(content) != 1:  # |c Π a^e R| = |c| Π |a|^e |R|
            parts = [number(magnitude(content)), fn(n, "abs", (rest,))]
            for a, e in atoms:
                even = isinstance(e, int) and e % 2 == 0
                positive = even or n.signs.power(a, 1).positive
                inside = atom_poly(a) if positive or (len(atoms) == 1 and rest == ONE and e == 1) else None
                if inside is not None and positive:
                    parts.append(atom_poly(a, e))
                else:
                    parts.append(power(n, atom_poly(Atom("fn", "abs", args=(atom_poly(a),))), e))
            return n.mul(*parts)
        return atom_poly(Atom("fn", "abs", args=(rest,)))
    if p.lead()[1] < 0:
        flipped = atom_poly(Atom("fn", name, args=(-p,)))
        return flipped if name == "cos" else -flipped
    return atom_poly(Atom("fn", name, args=(p,)))


def _tanh(n: Normalizer, args: tuple[Poly, ...]) -> Poly:
    e = exp(n, args[0].scale(2))
    return n.mul(e - ONE, power(n, e + ONE, -1))


def _half_sum(n: Normalizer, p: Poly, sign: int) -> Poly:
    return (exp(n, p) + exp(n, -p).scale(sign)).scale(Fraction(1, 2))


def _max(n: Normalizer, args: tuple[Poly, ...]) -> Poly:
    a, b = args
    return (a + b + fn(n, "abs", (a - b,))).scale(Fraction(1, 2))


_THROUGH: dict[str, Callable[[Normalizer, tuple[Poly, ...]], Poly]] = {
    "exp": lambda n, a: exp(n, a[0]),
    "log": lambda n, a: log(n, a[0]),
    "sqrt": lambda n, a: power(n, a[0], Fraction(1, 2)),
    "tanh": _tanh,  # tanh z = (e^{2z} − 1) / (e^{2z} + 1)
    "sinh": lambda n, a: _half_sum(n, a[0], -1),  # sinh z = (e^z − e^{−z}) / 2
    "cosh": lambda n, a: _half_sum(n, a[0], 1),  # cosh z = (e^z + e^{−z}) / 2
    "max": _max,  # max(a, b) = (a + b + |a − b|) / 2
}


__all__ = ["content_of", "exp", "fn", "log", "number_power", "power", "power_by"]
