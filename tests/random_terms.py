"""Random well-typed terms over one context, for property tests.  `rng` needs `choice` and `random` only."""

from __future__ import annotations

from fractions import Fraction
from random import Random

from derive.blackboard import Derivation, array, diff, exp, log, norm2
from derive.context import POSITIVE, Context, Domain
from derive.evaluate import Array, Instance
from derive.refute.values import draw
from derive.terms import (
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
    Prod,
    Shape,
    Size,
    SizeTerm,
    SqNorm,
    Sum,
    Term,
    Trace,
    Transpose,
    Var,
)  # fmt: skip

N, D = Size.named("N"), Size.named("D")
SHAPES: tuple[Shape, ...] = ((), (D,), (N,), (D, D), (N, D), (D, N))
_LETTERS = "ijklmn"


def vocabulary() -> Context:
    """Declared, defined and unknown names of all shapes, with and without conditions."""
    d = Derivation("random")
    X, A, w, v, y = (
        d.matrix("X", N, D), d.matrix("A", D, D), d.vector("w", D), d.vector("v", D), d.vector("y", N),
    )  # fmt: skip
    d.scalar("a")
    d.scalar("b")
    d.scalar("p", POSITIVE)
    d.scalar("q", Domain(low=Fraction(0), high=Fraction(1)))
    d.scalar("s", Domain(nonzero=True))
    d.scalar("t", Domain(values=(Fraction(0), Fraction(1))))
    d.vector("r", D, POSITIVE)
    d.function("f")
    d.function("E", D)
    d.define_function("σ", "z", lambda z: 1 / (1 + exp(-z)))
    i, j = d.index("i", D), d.index("j", D)
    d.define("u", X.T @ y + A @ w)
    m = d.define("m", array(i, exp(v[i]) / Sum(j, exp(v[j]))))
    d.define("L", norm2(X @ w - y) + Sum(i, v[i] * log(m[i])))
    d.define("g", diff(Var("L"), w))
    return d.context


