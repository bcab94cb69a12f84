"""An induction over layers as the pieces of a network: each a program, and how they meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from codegen.errors import CodegenError
from codegen.functions import Argument, Proof, shapes_doc
from codegen.layout import Line
from codegen.lower import lower
from codegen.modules import At
from codegen.objective import Objective
from codegen.program import Program
from codegen.proofs import Proofs, definition
from codegen.regression import equation_of
from codegen.uses import polynomial
from derive.context import Context
from derive.kernel import Theorem
from derive.names import compose, parts, python_of
from derive.notation import unicode
from derive.notation.symbols import superscript, unicode_name
from derive.props import EveryDepth
from derive.terms import Size, Var


@dataclass(frozen=True)
class Network:
    """The parts of an induction over layers, and the identifiers of its names."""

    prop: EveryDepth
    theorem: Theorem
    base: Theorem
    step: Theorem
    parameters: tuple[Theorem, ...]
    inputs: tuple[Theorem, ...]
    proof: Proof

    @staticmethod
    def of(at: At, proofs: Proofs) -> Network:
        theorem = proofs.theorem(at)
        prop = theorem.prop
        if not isinstance(prop, EveryDepth):
            raise TypeError(f"{at.label} is no induction over layers")
        base, step, *rest = theorem.premises
        half = len(rest) // 2
        return Network(prop, theorem, base, step, tuple(rest[:half]), tuple(rest[half:]), proofs.proof(at))

    @property
    def weights(self) -> tuple[Var, ...]:
        """The parameters of a layer: W, b."""
        made = []
        for theorem in self.inputs:
            wrt = getattr(equation_of(theorem.prop).left, "wrt", None)
            if not isinstance(wrt, Var):
                raise CodegenError("a layer's gradient must be by a parameter")
            made.append(wrt)
        return tuple(made)

    @cached_property
    def objective(self) -> Objective:
        return Objective.of(self.prop, self.hidden, self.output)

    @property
    def lowest(self) -> Context:
        return self.inputs[0].context

    @property
    def hidden(self) -> Context:
        return self.step.context

    @property
    def output(self) -> Context:
        return self.base.context

    @property
    def names(self) -> dict[str, str]:
        """Identifiers; the state has one for all layers, and so has Δ."""
        p = self.prop
        made = {v.name: short(v.name) for v in (p.data, p.hidden, p.delta, *self.weights)}
        return made | dict.fromkeys((p.state.name, p.above.name, p.output.name), short(p.state.name))

    def widths(self) -> dict[str, str]:
        """The sizes of one layer."""
        return {n: python_of(n) for v in self.weights for s in v.dims for n in s.names}

    def outputs(self) -> dict[str, str]:
        """The sizes of the output."""
        return {n: python_of(n) for s in self.prop.output.dims for n in s.names}

    def sizes(self) -> dict[str, str]:
        """The number of samples, the one size that all layers share."""
        shared = set(self.prop.data.dims) & set(self.prop.output.dims)
        return {s.parts[0][0]: python_of(s.parts[0][0]) for s in shared}

    def named(self, program: Program) -> Program:
        """The program with Δ⁽ˡ⁾ = before ∂L/∂U⁽ˡ⁾ = …, as Δ is defined."""
        names = {}
        for theorem in (self.base, self.step):
            rel = equation_of(theorem.prop)
            wrt = getattr(rel.left, "wrt", None)
            if isinstance(wrt, Var):
                delta = self.prop.delta.name.partition("^{(")[0]
                label = parts(wrt.name).label
                names[unicode(rel, theorem.context)] = unicode_name(compose(delta, label=label))
        rows = []
        for s in program.statements:
            rows.append(replace(s, equation=f"{names[s.equation]} = {s.equation}") if s.equation in names else s)
        return replace(program, statements=tuple(rows))

    def shapes_doc(self, given: Sequence[Argument]) -> str:
        """X (D0, N), D (K, N): the data's width is that of the lowest layer."""
        data = self.prop.data
        to = {data.dims[0]: Size.named("D0")}
        return shapes_doc(
            [replace(a, shape=tuple(to.get(s, s) for s in a.shape)) if a.name == data.name else a for a in given]
        )


def short(name: str) -> str:
    """`W^{(l+1)}` → W: loops leave the label out."""
    return python_of(name.partition("^{(")[0])


def bottom(program: Program) -> Program:
    """The program of the lowest layer, with the label l + 1 = 1 in its equations."""
    above, first = superscript("(l+1)"), superscript("(1)")
    return replace(
        program,
        statements=tuple(replace(s, equation=s.equation.replace(above, first)) for s in program.statements),
    )


# -- the pieces as programs ----------------------------------------------------------------------------------


def upward(n: Network) -> tuple[Program, Program]:
    """The lowest layer's state from the data; the next state, by way of Z, from a state."""
    p = n.prop
    first = lower("lowest", {p.above.name: definition(n.lowest, p.above.name)})
    layer = {v.name: definition(n.hidden, v.name) for v in (p.hidden, p.above)}
    return bottom(first), lower("hidden", layer, coarse=coarse(n))


def coarse(n: Network) -> tuple[str, ...]:
    """Z, if the layer above and the way back take sums and products of it alone.

    U = WZ + b has the rounding of numbers of the size of W in any case, and f′ written with Z that
    of numbers of size 1 where Z is near 1: a Z near 0 with more digits would be lost in both.
    """
    p, hidden = n.prop, n.prop.hidden.name
    above = lower("above", {p.above.name: definition(n.hidden, p.above.name)}, given=(hidden,))
    back, _ = downward(n)
    return (hidden,) if polynomial(above, hidden) and polynomial(back, hidden) else ()


def downward(n: Network) -> tuple[Program, Program]:
    """The gradients of a layer and Δ of the one below; the gradients of the lowest layer."""
    p = n.prop
    labels = [f"d{short(v.name)}" for v in n.weights]
    layer = dict(zip(labels, n.parameters, strict=True)) | {"below": n.step}
    first = dict(zip(labels, n.inputs, strict=True))
    return (
        n.named(lower("layer", layer, given=(p.hidden.name, p.delta.name))),
        bottom(lower("first", first, given=(p.delta.name,))),
    )


def width_lines(n: Network, needed: set[str]) -> list[Line]:
    """`K, J = W.shape`, for the sizes of one layer that are needed."""
    weight = max(n.weights, key=lambda v: len(v.dims))
    words = [str(s) for s in weight.dims]
    if needed - set(words):
        raise CodegenError(f"no parameter has an axis that tells the size {min(needed - set(words))}")
    return [Line(f"{', '.join(words)} = {short(weight.name)}.shape")] if needed else []


def output_lines(n: Network, needed: set[str]) -> list[Line]:
    """`K = U.shape[0]`, for the sizes of the output that are needed."""
    words = [str(s) for s in n.prop.output.dims]
    if needed - set(words):
        raise CodegenError(f"the output has no axis that tells the size {min(needed - set(words))}")
    state = n.names[n.prop.output.name]
    return [Line(f"{w} = {state}.shape[{k}]") for k, w in enumerate(words) if w in needed]


def kept_of(n: Network, back: Program) -> list[str]:
    """What the way back reads of the way up."""
    read = {i.name for i in back.inputs}
    return [v.name for v in (n.prop.state, n.prop.hidden) if v.name in read]


def kept_list(name: str) -> str:
    return f"kept_{short(name)}"


__all__ = [
    "Network", "bottom", "downward", "kept_list", "kept_of", "output_lines", "short", "upward", "width_lines",
]  # fmt: skip
