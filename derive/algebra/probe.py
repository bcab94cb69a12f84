"""A cheap look before a search: is a normal form different from 0 at one random instance?

It only ever ends a search for a proof early, and never proves.  Sizes are 2 or 3, variables are random
numbers of their domains, unknown functions are sines.
"""

from __future__ import annotations

import math
from itertools import product
from typing import TYPE_CHECKING
from zlib import crc32

from derive.algebra.atoms import Atom, Mono, Poly, Rational
from derive.terms import Index, IndexLike, Size

if TYPE_CHECKING:
    from derive.algebra.normal import Normalizer

Env = dict[Index, int]
MOST_STEPS, MOST_KEPT = 30_000, 60_000
TOLERANCE = 1e-7
#: the seed of the instance whose sizes are as small as they may be
LEAST = -1
#: a value below this share of its terms is taken for 0
ROUNDING = 1e-12


class _Undefined(Exception):
    """No value here: the root of a negative number, a division by zero, too much work."""


def different(n: Normalizer, p: Poly) -> bool:
    """True where p ≠ 0 at an instance that the facts allow; False says nothing.

    Equations among the facts would have to be solved first; |x| may be decided by an inequality.
    """
    if n.facts.rules or any(a.kind == "fn" and a.name == "abs" for a in p.walk()):
        return False
    return any(_instance(n, seed).different(p) for seed in (1, 0))


def signs(n: Normalizer, p: Poly) -> set[int]:
    """The signs that p takes at a few instances; a fact that fails there makes one worthless."""
    if n.facts.rules:
        return set()
    found: set[int] = set()
    for seed in range(4):
        here = _instance(n, seed)
        if here.allowed():
            found.add(here.sign(p))
    return found


def vanishes(n: Normalizer, p: Poly) -> bool:
    """True where p is 0, up to rounding, at an instance with the least sizes: Σ_{j≠i} x_j at N = 1.

    So it cannot be shown to be positive, or not to be 0.
    """
    if n.facts.rules or any(a.kind == "fn" and a.name == "abs" for a in p.walk()):
        return False
    here = _instance(n, LEAST)
    return here.allowed() and here.is_zero(p)


def _instance(n: Normalizer, seed: int) -> _Instance:
    """The instance of this normaliser, with the values it has found so far."""
    made = n.instances.get(seed)
    if not isinstance(made, _Instance):
        made = n.instances[seed] = _Instance(n, seed)
    made.steps = 0
    if len(made.done) > MOST_KEPT:
        made.done.clear()
    return made


