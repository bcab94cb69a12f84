"""Atoms, monomials and polynomials.

A normal form is a polynomial with rational coefficients over atoms.  A monomial is a product of
atoms to rational exponents.  A bound sum is an atom whose summand is one *connected* monomial
(no factor could be moved out of it), so products of independent sums are products of atoms, and
sums distribute by construction.  Bound indices carry the canonical names `#h.k` where h is the
nesting height of the binder: an inner binder has a smaller h than any outer one, so an inner one
cannot capture an outer one's name.  Whatever computes below a binder opens it first, with `fresh`
names, since a rewriting may raise heights.  Keys are strings; equal keys mean equal atoms.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import count

from derive.terms import Index, IndexLike, Size

Rational = int | Fraction


def tidy(value: Rational) -> Rational:
    """An int where the value is one: cheaper, and prints as one would write it."""
    return value.numerator if isinstance(value, Fraction) and value.denominator == 1 else value


class Unsupported(Exception):
    """No normal form: a division by zero, or growth past the limits.  Never a verdict."""


class Atom(str):
    """An indivisible factor.  It is its key, so atoms are compared, ordered and hashed as strings are.

    kind     fields that carry meaning
    var      name, indices                x[i, j]
    size     name                         N
    const    name                         π
    prime    name                         a prime under a fractional exponent
    delta    indices (two)                δ_ij
    exp      args (a monic monomial)      exp(m)
    log      args                         log(P)
    base     args (≥ 2 monomials)         P under a negative or fractional exponent
    sum      binders, args (a monomial)   Σ m
    prod     binders (one), args          Π P, P not known to be positive
    fn       name, args, order            sin, cos, abs, and unknown functions of scalars
    pow      args (two)                   a^b, a not known to be positive
    field    name, binders, args, indices E(λ…. P) differentiated by the entries in `indices`
    inv      binders (two), args, indices entry of the inverse of the matrix λij. P; the name says if it is
                                          symmetric
    det      binders (two), args          its determinant
    """

    __slots__ = ("args", "binders", "free", "height", "indices", "key", "kind", "name", "order")

    args: tuple[Poly, ...]
    binders: tuple[Index, ...]
    free: frozenset[Index]
    height: int
    indices: tuple[IndexLike, ...]
    key: str
    kind: str
    name: str
    order: int

    def __new__(
        cls,
        kind: str,
        name: str = "",
        indices: tuple[IndexLike, ...] = (),
        binders: tuple[Index, ...] = (),
        args: tuple[Poly, ...] = (),
        order: int = 0,
    ) -> Atom:
        text = f"{kind}:{name}"
        if order:
            text += "'" * order
        if indices:
            text += "[" + ",".join(map(str, indices)) + "]"
        if binders:
            text += "{" + ",".join(f"{b.name}≤{b.size}" for b in binders) + "}"
        if args:
            text += "(" + ";".join(arg.key for arg in args) + ")"
        self = super().__new__(cls, text)
        self.key = text
        self.kind = kind
        self.name = name
        self.indices = indices
        self.binders = binders
        self.args = args
        self.order = order
        free = frozenset(i for i in indices if isinstance(i, Index))
        inner = 0
        for arg in args:
            free |= arg.free.difference(binders) if binders else arg.free
            inner = max(inner, arg.height)
        self.free = free
        self.height = inner + 1 if binders else inner
        return self

    def __repr__(self) -> str:
        return self.key


Mono = tuple[tuple[Atom, Rational], ...]
UNIT: Mono = ()


def mono(factors: Mapping[Atom, Rational]) -> Mono:
    return tuple(sorted((a, e) for a, e in factors.items() if e))


def mono_key(m: Mono) -> str:
    return "·".join(a.key if e == 1 else f"{a.key}^{e}" for a, e in m) or "1"


def degree(m: Mono) -> Rational:
    return sum((e for _, e in m), start=0)


class Poly:
    """A sum of monomials with nonzero rational coefficients; immutable once made."""

    __slots__ = ("_free", "_hash", "_height", "_key", "terms")

    def __init__(self, terms: dict[Mono, Rational]) -> None:
        self.terms = terms
        self._key: str | None = None
        self._free: frozenset[Index] | None = None
        self._height: int | None = None
        self._hash: int | None = None

    @property
    def key(self) -> str:
        if self._key is None:
            parts = sorted((mono_key(m), c) for m, c in self.terms.items())
            self._key = "+".join(k if c == 1 else f"{c}*{k}" for k, c in parts) or "0"
        return self._key

    @property
    def free(self) -> frozenset[Index]:
        if self._free is None:
            self._free = frozenset().union(*(a.free for m in self.terms for a, _ in m))
        return self._free

    @property
    def height(self) -> int:
        if self._height is None:
            self._height = max((a.height for m in self.terms for a, _ in m), default=0)
        return self._height

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Poly) and self.terms == other.terms

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self.terms.items()))
        return self._hash

    def __bool__(self) -> bool:
        return bool(self.terms)

    def __repr__(self) -> str:
        return self.key

    def __len__(self) -> int:
        return len(self.terms)

    def __add__(self, other: Poly) -> Poly:
        if not self.terms:
            return other
        if not other.terms:
            return self
        big, small = (self, other) if len(self.terms) >= len(other.terms) else (other, self)
        total = dict(big.terms)
        for m, c in small.terms.items():
            value = total.get(m, 0) + c
            if value:
                total[m] = tidy(value)
            else:
                total.pop(m, None)
        return Poly(total)

    def __neg__(self) -> Poly:
        return Poly({m: -c for m, c in self.terms.items()})

    def __sub__(self, other: Poly) -> Poly:
        return self + (-other)

    def scale(self, factor: Rational) -> Poly:
        if factor == 1:
            return self
        return Poly({m: tidy(c * factor) for m, c in self.terms.items()}) if factor else NOTHING

    @property
    def constant(self) -> Rational | None:
        """The number that this is, or None."""
        if not self.terms:
            return 0
        if len(self.terms) == 1 and UNIT in self.terms:
            return self.terms[UNIT]
        return None

    @property
    def single(self) -> tuple[Mono, Rational] | None:
        """(monomial, coefficient) if there is just one."""
        return next(iter(self.terms.items())) if len(self.terms) == 1 else None

    def lead(self) -> tuple[Mono, Rational]:
        """The leading monomial by (degree, key): one fixed order for every rewriting."""
        m = max(self.terms, key=lambda m: (degree(m), mono_key(m)))
        return m, self.terms[m]

    def atoms(self) -> set[Atom]:
        """The atoms of its monomials (not those inside other atoms)."""
        return {a for m in self.terms for a, _ in m}

    def walk(self) -> Iterator[Atom]:
        """All atoms, at every depth."""
        for a in self.atoms():
            yield a
            for arg in a.args:
                yield from arg.walk()


NOTHING = Poly({})


def number(value: Rational) -> Poly:
    value = tidy(value)
    return Poly({UNIT: value}) if value else NOTHING


ONE = number(1)


def atom_poly(a: Atom, exponent: Rational = 1) -> Poly:
    return Poly({((a, exponent),): 1})


def var(name: str, indices: tuple[IndexLike, ...] = ()) -> Poly:
    return atom_poly(Atom("var", name, indices))


def size_poly(s: Size) -> Poly:
    total = number(s.const)
    for name, times in s.parts:
        total = total + atom_poly(Atom("size", name)).scale(times)
    return total


_fresh = count()


def fresh(like: Index, first: bool = False) -> Index:
    """A new index with the range of `like` (before all others in their order); no document can write `%` or `!`."""
    return Index(f"{'!' if first else '%'}{next(_fresh):09}", like.size)


def total(parts: Iterable[Poly]) -> Poly:
    result: dict[Mono, Rational] = {}
    for part in parts:
        for m, c in part.terms.items():
            value = result.get(m, 0) + c
            if value:
                result[m] = tidy(value)
            else:
                result.pop(m, None)
    return Poly(result)
