"""Random claims: true ones by chains of valid rewritings, and claims near them that are false somewhere.

A rewriting keeps the value of a term wherever both sides have one; it may change where they do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from random import Random

from random_terms import SHAPES, D, N, Terms, vocabulary

from derive.binders import free_indices, fresh, substitute, weight
from derive.context import Assumption, Context
from derive.props import And, ArgOpt, Iff, Implies, Prop, Proportional, Rel, SameSolutions, SemiDefinite
from derive.repair.claims import claim_edits
from derive.terms import (
    MINUS_ONE,
    ONE,
    ZERO,
    Add,
    Call,
    Comp,
    Delta,
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
    Trace,
    Transpose,
    Var,
    add,
    term,
)  # fmt: skip

TWO, HALF = Num(Fraction(2)), Num(Fraction(1, 2))
p, q, a, b, s, t = (Var(name) for name in "pqabst")
w, v, r, m, u = (Var(name, (D,)) for name in "wvrmu")
A, X, y = Var("A", (D, D)), Var("X", (N, D)), Var("y", (N,))
i, j = Index("i", D), Index("j", D)
positive: tuple[Term, ...] = (p, q, Fn("exp", (a,)), SizeTerm(N), Add((ONE, Pow(b, TWO))), Pow(p, HALF))

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


def _minus(x: Term) -> Term:
    return Mul((MINUS_ONE, x))


def _inverse(x: Term) -> Term:
    return Pow(x, MINUS_ONE)


# -- rewritings: a node → equal ones --------------------------------------------------------------------


def _sums(x: Term, rng: Random) -> Iterator[Term]:
    if isinstance(x, Add):
        args = list(x.args)
        rng.shuffle(args)
        yield Add(tuple(args))
        if len(args) > 2:
            yield Add((args[0], Add(tuple(args[1:]))))
    if isinstance(x, Mul):
        args = list(x.args)
        rng.shuffle(args)
        yield Mul(tuple(args))
        for place, part in enumerate(args):
            if isinstance(part, Add):  # distribute
                rest = tuple(args[:place] + args[place + 1 :])
                yield Add(tuple(Mul((*rest, z)) for z in part.args))
        arrays = [z for z in args if z.shape]
        if arrays and isinstance(arrays[0], (MatMul, Hadamard)):  # c(AB) = (cA)B
            rest = tuple(z for z in args if z is not arrays[0])
            inner = arrays[0]
            yield type(inner)(Mul((*rest, inner.left)), inner.right)
    if isinstance(x, Sum):
        k = fresh(x.index.size)
        yield Sum(k, substitute(x.body, {x.index: k}), x.start)
        if isinstance(x.body, Add):
            yield Add(tuple(Sum(x.index, z, x.start) for z in x.body.args))
        if isinstance(x.body, Mul):
            out = tuple(z for z in x.body.args if x.index not in free_indices(z))
            rest = tuple(z for z in x.body.args if x.index in free_indices(z))
            if out and rest:
                yield Mul((*out, Sum(x.index, Mul(rest), x.start)))
        if isinstance(x.body, Sum) and x.body.index != x.index:
            yield Sum(x.body.index, Sum(x.index, x.body.body, x.start), x.body.start)
        if x.start == 2 and not x.shape:
            yield Add((Sum(x.index, x.body), _minus(substitute(x.body, {x.index: 1}))))


def _anywhere(x: Term, rng: Random) -> Iterator[Term]:
    c = rng.choice(positive)
    yield Mul((x, c, _inverse(c)))
    yield Mul((HALF, Add((x, x))))
    other = rng.choice((a, b, p, Fn("exp", (b,)), Fn("log", (p,)), SqNorm(w), MatMul(Transpose(w), v)))
    if not x.shape:
        yield Add((x, other, _minus(other)))
        yield Trace(Mul((x, Pow(SizeTerm(D), MINUS_ONE), Eye(D))))
        yield Fn("log", (Fn("exp", (x,)),))
        yield Mul((Pow(SizeTerm(D), MINUS_ONE), Sum(fresh(D), x)))
    else:
        k = fresh(x.shape[0])
        yield Add((x, Mul((other, x)), _minus(Mul((other, x)))))
        yield MatMul(Eye(x.shape[0]), x)
        if len(x.shape) == 1:
            yield Comp((k,), Entry(x, (k,)))
            yield Hadamard(Full(ONE, x.shape), x)
        yield Transpose(Transpose(x))


def _functions(x: Term, rng: Random) -> Iterator[Term]:
    match x:
        case Fn("exp", (Add(args),)) if not x.shape:
            yield Mul(tuple(Fn("exp", (z,)) for z in args))
        case Fn("exp", (z,)):
            yield Pow(Fn("exp", (Mul((HALF, z)),)), TWO)
        case Fn("log", (Mul((one, two)),)) if not x.shape:
            yield Add((Fn("log", (one,)), Fn("log", (two,))))
        case Fn("tanh", (z,)):
            yield Hadamard(*_parts(z)) if z.shape else Mul(_parts(z))
        case Fn("abs", (z,)):
            yield Fn("sqrt", (Pow(z, TWO),))
            yield Fn("max", (z, _minus(z)))
        case Fn("sqrt", (z,)):
            yield Pow(z, HALF)
        case Fn("cosh", (z,)) if not z.shape:
            yield Mul((HALF, Add((Fn("exp", (z,)), Fn("exp", (_minus(z),))))))
        case Fn("sin", (z,)):
            yield _minus(Fn("sin", (_minus(z),)))
        case Pow(z, Num(e)) if e == 2 and not z.shape:
            yield Mul((z, z))
        case Pow(Mul(args), Num(e)) if e == -1 and not x.shape:
            yield Mul(tuple(_inverse(z) for z in args))
        case Call("σ", (z,), _, 0) if not z.shape:
            yield _inverse(Add((ONE, Fn("exp", (_minus(z),)))))
            yield Add((ONE, _minus(Call("σ", (_minus(z),), (), 0))))
        case Call("σ", (z,), _, 1) if not z.shape:
            yield Mul((Call("σ", (z,)), Add((ONE, _minus(Call("σ", (z,)))))))
        case _:
            return


def _parts(z: Term) -> tuple[Term, Term]:
    """tanh z = (e^{2z} − 1) · 1/(e^{2z} + 1)."""
    e = Fn("exp", (Mul((TWO, z)),))
    return add(e, MINUS_ONE), _inverse(add(e, ONE))


def _matrices(x: Term, rng: Random) -> Iterator[Term]:
    match x:
        case MatMul(MatMul(one, two), three):
            yield MatMul(one, MatMul(two, three))
        case MatMul(one, MatMul(two, three)):
            yield MatMul(MatMul(one, two), three)
        case MatMul(one, Add(args)):
            yield Add(tuple(MatMul(one, z) for z in args))
        case MatMul(Transpose(one), two) if not x.shape:
            yield MatMul(Transpose(two), one)
            k = fresh(one.shape[0])
            yield Sum(k, Mul((Entry(one, (k,)), Entry(two, (k,)))))
        case Transpose(MatMul(one, two)):
            yield MatMul(Transpose(two), Transpose(one))
        case Transpose(Add(args)):
            yield Add(tuple(Transpose(z) for z in args))
        case Trace(MatMul(one, two)):
            yield Trace(MatMul(two, one))
        case Trace(Transpose(one)):
            yield Trace(one)
        case Trace(one):
            k = fresh(one.shape[0])
            yield Trace(Transpose(one))
            yield Sum(k, Entry(one, (k, k)))
        case SqNorm(z) if len(z.shape) == 1:
            yield MatMul(Transpose(z), z)
        case SqNorm(z) if len(z.shape) == 2:
            yield Trace(MatMul(Transpose(z), z))
        case Hadamard(one, two):
            yield Hadamard(two, one)
            if len(x.shape) == 1:
                yield MatMul(Diag(one), two)
        case Det(MatMul(one, two)) if one.shape == two.shape:
            yield Mul((Det(one), Det(two)))
        case Det(one):
            yield Det(Transpose(one))
        case Inverse(MatMul(one, two)) if one.shape == two.shape:
            yield MatMul(Inverse(two), Inverse(one))
        case Inverse(Transpose(one)):
            yield Transpose(Inverse(one))
        case Entry(MatMul(one, two), indices) if len(one.shape) == 2 and len(indices) == len(x.array.shape):
            k = fresh(one.shape[1])
            right = (k, *indices[1:]) if len(two.shape) == 2 else (k,)
            yield Sum(k, Mul((Entry(one, (indices[0], k)), Entry(two, right))))
        case Entry(Comp(bound, body), indices) if len(bound) == len(indices):
            yield substitute(body, dict(zip(bound, indices, strict=True)))
        case Entry(z, (k,)) if len(z.shape) == 1:
            n = fresh(z.shape[0])
            yield Sum(n, Mul((Delta(k, n), Entry(z, (n,)))))
        case _:
            return


def _derivatives(x: Term, rng: Random) -> Iterator[Term]:
    if not isinstance(x, Diff) or x.body.shape:
        return
    of = x.wrt

    def d(z: Term) -> Term:
        return Diff(z, of)

    match x.body:
        case Add(args):
            yield Add(tuple(d(z) for z in args))
        case Mul((one, two)):
            yield Add((Mul((two, d(one))), Mul((one, d(two)))))
        case Pow(z, Num(e)):
            yield Mul((Num(e), Pow(z, Num(e - 1)), d(z)))
        case Fn("exp", (z,)):
            yield Mul((Fn("exp", (z,)), d(z)))
        case Fn("log", (z,)):
            yield Mul((_inverse(z), d(z)))
        case Fn("sin", (z,)):
            yield Mul((Fn("cos", (z,)), d(z)))
        case Fn("tanh", (z,)):
            yield Mul((Add((ONE, _minus(Pow(Fn("tanh", (z,)), TWO)))), d(z)))
        case Fn("sqrt", (z,)):
            yield Mul((HALF, _inverse(Fn("sqrt", (z,))), d(z)))
        case Call(name, (z,), (), order) if name in ("f", "σ") and not z.shape:
            yield Mul((Call(name, (z,), (), order + 1), d(z)))
        case Sum(index, body, start) if index not in free_indices(of):
            yield Sum(index, d(body), start)
        case _:
            return


RULES = (_sums, _anywhere, _functions, _matrices, _derivatives)


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
            Rel(op, Add((z, _minus(e))), ZERO),
            Rel({"<": ">", "≥": "≤"}.get(op, op), _minus(z), _minus(e)),
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
            Pow(Add((a, _minus(b))), TWO), SqNorm(Add((w, _minus(v)))), Add((Pow(a, TWO), Mul((b, a)))),
            Add((p, _inverse(p))), Add((Mul((b, p)), _minus(Fn("log", (p,))))), Add((Fn("exp", (a,)), Mul((b, a)))),
            Add((SqNorm(Add((MatMul(X, w), _minus(y)))), Mul((p, SqNorm(w))))), Var("L"), self.scalar(2),
        ))  # fmt: skip
        c, k = self.rng.choice(positive), self.scalar(1)
        kind = self.rng.choice(("min", "max"))
        other = {"min": "max", "max": "min"}[kind]
        g, second = self.rng.choice((
            (Mul((c, f)), kind), (Add((f, k)), kind), (Fn("exp", (f,)), kind), (Fn("log", (f,)), kind),
            (_minus(f), other), (_minus(Fn("exp", (f,))), other), (Pow(f, TWO), kind), (Pow(f, Num(Fraction(3))), kind),
        ))  # fmt: skip
        return SameSolutions(ArgOpt(kind, x, f), ArgOpt(second, x, self.chained(g, 2)))

    def proportion(self) -> Prop:
        x = self.rng.choice((a, b, p, w))
        f, c = self.scalar(2), self.rng.choice(positive)
        f = self.rng.choice((f, Fn("exp", (f,)), Fn("exp", (_minus(SqNorm(Add((w, _minus(v))))),))))
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
