"""From a context's declarations and assumptions to `Facts`."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from typing import Any

from derive.algebra.apart import parts_apart
from derive.algebra.atoms import ONE, Poly, Unsupported, atom_poly, fresh, number
from derive.algebra.consequences import (
    MOST_PARTS,
    beneath,
    contracted,
    contracted_squares,
    factors_not_zero,
    factors_of,
    inverses,
    squared,
    within,
)
from derive.algebra.entries import Entries
from derive.algebra.facts import Facts, Known, Rule, proportion
from derive.algebra.normal import Normalizer
from derive.algebra.orient import cleared, mirrored, oriented
from derive.algebra.quadratic import vanishing
from derive.algebra.squares import nonneg
from derive.context import REAL, Assumption, Context, Domain, written
from derive.notation import unicode
from derive.props import And, Prop, Rel
from derive.terms import Index, Size

#: rounds in which the facts are put in normal form under each other, while they change
MOST_ROUNDS = 8
#: links of a chain of inequalities that tell the sign of its first side
MOST_LINKS = 3
#: an equation of more monomials is factored only where something is known to be no 0
MOST_FACTORED = 3
#: contexts whose facts are kept: a search asks for those of one context many times
MOST_KEPT = 64
_kept: dict[Hashable, Facts] = {}

#: an equation = 0, its fixed indices, and the hypotheses that it rests on
Consequence = tuple[Poly, frozenset[Index], frozenset[str]]


class Contradiction(Exception):
    """The assumptions exclude each other; nothing is proved from them."""


#: relation → (sign of left − right, relation of the signed difference to 0)
SIGNED: dict[str, tuple[int, str]] = {
    ">": (1, ">"), "<": (-1, ">"), "≥": (1, "≥"), "≤": (-1, "≥"), "≠": (1, "≠"),
}  # fmt: skip


def domain_label(name: str, domain: Domain) -> str:
    """The label of a declared condition: σ > 0."""
    return domain.condition(written(name))


def labelled(context: Context) -> list[tuple[str, Assumption]]:
    """The assumptions with their labels, which are unique in the context."""
    return [(a.text or unicode(a.prop), a) for a in context.assumptions]


def normalizer(
    context: Context, without: frozenset[str] = frozenset(), ticks: Callable[[], None] | None = None
) -> Normalizer:
    """A normaliser that uses the hypotheses of `context`, less those labelled in `without`."""
    key = (*(tuple(part.items()) for part in _parts_of(context)), tuple(context.assumptions), without)
    facts = _kept.get(key)
    if facts is None:
        facts = _facts(context, without, ticks)
        if len(_kept) >= MOST_KEPT:
            _kept.pop(next(iter(_kept)), None)
        _kept[key] = facts
    return Normalizer(facts.copy(), ticks)  # nothing is kept that was found by a use that is now forgotten


def _parts_of(context: Context) -> tuple[Mapping[Any, Any], ...]:
    return context.declarations, context.functions, context.definitions, context.least


def _facts(context: Context, without: frozenset[str], ticks: Callable[[], None] | None) -> Facts:
    domains: dict[str, Domain] = {}
    labels: dict[str, frozenset[str]] = {}
    for name, declared in context.declarations.items():
        label = domain_label(name, declared.domain)
        if declared.domain.empty:
            raise Contradiction(label)
        rests = frozenset((label,) if declared.shown is None else declared.shown)
        if declared.domain != REAL and rests.isdisjoint(without):
            domains[name], labels[name] = declared.domain, rests
    facts = Facts(domains, labels, least=_least(context))
    n = Normalizer(facts, ticks)
    later: list[Consequence] = []
    stated = [(label, a, rel) for label, a in labelled(context) if label not in without for rel in _relations(a.prop)]
    for label, assumption, rel in sorted(stated, key=lambda s: s[2].op != "≠"):  # an equation may be divided by it
        n = _assume(context, n, rel, label, assumption.fixed, ticks, later)
    for gap, fixed, of in later:
        others = replace(facts.copy(), rules=[r for r in facts.rules if not of <= r.labels])
        for equation in contracted(Normalizer(others, ticks), gap, fixed) if others.rules else ():
            facts.used = set(of) | others.used
            _equate(Normalizer(facts, ticks), equation, fixed, "")
    _settle(facts, ticks)
    _ordered(facts, ticks)
    _consistent(Normalizer(facts, ticks))
    facts.used.clear()
    return facts


def _least(context: Context) -> dict[str, int]:
    """The least values of sizes of one name: declared (N ≥ 2), or told by a literal index."""
    named = {s: s.names[0] for s in context.least if len(s.names) == 1 and s == Size.named(s.names[0])}
    return {name: context.least[s] for s, name in named.items()}


def _settle(facts: Facts, ticks: Callable[[], None] | None) -> None:
    """Facts that were read before a later equation are put in the normal form under it too."""
    for _ in range(MOST_ROUNDS if facts.rules or facts.symmetric or facts.skew else 0):
        before = [*facts.rules], [*facts.known]
        n = Normalizer(facts, ticks)
        for k, rule in enumerate(before[0]):
            made, labels = _again(n, rule.result)
            facts.rules[k] = replace(rule, result=made, labels=rule.labels | labels)
        for k, known in enumerate(before[1]):
            made, labels = _again(n, known.poly)
            free = tuple(i for i in known.free if i in made.free)
            facts.known[k] = replace(known, poly=made, free=free, labels=known.labels | labels)
        if before == (facts.rules, facts.known):
            return


def _ordered(facts: Facts, ticks: Callable[[], None] | None) -> None:
    """The signs that inequalities give one another: a ≥ b, b > 0."""
    for _ in range(MOST_LINKS):
        found: list[Known] = []
        n = Normalizer(facts, ticks)
        for known in facts.known:
            if known.relation == "≠":
                continue
            n.facts.used.clear()
            for part, strict in beneath(n, known.poly):
                relation = ">" if strict or known.relation == ">" else "≥"
                if relation == ">" or not n.signs.nonneg(part):
                    labels = known.labels | n.facts.used
                    found += _known(n, part, relation, labels, frozenset(part.free) - frozenset(known.free))
        if not found:
            return
        facts.known.extend(found)


def _again(n: Normalizer, p: Poly) -> tuple[Poly, frozenset[str]]:
    """p normalised once more, and the hypotheses that changed it."""
    n.facts.used.clear()
    try:
        made = n.replace(p, lambda a: None)
    except Unsupported:
        return p, frozenset()
    return (made, frozenset(n.facts.used)) if made != p else (p, frozenset())


def _consistent(n: Normalizer) -> None:
    """Raises where two inequalities, after all rules, add up to a false one between numbers.

    Not every contradiction is found: it only ever protects, and never proves.
    """
    known = [(k.relation, n.replace(k.poly, lambda a: None), k.labels) for k in n.facts.known]
    for relation, p, labels in known:
        if (c := p.constant) is not None and not {">": c > 0, "≥": c >= 0, "≠": c != 0}[relation]:
            raise Contradiction(_said(labels))
    signed = [k for k in known if k[0] != "≠" and k[1].constant is None]
    for i, (one, p, _) in enumerate(signed):
        for two, q, labels in signed[:i]:
            c = proportion(_without_constant(p), _without_constant(q))
            if c is None or c >= 0:
                continue
            left = (p + q.scale(-c)).constant  # p − c q, a sum of what is positive
            strict = ">" in (one, two)
            if left is not None and (left < 0 or (left == 0 and strict)):
                raise Contradiction(_said(labels))


def _said(labels: frozenset[str]) -> str:
    return ", ".join(sorted(labels))


def _without_constant(p: Poly) -> Poly:
    return Poly({m: c for m, c in p.terms.items() if m})


def _relations(prop: Prop) -> list[Rel]:
    """An assumption of another form is not used (which can only lose proofs)."""
    if isinstance(prop, Rel):
        return [prop]
    return [r for part in prop.parts for r in _relations(part)] if isinstance(prop, And) else []


def _assume(
    context: Context,
    n: Normalizer,
    rel: Rel,
    label: str,
    fixed: frozenset[Index],
    ticks: Callable[[], None] | None,
    later: list[Consequence],
) -> Normalizer:
    """The facts with one relation more; it holds for every value of its indices but the `fixed` ones.

    It is read with the earlier ones in force, so what it gives rests on those that were used.
    """
    facts = n.facts
    facts.used.clear()
    entries = Entries(context, n)
    at = tuple(fresh(Index("i", s)) for s in rel.left.shape)
    try:
        gap = entries.entry(rel.left, at) - entries.entry(rel.right, at)
    except Unsupported:
        return n

    def known(p: Poly, relation: str) -> None:
        facts.known.extend(_known(n, p, relation, frozenset({label, *facts.used}), fixed))

    if any(c.aside and not n.signs.nonzero(c.poly) for c in entries.where.found):
        return n
    for c in entries.where.found:
        if not c.guard:
            known(c.poly, c.relation)
    if rel.op != "=":
        sign, relation = SIGNED[rel.op]
        gap = gap.scale(sign)
        for case in (gap, *_diagonals(n, gap, fixed)):
            found = n.signs.range(case)
            if {">": found.nonpos, "≥": found.negative, "≠": not case}[relation]:
                raise Contradiction(label)
        known(gap, relation)
        for part in within(n, gap) if relation != "≠" else ():
            known(part, relation)
        if relation in ("≠", ">") and gap.single is not None:
            for part in factors_of(gap.single[0]):  # ‖u‖ > 0, so uᵀu ≠ 0
                known(part, "≠")
        for part in parts_apart(n, gap) if relation in ("≠", ">") else ():  # ‖x_i − x_j‖ ≠ 0 for i ≠ j
            known(part, "≠")
        if relation == "≠" and len(gap) > 1:
            with suppress(Unsupported):
                for part, _ in n.factors(gap):
                    known(part, relation)
                    for a in part.atoms() if part.single is not None else ():
                        known(atom_poly(a), relation)
        return Normalizer(facts, ticks)
    if (value := gap.constant) is not None:
        if value != 0:
            raise Contradiction(label)
        return n
    if n.signs.nonzero(gap):
        raise Contradiction(label)
    for part in factors_not_zero(n, gap):
        known(part, "≠")
    for product, turned in inverses(n, gap, fixed):
        known(product, "≠")
        for a in product.atoms() if product.single is not None else ():
            known(atom_poly(a), "≠")
        for equation in (product - ONE, turned):
            _equate(Normalizer(facts, ticks), equation, fixed, label)
    later.append((gap, fixed, frozenset({label, *facts.used})))
    for equation in (*_vanishing(n, gap), *contracted_squares(n, gap, fixed), *squared(n, gap)):
        _equate(Normalizer(facts, ticks), equation, fixed, label)
    return Normalizer(facts, ticks)


def _vanishing(n: Normalizer, gap: Poly) -> list[Poly]:
    """Equations that hold where gap = 0: that all squares of a sum of squares are 0, else this one."""
    for p in (gap, -gap):
        found = vanishing(n, p)
        if found:
            return found
        for m, c in p.terms.items() if 1 < len(p) <= MOST_PARTS else ():
            part = Poly({m: c})
            if n.signs.nonneg(part) and nonneg(n, p - part):
                return [*_vanishing(n, part), *_vanishing(n, p - part)]
    return [gap]


def _diagonals(n: Normalizer, p: Poly, fixed: frozenset[Index]) -> Iterator[Poly]:
    """p where two of its indices are the same: what is assumed of x_i and x_j holds for i = j too."""
    for i, j in combinations(sorted(p.free - fixed), 2):
        if i.size == j.size:
            with suppress(Unsupported):
                yield n.rename(p, {j: i})


def _equate(n: Normalizer, gap: Poly, fixed: frozenset[Index], label: str) -> None:
    """gap = 0 as a symmetry or a rewriting."""
    facts = n.facts
    for _ in range(MOST_ROUNDS):  # by the rules before this one, whose results may be rewritten in their turn
        before, gap = gap, n.replace(gap, lambda a: None)
        if gap == before:
            break
    if (value := gap.constant) is not None:
        if value != 0:
            raise Contradiction(label)
        return
    gap = _divided(n, gap)
    free = tuple(sorted(gap.free - fixed))
    facts.known.extend(_parts(n, gap, fixed, label))
    name, sign = mirrored(gap, free)
    if name:
        turned = facts.symmetric if sign > 0 else facts.skew
        turned[name] = frozenset({label, *facts.used})
    else:
        rule = oriented(n, gap, free, label) or cleared(n, gap, free, label)
        if rule is not None:
            facts.known.extend(_inherited(n, rule))
            facts.rules.append(rule)


def _divided(n: Normalizer, gap: Poly) -> Poly:
    """The equation gap = 0 without a factor that is not 0."""
    few = len(gap) <= MOST_FACTORED and not gap.free
    if len(gap) < 2 or not (few or any(k.relation == "≠" for k in n.facts.known)):
        return gap
    kept = [part for part, _ in n.factors(gap) if not n.signs.nonzero(part)]
    return n.mul(*kept) if kept else gap


def _parts(n: Normalizer, gap: Poly, fixed: frozenset[Index], label: str) -> list[Known]:
    """Σ_k f_k = c with every f_k ≥ 0 ⟹ f_k ≤ c for every k."""
    found: list[Known] = []
    for m, scale in gap.terms.items():
        if len(m) == 1 and m[0][0].kind == "sum" and m[0][1] == 1:
            binders, (body,) = n.opened(m[0][0])
            if n.signs.nonneg(body):
                rest = (gap - Poly({m: scale})).scale(Fraction(-1) / Fraction(scale))
                labels = frozenset({label, *n.facts.used})
                found += _known(n, rest - body, "≥", labels, fixed - set(binders))
    return found


def _known(
    n: Normalizer, p: Poly, relation: str, labels: frozenset[str], fixed: frozenset[Index] = frozenset()
) -> list[Known]:
    """p (relation) 0, and the same of its numerator where the denominators are positive."""
    if p.constant is not None:
        return []
    found = [Known(p, relation, tuple(sorted(p.free - fixed)), labels)]
    try:
        top, bottom = n.together(p)
    except Unsupported:
        return found
    if bottom and all(n.signs.positive(part) for part, _ in bottom):
        more = frozenset({*labels, *n.facts.used})
        found.append(Known(top, relation, tuple(sorted(top.free - fixed)), more))
    return found


def _inherited(n: Normalizer, rule: Rule) -> list[Known]:
    """What the domain of a variable says of the value that an equation gives it: v > 0, v = s, s > 0."""
    ((a, e), *more) = rule.pattern.factors
    domain = n.facts.domains.get(a.name)
    if rule.pattern.bound or more or e != 1 or a.kind != "var" or domain is None:
        return []
    if len(set(a.indices)) != len(a.indices):
        return []
    result, labels = rule.result, rule.labels | n.facts.labels[a.name]
    fixed = frozenset(result.free) - frozenset(rule.pattern.free)
    bounds = domain if domain.values is None else Domain(min(domain.values), max(domain.values), False, False)
    found: list[Known] = []
    if bounds.low is not None:
        gap = result - number(bounds.low)
        found += _known(n, gap, ">" if bounds.low_strict else "≥", labels, fixed)
    if bounds.high is not None:
        gap = number(bounds.high) - result
        found += _known(n, gap, ">" if bounds.high_strict else "≥", labels, fixed)
    if bounds.nonzero:
        found += _known(n, result, "≠", labels, fixed)
    return found


__all__ = ["Contradiction", "domain_label", "labelled", "normalizer"]
