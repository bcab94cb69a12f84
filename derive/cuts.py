"""Side conditions of the kernel's rules about cuts: names made free, so that a proof ends at them.

A defined name is *free* in a context where it is declared instead, with no definition, and with all real
values of the sign that its definition shows, or all between 0 and 1 (with 1 for a_i/Σ_j a_j).  What holds there
for all its values holds for the value that the definition gives it, as long as no derivative looks through it.
The kernel trusts this module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from derive.algebra.exponents import varying
from derive.algebra.surely import Signs
from derive.binders import names_in, terms_of
from derive.context import REAL, Context, Declaration, Domain, written
from derive.props import And, Iff, Implies, Prop, Rel
from derive.terms import Add, Call, Comp, Diff, Entry, Index, Mul, Num, Pow, Sum, Term, Var


def freed(context: Context, names: Iterable[str]) -> Context:
    """The context with these defined names free, but for the sign or the bounds that their definitions show
    as written; names that are not defined are left as they are."""
    inner = context.child()
    signs = _Shown(context)
    for name in names:
        definition = inner.definitions.get(name)
        if definition is not None and not definition.params:
            sign, rests = signs.of(definition.body)
            values = Domain(low=Fraction(0), low_strict=sign == ">") if sign else REAL
            if sign and not rests and signs.plain.fraction(definition.body):
                values = Domain(Fraction(0), Fraction(1), True, True)
            elif sign and not rests and signs.plain.share(definition.body):
                values = Domain(Fraction(0), Fraction(1), True, False)
            del inner.definitions[name]
            inner.declarations[name] = Declaration(name, definition.body.shape, values, shown=rests if sign else None)
    return inner


class _Shown:
    """The signs that terms show as written, with the declared conditions that they rest on."""

    def __init__(self, context: Context) -> None:
        self.context = context
        # a parameter may stand for a declared name, which then has other values
        self.bound = {p.name for d in context.definitions.values() for p in d.params}
        self.conditions = frozenset(n for n, d in context.declarations.items() if d.domain != REAL and d.shown != ())
        self.plain, self.full = self.given(frozenset()), self.given(self.conditions)

    def given(self, names: frozenset[str]) -> Signs:
        """The signs where the declared conditions on these names are in force."""

        def domain(name: str) -> Domain | None:
            declared = self.context.declarations.get(name)
            if name in self.bound:
                return None
            return REAL if declared is None or name in self.conditions - names else declared.domain

        return Signs(self.context, domain)

    def of(self, t: Term) -> tuple[str, tuple[str, ...]]:
        """The sign, and the labels of the conditions without which it would not be seen."""
        sign = self.full.sign(t)
        if self.plain.sign(t) == sign:
            return sign, ()
        needed = self.conditions & reach(self.context, names_in(t))
        for name in sorted(needed):
            if self.given(needed - {name}).sign(t) == sign:
                needed -= {name}
        labels: set[str] = set()
        for name in needed:
            declared = self.context.declarations[name]
            labels.update((declared.domain.condition(written(name)),) if declared.shown is None else declared.shown)
        return sign, tuple(sorted(labels))


def same(one: Context, two: Context) -> bool:
    """Do the contexts declare, define and assume the same?"""
    return (
        one.declarations == two.declarations
        and one.functions == two.functions
        and one.definitions == two.definitions
        and one.assumptions == two.assumptions
        and one.least == two.least
    )


def weakens(
    small: Context, large: Context, prop: Prop, positive: Callable[[Term], bool] = lambda base: False
) -> bool:
    """Does the proposition, which holds in `small`, hold in `large`, which only declares, defines and assumes more?

    `positive` tells what is positive in `large`: there a power asks nothing of its base.
    """
    nodes = [node for t in _reached(small, terms_of(prop)) for node in t.walk()]
    called = {node.name for node in nodes if isinstance(node, Call)} & small.definitions.keys()
    given = {p.name for name in called for p in small.definitions[name].params}  # a call gives them other values
    given &= large.declarations.keys() | large.definitions.keys()
    powers: set[str] = set()
    for power in _powers(small, terms_of(prop)):
        if not given.isdisjoint(reach(large, names_in(power.base))) or not positive(power.base):
            powers |= reach(small, names_in(power.exponent))
    defined = large.definitions.keys() - small.definitions.keys()
    return (
        small.declarations.keys().isdisjoint(defined)
        and all(_declares(large.declarations.get(name), d, name in powers) for name, d in small.declarations.items())
        and small.functions.items() <= large.functions.items()
        and small.definitions.items() <= large.definitions.items()
        and all(a in large.assumptions for a in small.assumptions)
        and all(n <= large.least.get(s, 1) for s, n in small.least.items())
    )


def _declares(here: Declaration | None, there: Declaration, exponent: bool) -> bool:
    """Is it the same variable, with the same values or with fewer than all real ones?  (Not in an exponent: x^k
    needs no x > 0 where k has isolated values.)"""
    if here is None or (exponent and here.domain.values is not None):
        return here == there
    return here == there or replace(here, domain=REAL) == there


def reach(context: Context, names: Iterable[str]) -> set[str]:
    """The names, and all that their values can depend on through definitions."""
    seen: set[str] = set()
    stack = list(names)
    while stack:
        name = stack.pop()
        if name not in seen:
            seen.add(name)
            if name in context.definitions:
                stack.extend(names_in(context.definitions[name].body))
    return seen


def above(context: Context, name: str) -> set[str]:
    """The defined names whose values can depend on `name`."""
    found = {name}
    bodies = {d: names_in(context.definitions[d].body) for d in context.definitions}
    grew = True
    while grew:
        new = {d for d, used in bodies.items() if d not in found and not used.isdisjoint(found)}
        found |= new
        grew = bool(new)
    return found - {name}


def closed_to(context: Context, names: Iterable[str], terms: Iterable[Term]) -> bool:
    """Does nothing in the terms, in the definitions they reach or in an assumption look through one of the
    names: differentiate what depends on it by something that it depends on, or call a function whose
    parameter, a declared name, it depends on?"""
    below = {name: reach(context, names_in(context.definitions[name].body)) for name in names}
    todo = [*terms, *(t for a in context.assumptions for t in sides(a.prop))]
    used = reach(context, {n for t in todo for n in names_in(t)})
    todo += [context.definitions[n].body for n in used if n in context.definitions]
    for t in todo:
        for node in t.walk():
            if isinstance(node, Diff):
                if not isinstance(node.variable, Var):
                    return False
                inside, changed = node.body, {node.variable.name}
            elif isinstance(node, Call) and node.name in context.definitions:
                definition = context.definitions[node.name]
                inside, changed = definition.body, {p.name for p in definition.params}
            else:
                continue
            reached = reach(context, names_in(inside))
            if any(name in reached and not changed.isdisjoint(below[name]) for name in below):
                return False
    return True


def powers_kept(context: Context, names: Iterable[str], terms: Iterable[Term]) -> bool:
    """Does each exponent in the terms, in what they reach and in the assumptions take isolated values both before
    and after these names are free, or neither?  (x^u needs x > 0 where u may have any value, and not where u := 2.)
    """
    free = set(names)
    return all(
        free.isdisjoint(reach(context, names_in(power.exponent))) or varying(context, power.exponent, ()) is True
        for power in _powers(context, terms)
    )


def _powers(context: Context, terms: Iterable[Term]) -> set[Pow]:
    """The powers whose exponents are no numbers: in the terms, in what they reach and in the assumptions."""
    found = {node for t in _reached(context, terms) for node in t.walk() if isinstance(node, Pow)}
    return {power for power in found if not isinstance(power.exponent, Num)}


def _reached(context: Context, terms: Iterable[Term]) -> list[Term]:
    """The terms, the sides of the assumptions, and the bodies of all definitions that these reach."""
    found = [*terms, *(t for a in context.assumptions for t in sides(a.prop))]
    used = reach(context, {n for t in found for n in names_in(t)})
    return found + [context.definitions[n].body for n in sorted(used) if n in context.definitions]


def users(context: Context, scalar: str, v: str) -> frozenset[str] | None:
    """The definitions between the scalar and v, it included, whose bodies hold v; None where a derivative
    stands between, or a function that depends on v, or one whose parameter is a name with a value of its own."""
    known = context.declarations.keys() | context.definitions.keys()
    between = ({scalar} | above(context, v)) & reach(context, [scalar])
    for name in between:
        definition = context.definitions[name]
        if definition.params and name != scalar:  # the scalar's own are declared names, and no body calls it
            return None
        if definition.local or any(isinstance(node, Diff) for node in definition.body.walk()):
            return None
        for called in names_in(definition.body) & context.definitions.keys():
            if any(p.name in known for p in context.definitions[called].params):
                return None
    return frozenset(name for name in between if v in names_in(context.definitions[name].body))


def body_sum(v: Var, bodies: Mapping[str, Term], factors: Mapping[str, Term]) -> Term:
    """Σ_u Σ_k factor_u[k] ∂body_u[k]/∂v, entry by entry of v."""
    at = tuple(Index(f"#∂{i}", s) for i, s in enumerate(v.shape))
    wrt: Term = Entry(v, at) if at else v
    parts: list[Term] = []
    for name in sorted(bodies):
        body, g = bodies[name], factors[name]
        axes = tuple(Index(f"{name}#{i}", s) for i, s in enumerate(body.shape))
        part: Term = Mul((Entry(g, axes), Diff(Entry(body, axes), wrt))) if axes else Mul((g, Diff(body, wrt)))
        for k in reversed(axes):
            part = Sum(k, part)
        parts.append(part)
    whole = parts[0] if len(parts) == 1 else Add(tuple(parts))
    return Comp(at, whole) if at else whole


def put(t: Term, values: Mapping[Term, Term]) -> Term:
    """The term with these values for derivatives of scalars, and their entries for derivatives by entries."""
    if isinstance(t, Diff):
        if t in values:
            return values[t]
        if isinstance(t.wrt, Entry) and (whole := Diff(t.body, t.wrt.array)) in values:
            return Entry(values[whole], t.wrt.indices)
        return t
    return t.rebuild(tuple(put(c, values) for c in t.children)) if t.children else t


def sides(prop: Prop) -> Iterator[Term]:
    """The terms that a proposition is about."""
    if isinstance(prop, Rel):
        yield from (prop.left, prop.right)
    elif isinstance(prop, (Iff, Implies)):
        yield from sides(prop.left)
        yield from sides(prop.right)
    elif isinstance(prop, And):
        for part in prop.parts:
            yield from sides(part)
    else:
        for value in vars(prop).values():
            if isinstance(value, Term):
                yield value
            elif isinstance(getattr(value, "body", None), Term):
                yield value.body


__all__ = [
    "above", "body_sum", "closed_to", "freed", "powers_kept", "put", "reach", "same", "sides", "users", "weakens",
]  # fmt: skip
