"""Writing a derivation in Python so that it looks like the blackboard.

    d = Derivation("least-squares", slide="二乗誤差最小化: 解析解")
    N, D = d.sizes("N D")
    X, w, y = d.matrix("X", N, D), d.vector("w", D), d.vector("y", N)
    L = d.define("L", norm2(X @ w - y) / 2)
    d.chain("gradient", diff(L, w), X.T @ (X @ w - y))

A `Derivation` is data: a context and steps.  `derive.checker` proves it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction

from derive.context import Assumption, Context, Declaration, Definition, Domain, Function
from derive.props import (
    And,
    ArgOpt,
    EveryDepth,
    Iff,
    Implies,
    Prop,
    Proportional,
    Rel,
    SameSolutions,
    SemiDefinite,
)  # fmt: skip
from derive.terms import (
    ZERO,
    Call,
    Comp,
    Const,
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
    IndexLike,
    Inverse,
    Num,
    Prod,
    Size,
    SqNorm,
    Sum,
    Term,
    TermLike,
    Trace,
    Var,
    size,
    term,
)  # fmt: skip

pi = Const("pi")
half = Num(Fraction(1, 2))


# -- terms -------------------------------------------------------------------------------------------


def exp(x: TermLike) -> Term:
    return Fn("exp", (term(x),))


def log(x: TermLike) -> Term:
    return Fn("log", (term(x),))


def sqrt(x: TermLike) -> Term:
    return Fn("sqrt", (term(x),))


def tanh(x: TermLike) -> Term:
    return Fn("tanh", (term(x),))


def absolute(x: TermLike) -> Term:
    return Fn("abs", (term(x),))


def maximum(a: TermLike, b: TermLike) -> Term:
    return Fn("max", (term(a), term(b)))


def normal(x: TermLike, mean: TermLike, variance: TermLike) -> Term:
    """The density 𝒩(x | mean, variance)."""
    spread = 2 * term(variance)
    return 1 / Fn("sqrt", (spread * pi,)) * exp(-((term(x) - mean) ** 2) / spread)


def norm2(x: TermLike) -> Term:
    """‖x‖²."""
    return SqNorm(term(x))


def inv(x: Term) -> Term:
    return Inverse(x)


def det(x: Term) -> Term:
    return Det(x)


def tr(x: Term) -> Term:
    return Trace(x)


def diag(x: Term) -> Term:
    return Diag(x)


def eye(n: Size | int) -> Term:
    return Eye(size(n))


def ones(*dims: Size) -> Term:
    return Full(Num(Fraction(1)), dims)


def zeros(*dims: Size) -> Term:
    return Full(ZERO, dims)


def odot(a: Term, b: Term) -> Term:
    """a ⊙ b, entrywise."""
    return Hadamard(a, b)


def delta(i: IndexLike, j: IndexLike) -> Term:
    """Kronecker's δ."""
    return Delta(i, j)


def sum_(index: Index, body: TermLike) -> Term:
    return Sum(index, term(body))


def prod_(index: Index, body: TermLike) -> Term:
    return Prod(index, term(body))


def array(*parts: Index | Term) -> Term:
    """array(i, j, body): the array with entries `body`."""
    *indices, body = parts
    if not isinstance(body, Term) or not all(isinstance(i, Index) for i in indices):
        raise TypeError("array(i, …, body) takes indices and then a term")
    return Comp(tuple(i for i in indices if isinstance(i, Index)), body)


def diff(body: Term, *wrt: Term) -> Term:
    """∂ body / ∂ wrt; with several variables the last is taken first, as in ∂²L/∂w_i∂w_j."""
    for variable in reversed(wrt):
        body = Diff(body, variable)
    return body


def hessian(body: Term, w: Term) -> Term:
    return Diff(Diff(body, w), w)


# -- propositions --------------------------------------------------------------------------------------


def _both(op: str, left: TermLike, right: TermLike) -> Rel:
    a, b = term(left), term(right)
    if a.shape and b == ZERO:
        b = Full(ZERO, a.shape)
    if b.shape and a == ZERO:
        a = Full(ZERO, b.shape)
    return Rel(op, a, b)


