"""Random claims: true ones by chains of valid rewritings, and claims near them that are false somewhere.

A rewriting keeps the value of a term wherever both sides have one; it may change where they do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from random import Random

from random_rewritings import RULES, TWO, A, X, a, b, i, inverse, m, minus, p, positive, r, v, w, y
from random_terms import SHAPES, D, N, Terms, vocabulary

from derive.binders import weight
from derive.context import Assumption, Context
from derive.props import And, ArgOpt, Iff, Implies, Prop, Proportional, Rel, SameSolutions, SemiDefinite
from derive.repair.claims import claim_edits
from derive.terms import (
    MINUS_ONE,
    ONE,
    ZERO,
    Add,
    Call,
    Det,
    Diag,
    Diff,
    Entry,
    Eye,
    Fn,
    Full,
    Hadamard,
    Index,
    Inverse,
    MatMul,
    Mul,
    Num,
    Pow,
    Shape,
    SizeTerm,
    SqNorm,
    Sum,
    Term,
    TermError,
    Transpose,
    Var,
    term,
)  # fmt: skip

#: conditions that a claim may stand under
HYPOTHESES: tuple[Prop, ...] = (
    Rel("=", Sum(i, Entry(v, (i,))), ONE),
    Rel("=", A, Transpose(A)),
    Rel("≠", Det(A), ZERO),
    Rel("=", SqNorm(w), ONE),
    Rel(">", a, ZERO),
    Rel("≥", a, b),
    Rel("=", a, Mul((b, p))),
    Rel("≠", a, b),
    Rel("≠", Entry(w, (i,)), ZERO),
    Rel("=", MatMul(Transpose(X), X), Eye(D)),
    Rel("=", b, Pow(a, TWO)),
    Rel("<", Entry(w, (i,)), Entry(v, (i,))),
    Rel("=", Add((a, b)), ONE),
    And((Rel(">", a, ZERO), Rel("<", a, ONE))),
    Rel("=", Diff(Var("L"), w), Full(ZERO, (D,))),
)


class Claims:
    """Draws claims, true and false, over the context of `random_terms` and hypotheses."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.terms = Terms(rng)
        self.context = vocabulary()

    def under(self) -> Context:
        """The context, half of the time with hypotheses."""
        made = self.context.child()
        for _ in range(self.rng.choice((0, 0, 1, 2))):
            prop = self.rng.choice(HYPOTHESES)
            if all(prop != assumed.prop for assumed in made.assumptions):
                made.assume(Assumption(prop, f"hypothesis {HYPOTHESES.index(prop)}"))
        return made

    # -- rewriting ------------------------------------------------------------------------------------

    def unfolded(self, x: Term) -> Iterator[Term]:
        if isinstance(x, Var) and x.name in self.context.definitions:
            yield self.context.definitions[x.name].body

    def rewritten(self, x: Term) -> Term:
        """One rewriting at a random place (below a derivative by a defined name nothing is unfolded)."""
        places = list(_places(x))
        self.rng.shuffle(places)
        for place, rebuild, kept in places[:6]:
            rules = [*RULES, *(() if kept else (lambda z, _: self.unfolded(z),))]
            self.rng.shuffle(rules)
            for rule in rules:
                with suppress(TermError, IndexError):
                    options = [z for z in rule(place, self.rng) if z.shape == place.shape and z != place]
                    if options:
                        return rebuild(self.rng.choice(options))
        return x

    def chained(self, x: Term, most: int = 4) -> Term:
        for _ in range(self.rng.randint(1, most)):
            x = self.rewritten(x)
        return x

    # -- true claims ------------------------------------------------------------------------------------

    def scalar(self, depth: int = 2) -> Term:
        return self.terms.term((), depth)

    def identity(self) -> Rel:
        shape: Shape = self.rng.choice(((), (), (), *SHAPES))
        x = max((self.terms.term(shape, self.rng.choice((2, 3))) for _ in range(3)), key=lambda z: min(weight(z), 25))
        return Rel("=", x, self.chained(x))

    def order(self) -> Rel:
        c, z, e = self.rng.choice(positive), self.scalar(1), self.scalar(1)
        left, right, op = self.rng.choice((
            (Add((Pow(z, TWO), Pow(e, TWO))), Mul((TWO, z, e)), "≥"),
            (Fn("exp", (z,)), Add((ONE, z)), "≥"),
            (Fn("log", (c,)), Add((c, MINUS_ONE)), "≤"),
            (Mul((SqNorm(w), SqNorm(v))), Pow(MatMul(Transpose(w), v), TWO), "≥"),
            (Fn("abs", (Add((z, e)),)), Add((Fn("abs", (z,)), Fn("abs", (e,)))), "≤"),
            (Mul((SizeTerm(N), SqNorm(y))), Pow(Sum(Index("n", N), Entry(y, (Index("n", N),))), TWO), "≥"),
            (Add((z, c)), z, ">"),
            (Call("σ", (z,)), ZERO, ">"),
            (Call("σ", (z,)), ONE, "<"),
            (Fn("max", (z, e)), z, "≥"),
            (Fn("sqrt", (Add((Pow(z, TWO), c)),)), Fn("abs", (z,)), "≥"),
        ))  # fmt: skip
        return Rel(op, self.chained(left, 2), self.chained(right, 2))

    def equivalence(self) -> Prop:
        """An equation or inequality and what follows from it by a factor, a summand or a map."""
        c, z, e, k = self.rng.choice(positive), self.scalar(1), self.scalar(1), self.scalar(1)
        op = self.rng.choice(("=", "=", "<", "≥"))
        one = Rel(op, z, e)
        two = self.rng.choice((
            Rel(op, Add((z, k)), Add((e, k))),
            Rel(op, Mul((c, z)), Mul((c, e))),
            Rel(op, Fn("exp", (z,)), Fn("exp", (e,))),
            Rel(op, Pow(z, Num(Fraction(3))), Pow(e, Num(Fraction(3)))),
            Rel(op, Add((z, minus(e))), ZERO),
            Rel({"<": ">", "≥": "≤"}.get(op, op), minus(z), minus(e)),
        ))  # fmt: skip
        two = replace(two, left=self.chained(two.left, 2))
        forms: tuple[Prop, ...] = (Iff(one, two), Iff(two, one), Implies(one, two), Implies(two, one))
        if op == "=":
            forms += (
                Implies(one, Rel("=", Mul((k, z)), Mul((k, e)))),
                Implies(one, Rel("=", Pow(z, TWO), Pow(e, TWO))),
            )
        return self.rng.choice(forms)

    def systems(self) -> Prop:
        """Linear systems: multiplied by a matrix."""
        x, z = self.terms.term((D,), 1), self.terms.term((D,), 1)
        one = Rel("=", MatMul(A, x), z)
        forms = (
            Implies(Rel("=", x, z), Rel("=", MatMul(A, x), MatMul(A, z))),
            Iff(one, Rel("=", x, MatMul(Inverse(A), z))),
            Implies(one, Rel("=", MatMul(X, MatMul(A, x)), MatMul(X, z))),
        )
        return self.rng.choice(forms)

    def optimum(self) -> Prop:
        x = self.rng.choice((a, b, p, w))
        f: Term = self.rng.choice((
            Pow(Add((a, minus(b))), TWO), SqNorm(Add((w, minus(v)))), Add((Pow(a, TWO), Mul((b, a)))),
            Add((p, inverse(p))), Add((Mul((b, p)), minus(Fn("log", (p,))))), Add((Fn("exp", (a,)), Mul((b, a)))),
            Add((SqNorm(Add((MatMul(X, w), minus(y)))), Mul((p, SqNorm(w))))), Var("L"), self.scalar(2),
        ))  # fmt: skip
        c, k = self.rng.choice(positive), self.scalar(1)
        kind = self.rng.choice(("min", "max"))
        other = {"min": "max", "max": "min"}[kind]
        g, second = self.rng.choice((
            (Mul((c, f)), kind), (Add((f, k)), kind), (Fn("exp", (f,)), kind), (Fn("log", (f,)), kind),
            (minus(f), other), (minus(Fn("exp", (f,))), other), (Pow(f, TWO), kind), (Pow(f, Num(Fraction(3))), kind),
        ))  # fmt: skip
        return SameSolutions(ArgOpt(kind, x, f), ArgOpt(second, x, self.chained(g, 2)))

    def proportion(self) -> Prop:
        x = self.rng.choice((a, b, p, w))
        f, c = self.scalar(2), self.rng.choice(positive)
        f = self.rng.choice((f, Fn("exp", (f,)), Fn("exp", (minus(SqNorm(Add((w, minus(v))))),))))
        return Proportional(f, self.chained(Mul((c, f)), 3), x)

    def definite(self) -> Prop:
        c = self.rng.choice((*positive, a))
        return SemiDefinite(self.rng.choice((
            MatMul(Transpose(X), X), Add((MatMul(Transpose(X), X), Mul((c, Eye(D))))), MatMul(w, Transpose(w)), Diag(r),
            Add((Diag(m), Mul((MINUS_ONE, MatMul(m, Transpose(m)))))), Mul((c, MatMul(Transpose(A), A))), A,
            Diff(Diff(Var("L"), w), w), Diag(Hadamard(w, w)), Add((A, Transpose(A))),
        )))  # fmt: skip

    KINDS = ("identity", "identity", "identity", "order", "order", "equivalence", "equivalence", "systems", "optimum",
             "optimum", "proportion", "definite")  # fmt: skip

    def true(self) -> tuple[Context, Rel]:
        """An equation that holds wherever both sides have a value."""
        while True:
            with suppress(TermError):
                return self.under(), self.identity()

    def base(self) -> tuple[Context, Prop]:
        """A claim of any kind, and the hypotheses that it stands under; it may be false somewhere."""
        while True:
            with suppress(TermError):
                made: Prop = getattr(self, self.rng.choice(self.KINDS))()
                return self.under(), made

    def near(self, context: Context, prop: Prop, count: int) -> Iterator[Prop]:
        """Claims one slip away."""
        options = list(_some(claim_edits(context, prop), 200))
        yield from self.rng.sample(options, min(count, len(options)))


def _some(edits: Iterator[object], most: int) -> Iterator[Prop]:
    for _, edit in zip(range(most), edits):
        yield edit.prop  # type: ignore[attr-defined]


Rebuild = Callable[[Term], Term]


def _places(x: Term) -> Iterator[tuple[Term, Rebuild, bool]]:
    """Every node, how to put another in its place, and whether a derivative or a power stands above it."""
    stack: list[tuple[Term, Rebuild, bool]] = [(x, lambda z: z, False)]
    while stack:
        node, rebuild, kept = stack.pop()
        yield node, rebuild, kept
        for k, child in enumerate(node.children):
            if isinstance(node, Diff) and k == 1:
                continue  # the variable

            def within(z: Term, node: Term = node, k: int = k, rebuild: Rebuild = rebuild) -> Term:
                return rebuild(node.rebuild((*node.children[:k], z, *node.children[k + 1 :])))

            stack.append((child, within, kept or isinstance(node, (Diff, Pow))))


__all__ = ["HYPOTHESES", "Claims", "term"]
