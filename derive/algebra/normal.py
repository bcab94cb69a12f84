"""The normaliser: every operation takes normal forms and returns a normal form.

Sound because each step is an equality wherever both of its sides are defined; the conditions under
which a *term* is defined are collected by `derive.algebra.entries`, not here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from derive.algebra import apart, cases, matrices, powers, rewriting, sums
from derive.algebra.atoms import (
    NOTHING,
    ONE,
    Atom,
    Mono,
    Poly,
    Rational,
    Unsupported,
    atom_poly,
    fresh,
    mono,
    number,
    tidy,
    total,
)  # fmt: skip
from derive.algebra.factors import factor
from derive.algebra.facts import Facts
from derive.algebra.kept import Kept
from derive.algebra.patterns import matches
from derive.algebra.signs import Signs
from derive.terms import Index, IndexLike

#: A normal form that grows past this many monomials is given up (the verdict is then `unknown`).
MOST_MONOMIALS = 4000

#: kinds whose monomials need a look after a multiplication
TOUCHY = frozenset({"delta", "prime", "base", "fn"})

Renaming = Mapping[Index, IndexLike]


def _none(a: Atom) -> Poly | None:
    """No atom is replaced."""
    return None


class Normalizer:
    def __init__(self, facts: Facts | None = None, ticks: Callable[[], None] | None = None) -> None:
        self.facts = facts or Facts()
        self.signs = Signs(self)
        self.ticks = ticks or (lambda: None)
        self._kept = Kept(self)
        self.canonical: dict[object, Poly] = {}
        self.instances: dict[int, object] = {}  # of `derive.algebra.probe`
        plain = [a for rule in self.facts.rules if not rule.pattern.bound for a, _ in rule.pattern.factors]
        self.leads = frozenset(a.name for a in plain if a.kind == "var")
        self.told = any(a.kind == "fn" for a in plain)
        self.touchy = TOUCHY | {a.kind for a in plain if a.kind != "var"}

    # -- products ------------------------------------------------------------------------------------

    def mul(self, *parts: Poly) -> Poly:
        result = ONE
        for part in parts:
            result = self._mul(result, part)
        return result

    def _mul(self, left: Poly, right: Poly) -> Poly:
        if (c := left.constant) is not None:
            return right.scale(c)
        if (c := right.constant) is not None:
            return left.scale(c)
        if len(left) * len(right) > MOST_MONOMIALS:
            raise Unsupported("too many monomials")
        self.ticks()
        plain: dict[Mono, Rational] = {}
        others: list[Poly] = []
        for m, c in left.terms.items():
            for n, d in right.terms.items():
                factors: dict[Atom, Rational] = dict(m)
                touchy = False
                for a, e in n:
                    factors[a] = tidy(factors.get(a, 0) + e)
                for a in factors:
                    touchy = touchy or a.kind in self.touchy or (a.kind == "var" and self._special(a.name))
                if touchy:
                    others.append(self.monomial(factors, c * d))
                else:
                    made = mono(factors)
                    value = plain.get(made, 0) + c * d
                    if value:
                        plain[made] = tidy(value)
                    else:
                        plain.pop(made, None)
        return total([Poly(plain), *others]) if others else Poly(plain)

    def _special(self, name: str) -> bool:
        domain = self.facts.domains.get(name)
        return name in self.leads or (domain is not None and domain.values is not None)

    def monomial(self, factors: Mapping[Atom, Rational], c: Rational = 1) -> Poly:
        """c · Π factors with the rules of the touchy atoms applied."""
        factors = {a: e for a, e in factors.items() if e}
        for a, e in factors.items():
            made = self._rewrite(a, e, factors)
            if made is not None:
                return made.scale(c)
        for rule in self.facts.rules:
            if rule.pattern.bound:
                continue
            for binding, rest in matches(
                rule.pattern, (), factors, self.rename, symmetric=self.facts.is_symmetric
            ):
                self.facts.used |= rule.labels
                return self._mul(self.rename(rule.result, binding), self.monomial(rest)).scale(c)
        return Poly({mono(factors): tidy(c)}) if c else NOTHING

    def _rewrite(self, a: Atom, e: Rational, factors: Mapping[Atom, Rational]) -> Poly | None:
        """The first law that applies to a^e in this product; None if it is normal."""
        rest = {b: f for b, f in factors.items() if b is not a}
        if a.kind == "delta":
            return self._delta_factor(a, e, rest)
        if a.kind == "prime" and not 0 < e < 1:  # p^{n + f} = pⁿ p^f
            whole = e.numerator // e.denominator
            left = {**rest, a: tidy(e - whole)}
            return self.monomial(left, Fraction(int(a.name)) ** whole)
        if a.kind == "base":
            return self._base_factor(a, e, factors, rest)
        if a.kind == "fn" and a.name == "abs" and not a.order and isinstance(e, int) and e < 0:
            up = -e + (e % 2)  # 1/|P| = |P|/P²
            return self._mul(self.power(a.args[0], -up), self.monomial({**rest, a: e + up}))
        if a.kind == "fn" and a.name == "abs" and e == 1 and not apart.settled(a):
            return self._mul(self.fn("abs", a.args), self.monomial(rest))
        if a.kind == "fn" and not a.order and isinstance(e, int) and e >= 2:
            if a.name == "abs":  # |P|² = P²
                square = self.power(a.args[0], 2)
                return self._mul(square, self.monomial({**rest, a: e - 2}))
            if a.name == "sin":  # sin² = 1 − cos²
                cos = self._mul(*2 * (atom_poly(Atom("fn", "cos", args=a.args)),))
                return self._mul(ONE - cos, self.monomial({**rest, a: e - 2}))
        if a.kind == "var" and isinstance(e, int) and e >= 2:
            pair = self.facts.two_values(a.name)  # (d − v₀)(d − v₁) = 0
            if pair is not None:
                low, high = pair
                square = atom_poly(a).scale(low + high) - number(low * high)
                return self._mul(square, self.monomial({**rest, a: e - 2}))
        return None

    def _delta_factor(self, a: Atom, e: Rational, rest: dict[Atom, Rational]) -> Poly | None:
        if e < 0:
            raise Unsupported("a division by a Kronecker delta")
        i, j = a.indices
        if i == j:
            return self.monomial(rest)
        if isinstance(i, int) and isinstance(j, int):
            return NOTHING
        if e != 1:
            return self.monomial({**rest, a: 1})
        # δ_ij g(j) = δ_ij g(i): literals and names that come first are kept
        keep, drop = (i, j) if isinstance(j, Index) else (j, i)
        if isinstance(drop, Index) and any(drop in b.free for b in rest):
            swapped = self.rename(self.monomial(rest), {drop: keep})
            return self._mul(atom_poly(a), swapped)
        return None

    def _base_factor(
        self, a: Atom, e: Rational, factors: Mapping[Atom, Rational], rest: dict[Atom, Rational]
    ) -> Poly | None:
        inside = a.args[0]
        if e >= 1:  # P^{n + f} = Pⁿ P^f, expanded
            whole = e.numerator // e.denominator
            return self._mul(self.power(inside, whole), self.monomial({**rest, a: tidy(e - whole)}))
        if e > 0:
            return None if apart.settled(a) else self._mul(self.power(inside, e), self.monomial(rest))
        lead, c = inside.lead()
        if lead and lead[0][0].kind != "delta" and all(f > 0 and factors.get(b, 0) >= f for b, f in lead):
            # t P^e = P^{e+1} − (P − t) P^e with t the leading monomial
            left = dict(factors)
            for b, f in lead:
                left[b] = tidy(left[b] - f)
            others = inside - Poly({lead: c})
            up = dict(left)
            up[a] = tidy(e + 1)
            return (self.monomial(up) - self._mul(others, self.monomial(left))).scale(Fraction(1) / c)
        return None

    # -- other operations, each in a module of its own -------------------------------------------------

    def power(self, p: Poly, r: Rational) -> Poly:
        if len(p) > 1 and r < 0 and isinstance(r, int):  # no sign is asked for
            return self._kept.once(("power", p, p.free, r), lambda: powers.power(self, p, r))
        return powers.power(self, p, tidy(r))

    def power_by(self, p: Poly, q: Poly) -> Poly:
        return powers.power_by(self, p, q)

    def exp(self, p: Poly) -> Poly:
        return powers.exp(self, p)

    def log(self, p: Poly) -> Poly:
        return powers.log(self, p)

    def fn(self, name: str, args: tuple[Poly, ...], order: int = 0) -> Poly:
        made = powers.fn(self, name, args, order)
        if not self.told or made.single is None:
            return made
        factors, c = made.single
        return self.monomial(dict(factors), c)  # by what is assumed of the value

    def sum_over(self, k: Index, p: Poly) -> Poly:
        return sums.sum_over(self, k, p)

    def apply_rules(self, bound: tuple[Index, ...], factors: dict[Atom, Rational]) -> Poly | None:
        return rewriting.rewritten(self, bound, factors)

    def prod_over(self, k: Index, p: Poly) -> Poly:
        return sums.prod_over(self, k, p)

    def field(self, name: str, binders: tuple[Index, ...], p: Poly, slots: tuple[IndexLike, ...]) -> Poly:
        return matrices.field(self, name, binders, p, slots)

    def inverse(self, binders: tuple[Index, Index], p: Poly, i: IndexLike, j: IndexLike) -> Poly:
        return matrices.inverse(self, binders, p, i, j)

    def det(self, binders: tuple[Index, Index], p: Poly) -> Poly:
        return matrices.det(self, binders, p)

    def delta(self, i: IndexLike, j: IndexLike) -> Poly:
        if i == j:
            return ONE
        if isinstance(i, int) and isinstance(j, int):
            return NOTHING
        pair = (j, i) if (isinstance(j, int), str(j)) < (isinstance(i, int), str(i)) else (i, j)
        if isinstance(pair[0], int):
            pair = (pair[1], pair[0])
        return atom_poly(Atom("delta", "", pair))

    def var(self, name: str, indices: tuple[IndexLike, ...] = ()) -> Poly:
        labels = self.facts.symmetric.get(name)
        if labels is not None and str(indices[0]) > str(indices[1]):
            self.facts.used |= labels
            indices = (indices[1], indices[0])
        labels = self.facts.skew.get(name)
        if labels is not None and (indices[0] == indices[1] or str(indices[0]) > str(indices[1])):
            self.facts.used |= labels  # A_ij = −A_ji, so A_ii = 0
            return NOTHING if indices[0] == indices[1] else -self.var(name, (indices[1], indices[0]))
        made = Atom("var", name, indices)
        return self.monomial({made: 1}) if name in self.leads else atom_poly(made)

    # -- renaming and substitution -----------------------------------------------------------------------

    def rename(self, p: Poly, names: Renaming) -> Poly:
        """p with free indices renamed (or made literal), again in normal form."""
        names = {k: v for k, v in names.items() if k in p.free and k != v}
        if not names:
            return p
        key = (p, p.free, frozenset(names.items()))
        return self._kept.once(key, lambda: total(self._renamed_mono(m, names).scale(c) for m, c in p.terms.items()))

    def _renamed_mono(self, m: Mono, names: Renaming) -> Poly:
        keep: dict[Atom, Rational] = {}
        parts: list[Poly] = []
        for a, e in m:
            if a.free.isdisjoint(names):
                keep[a] = e
            else:
                parts.append(self.power(self.rebuild(a, names), e))
        return self.mul(Poly({mono(keep): 1}), *parts)

    def opened(self, a: Atom) -> tuple[tuple[Index, ...], tuple[Poly, ...]]:
        """The atom's arguments under fresh names for its bound indices."""
        if not a.binders:
            return (), a.args
        names = {b: fresh(b) for b in a.binders}
        return tuple(names.values()), tuple(self.rename(arg, names) for arg in a.args)

    def looked_into(self, a: Atom) -> tuple[tuple[Index, ...], tuple[Poly, ...]]:
        """The atom opened under the same names each time, which are not free in it: no use for two at once."""
        return self._kept.once(("opened", a, a.free), lambda: self.opened(a)) if a.binders else ((), a.args)

    def canonically(self, p: Poly, bound: tuple[Index, ...], height: int) -> tuple[tuple[Index, ...], Poly]:
        """p with `bound` named canonically for a binder of this height."""
        names = {b: Index(f"#{height}.{i}", b.size) for i, b in enumerate(bound)}
        made = self.rename(p, names)
        if made.height >= height:  # an inner binder could then have one of these names
            raise Unsupported("a rewriting below a binder")
        return tuple(names.values()), made

    def rebuild(
        self, a: Atom, names: Renaming, swap: Callable[[Atom], Poly | None] = _none
    ) -> Poly:
        """The atom with indices renamed and the atoms that `swap` answers for replaced."""
        replaced = swap(a)
        if replaced is not None:
            return self.rename(replaced, names)
        self.ticks()
        indices = tuple(names.get(i, i) if isinstance(i, Index) else i for i in a.indices)
        if swap is _none:
            binders, args = self.looked_into(a)
            names = {k: v for k, v in names.items() if k in a.free}
            if not frozenset(binders).isdisjoint(names.values()):  # no index is caught by a binder
                binders, args = self.opened(a)
            args = tuple(self.rename(arg, names) for arg in args)
        else:
            binders, args = self.opened(a)
            args = tuple(self.rename(self.replace(arg, swap), names) for arg in args)
        match a.kind:
            case "var":
                return self.var(a.name, indices)
            case "delta":
                return self.delta(*indices)
            case "exp":
                return self.exp(args[0])
            case "log":
                return self.log(args[0])
            case "base":
                return args[0]
            case "sum":
                return sums.sum_many(self, binders, args[0])
            case "prod":
                return self.prod_over(binders[0], args[0])
            case "fn":
                return self.fn(a.name, args, a.order)
            case "pow":
                return self.power_by(*args)
            case "field":
                return self.field(a.name, binders, args[0], indices)
            case "inv":
                return self.inverse((binders[0], binders[1]), args[0], *indices)
            case "det":
                return self.det((binders[0], binders[1]), args[0])
            case _:
                return atom_poly(a)

    def replace(self, p: Poly, swap: Callable[[Atom], Poly | None]) -> Poly:
        """p with every atom a, at any depth, for which swap(a) is not None replaced by that."""
        parts = []
        for m, c in p.terms.items():
            factors = [self.power(self._replaced(a, swap), e) for a, e in m]
            parts.append(self.mul(*factors).scale(c))
        return total(parts)

    def _replaced(self, a: Atom, swap: Callable[[Atom], Poly | None]) -> Poly:
        if a.args or swap(a) is not None:
            return self.rebuild(a, {}, swap)
        return self.var(a.name, a.indices) if a.kind == "var" else atom_poly(a)

    # -- fractions ---------------------------------------------------------------------------------------

    def together(self, p: Poly) -> tuple[Poly, list[tuple[Poly, int]]]:
        """(numerator, [(factor, power), …]) with p = numerator / Π factor^power.

        Every negative power of an atom is cleared, so the numerator is polynomial in its atoms.
        """
        bottom: list[tuple[Poly, int]] = []
        for _ in range(12):
            least: dict[Atom, Rational] = {}
            for m in p.terms:
                for a, e in m:
                    if e < 0:
                        least[a] = min(least.get(a, 0), e)
            if not least:
                return p, bottom
            a = min(least)
            up = -(least[a].numerator // least[a].denominator)
            factor = a.args[0] if a.kind == "base" else atom_poly(a)
            parts = []
            for m, c in p.terms.items():
                factors = dict(m)
                have = factors.get(a, 0)
                factors[a] = tidy(have + up)
                parts.append(self.monomial(factors, c))
            p = total(parts)
            bottom.append((factor, up))
        raise Unsupported("too many denominators")

    def factors(self, p: Poly) -> list[tuple[Poly, int]]:
        """p = Π part^power over the rationals, numeric content as its own part."""
        return factor(p)

    # -- cases ---------------------------------------------------------------------------------------------

    def split(self, p: Poly, f: Callable[[Poly], Poly]) -> Poly | None:
        return cases.split(self, p, f)

    def at(self, p: Poly, a: Atom, value: Rational) -> Poly:
        return cases.at(self, p, a, value)


__all__ = ["Normalizer"]