def eq(left: TermLike, right: TermLike) -> Rel:
    return _both("=", left, right)


def ne(left: TermLike, right: TermLike) -> Rel:
    return _both("≠", left, right)


def ge(left: TermLike, right: TermLike) -> Rel:
    return _both("≥", left, right)


def gt(left: TermLike, right: TermLike) -> Rel:
    return _both(">", left, right)


def lt(left: TermLike, right: TermLike) -> Rel:
    return _both("<", left, right)


def le(left: TermLike, right: TermLike) -> Rel:
    return _both("≤", left, right)


def both(*props: Prop) -> Prop:
    """All of the propositions."""
    return And(props)


def iff(left: Prop, right: Prop) -> Prop:
    return Iff(left, right)


def implies(left: Prop, right: Prop) -> Prop:
    return Implies(left, right)


def psd(a: Term) -> Prop:
    return SemiDefinite(a)


def argmin(w: Term, body: Term) -> ArgOpt:
    return ArgOpt("min", _variable(w), body)


def argmax(w: Term, body: Term) -> ArgOpt:
    return ArgOpt("max", _variable(w), body)


def same(left: ArgOpt, right: ArgOpt) -> Prop:
    return SameSolutions(left, right)


def proportional(left: Term, right: Term, w: Term) -> Prop:
    return Proportional(left, right, _variable(w))


def _caller() -> tuple[str, int]:
    """The file and line, outside this module, that is at work."""
    frame = inspect.currentframe()
    while frame is not None and frame.f_code.co_filename == __file__:
        frame = frame.f_back
    return (frame.f_code.co_filename, frame.f_lineno) if frame is not None else ("", 0)


def _variable(w: Term) -> Var:
    if not isinstance(w, Var):
        raise TypeError("an optimisation runs over a declared name")
    return w


