"""Derivations as data: a context, and steps that claim something in it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from derive.blackboard.vocabulary import eq, same, variable
from derive.context import Assumption, Context, Declaration, Definition, Domain, Function
from derive.objective import taken_apart
from derive.props import ArgOpt, EveryDepth, Prop, Rel
from derive.terms import ONE, Call, Index, Size, Term, TermLike, Var, size, term


def _caller() -> tuple[str, int]:
    """The file and line, outside this module, that is at work."""
    frame = inspect.currentframe()
    while frame is not None and frame.f_code.co_filename == __file__:
        frame = frame.f_back
    return (frame.f_code.co_filename, frame.f_lineno) if frame is not None else ("", 0)


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
        params = tuple(variable(p) for p in (of if isinstance(of, tuple) else (of,)))
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
        whole: Var | None = None,
        because: str = "",
    ) -> None:
        """Backpropagation for every depth, from the earlier steps with these labels.

        `output` is (loss, last state, label of the base step); `layer` is (state U, hidden Z, state
        above V, Δ); `inputs` are the `parameters` steps for the lowest layer, where Z is `data`.
        `whole` is the J := cL + R that both are derivatives of, where L is what the layers above make of V
        and R a penalty on the layer's parameters; raises `ValueError` if it is not defined so.
        """
        loss, last, base = output
        state, hidden, above, delta = layer

        def equation(name: str) -> Rel:
            prop = self[name].prop
            if not isinstance(prop, Rel):
                raise TypeError(f"{name!r} is not an equation")
            return prop

        factor, _, penalty = (ONE, None, None) if whole is None else taken_apart(self[step].context, whole, above)
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
            whole,
            factor,
            penalty,
        )
        self.claim(label, prop, because)
        self.steps[-1] = replace(self.steps[-1], premises=(base, step, *parameters, *inputs))
