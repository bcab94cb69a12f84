"""The graph of definitions between a scalar and a variable, one statement per definition.

Reverse accumulation: the scalar's derivative by itself is 1; each definition, the last one first, hands
its derivative on to the names in its body.  Parts that occur more than once get a name first, so the work
is a small multiple of the work of the scalar itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from derive.binders import fresh, names_in, substitute, weight
from derive.context import Context, Definition, written
from derive.distinct import kinked, places
from derive.entrywise import entry
from derive.gradient import symmetry
from derive.gradient.alike import Alike, name_of
from derive.gradient.constructors import flat, named
from derive.gradient.folding import Folding
from derive.gradient.joining import joined_entries
from derive.gradient.laws import Underivable
from derive.gradient.logs import apart
from derive.gradient.notation import Notation, array_of
from derive.gradient.occurrences import kernel_of, kernels_of, part_of, replaced
from derive.gradient.parts import Parts
from derive.gradient.pullback import Pullback
from derive.gradient.rational import tidy
from derive.gradient.together import together
from derive.gradient.vanishing import without_zeros
from derive.names import accented
from derive.terms import (
    ONE,
    ZERO,
    Add,
    Call,
    Comp,
    Diff,
    Entry,
    Full,
    MatMul,
    Mul,
    Num,
    Pow,
    Sum,
    Term,
    Var,
)  # fmt: skip

#: a derivative with more to read than this gets a name of its own before it is used
MOST_INLINE = 20
#: the same where it has a product of matrices or a sum, which costs something each time
MOST_PRODUCT = 12
#: the same where it divides by the variable or by what is made of it, which the next step cancels
MOST_CANCELLING = 120
_KERNEL = ("K", "G", "R", "E")
_SOFTMAX = ("P", "Q", "R", "A", "B", "G")
_LETTERS = ("u", "v", "z", "s", "h", "r", "q", "t", "g", "a", "b", "c", "m", "p")


@dataclass(frozen=True)
class Part:
    """What reaches a variable through the definition `user`: as the rules give it, and with the user's value
    written by its name."""

    user: str
    plain: Term
    folded: Term


@dataclass(frozen=True)
class Statement:
    """∂scalar/∂of = term; `name` is the definition that stands for it below, where there is one.  The `parts`
    add up to the term; it is written with what the definitions in `opened` say."""

    of: Var
    term: Term
    name: Var | None = None
    parts: tuple[Part, ...] = ()
    opened: frozenset[str] = frozenset()


class Graph:
    """What is defined between a scalar and the variables it depends on.

    `logs`: with logarithms of products taken apart; `changed` names the definitions where that was done.
    `gathering`: statements are written with what summands share outside and with the names of parts; `gathered`
    says whether one was.
    """

    def __init__(self, context: Context, scalar: Var, *, logs: bool = False, gathering: bool = True) -> None:
        self.gathering = gathering
        self.gathered = False
        self.context = context.child()
        self.scalar = scalar
        self.folding = Folding(context)
        self.notation = Notation(frozenset(d.name for d in context.declarations.values() if d.labels))
        self.bodies: dict[str, Term] = {}
        self.introduced: list[Definition] = []
        self.changed: set[str] = set()
        self.parts = Parts(self.notation, lambda body: self.introduce(body, _SOFTMAX))
        self._collect(scalar.name, set())
        if logs:
            self._apart()
        self.symmetric = frozenset(v.name for v in symmetry.inverted(self.context, self.bodies))

    def _collect(self, name: str, busy: set[str]) -> None:
        definition = self.context.definitions.get(name)
        if definition is None or name in self.bodies or name in busy or definition.local:
            return
        busy.add(name)
        body = self.opened(definition.body)
        for other in sorted(names_in(body)):
            self._collect(other, busy)
        self.bodies[name] = body  # after what it is made of
        self.folding.learn(definition.var, body)

    def _apart(self) -> None:
        """Takes logarithms of products apart, and forgets what is then not needed any more."""
        logarithms: dict[str, Var] = {}

        def logarithm(array: Var, body: Term) -> Var:
            if array.name not in logarithms:
                logarithms[array.name] = self.introduce(body)
            return logarithms[array.name]

        for name, body in list(self.bodies.items()):
            made = apart(body, self._inside, logarithm)
            if made != body:
                self.bodies[name] = made
                self.changed.add(name)
        if self.changed:
            self._sort()
            needed, left = {self.scalar.name}, [self.scalar.name]
            while left:
                more = self.used(self.bodies[left.pop()]) & self.bodies.keys() - needed
                needed |= more
                left += more
            self.bodies = {name: body for name, body in self.bodies.items() if name in needed}

    def _inside(self, t: Term) -> Term | None:
        """What a defined name, an entry of one, or a call of a defined function of a scalar stands for."""
        if isinstance(t, Call) and not t.shape and not t.order and t.name in self.context.definitions:
            return self.folding.inlined(t)
        name = t.array if isinstance(t, Entry) else t
        body = self.bodies.get(name.name) if isinstance(name, Var) else None
        if body is None:
            return None
        return entry(body, t.indices) if isinstance(t, Entry) and len(t.indices) == len(body.shape) else body

    def opened(self, t: Term) -> Term:
        """Calls of functions of arrays by their bodies, derivatives carried out."""
        if t.children:
            t = t.rebuild(tuple(self.opened(c) for c in t.children))
        if isinstance(t, Diff):
            return self.opened(self.folding.differentiated(t))
        definition = self.context.definitions.get(t.name) if isinstance(t, Call) else None
        if isinstance(t, Call) and definition is not None:
            one = len(definition.params) == 1 and not definition.params[0].shape and not t.name.endswith("#")
            if not one or not definition.local:
                return self.opened(self.folding.inlined(t))
        return t

    def symmetrically(self, t: Term) -> tuple[Term, frozenset[str]]:
        """K for Kᵀ where the definitions say so, and the names that this rests on."""
        made = symmetry.doubled(symmetry.rewritten(t, self.symmetric))
        return (made, self.symmetric) if made != t else (t, frozenset())

    def together(self, t: Term) -> tuple[Term, frozenset[str]]:
        """Sums that mirror each other as one, and the names that this rests on."""
        axes = tuple(fresh(s) for s in t.shape)
        symmetric = [self.context.definitions[n].var for n in sorted(self.symmetric)]
        body = entry(t, axes)
        made = symmetry.mirrored(body, cache(lambda: Alike(self.context, symmetric)))
        return (array_of(axes, tidy(made)), self.symmetric) if made != body else (t, frozenset())

    def depends(self, wrt: frozenset[str]) -> frozenset[str]:
        """The defined names whose values depend on one of `wrt`, functions of scalars among them, and these."""
        found = set(wrt)
        for name, definition in self.context.definitions.items():
            if definition.local and definition.params and not found.isdisjoint(self.used(definition.body)):
                found.add(name)
        for name, body in self.bodies.items():
            if name not in wrt and any(n in found for n in self.used(body)):
                found.add(name)
        return frozenset(found)

    def used(self, body: Term) -> frozenset[str]:
        """Names in a body, through the functions that it calls."""
        found = set(names_in(body))
        for name in list(found):
            definition = self.context.definitions.get(name)
            if definition is not None and definition.local:
                found |= self.used(definition.body)
        return frozenset(found)

    # -- parts that occur more than once -------------------------------------------------------------------

    def namekernels_of(self, active: frozenset[str]) -> None:
        """Gives a name to exp(−γ‖xᵢ − xⱼ‖²) where it stands in sums and products alone: derivatives hold it again."""
        for name, body in list(self.bodies.items()):
            for part in dict.fromkeys(kernels_of(body)) if name in active else ():
                made = self.introduce(part, _KERNEL)
                self.bodies[name] = replaced(self.bodies[name], part, made, kernel_of)
                self.symmetric |= {v.name for v in symmetry.seen(self.context, self.bodies, {made.name})}
        self._sort()

    def name_parts(self, active: frozenset[str]) -> None:
        """Gives a name to every part that depends on the variables and occurs twice."""
        for _ in range(40):
            counts: Counter[Term] = Counter()
            sizes: dict[Term, int] = {}
            for name, body in self.bodies.items():
                if name in active:
                    self._count(body, active, counts, sizes)
            repeated = [t for t, c in counts.items() if c > 1]
            if not repeated:
                return
            best = max(repeated, key=lambda t: sizes[t])
            made = self.introduce(best)
            active |= {made.name}
            for name, body in self.bodies.items():
                if name != made.name:
                    self.bodies[name] = replaced(body, best, made)
            self._sort()

    def _count(self, body: Term, active: frozenset[str], counts: Counter[Term], sizes: dict[Term, int]) -> None:
        for node, pairs in places(body):
            key = part_of(node) if not kinked(node, pairs) else None
            if key is not None and node is not body and not active.isdisjoint(names_in(node)):
                counts[key] += 1
                sizes[key] = weight(node)

    def introduce(self, body: Term, letters: Sequence[str] = ()) -> Var:
        """A name for `body`; with `letters` of its own it stays as it is."""
        taken = self.context.names.keys() | self.context.definitions.keys() | self.context.declarations.keys()
        name = next((c for c in (letters or _LETTERS) if c not in taken), None)
        count = 1
        while name is None or name in taken:
            name = f"u_{{{count}}}" if count > 9 else f"u_{count}"
            count += 1
        written = body if letters else self.notation.written(body)
        made = self.context.define(Definition(name, named(written)))
        self.introduced.append(made)
        self.bodies[made.name] = body
        return made.var

    def order(self, chains: dict[str, list[Statement]]) -> list[Statement]:
        """All statements once, each after those of the definitions that use its variable."""
        found = {id(s): s for chain in chains.values() for s in chain}
        places = {name: place for place, name in enumerate(reversed(self.bodies))}
        return sorted(found.values(), key=lambda s: places.get(s.of.name, len(places)))

    def _sort(self) -> None:
        """Definitions after what they are made of."""
        done: dict[str, Term] = {}

        def visit(name: str) -> None:
            if name in done or name not in self.bodies:
                return
            for other in sorted(names_in(self.bodies[name])):
                visit(other)
            done[name] = self.bodies[name]

        for name in list(self.bodies):
            visit(name)
        self.bodies = done


def backward(
    graph: Graph, wrt: tuple[Var, ...], *, inline: int = MOST_INLINE, leaves: bool = False
) -> dict[str, list[Statement]]:
    """For every variable its statements, ending in the gradient; shared ones are the same objects.

    `leaves`: the gradient of an unknown function of an array gets a name too, where else there is none.
    """
    names = frozenset(v.name for v in wrt)
    if graph.gathering:
        graph.namekernels_of(graph.depends(names))
    graph.name_parts(graph.depends(names))
    active = graph.depends(names)
    scalar = graph.scalar
    for name, body in graph.bodies.items():
        graph.parts.learn(graph.context.definitions[name].var, body)
    parts: dict[str, list[Part]] = {scalar.name: [Part("", ONE, ONE)]}
    statements: list[Statement] = []
    last: dict[str, Statement] = {}
    variables = {v.name: v for v in wrt}
    whole = inline > MOST_INLINE
    for name in [*reversed(graph.bodies), *(n for n in variables if n not in graph.bodies)]:
        if name not in active or name not in parts:
            continue
        total, gone = without_zeros(graph.context, graph.bodies, added([part.folded for part in parts[name]]))
        pull = Pullback(graph.context, active, graph.folding, leaves)
        total, merged = graph.together(pull.simplified(total))
        of = variables.get(name) or graph.context.definitions[name].var
        shares: frozenset[str] = frozenset()
        if graph.gathering:
            total, shares = graph.parts.shares(total)
        written = graph.folding.known(named(graph.notation.of_variable(of, total)))
        if graph.gathering and (isinstance(written, Comp) or not of.shape):
            total, before = joined_entries(graph.context, total), total
            if total != before:
                written = graph.folding.known(named(graph.notation.of_variable(of, total)))
        label: Var | None = None
        used: Term = total
        written, opened = graph.symmetrically(written)
        opened |= merged | gone
        most = MOST_PRODUCT if not whole and any(isinstance(n, (MatMul, Sum)) for n in written.walk()) else inline
        if _cancels(written, name):
            most = MOST_CANCELLING
        length = weight(written)
        if graph.gathering:
            gathered, more = graph.parts.known(together(written), of)
            graph.gathered |= gathered != written or bool(shares)
            written, opened = gathered, opened | more | shares
            if more:
                total = used = written
        long = length > most or any(isinstance(n, Diff) for n in written.walk())
        if long and name != scalar.name and name in graph.bodies:
            labels = graph.context.definitions[name].labels
            label = name_of(graph.context, written, labels, graph.bodies)
            if label is None:
                label = graph.context.define(Definition(_bar(graph.context, name), written, labels=labels)).var
            used = label
            if graph.symmetric and symmetry.is_symmetric(written, lambda t: graph.symmetrically(t)[0]):
                graph.symmetric |= {label.name}
        statement = Statement(of, written, label, tuple(parts[name]), opened)
        if name != scalar.name:
            statements.append(statement)
        if name in variables:
            last[name] = statement
        if name not in graph.bodies:
            continue
        pull.owner = of, graph.bodies[name]
        pull.of(graph.bodies[name], used)
        for other in pull.found:
            made = pull.gradient(other)
            assert made is not None
            definition = Definition(name, graph.bodies[name])
            parts.setdefault(other, []).append(Part(name, made, _folded(graph, made, definition)))
    return {name: _needed(statements, last[name]) for name in variables if name in last}


def added(terms: Sequence[Term]) -> Term:
    return terms[0] if len(terms) == 1 else flat(Add(tuple(terms)))


def _cancels(t: Term, name: str) -> bool:
    """Does it divide by the name or by a number less it, as d/y − (1 − d)/(1 − y) does?"""
    divisors = (n.base for n in t.walk() if isinstance(n, Pow) and isinstance(n.exponent, Num) and n.exponent.value < 0)
    plain = (Var, Entry, Num, Full, Add, Mul)
    return any(names_in(b) == {name} and all(isinstance(n, plain) for n in b.walk()) for b in divisors)


def _folded(graph: Graph, t: Term, definition: Definition) -> Term:
    axes = tuple(fresh(s) for s in t.shape)
    return array_of(axes, tidy(graph.folding.known(graph.folding.folded(entry(t, axes), definition))))


def _bar(context: Context, name: str) -> str:
    """ū for u, or where that is taken û, …"""
    plain = written(name)
    made = [accented(plain[0], mark) + plain[1:] for mark in ("bar", "hat", "tilde", "check", "breve")]
    return next((m for m in made if m not in context.names), made[0])


def _needed(statements: list[Statement], last: Statement) -> list[Statement]:
    """The statements before `last`, and it."""
    at = statements.index(last)
    return [s for s in statements[:at] if s.name is not None or s.of.name != last.of.name] + [last]


def plain_gradient(context: Context, t: Diff) -> Term:
    """The derivative of a scalar that stands in a formula, as a term of its own."""
    body = t.body
    inner = context.child()
    local: list[Definition] = []  # names that do not leave this function
    if not isinstance(body, Var) or body.name not in inner.definitions:
        local.append(inner.define(Definition("d#", body)))
        body = local[0].var
    if body.shape:
        raise Underivable("the derivative of an array inside a formula", t)
    wrt = t.variable
    assert isinstance(wrt, Var)
    graph = Graph(inner, body)
    active = graph.depends(frozenset({wrt.name}))
    if body.name not in active:
        made: Term = Full(ZERO, wrt.shape) if wrt.shape else ZERO
    else:
        found = backward(graph, (wrt,), inline=10**9)
        made = found[wrt.name][-1].term
        for definition in reversed(local + graph.introduced):
            made = substitute(made, {}, {definition.var: definition.body})
    return entry(made, t.wrt.indices) if isinstance(t.wrt, Entry) else made


__all__ = ["Graph", "Part", "Statement", "added", "backward", "plain_gradient"]
