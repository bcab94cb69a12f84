"""Matching scalar terms with the left side of a rule.

A scalar variable of the pattern stands for any term, `u[j]` under a sum over j for any term with that
index (a family).  Sums and products match in any order; a factor that is missing is 1.  A name that
is defined is opened where the pattern has structure, so `log y` matches with `y := 1/(1 + e⁻ᶻ)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import permutations

from codegen.simplify import product, total
from derive.binders import canonical, free_indices, substitute
from derive.terms import (
    ONE,
    Add,
    Delta,
    Det,
    Entry,
    Fn,
    Index,
    IndexLike,
    Mul,
    Num,
    Pow,
    Prod,
    Size,
    SizeTerm,
    Sum,
    Term,
    Var,
)  # fmt: skip

#: what a defined name, or an entry of one, stands for; None for other terms
Opened = Callable[[Term], Term | None]
#: sums and products with more parts than this are not matched in all orders
PARTS = 7


@dataclass(frozen=True)
class Family:
    """λ indices. body: what an array variable of the pattern stands for."""

    indices: tuple[Index, ...]
    body: Term

    def at(self, indices: tuple[IndexLike, ...]) -> Term:
        return substitute(self.body, dict(zip(self.indices, indices)))


@dataclass(frozen=True)
class Match:
    scalars: dict[str, Term] = field(default_factory=dict)
    families: dict[str, Family] = field(default_factory=dict)
    indices: dict[Index, Index] = field(default_factory=dict)
    sizes: dict[str, Size] = field(default_factory=dict)
    rest: tuple[Term, ...] = ()  # factors or terms of the subject beside the match


class Matcher:
    """`variables` are the names of the pattern that stand for terms."""

    def __init__(self, variables: frozenset[str], opened: Opened) -> None:
        self.variables = variables
        self.opened = opened

    def matches(self, pattern: Term, t: Term) -> Iterator[Match]:
        """All ways in which `t`, or some of its factors (terms), match the whole pattern."""
        if isinstance(pattern, (Mul, Add)):
            if type(t) is type(pattern):
                yield from self.parts(pattern, t.children, Match(), whole=False)
        elif type(t) is type(pattern):
            yield from self.match(pattern, t, Match())

    # -- one pattern node ------------------------------------------------------------------------------

    def match(self, p: Term, t: Term, m: Match) -> Iterator[Match]:
        scaled = self.variable(p)
        if scaled is not None:
            coefficient, v = scaled
            value = product(Num(1 / coefficient), t) if coefficient != 1 else t
            yield from self.bind(v, value, m)
            return
        if type(p) is not type(t):
            opened = self.opened(t)
            if opened is not None:
                yield from self.match(p, opened, m)
                return
        if isinstance(p, (Mul, Add)):
            parts = t.children if type(t) is type(p) else (t,)
            yield from self.parts(p, parts, m, whole=True)
            return
        if type(p) is not type(t):
            return
        match p:
            case Fn(name=name):
                assert isinstance(t, Fn)
                if name == t.name:
                    yield from self.each(p.args, t.args, m)
                    if name == "max":
                        yield from self.each(p.args, t.args[::-1], m)
            case Pow():
                assert isinstance(t, Pow)
                yield from self.each((p.exponent, p.base), (t.exponent, t.base), m)
            case Sum() | Prod():
                assert isinstance(t, (Sum, Prod))
                yield from self.binder(p, t, m)
            case Num() | SizeTerm() | Det() | Delta():
                if p == t:
                    yield m

    def each(self, ps: tuple[Term, ...], ts: tuple[Term, ...], m: Match) -> Iterator[Match]:
        if len(ps) != len(ts):
            return
        if not ps:
            yield m
            return
        for found in self.match(ps[0], ts[0], m):
            yield from self.each(ps[1:], ts[1:], found)

    def binder(self, p: Sum | Prod, t: Sum | Prod, m: Match) -> Iterator[Match]:
        if p.start != 1 or t.start != 1:
            return
        sizes = dict(m.sizes)
        name = p.index.size.names[0] if p.index.size.names else ""
        if not name or sizes.setdefault(name, t.index.size) != t.index.size:
            return
        inner = Match(m.scalars, m.families, {**m.indices, p.index: t.index}, sizes)
        for found in self.match(p.body, t.body, inner):
            left = {i: j for i, j in found.indices.items() if i != p.index}
            yield Match(found.scalars, found.families, left, found.sizes)

    # -- variables -------------------------------------------------------------------------------------

    def variable(self, p: Term) -> tuple[Fraction, Term] | None:
        """(c, v) for a pattern c·v that matches anything, v a variable or an entry of one."""
        if isinstance(p, Mul) and len(p.args) == 2 and isinstance(p.args[0], Num):
            inner = self.variable(p.args[1])
            return None if inner is None else (inner[0] * p.args[0].value, inner[1])
        name = p.name if isinstance(p, Var) else p.array.name if _is_entry(p) else ""  # type: ignore[attr-defined]
        return (Fraction(1), p) if name in self.variables else None

    def bind(self, v: Term, value: Term, m: Match) -> Iterator[Match]:
        inside = free_indices(value) & set(m.indices.values())
        if isinstance(v, Var):
            if inside:  # it may not depend on what the pattern binds
                return
            if v.name not in m.scalars:
                yield Match({**m.scalars, v.name: value}, m.families, m.indices, m.sizes)
            elif canonical(m.scalars[v.name]) == canonical(value):
                yield m
            return
        assert isinstance(v, Entry) and isinstance(v.array, Var)
        at = tuple(m.indices[i] for i in v.indices if isinstance(i, Index) and i in m.indices)
        if len(at) != len(v.indices) or len(set(at)) != len(at) or inside - set(at):
            return
        name = v.array.name
        if name not in m.families:
            yield Match(m.scalars, {**m.families, name: Family(at, value)}, m.indices, m.sizes)
        elif canonical(m.families[name].at(at)) == canonical(value):
            yield m

    # -- sums and products -----------------------------------------------------------------------------

    def parts(self, p: Mul | Add, ts: tuple[Term, ...], m: Match, whole: bool) -> Iterator[Match]:
        fixed = [a for a in p.args if self.variable(a) is None]
        loose = [a for a in p.args if self.variable(a) is not None]
        if len(ts) > PARTS or len(fixed) > len(ts):
            return
        fixed.sort(key=lambda a: -_size(a))
        yield from self.choose(type(p), fixed, loose, ts, m, whole)

    def choose(
        self, kind: type, fixed: list[Term], loose: list[Term], ts: tuple[Term, ...], m: Match, whole: bool
    ) -> Iterator[Match]:
        if not fixed:
            yield from self.remaining(kind, loose, ts, m, whole)
            return
        for n, t in enumerate(ts):
            for found in self.match(fixed[0], t, m):
                yield from self.choose(kind, fixed[1:], loose, ts[:n] + ts[n + 1 :], found, whole)

    def remaining(
        self, kind: type, loose: list[Term], ts: tuple[Term, ...], m: Match, whole: bool
    ) -> Iterator[Match]:
        join = product if kind is Mul else total
        if not loose:
            if not ts or not whole:
                yield Match(m.scalars, m.families, m.indices, m.sizes, ts)
            return
        if len(loose) == 1:
            if ts or kind is Mul:
                yield from self.match(loose[0], join(*ts) if ts else ONE, m)
            return
        if len(ts) < len(loose):
            return
        for order in permutations(ts, len(loose) - 1) if len(ts) <= 4 else (ts[: len(loose) - 1],):
            left = tuple(t for t in ts if not any(t is o for o in order))
            for found in self.match(loose[0], order[0], m):
                yield from self.remaining(kind, loose[1:], (*order[1:], *left), found, whole)


def _is_entry(p: Term) -> bool:
    return isinstance(p, Entry) and isinstance(p.array, Var)


def _size(t: Term) -> int:
    return 1 + sum(_size(c) for c in t.children)
