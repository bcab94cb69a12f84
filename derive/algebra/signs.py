"""Ranges and signs of normal forms under the declared domains and assumptions."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import replace
from itertools import islice
from itertools import product as product_of
from typing import TYPE_CHECKING

from derive.algebra.apart import nonzero as nonzero_apart
from derive.algebra.atoms import ONE, Atom, Mono, Poly, Rational, Unsupported
from derive.algebra.kinks import RAMP
from derive.algebra.probe import signs
from derive.algebra.ranges import ANY, CONSTANTS, EULER, NONNEG, POSITIVE, Range, hull, product, tighter
from derive.terms import Index, IndexLike

#: variables collected inside each other, and monomials among which one is
MOST_NESTED, MOST_COLLECTED = 3, 12
#: Kronecker deltas of which every consistent choice of values is looked at
MOST_DELTAS = 4
#: members of a sum that are looked at
MOST_TOLD = 8

if TYPE_CHECKING:
    from derive.algebra.normal import Normalizer


#: pairs of indices
Apart = tuple[tuple[IndexLike, IndexLike], ...]

#: kinds of atoms that are collected in front of all others
PLAIN = frozenset({"var", "size", "const", "delta"})


class Signs:
    """Sign questions; every answer holds for all values that the facts allow."""

    def __init__(self, normal: Normalizer) -> None:
        self.normal = normal
        self._cache: dict[Hashable, tuple[Range, frozenset[str]]] = {}
        self._inner: dict[Hashable, tuple[Range, frozenset[str]]] = {}  # asked inside a question
        self._forms: dict[tuple[Atom, bool], tuple[str, frozenset[str]]] = {}
        self._busy: dict[str, int] = {}  # questions that are open, and how deep each stands
        self._reached = 0  # the outermost open question that the present one was cut off by
        self.cut = 0  # how often one was
        self._told_of = (0, 0)  # facts and rules, when those answers were found
        self._nested = 0
        self._squaring = False  # squares are not completed inside squares

    def positive(self, p: Poly) -> bool:
        return self.range(p).positive

    def nonneg(self, p: Poly) -> bool:
        return self.range(p).nonneg

    def nonzero(self, p: Poly) -> bool:
        return self.range(p).away

    def range(self, p: Poly) -> Range:
        facts = self.normal.facts
        key = (p, p.free, self._squaring, self._nested)
        if not self._busy and self._told_of != (told := (len(facts.known), len(facts.rules))):
            self._told_of = told
            self._inner.clear()
        found = self._cache.get(key) or self._inner.get(key)
        if found is not None:
            facts.used |= found[1]
            return found[0]
        if p.key in self._busy:  # a fact about p that needs p's sign
            self._reached = min(self._reached, self._busy[p.key])
            self.cut += 1
            return ANY
        self.normal.ticks()
        depth, cut = len(self._busy), facts.cut
        outer, facts.used = facts.used, set()
        before, self._reached = self._reached, depth
        self._busy[p.key] = depth
        try:
            result = self._range(p)
        finally:
            del self._busy[p.key]
            used = frozenset(facts.used)
            facts.used = outer | used
            reached, self._reached = self._reached, min(before, self._reached)
        if not depth:
            self._cache[key] = (result, used)
        elif reached == depth and cut == facts.cut:  # the questions around it had no part in the answer
            self._inner[key] = (result, used)
        return result

    def _range(self, p: Poly) -> Range:
        if (c := p.constant) is not None:
            return Range(c, c)
        plain = self._sum(p)
        if plain.positive or plain.negative:
            return plain
        cases = self._cases(p)
        if cases is not None:  # what is assumed of p as it stands holds for both values too
            best = cases if cases.away else self._known(p, cases)
            unsure = not best.away and self._may_be_nonzero()
            return replace(best, nonzero=True) if unsure and nonzero_apart(self.normal, p) else best
        best = self._known(p, tighter(plain, self._grouped(p)))
        if best.away or len(p) == 1:
            return best
        changes = {1, -1} <= signs(self.normal, p)
        if changes and not self._may_be_nonzero():
            return best
        factored = self._factored(p)
        if factored.away or (not best.nonneg and not best.nonpos):
            best = tighter(best, factored)
        if changes or best.away:
            return best
        best = tighter(best, self._by_variable(p))
        return best if best.away else tighter(best, self._squares(p))

    def _may_be_nonzero(self) -> bool:
        """Can what changes its sign be known not to be 0?  Only by a fact that says so of a part."""
        facts = self.normal.facts
        return any(k.relation == "≠" for k in facts.known) or any(
            d.nonzero or d.values is not None for d in facts.domains.values()
        )

    def _squares(self, p: Poly) -> Range:
        from derive.algebra.quadratic import form

        if self._squaring:
            return ANY
        self._squaring = True
        try:
            for sign in (1, -1):
                found = form(self.normal, p.scale(sign))
                if found:
                    return (POSITIVE if found == ">" else NONNEG).scaled(sign)
            return ANY
        finally:
            self._squaring = False

    def _cases(self, p: Poly, apart: Apart = ()) -> Range | None:
        """The hull over both values of a two-valued variable, or of a Kronecker delta; `apart` are pairs of indices
        that differ."""
        for a in sorted(p.atoms()):
            if a.kind == "delta" and len(p) > 1:
                i, j = a.indices
                keep, drop = (i, j) if isinstance(j, Index) else (j, i)
                if isinstance(drop, Index):
                    other = self._apart(self.normal.at(p, a, 0), (*apart, (keep, drop)))
                    moved = tuple((keep if x == drop else x, keep if y == drop else y) for x, y in apart)
                    if any(x == y for x, y in moved):
                        return other
                    same = self.normal.rename(self.normal.at(p, a, 1), {drop: keep})
                    return hull(self._apart(same, moved), other)
            pair = self.normal.facts.two_values(a.name) if a.kind == "var" and not apart else None
            if pair is not None:
                low, high = (self.range(self.normal.at(p, a, v)) for v in pair)
                return hull(low, high)
        return None

    def _apart(self, p: Poly, apart: Apart) -> Range:
        """The range of p where the indices of each pair differ."""
        for x, y in apart:
            for m in list(p.terms):
                for a, _ in m:
                    if a.kind == "delta" and set(a.indices) == {x, y}:
                        p = self.normal.at(p, a, 0)
        deltas = sum(a.kind == "delta" for a in p.atoms())
        cases = self._cases(p, apart) if 1 < deltas <= MOST_DELTAS else None
        return tighter(self.range(p), cases) if cases is not None else self.range(p)

    def _sum(self, p: Poly) -> Range:
        result = Range(0, 0)
        for m, c in p.terms.items():
            result = result.plus(self.monomial(m).scaled(c))
        if len(p) == 1:
            ((m, c),) = p.terms.items()
            result = self.monomial(m).scaled(c)
        return result

    def _grouped(self, p: Poly) -> Range:
        """Σ P_g g, where P_g collects the plain variables that stand with one and the same factor g."""
        groups: dict[Mono, dict[Mono, Rational]] = {}
        for m, c in p.terms.items():
            shared = tuple((a, e) for a, e in m if a.kind not in PLAIN or e < 0)
            rest = tuple((a, e) for a, e in m if (a, e) not in shared)
            groups.setdefault(shared, {})[rest] = c
        if len(groups) < 2 or len(groups) == len(p):
            return ANY
        result = Range(0, 0)
        for shared, parts in groups.items():
            result = result.plus(product(self.monomial(shared), self.range(Poly(parts))))
        return result

    def _by_variable(self, p: Poly) -> Range:
        """x A + B for a variable x whose sign is known, where A collects all that stands with x."""
        if self._nested >= MOST_NESTED or len(p) > MOST_COLLECTED:
            return ANY
        self._nested += 1
        try:
            for x in sorted(a for a in p.atoms() if a.kind in ("var", "size", "fn")):
                powers = [dict(m).get(x, 0) for m in p.terms]
                known = self.atom(x)
                if powers.count(1) < 2 or not {0, 1}.issuperset(powers) or not (known.nonneg or known.nonpos):
                    continue
                with_x = {tuple(f for f in m if f[0] != x): c for m, c in p.terms.items() if (x, 1) in m}
                rest = {m: c for m, c in p.terms.items() if (x, 1) not in m}
                found = product(known, self.range(Poly(with_x))).plus(self.range(Poly(rest)))
                if found.nonneg or found.nonpos:
                    return found
            return ANY
        finally:
            self._nested -= 1

    def _known(self, p: Poly, plain: Range) -> Range:
        low, high, ls, hs, nz = plain.low, plain.high, plain.low_strict, plain.high_strict, plain.nonzero
        for relation, c in self.normal.facts.lookup(p, self.normal.rename):
            if relation == "≠":
                nz = True
            elif c > 0 and not (low is not None and (low > 0 or (low == 0 and ls))):
                low, ls = 0, relation == ">"
            elif c < 0 and not (high is not None and (high < 0 or (high == 0 and hs))):
                high, hs = 0, relation == ">"
        return Range(low, high, ls, hs, nz)

    def monomial(self, m: Mono) -> Range:
        result = Range(1, 1)
        for a, e in m:
            result = product(result, self.power(a, e))
        return result

    def power(self, a: Atom, e: Rational) -> Range:
        base = self.atom(a)
        if e == 1:
            return base
        if isinstance(e, int) and e % 2 == 0:
            return Range(low=0, low_strict=base.away, nonzero=base.away)
        if base.positive:
            if e > 0 and base.low is not None and base.low >= 1:
                return Range(1, None, base.low_strict)
            if e < 0 and base.low is not None and base.low >= 1:
                return Range(0, 1, True, base.low_strict)
            if e > 0 and base.high is not None and base.high <= 1:
                return Range(0, 1, True, base.high_strict)
            return POSITIVE
        if not isinstance(e, int):
            return Range(low=0, low_strict=base.away or e < 0, nonzero=base.away or e < 0)
        if base.nonneg:
            return Range(low=0, low_strict=e < 0, nonzero=e < 0)
        if base.nonpos:
            return Range(high=0, high_strict=base.away or e < 0, nonzero=base.away or e < 0)
        return Range(nonzero=base.away or e < 0)

    def atom(self, a: Atom) -> Range:
        match a.kind:
            case "size":
                return Range(low=self.normal.facts.least.get(a.name, 1))
            case "prime":
                return Range(low=int(a.name))
            case "const":
                return CONSTANTS.get(a.name, ANY)
            case "exp":
                return self._exp(a)
            case "delta":
                return Range(0, 1)
            case "var":
                return self._variable(a)
            case "sum":
                return self._total(a)
            case "base":
                return self.range(a.args[0])
            case "log":
                return self._log(a)
            case "fn" if a.name == "abs":
                inside = self.range(a.args[0])
                return Range(low=0, low_strict=inside.away, nonzero=inside.away)
            case "fn" if a.name == RAMP:
                return NONNEG
            case "fn" if a.name in ("sin", "cos") and not a.order:
                return Range(-1, 1)
            case "prod":
                inside = self.range(self.normal.looked_into(a)[1][0])
                return POSITIVE if inside.positive else NONNEG if inside.nonneg else Range(nonzero=inside.away)
            case "det":
                return self._det(a)
            case "pow":
                return POSITIVE if self.range(a.args[0]).positive else ANY
            case _:
                return self._known(Poly({((a, 1),): 1}), ANY)

    def _exp(self, a: Atom) -> Range:
        arg = a.args[0]
        if arg.constant == 1:
            return EULER
        inside = self.range(arg)
        if inside.low is not None and inside.low >= 0:
            return Range(low=1, low_strict=inside.positive)
        if inside.high is not None and inside.high <= 0:
            return Range(0, 1, True, inside.negative)
        return POSITIVE

    def _log(self, a: Atom) -> Range:
        inside = self.range(a.args[0])
        if inside.low is not None and inside.low >= 1:
            strict = inside.low > 1 or inside.low_strict
            return Range(low=0, low_strict=strict, nonzero=strict)
        if inside.high is not None and inside.high <= 1:
            strict = inside.high < 1 or inside.high_strict
            return Range(high=0, high_strict=strict, nonzero=strict)
        above = self.range(a.args[0] - ONE)  # the sign of log p is that of p − 1
        if above.nonneg or above.nonpos:
            return (POSITIVE if above.away else NONNEG).scaled(1 if above.nonneg else -1)
        return ANY

    def _det(self, a: Atom) -> Range:
        """det M > 0 where vᵀMv > 0 for every v ≠ 0: M = G + diag(c) with vᵀGv ≥ 0 and c > 0."""
        found = self._forms.get((a, self._squaring))
        if found is None:
            from derive.algebra.squares import gram

            facts = self.normal.facts
            outer, facts.used = facts.used, set()
            form = gram(self.normal, a)
            found = self._forms[a, self._squaring] = form, frozenset(facts.used)
            facts.used = outer
        form, used = found
        self.normal.facts.used |= used
        known = self._known(Poly({((a, 1),): 1}), Range(low=0) if form == "semidefinite" else ANY)
        return POSITIVE if form == "definite" else known

    def _variable(self, a: Atom) -> Range:
        domain = self.normal.facts.domain(a.name)
        if domain.values is not None:
            low, high = min(domain.values), max(domain.values)
            result = Range(low, high, nonzero=0 not in domain.values)
        else:
            result = Range(
                domain.low,
                domain.high,
                domain.low_strict and domain.low is not None,
                domain.high_strict and domain.high is not None,
                domain.nonzero,
            )
        return result if result.away else self._known(Poly({((a, 1),): 1}), result)

    def _total(self, a: Atom) -> Range:
        """Sizes are positive, so a sum has at least one summand; where none is negative, one that is positive is
        enough."""
        binders, (body,) = self.normal.looked_into(a)
        inside = self.range(body)
        if inside.nonneg and not inside.positive:
            if any(self.positive(self.normal.rename(body, at)) for at in self._told(binders)):
                return POSITIVE
            return self._known(Poly({((a, 1),): 1}), NONNEG)
        if inside.nonneg:
            return POSITIVE
        if inside.nonpos:
            return Range(high=0, high_strict=inside.negative, nonzero=inside.negative)
        return self._known(Poly({((a, 1),): 1}), ANY)

    def _told(self, binders: tuple[Index, ...]) -> Iterator[dict[Index, IndexLike]]:
        """Places for the bound indices at which a fact is known: its own indices that have one value each, and 1."""
        known = self.normal.facts.known
        fixed = sorted({i for fact in known for i in fact.poly.free.difference(fact.free)})
        ones: list[IndexLike] = [1] if known else []
        choices = [[*(i for i in fixed if i.size == b.size), *ones] for b in binders]
        for made in islice(product_of(*choices), MOST_TOLD):
            yield dict(zip(binders, made))

    def _factored(self, p: Poly) -> Range:
        """Over one denominator, and then factor by factor."""
        try:
            top, bottom = self.normal.together(p)
            parts = self.normal.factors(top)
        except Unsupported:
            return ANY
        if parts == [(p, 1)]:
            return ANY
        result = Range(1, 1)
        for part, e in [*parts, *bottom]:
            if (c := part.constant) is not None:
                inside = Range(c, c)
            elif e % 2 == 0:
                inside = Range(low=0, low_strict=False)
                inside = POSITIVE if self.range(part).away else inside
            else:
                inside = self._known(part, self._sum(part))
                if not inside.away and part != p:
                    inside = tighter(inside, self.range(part))
            result = product(result, inside)
        # a quotient's bounds are not those of its parts: only its sign is kept
        if result.positive:
            return POSITIVE
        if result.negative:
            return POSITIVE.scaled(-1)
        if result.nonneg:
            return NONNEG
        if result.nonpos:
            return NONNEG.scaled(-1)
        return Range(nonzero=result.away)
