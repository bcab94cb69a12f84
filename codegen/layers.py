"""Networks of any depth from the induction over layers.

The theorem has one layer on hidden values, the lowest layer on the data and the output; a network is
a loop over the first between the other two.  What a loop carries (the state U, Δ) has one identifier
for its value before and after; what the way back reads of the way up is kept in lists.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from codegen.emit import Emitter
from codegen.errors import CodegenError
from codegen.functions import (
    Argument,
    Written,
    arguments,
    beyond,
    names_of,
    requirements,
    signature,
    statement_lines,
)  # fmt: skip
from codegen.layout import Line
from codegen.lower import lower
from codegen.modules import Layered
from codegen.network import Network, downward, kept_list, kept_of, output_lines, short, upward, width_lines
from codegen.objective import summed
from codegen.program import Program
from codegen.proofs import Proofs, definition
from codegen.regression import finished, functions_in, returned, stated, told_by
from derive.context import Context
from derive.kernel import Theorem
from derive.notation import unicode
from derive.terms import Size

PARAMS = "Params"


def written(function: Layered, proofs: Proofs, spelled: Mapping[str, str]) -> tuple[list[Written], list[Theorem]]:
    """The function, with what it calls, and the theorems that it is compiled from."""
    n = Network.of(function.induction, proofs)
    objective = n.objective
    outputs = {
        "forward": lambda: {function.defined: definition(n.output, function.defined)},
        "loss": lambda: {short(objective.name): objective.value},
        "gradients": lambda: {n.prop.delta.name: n.base},
    }[function.kind]()
    top = n.named(lower(function.kind, outputs))
    first, layer = upward(n)
    programs = [first, layer, top]
    back: tuple[Program, Program] | None = None
    if function.kind == "gradients":
        back = downward(n)
        programs += back
    penalty = objective.program() if function.kind == "loss" and objective.penalty else None
    if penalty:
        programs.append(penalty)
    given = data_arguments(function.arguments, n, programs, spelled)
    names = n.names | objective.names | {a.name: a.spelled for a in given}
    emit = _Lines(names, n, f"{given[0].spelled}.dtype")
    keep = kept_of(n, back[0]) if back else []
    body = [*(emit.penalty(n, penalty) if penalty else []), *emit.upward(n, first, layer, keep)]
    if back is None:
        lines = emit.top(n, top)
        body += returned(lines, [emit.names[x] for x in top.outputs.values()])
    else:
        body += emit.top(n, top, {top.outputs[n.prop.delta.name]: names[n.prop.delta.name]})
        body += emit.downward(n, *back, keep)
    samples = next(iter(n.sizes()))
    head = head_lines(n, given, spelled, samples if samples in emit.used else "")
    equations = equations_doc(n, function)
    shapes = f"{n.shapes_doc(given)}; params [(W, b), …] from the input up, W (D1, D0), b (D1,) and so on."
    doc = [*equations, "", *wrapped(shapes), *told_by((function.induction,), proofs, "")]
    returns = {"loss": "Any", "forward": "Array", "gradients": "Layers"}[function.kind]
    head_parts = [f"params: {PARAMS}", *(f"{a.spelled}: {'Array' if a.shape else 'float'}" for a in given)]
    summary = function.summary
    if penalty:
        summary = f"{summary.removesuffix('.')}, with the penalties of all layers."
    made = Written(function.name, signature(function.name, head_parts, returns), summary, doc, [*head, *body])
    made = finished(made, emit.used)
    made.helpers |= {"network"}
    made.imports |= {"callable"}
    return [made], [n.theorem, *outputs.values(), *objective.theorems, n.base, n.step, *n.parameters, *n.inputs]


class _Lines:
    """Statements of the pieces as lines; arrays are made new."""

    def __init__(self, names: dict[str, str], n: Network, kind: str) -> None:
        self.fixed = names
        self.names = dict(names)
        self.sizes = n.sizes() | n.widths() | n.outputs()
        self.proof = n.proof
        self.kind = kind
        self.shared = n.sizes().keys()
        self.used: set[str] = set()

    def lines(self, program: Program, results: Mapping[str, str] | None = None) -> list[Line]:
        fixed = {**self.fixed, **(results or {})}
        check_carried(program, fixed)
        self.names = names_of(program, fixed, self.sizes.values())
        emitter = Emitter(self.names, self.sizes)
        made = statement_lines(program, emitter, self.names, self.proof, self.kind)
        self.used |= emitter.used
        return made

    def penalty(self, n: Network, program: Program) -> list[Line]:
        pair = ", ".join(short(v.name) for v in n.weights)
        lines, result = self.layer(n, program), self.names[next(iter(program.outputs.values()))]
        return summed(lines, result, f"for {pair} in layers:")

    def layer(self, n: Network, program: Program, results: Mapping[str, str] | None = None) -> list[Line]:
        """The lines of one layer, after its sizes if they are read."""
        lines, needed = self._apart(program, results, n.widths())
        return [*width_lines(n, needed), *lines]

    def top(self, n: Network, program: Program, results: Mapping[str, str] | None = None) -> list[Line]:
        """The lines of the output, after its size if it is read."""
        lines, needed = self._apart(program, results, n.outputs())
        return [*output_lines(n, needed - n.sizes().keys()), *lines]

    def _apart(
        self, program: Program, results: Mapping[str, str] | None, own: Mapping[str, str]
    ) -> tuple[list[Line], set[str]]:
        """The lines, and which of the sizes `own`, other than that of the samples, they read."""
        before, self.used = self.used, set()
        lines = self.lines(program, results)
        needed = self.used & own.keys()
        self.used = (self.used - (needed - self.shared)) | before
        return lines, needed

    def upward(self, n: Network, first: Program, layer: Program, keep: Sequence[str]) -> list[Line]:
        pair = ", ".join(short(v.name) for v in n.weights)
        lists = [Line(f"{kept_list(k)} = []") for k in keep]
        carried = n.names[n.prop.state.name]
        saved = [Line(f"{kept_list(k)}.append({self.fixed[k]})") for k in keep]
        before = [s for s, k in zip(saved, keep) if self.fixed[k] == carried]
        after = [s for s, k in zip(saved, keep) if self.fixed[k] != carried]
        return [
            Line(f"{pair} = layers[0]"),
            *self.layer(n, first),
            *lists,
            Line(f"for {pair} in layers[1:]:"),
            *(line.indented() for line in (*before, *self.layer(n, layer), *after)),
        ]

    def downward(self, n: Network, layer: Program, first: Program, keep: Sequence[str]) -> list[Line]:
        pair = ", ".join(short(v.name) for v in n.weights)
        gradients = ", ".join(f"d{short(v.name)}" for v in n.weights)
        labels = [f"d{short(v.name)}" for v in n.weights]
        results = {layer.outputs[label]: label for label in labels}
        results[layer.outputs["below"]] = n.names[n.prop.delta.name]
        zipped = ", ".join(["layers[:0:-1]", *(f"{kept_list(k)}[::-1]" for k in keep)])
        targets = ", ".join([f"({pair})", *(self.fixed[k] for k in keep)])
        inner = self.layer(n, layer, results)
        last = next(i for i, line in enumerate(inner) if line.code.startswith(f"{n.names[n.prop.delta.name]} = "))
        append = Line(f"found.append(({gradients}))")
        lowest = self.layer(n, first, {first.outputs[label]: label for label in labels})
        reads = {i.name for i in first.inputs} & {v.name for v in n.weights}
        (widths,) = width_lines(n, set(n.widths()))
        return [
            Line("found: Layers = []"),
            Line(f"for {targets} in zip({zipped}):"),
            *(line.indented() for line in (*inner[:last], append, *inner[last:])),
            *([Line(f"{pair} = layers[0]")] if reads or widths in lowest else []),
            *lowest,
            append,
            Line("return found[::-1]"),
        ]


def check_carried(program: Program, names: Mapping[str, str]) -> None:
    """Raises where a name is read after another value took its identifier."""
    gone: set[str] = set()
    for s in program.statements:
        for t in s.value.walk():
            if getattr(t, "name", None) in gone:
                raise CodegenError(f"{s.name} reads a value that the loop has replaced")
        mine = names.get(s.name)
        gone |= {name for name, word in names.items() if word == mine and name != s.name}
        gone.discard(s.name)


def data_arguments(
    names: Sequence[str],
    n: Network,
    programs: Sequence[Program],
    spelled: Mapping[str, str],
    more: Sequence[Context] = (),
) -> list[Argument]:
    """The data, and after it what the programs need beyond data, parameters and carried values."""
    p = n.prop
    inside = [v.name for v in (p.data, p.state, p.hidden, p.above, p.output, p.delta, *n.weights)]
    inside += n.objective.names
    contexts = (n.lowest, n.output, n.hidden, *more)
    made: list[Argument] = []
    for name in names:
        context = next(c for c in contexts if name in c.declarations)
        made += arguments([name], context, spelled)
    for context in contexts:
        known = [a.name for a in made]
        made += arguments(beyond([*known, *inside], programs, context), context, spelled)
    return made


def head_lines(n: Network, given: Sequence[Argument], spelled: Mapping[str, str], samples: str) -> list[Line]:
    """Layers and data as arrays of one type, the conditions on them, the number of samples."""
    pairs = ", ".join(f"{a.spelled}=({a.spelled}, {axes_code(a.shape, n)})" for a in given)
    lines = [Line(f"layers, {', '.join(a.spelled for a in given)} = _network(params, {pairs})")]
    lines += requirements(given, n.output)
    if samples:
        data = next(a for a in given if a.name == n.prop.data.name)
        axis = [str(s) for s in data.shape].index(samples)
        lines.append(Line(f"{samples} = {data.spelled}.shape[{axis}]"))
    return lines


def axes_code(shape: Sequence[Size], n: Network) -> str:
    """The axes of data as code: D0 is the width of the data, the last layer has the outputs."""
    words, formatted = [], False
    for s in shape:
        if str(s) in n.sizes():
            words.append(str(s))
        elif s == n.prop.data.dims[0]:
            words.append("D0")
        elif s == n.prop.output.dims[0]:
            words.append("D{len(params)}")
            formatted = True
        else:
            raise CodegenError(f"no layer has the size {s}")
    return ("f" if formatted else "") + f'"{" ".join(words)}"'


def weights_of(function: Layered, proofs: Proofs) -> list[dict[str, str]]:
    """The parameters of layer `number`, from 0, and their axes as code."""
    n = Network.of(function.induction, proofs)
    words = {n.prop.data.dims[0]: "D{number}", n.prop.above.dims[0]: "D{number + 1}"}
    return [
        {"name": short(v.name), "axes": 'f"' + " ".join(words[s] for s in v.dims) + '"'} for v in n.weights
    ]


def equations_doc(n: Network, function: Layered) -> list[str]:
    """The equations of all layers."""
    above = definition(n.hidden, n.prop.above.name)
    if function.kind in ("forward", "loss"):
        top = definition(n.output, function.defined) if function.defined else n.objective.value
        up = [unicode(definition(n.hidden, v.name).prop, n.hidden) for v in (n.prop.hidden, n.prop.above)]
        last = [unicode(top.prop, top.context)] if function.defined else n.objective.equations()
        rows = [*functions_in(above), *up, *stated({"top": top}, last)]
    else:
        rows = [unicode(t.prop, t.context) for t in (n.base, n.step, *n.parameters)]
        rows += n.objective.equations() if n.prop.whole else []
    return [*(f"    {row}" for row in rows), "", f"with {n.prop.data.name} in the place of Z⁽⁰⁾."]


def wrapped(text: str) -> list[str]:
    import textwrap

    return textwrap.wrap(text, 92)


__all__ = ["PARAMS", "data_arguments", "head_lines", "weights_of", "wrapped", "written"]
