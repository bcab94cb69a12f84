"""A context made ready for proofs: its hypotheses in force, and the conditions under which terms have a value.

Γ is the context, D(A) the condition under which A has a value.  The kernel's rules compute on a `Scene`
and trust it; it makes no theorem.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import islice, permutations

from derive import cuts
from derive.algebra import apart
from derive.algebra.atoms import Poly, Unsupported, atom_poly, fresh
from derive.algebra.conditions import Condition
from derive.algebra.entries import Entries
from derive.algebra.facts import Known
from derive.algebra.hypotheses import labelled, normalizer
from derive.algebra.normal import Normalizer
from derive.algebra.probe import vanishes
from derive.algebra.squares import nonneg, positive
from derive.algebra.surely import Signs
from derive.binders import free_indices, names_in, terms_of
from derive.context import Context, Definition
from derive.props import And, Prop, Rel
from derive.terms import ZERO, Call, Diff, Full, Index, IndexLike, Prod, Term, Var

#: orders of indices in which two conditions are compared
MOST_ORDERS = 24
#: as often as one likes
ALWAYS = 1 << 30


class NotProved(Exception):
    """A rule does not apply.  `missing` are conditions that one side needs and nothing provides."""

    def __init__(self, why: str, missing: tuple[Condition, ...] = ()) -> None:
        super().__init__(why)
        self.missing = missing


#: indices, the entry there, its conditions, and the hypotheses that they rest on
Reading = tuple[tuple[Index, ...], Poly, tuple[Condition, ...], frozenset[str]]


class Scene:
    """A context made ready for proofs: its hypotheses in force, less those in `without`."""

    def __init__(
        self,
        context: Context,
        without: frozenset[str] = frozenset(),
        ticks: Callable[[], None] | None = None,
    ) -> None:
        self.context = context
        self.without = without
        self.ticks = ticks
        self.n: Normalizer = normalizer(context, without, ticks)
        self._held: dict[Condition, tuple[bool, frozenset[str]]] = {}
        self._reads: dict[Term, Reading] = {}

    def read(self, *terms: tuple[Term, tuple[Index | int, ...]]) -> tuple[list[Poly], list[Condition]]:
        one_range(frozenset().union(*(free_indices(t) for t, _ in terms)))
        made = [self._entry(t, at) for t, at in terms]
        return [p for p, _ in made], [c for _, conditions in made for c in conditions]

    def smoothness(self, t: Term, times: int) -> list[Condition]:
        """What must hold for every entry of the term to have a value and to be differentiable so often there."""
        entries = Entries(self.context, self.n, smooth=times)
        entries.entry(t, tuple(fresh(Index("i", s)) for s in t.shape))
        return [c for c in entries.where.found if all(c.guard)]

    def _entry(
        self, t: Term, at: tuple[Index | int, ...], new: tuple[Index, ...] | None = None
    ) -> tuple[Poly, list[Condition]]:
        """An entry and its conditions.  A term is read once, at new indices (`new`, if the caller has made some),
        which are then renamed."""
        if len(at) != len(t.shape):
            raise Unsupported("as many indices as axes are needed")
        facts = self.n.facts
        kept = self._reads.get(t)
        if kept is None:
            base = tuple(fresh(Index("i", s)) for s in t.shape) if new is None else new
            entries = Entries(self.context, self.n)
            outer, facts.used = facts.used, set()
            try:
                kept = base, entries.entry(t, base), tuple(entries.where.found), frozenset(facts.used)
            finally:
                facts.used = outer
            self._reads[t] = kept
        base, p, conditions, used = kept
        facts.used |= used
        names = dict(zip(base, at, strict=True))
        found = [c.moved(lambda q: self.n.rename(q, names)) for c in conditions]
        return self.n.rename(p, names), [c for c in found if all(c.guard)]

    def bound(self, var: Var) -> Scene:
        """The scene for a claim that binds the variable, a declared one: what is assumed of its value is not in
        force."""
        known = self.context.declarations.get(var.name)
        if known is None or known.shape != var.shape or var.name in self.context.definitions:
            raise NotProved(f"{var.name} does not vary: it is no declared name")
        about = {
            label
            for label, a in labelled(self.context)
            if any(var.name in self.context.reachable(t) for t in terms_of(a.prop))
        }
        return Scene(self.context, self.without | about, self.ticks) if about - self.without else self

    def sides(self, rel: Rel) -> tuple[Poly, Poly, list[Condition], list[Condition]]:
        """Both sides of a relation at one free entry, each with its conditions."""
        at = tuple(fresh(Index("i", s)) for s in rel.left.shape)
        one_range(free_indices(rel.left))
        left, first = self._entry(rel.left, at, at)
        one_range(free_indices(rel.right))
        right, second = self._entry(rel.right, at, at)
        return left, right, first, second

    def holds(self, c: Condition) -> bool:
        """Does the condition hold for every value?  Kept, with what the answer rests on."""
        kept = self._held.get(c)
        if kept is None:
            facts = self.n.facts
            outer, facts.used = facts.used, set()
            try:
                kept = self._holds(c), frozenset(facts.used)
            finally:
                facts.used = outer
            self._held[c] = kept
        self.n.facts.used |= kept[1]
        return kept[0]

    def _holds(self, c: Condition) -> bool:
        if c.guard:  # of each factor, for all indices: 1 where they are the same
            parts = apart.everywhere(self.n, c.poly, c.relation, c.guard)
            if parts and all(self._shown(Condition(relation, q)) for q, relation in parts):
                return True
        return self._shown(c)

    def _shown(self, c: Condition) -> bool:
        signs = self.n.signs
        check = {">": signs.positive, "≥": signs.nonneg, "≠": signs.nonzero}[c.relation]
        if c.relation != "≥" and vanishes(self.n, c.poly):  # no proof is looked for
            return False
        if check(c.poly):
            return True
        if c.relation == ">":  # p ≥ 0 and p ≠ 0
            return positive(self.n, c.poly) or (signs.nonzero(c.poly) and nonneg(self.n, c.poly))
        if c.relation == "≥":
            return nonneg(self.n, c.poly)
        return positive(self.n, c.poly) or positive(self.n, -c.poly)

    def same_domain(self, first: list[Condition], second: list[Condition]) -> None:
        """Raises unless Γ, D(left) ⊢ D(right) and Γ, D(right) ⊢ D(left)."""
        missing = (*self.lacking(first, second), *self.lacking(second, first))
        if missing:
            raise NotProved("one side is defined more often than the other", missing)

    def lacking(self, given: list[Condition], wanted: list[Condition]) -> list[Condition]:
        open_ = [c for c in wanted if not self.holds(c)]
        if not open_:
            return []
        guarded = [c for c in given if c.guard and not c.aside]
        with self.granting(given) as inner:
            return [c for c in open_ if not inner.holds(c) and not any(_same(self.n, c, g) for g in guarded)]

    @contextmanager
    def granting(self, conditions: list[Condition]) -> Iterator[Scene]:
        """A scene in which the conditions hold too (they are facts of the values considered).

        A guarded one says nothing of the values at which its guard is 0: it is a fact as `apart.everywhere` has it,
        or none.
        """
        inner = Scene.__new__(Scene)
        inner.context, inner.without, inner.ticks = self.context, self.without, self.ticks
        inner._held, inner._reads = {}, {}
        facts = self.n.facts
        extra = [
            Known(part, relation, c.over)
            for c in conditions
            if not c.aside
            for part, relation in _consequences(self.n, c)
            if part.constant is None
        ]
        made = replace(facts, known=[*facts.known, *extra])  # shares the record of what was used
        inner.n = Normalizer(made, self.ticks)
        yield inner
        facts.used |= made.used


def one_range(indices: frozenset[Index]) -> None:
    """Raises where two free indices of one name have different ranges: atoms tell them by name alone."""
    sizes: dict[str, Index] = {}
    for index in indices:
        if sizes.setdefault(index.name, index) != index:
            raise NotProved(f"the index {index} has two ranges")


def _same(n: Normalizer, one: Condition, two: Condition) -> bool:
    """Are they the same condition, up to the names of the indices that they are about?"""
    if (one.relation, len(one.over), len(one.guard)) != (two.relation, len(two.over), len(two.guard)):
        return False
    for order in islice(permutations(one.over), MOST_ORDERS):
        if all(i.size == j.size for i, j in zip(order, two.over)):
            there = two.moved(partial(_renamed, n, dict(zip(two.over, order))))
            alike = (one.poly, -one.poly) if one.relation == "≠" else (one.poly,)
            if there.poly in alike and set(there.guard) == set(one.guard):
                return True
    return False


def _renamed(n: Normalizer, names: Mapping[Index, IndexLike], p: Poly) -> Poly:
    return n.rename(p, names)


def _consequences(n: Normalizer, c: Condition) -> Iterator[tuple[Poly, str]]:
    """The condition itself, and that no factor of what is not 0 is 0."""
    if c.guard:
        made = apart.everywhere(n, c.poly, c.relation, c.guard)
        yield from ((q, relation if len(made) == 1 else "≠") for q, relation in made)
        return
    yield c.poly, c.relation
    if c.relation == "≥":
        return
    try:
        top, bottom = n.together(c.poly)
        parts = [part for part, _ in (*n.factors(top), *bottom)]
    except Unsupported:
        return
    for part in parts:
        single = part.single
        for a, _ in single[0] if single is not None else ():
            yield (a.args[0] if a.kind == "base" else atom_poly(a)), "≠"
        if single is None:
            yield part, "≠"


def conditions_of(scene: Scene, prop: Prop) -> list[Condition]:
    if isinstance(prop, Rel):
        _, _, first, second = scene.sides(prop)
        return first + second
    if isinstance(prop, And):
        return [c for part in prop.parts for c in conditions_of(scene, part)]
    raise NotProved("this proposition has no conditions of its own")


# -- functions that keep an order ------------------------------------------------------------------------


def increasing(n: Normalizer, name: str, p: Poly) -> Poly:
    """An increasing function of p on the values that p may take."""
    if name == "square":
        if not nonneg(n, p):
            raise NotProved("the square of what may be negative")
        return n.power(p, 2)
    if name == "cube":
        return n.power(p, 3)
    return n.exp(p) if name == "exp" else logarithm(n, p) if name == "log" else p


def logarithm(n: Normalizer, p: Poly) -> Poly:
    if not n.signs.positive(p):
        raise NotProved("the log of an objective that may not be positive")
    return n.log(p)


# -- what is defined everywhere --------------------------------------------------------------------------


def total(scene: Scene, names: frozenset[str]) -> None:
    """Γ ⊢ D(name): each definition below has a value for all values of what it is made of."""
    context = scene.context
    for name in sorted(cuts.reach(context, names) & context.definitions.keys()):
        if not context.definitions[name].params:
            everywhere(scene, context, frozenset({name}), (context.definitions[name].var,))


def everywhere(
    scene: Scene, context: Context, keep: frozenset[str], terms: tuple[Term, ...], smoothly: int = 0
) -> None:
    """Raises unless the terms are defined (and differentiable `smoothly` times) for all values: with the definitions in
    `keep`, with those that stand in their bodies too, or with all, the others free."""
    if not smoothly and smooth(scene, context, terms):
        return
    found: list[Condition] = []
    for attempt in range(3):
        free = frozenset(n for n, d in context.definitions.items() if n not in keep and not d.params)
        if cuts.closed_to(context, free, terms):
            inner = Scene(cuts.freed(context, free), scene.without, scene.ticks)
            found = []
            for t in terms:
                at = tuple(fresh(Index("i", s)) for s in t.shape)
                found += inner.smoothness(t, smoothly) if smoothly else inner.read((t, at))[1]
            if all(inner.holds(c) for c in found):
                scene.n.facts.used |= inner.n.facts.used
                return
        if not free:
            break
        keep = keep.union(*(names_in(context.definitions[n].body) for n in keep & context.definitions.keys()))
        keep = keep if attempt == 0 else frozenset(context.definitions)
    raise NotProved("a part of it is not defined everywhere", tuple(found))


def smooth(scene: Scene, context: Context, terms: tuple[Term, ...]) -> bool:
    """Is every definition that the terms reach smooth as it is written?  So are its derivatives then."""
    reached, signs = _reached(scene, context, terms)
    return all(signs.smooth(t) for t in (*terms, *(d.body for d in reached)))


def plainly_positive(scene: Scene, t: Term) -> bool:
    """Has every entry of the term a value that is positive?"""
    try:
        (p,), conditions = scene.read((t, tuple(fresh(Index("i", s)) for s in t.shape)))
    except (NotProved, Unsupported):
        return False
    return positive(scene.n, p) and all(scene.holds(c) for c in conditions)


def as_written(scene: Scene, rel: Rel) -> bool:
    """Is a side of an inequality with 0 plainly of its sign, in every entry?"""
    high, low = (rel.left, rel.right) if rel.op in (">", "≥") else (rel.right, rel.left)
    plain = low.value if isinstance(low, Full) else low
    if rel.op not in (">", "≥", "<", "≤") or plain != ZERO:
        return False
    sign = _reached(scene, scene.context, (high,))[1].sign(high)
    return sign == ">" or (sign == "≥" and rel.op in ("≥", "≤"))


def differentiable(scene: Scene, context: Context, scalar: Var) -> None:
    """Raises unless the scalar is smooth at all values that Γ allows: every definition that it reaches is smooth
    as it is written, or under conditions that hold at all of them.

    The conditions say that something is positive or not 0; so they hold near these values too, and the
    scalar is a composition of smooth functions there.  Once continuously differentiable, as max(0, u)² is, is
    smooth enough where no definition holds a derivative.
    """
    reached, signs = _reached(scene, context, (scalar,))
    again = any(isinstance(n, Diff) or (isinstance(n, Call) and n.order) for d in reached for n in d.body.walk())
    for d in reached:
        if signs.smooth(d.body):
            continue
        if d.local or any(isinstance(node, (Diff, Prod)) for node in d.body.walk()):
            raise NotProved("a definition is not smooth as written")
        everywhere(scene, context, frozenset({d.name}), (d.var,), smoothly=ALWAYS if again else 1)


def _reached(scene: Scene, context: Context, terms: tuple[Term, ...]) -> tuple[list[Definition], Signs]:
    """The definitions that the terms reach, and the signs of their names as written."""
    names = frozenset().union(*(names_in(t) for t in terms))
    reached = [context.definitions[n] for n in sorted(cuts.reach(context, names) & context.definitions.keys())]
    # a parameter may stand for a declared name, which then has other values, also in what is reached
    bound = {p.name for d in reached for p in d.params}
    facts = scene.n.facts
    return reached, Signs(context, lambda name: None if name in bound else facts.domain(name))


__all__ = [
    "Condition", "NotProved", "Scene", "Unsupported", "as_written", "conditions_of", "differentiable", "increasing",
    "logarithm", "one_range", "plainly_positive", "total",
]  # fmt: skip