class _Instance:
    """`seed` 0 is the one with all variables positive that may be."""

    def __init__(self, n: Normalizer, seed: int) -> None:
        self.n = n
        self.seed = seed
        self.steps = 0
        self.done: dict[tuple[Atom, tuple[int, ...]], float] = {}
        self.checked: tuple[int, bool] = (-1, False)  # of how many facts it was seen whether they hold

    def different(self, p: Poly) -> bool:
        return self.sign(p) != 0

    def sign(self, p: Poly) -> int:
        """The sign of p's value; 0 also where it has none or is too close to 0."""
        return self.sign_at(p, {i: 1 + k % self.size(i.size) for k, i in enumerate(sorted(p.free))})

    def is_zero(self, p: Poly) -> bool:
        env = {i: 1 + k % self.size(i.size) for k, i in enumerate(sorted(p.free))}
        try:
            parts = [float(c) * self.mono(m, env) for m, c in p.terms.items()]
        except (_Undefined, OverflowError, ZeroDivisionError):
            return False
        scale = sum(map(abs, parts))
        return len(parts) > 1 and math.isfinite(scale) and abs(sum(parts)) <= ROUNDING * scale

    def sign_at(self, p: Poly, env: Env) -> int:
        try:
            parts = [float(c) * self.mono(m, env) for m, c in p.terms.items()]
        except (_Undefined, OverflowError, ZeroDivisionError):
            return 0
        value, scale = sum(parts), sum(map(abs, parts))
        if not math.isfinite(scale) or abs(value) <= TOLERANCE * scale:
            return 0
        return 1 if value > 0 else -1

    def allowed(self) -> bool:
        """Do the known inequalities hold here?  Not known where one speaks of the claim's own indices."""
        return all(k.poly.free <= frozenset(k.free) for k in self.n.facts.known) and all(
            self.sign_at(k.poly, here) in ((1, -1) if k.relation == "≠" else (1,))
            for k in self.n.facts.known
            for here in self.range(tuple(k.free))
        )

    def size(self, size: Size) -> int:
        if self.seed == LEAST:
            return size.const + sum(k * self.n.facts.least.get(name, 1) for name, k in size.parts)
        return size.const + sum(k * (2 + crc32(name.encode()) % 2) for name, k in size.parts)

    def poly(self, p: Poly, env: Env) -> float:
        return sum(float(c) * self.mono(m, env) for m, c in p.terms.items())

    def mono(self, m: Mono, env: Env) -> float:
        result = 1.0
        for a, e in m:
            result *= _power(self.atom(a, env), e)
        return result

    def at(self, i: IndexLike, env: Env) -> int:
        return i if isinstance(i, int) else env[i]

    def atom(self, a: Atom, env: Env) -> float:
        key = (a, tuple(env[i] for i in sorted(a.free)))
        found = self.done.get(key)
        if found is None:
            self.steps += 1
            if self.steps > MOST_STEPS:
                raise _Undefined
            found = self.done[key] = self.value(a, env)
        return found

    def value(self, a: Atom, env: Env) -> float:
        at = tuple(self.at(i, env) for i in a.indices)
        match a.kind:
            case "var":
                return self.variable(a.name, at)
            case "size":
                return float(self.size(Size.named(a.name)))
            case "const":
                return math.pi if a.name == "pi" else math.e
            case "prime":
                return float(a.name)
            case "delta":
                return float(at[0] == at[1])
            case "exp":
                return math.exp(self.poly(a.args[0], env))
            case "log":
                inside = self.poly(a.args[0], env)
                if inside <= 0:
                    raise _Undefined
                return math.log(inside)
            case "base":
                return self.poly(a.args[0], env)
            case "sum":
                return sum(self.poly(a.args[0], {**env, **here}) for here in self.range(a.binders))
            case "prod":
                return math.prod(self.poly(a.args[0], {**env, **here}) for here in self.range(a.binders))
            case "fn":
                return self.function(a, self.poly(a.args[0], env))
            case "pow":
                base = self.poly(a.args[0], env)
                return _power(base, self.poly(a.args[1], env))
            case "field":
                return self.field(a, at, env)
            case _:
                return self.matrix(a, at, env)

    def range(self, binders: tuple[Index, ...]) -> list[Env]:
        spans = [range(1, self.size(b.size) + 1) for b in binders]
        return [dict(zip(binders, here)) for here in product(*spans)]

    def variable(self, name: str, at: tuple[int, ...]) -> float:
        if name in self.n.facts.symmetric:
            at = tuple(sorted(at))
        if name in self.n.facts.skew and at[0] >= at[1]:
            return 0.0 if at[0] == at[1] else -self.variable(name, (at[1], at[0]))
        u = _random(f"{name}{at}{self.seed}")
        domain = self.n.facts.domains.get(name)
        if domain is not None and domain.values:
            return float(domain.values[int(u * len(domain.values))])
        low = None if domain is None or domain.low is None else float(domain.low)
        high = None if domain is None or domain.high is None else float(domain.high)
        if low is not None and high is not None:
            return low + (0.1 + 0.8 * u) * (high - low)
        if low is not None:
            return low + 0.3 + 1.4 * u
        if high is not None:
            return high - 0.3 - 1.4 * u
        sign = -1 if self.seed and _random(f"{name}{at}{self.seed}±") < 0.5 else 1
        return sign * (0.3 + 1.4 * u)

    def function(self, a: Atom, x: float) -> float:
        known = {"sin": math.sin, "cos": math.cos}.get(a.name)
        if known is not None and not a.order:
            return known(x)
        b, c = 0.5 + _random(a.name + "b"), _random(a.name + "c")
        return float(b**a.order * math.sin(b * x + c + a.order * math.pi / 2))

    def field(self, a: Atom, at: tuple[int, ...], env: Env) -> float:
        """sin(Σ cᵢ xᵢ) and its derivatives."""
        width = len(a.binders)
        phase, factor = 0.4, 1.0
        for here in self.range(a.binders):
            phase += self.weight(a.name, tuple(here.values())) * self.poly(a.args[0], {**env, **here})
        for k in range(0, len(at), width):
            factor *= self.weight(a.name, at[k : k + width])
            phase += math.pi / 2
        return factor * math.sin(phase)

    @staticmethod
    def weight(name: str, at: tuple[int, ...]) -> float:
        return 0.2 + _random(f"{name}·{at}")

    def matrix(self, a: Atom, at: tuple[int, ...], env: Env) -> float:
        """An entry of an inverse, or a determinant, by elimination."""
        i, j = a.binders
        width = range(1, self.size(i.size) + 1)
        rows = [[self.poly(a.args[0], {**env, i: x, j: y}) for y in width] for x in width]
        rows = [row + [float(x == y) for y in range(len(rows))] for x, row in enumerate(rows)]
        det = 1.0
        for k in range(len(rows)):
            best = max(range(k, len(rows)), key=lambda x: abs(rows[x][k]))
            if abs(rows[best][k]) < 1e-9:
                raise _Undefined
            if best != k:
                rows[k], rows[best], det = rows[best], rows[k], -det
            det *= rows[k][k]
            rows[k] = [x / rows[k][k] for x in rows[k]]
            for x in range(len(rows)):
                if x != k:
                    rows[x] = [u - rows[x][k] * v for u, v in zip(rows[x], rows[k])]
        return det if a.kind == "det" else rows[at[0] - 1][len(rows) + at[1] - 1]


def _random(text: str) -> float:
    """A number in [0, 1) that depends on the text alone."""
    x = crc32(text.encode())
    return ((x ^ x >> 16) * 0x45D9F3B & 0xFFFFFFFF) / 2**32  # crc alone is linear in the text


def _power(x: float, e: Rational | float) -> float:
    if e == 1:
        return x
    if (x == 0 and e < 0) or (x < 0 and int(e) != e):
        raise _Undefined
    return float(x ** (int(e) if int(e) == e else float(e)))


__all__ = ["different", "signs", "vanishes"]