# -- derivations ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One claim with its label (unique in the derivation), its reason and the context it is made in.

    `premises` are labels of earlier steps from which the kernel draws this one; `slide` is the title of
    the slide that states it, `source` the file and line that make the claim.
    """

    label: str
    prop: Prop
    because: str
    context: Context
    premises: tuple[str, ...] = ()
    slide: str = ""
    source: tuple[str, int] = field(default=("", 0), compare=False)


@dataclass
class Derivation:
    """A named chain of claims.  `slide` is the slide's title; `note` says what the slide leaves out."""

    name: str
    slide: str = ""
    note: str = ""
    context: Context = field(default_factory=Context)
    steps: list[Step] = field(default_factory=list)

    # declarations
    def sizes(self, names: str) -> tuple[Size, ...]:
        return tuple(size(name) for name in names.split())

    def size(self, name: str) -> Size:
        return size(name)

    def index(self, name: str, n: Size | int) -> Index:
        return Index(name, size(n))

    def scalar(self, name: str, domain: Domain | None = None) -> Var:
        return self.context.declare(Declaration(name, (), domain or Domain()))

    def vector(self, name: str, n: Size | int, domain: Domain | None = None) -> Var:
        return self.context.declare(Declaration(name, (size(n),), domain or Domain()))

    def matrix(self, name: str, n: Size | int, m: Size | int, domain: Domain | None = None) -> Var:
        return self.context.declare(Declaration(name, (size(n), size(m)), domain or Domain()))

    def function(self, name: str, *domain: Size) -> Callable[..., Term]:
        """An unknown smooth function; f(x, order=1) is f′(x)."""
        made = self.context.declare_function(Function(name, domain))

        def apply(x: Term, order: int = 0) -> Term:
            return Call(made.name, (x,), () if domain else x.shape, order)

        return apply

    # definitions
    def define(self, name: str, body: TermLike, of: Term | tuple[Term, ...] = ()) -> Var:
        """name := body; `of` names the declared variables written after it, L(w)."""
        params = tuple(_variable(p) for p in (of if isinstance(of, tuple) else (of,)))
        return self.context.define(Definition(name, term(body), params)).var

    def define_function(
        self, name: str, param: str, body: Callable[[Term], Term]
    ) -> Callable[..., Term]:
        """name(param) := body, of one scalar; acts entrywise on arrays."""
        z = Var(f"{param}#")  # `#` cannot be written: no clash with a declared name
        made = self.context.define(Definition(name, body(z), (z,), local=True))

        def apply(x: Term, order: int = 0) -> Term:
            return Call(made.name, (x,), x.shape, order)

        return apply

    # scopes
    @contextmanager
    def section(self, slide: str = "") -> Iterator[None]:
        """What is declared inside is not seen after it; `slide` is the title its steps come from."""
        outer, title = self.context, self.slide
        self.context = outer.child()
        self.slide = slide or title
        try:
            yield
        finally:
            self.context, self.slide = outer, title

    # hypotheses and claims
    @contextmanager
    def assuming(self, *props: Prop, text: str = "") -> Iterator[None]:
        outer = self.context
        self.context = outer.child()
        for prop in props:
            self.context.assume(Assumption(prop, text))
        try:
            yield
        finally:
            self.context = outer

    def claim(self, label: str, prop: Prop, because: str = "", rests_on: tuple[str, ...] = ()) -> None:
        """`rests_on` are labels of earlier steps that are used like hypotheses."""
        if any(step.label == label for step in self.steps):
            raise ValueError(f"{self.name} has two steps called {label!r}")
        context = self.context.child()
        self.steps.append(Step(label, prop, because, context, rests_on, self.slide, _caller()))

    def __getitem__(self, label: str) -> Step:
        for step in self.steps:
            if step.label == label:
                return step
        raise KeyError(f"{self.name} has no step {label!r}")

    def _repr_markdown_(self) -> str:
        """In Jupyter: each step as formatted mathematics with its verdict."""
        from derive.diagnostics.notebook import derivation_markdown

        return derivation_markdown(self)

    def chain(self, label: str, first: TermLike, *rest: TermLike | tuple[TermLike, str]) -> None:
        """first = second = …, one step per equality, the last one labelled `label`."""
        left = first
        for number, item in enumerate(rest, 1):
            right, because = item if isinstance(item, tuple) else (item, "")
            name = label if number == len(rest) else f"{label}.{number}"
            self.claim(name, eq(left, right), because)
            left = right

    def chain_of(self, label: str, first: ArgOpt, *rest: tuple[ArgOpt, str]) -> None:
        """arg max … = arg min … = …, one step per pair: the same set of solutions."""
        left = first
        for number, (right, because) in enumerate(rest, 1):
            self.claim(label if number == len(rest) else f"{label}.{number}", same(left, right), because)
            left = right

    def induction(
        self,
        label: str,
        *,
        output: tuple[Var, Var, str],
        layer: tuple[Var, Var, Var, Var],
        step: str,
        parameters: tuple[str, ...],
        data: Var,
        inputs: tuple[str, ...],
        because: str = "",
    ) -> None:
        """Backpropagation for every depth, from the earlier steps with these labels.

        `output` is (loss, last state, label of the base step); `layer` is (state U, hidden Z, state
        above V, Δ); `inputs` are the `parameters` steps for the lowest layer, where Z is `data`.
        """
        loss, last, base = output
        state, hidden, above, delta = layer

        def equation(name: str) -> Rel:
            prop = self[name].prop
            if not isinstance(prop, Rel):
                raise TypeError(f"{name!r} is not an equation")
            return prop

        prop = EveryDepth(
            loss,
            last,
            equation(base),
            state,
            hidden,
            above,
            delta,
            equation(step),
            tuple(map(equation, parameters)),
            data,
            tuple(map(equation, inputs)),
        )
        self.claim(label, prop, because)
        self.steps[-1] = replace(self.steps[-1], premises=(base, step, *parameters, *inputs))



__all__ = [
    "Derivation", "Entry", "Step", "absolute", "argmax", "argmin", "array", "both", "delta", "det",
    "diag", "diff", "eq", "exp", "eye", "ge", "gt", "half", "hessian", "iff", "implies", "inv", "le",
    "log", "lt", "maximum", "ne", "norm2", "normal", "odot", "ones", "pi", "prod_", "proportional",
    "psd", "same", "sqrt", "sum_", "tanh", "tr", "zeros",
]  # fmt: skip