class Terms:
    """Draws terms of the context `vocabulary()`."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.context = vocabulary()
        self.scope: list[Index] = []

    def term(self, shape: Shape = (), depth: int = 3) -> Term:
        if depth <= 0 or self.rng.random() < 0.15:
            return self.leaf(shape)
        made = self.scalar(depth - 1) if not shape else self.array(shape, depth - 1)
        return made if made.shape == shape else self.leaf(shape)

    def leaf(self, shape: Shape) -> Term:
        names = [x.var for x in self.context.declarations.values() if x.shape == shape]
        names += [x.var for x in self.context.definitions.values() if not x.params and x.var.shape == shape]
        options: list[Term] = list(names)
        if not shape:
            options += [Num(Fraction(self.rng.choice((1, 2, -1, 3, 0)))), Num(Fraction(1, 2)), SizeTerm(N)]
            if len(self.scope) > 1:
                options += [Delta(self.rng.choice(self.scope), self.rng.choice(self.scope))] * 3
            here = [i for i in self.scope if i.size == D]
            options += [Entry(Var("w", (D,)), (i,)) for i in here] + [Entry(Var("m", (D,)), (i,)) for i in here]
            options += [Entry(Var("A", (D, D)), (i, j)) for i in here for j in here]
            if not options or self.rng.random() < 0.5:
                options = [o for o in options if isinstance(o, (Entry, Delta))] or options
        elif len(shape) == 2 and shape[0] == shape[1]:
            options.append(Eye(shape[0]))
        else:
            options.append(Full(Num(Fraction(1)), shape))
        return self.rng.choice(options) if options else Full(self.leaf(()), shape)

    def scalar(self, depth: int) -> Term:
        kind = self.rng.choice(
            ("add", "add", "mul", "mul", "sub", "pow", "div", "fn", "sum", "sum", "prod", "entry", "norm", "trace",
             "inner", "det", "f", "E", "sigma", "diff", "diff", "prime", "second")
        )  # fmt: skip
        t = self.term
        match kind:
            case "add":
                return Add((t((), depth), t((), depth)))
            case "sub":
                return t((), depth) - t((), depth)
            case "mul":
                return Mul((t((), depth), t((), depth)))
            case "div":
                return Mul((t((), depth), Pow(t((), depth), Num(Fraction(-1)))))
            case "pow":
                return Pow(t((), depth), Num(self.rng.choice((Fraction(2), Fraction(3), Fraction(-2), Fraction(1, 2)))))
            case "fn":
                return Fn(self.rng.choice(("exp", "log", "sqrt", "abs", "tanh", "sin", "cosh")), (t((), depth),))
            case "sum" | "prod":
                binder = Sum if kind == "sum" else Prod
                return self.bound(lambda i: binder(i, t((), depth), self.rng.choice((1, 1, 1, 2))))
            case "entry":
                shape = self.rng.choice(((D,), (D, D)))
                here: list[Index | int] = [*(i for i in self.scope if i.size == D)] or [1]
                return Entry(t(shape, depth), tuple(self.rng.choice(here) for _ in shape))
            case "norm":
                return SqNorm(t(self.rng.choice(SHAPES[1:]), depth))
            case "trace":
                return Trace(t((D, D), depth))
            case "inner":
                return MatMul(Transpose(t((D,), depth)), t((D,), depth))
            case "det":
                return Det(t((D, D), depth - 1))
            case "f":
                return Call("f", (t((), depth),), (), self.rng.choice((0, 0, 1, 2)))
            case "E":
                return Call("E", (t((D,), depth),))
            case "sigma":
                return Call("σ", (t((), depth),))
            case "prime":
                return Call("σ", (t((), depth),), (), 1)
            case "second":
                wrt = self.variable()
                return Diff(Diff(t((), depth - 1), wrt), wrt)
            case _:
                return Diff(t((), depth), self.variable())

    def variable(self) -> Term:
        here: list[Index | int] = [*(i for i in self.scope if i.size == D), 1]
        return self.rng.choice(
            (Var("a"), Var("p"), Var("q"), Entry(Var("w", (D,)), (self.rng.choice(here),)),
             Entry(Var("v", (D,)), (self.rng.choice(here),)), Entry(Var("m", (D,)), (self.rng.choice(here),)),
             Entry(Var("A", (D, D)), (self.rng.choice(here), self.rng.choice(here))))
        )  # fmt: skip

    def bound(self, build: object) -> Term:
        index = Index(self.rng.choice(_LETTERS), self.rng.choice((D, D, N)))
        self.scope.append(index)
        try:
            return build(index)  # type: ignore[operator,no-any-return]
        finally:
            self.scope.pop()

    def array(self, shape: Shape, depth: int) -> Term:
        t = self.term
        kinds = ["add", "scale", "hadamard", "fn", "comp", "sum"]
        if len(shape) == 1:
            kinds += ["matvec", "matvec", "gradient", "gradient", "call", "jacobian"]
        else:
            kinds += ["matmul", "matmul", "transpose"]
            if shape == (D, D):
                kinds += ["inverse", "diag", "outer", "hessian"]
        match self.rng.choice(kinds):
            case "add":
                return Add((t(shape, depth), t(shape, depth)))
            case "scale":
                return Mul((t((), depth), t(shape, depth)))
            case "hadamard":
                return Hadamard(t(shape, depth), t(shape, depth))
            case "fn":
                return Fn(self.rng.choice(("exp", "tanh", "log")), (t(shape, depth),))
            case "call":
                return Call(self.rng.choice(("f", "σ")), (t(shape, depth),), shape, self.rng.choice((0, 1)))
            case "comp":
                return self.comp(shape, depth)
            case "sum":
                return self.bound(lambda i: Sum(i, t(shape, depth)))
            case "matvec":
                other = self.rng.choice((N, D))
                return MatMul(t((shape[0], other), depth), t((other,), depth))
            case "gradient":
                wrt = next(v for v in (Var("w", (D,)), Var("y", (N,))) if v.shape == shape)
                return Diff(t((), depth), wrt)
            case "jacobian":
                return Diff(t(shape, depth), Var("a"))
            case "matmul":
                other = self.rng.choice((N, D))
                return MatMul(t((shape[0], other), depth), t((other, shape[1]), depth))
            case "transpose":
                return Transpose(t((shape[1], shape[0]), depth))
            case "inverse":
                return Inverse(t(shape, depth - 1))
            case "diag":
                return Diag(t((D,), depth))
            case "outer":
                return MatMul(t((D,), depth), Transpose(t((D,), depth)))
            case _:
                return Diff(t((D,), depth), Var("w", (D,)))

    def comp(self, shape: Shape, depth: int) -> Term:
        fresh = [Index(letter, size) for letter, size in zip(self.rng.choice(("ij", "kl", "jm")), shape)]
        self.scope.extend(fresh)
        try:
            return Comp(tuple(fresh), self.term((), depth))
        finally:
            del self.scope[len(self.scope) - len(fresh) :]


def instance(context: Context, sizes: dict[str, int], rng: Random, level: int = 0) -> Instance:
    """Random values for all declared variables."""
    made = Instance(dict(sizes))
    for name, declared in context.declarations.items():
        dims = made.dims(declared.shape)
        count = 1
        for n in dims:
            count *= n
        data = [draw(declared.domain, rng, level) for _ in range(count)]
        made.values[name] = Array(dims, data) if dims else data[0]
    return made



__all__ = ["SHAPES", "Terms", "instance", "vocabulary"]
