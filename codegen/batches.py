"""Mini-batch gradient descent on a network: the same pieces as in `codegen.layers`, in kept buffers.

Three functions: `_buffers` makes what a step writes to, once for each size of batch; `_step` is one
update of every layer; `train` gathers the batches.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from codegen.buffered import Buffer, Buffered
from codegen.errors import CodegenError
from codegen.functions import Argument, Proof, Written, names_of, signature
from codegen.layers import PARAMS, data_arguments, head_lines, wrapped
from codegen.layout import Line
from codegen.lower import lower
from codegen.modules import Layered
from codegen.network import Network, bottom, kept_of, output_lines, short, upward, width_lines
from codegen.objective import TOTAL, summed
from codegen.program import Program
from codegen.proofs import Proofs
from codegen.recurrence import body_lines, buffer_lines
from codegen.regression import equation_of, finished, told_by
from derive.kernel import Theorem
from derive.notation import unicode
from derive.terms import Var


class Piece:
    """A program's lines in buffers, and the buffers."""

    def __init__(
        self,
        program: Program,
        fixed: Mapping[str, str],
        sizes: Mapping[str, str],
        proofs: Mapping[str, Proof],
        states: Mapping[str, str],
        before: Piece | None = None,
    ) -> None:
        self.own: list[str]
        self.printer: Buffered
        taken = [*sizes.values(), *(before.own if before else ())]
        self.names = names_of(program, fixed, taken)
        self.printer = Buffered(self.names, sizes, blas=True, spare=list(before.printer.spare) if before else [])
        self.lines = body_lines(program, self.printer, proofs, states)
        self.buffers = self.printer.buffers
        text = "\n".join(line.code for line in self.lines)
        self.shared = [b for b in (before.buffers if before else []) if b.name in text]
        self.own = [b.name for b in self.buffers]
        self.result = self.names[next(iter(program.outputs.values()))]

    @property
    def targets(self) -> list[str]:
        return list(dict.fromkeys([*(b.name for b in self.shared), *self.own]))


def written(function: Layered, proofs: Proofs, spelled: Mapping[str, str]) -> tuple[list[Written], list[Theorem]]:
    """`train` and the two functions that it calls, and their theorems."""
    n = Network.of(function.induction, proofs)
    p = n.prop
    first, layer = upward(n)
    objective = n.objective
    loss = short(objective.name)
    top = n.named(lower("output", {loss: objective.value, p.delta.name: n.base}))
    penalty = [objective.program()] if objective.penalty else []
    hidden_updates, lowest_updates = (list(map(proofs.theorem, ats)) for ats in function.updates)
    labels = [left_name(t) for t in hidden_updates]
    states = dict(zip((v.name for v in n.weights), labels, strict=True))
    layer_steps = {"below": n.step, **dict(zip(labels, hidden_updates))}
    back = n.named(lower("layer", layer_steps, given=(p.hidden.name, p.delta.name)))
    last = bottom(lower("first", dict(zip(labels, lowest_updates)), given=(p.delta.name,)))

    contexts = [proofs.step(at).context for at in (*function.updates[0], *function.updates[1])]
    data = data_arguments(function.arguments, n, [first, layer, top, back, last, *penalty], spelled, contexts)
    rate = [a for a in data if a.spelled == "learning_rate"]
    extras = [a for a in data if not a.shape and a not in rate]
    arrays = [a for a in data if a.shape]
    sizes = n.sizes() | n.widths() | n.outputs()
    state, above = short(p.state.name), f"{short(p.above.name)}_above"
    fixed = n.names | objective.names | {a.name: a.spelled for a in data} | {objective.name: loss}
    inner = fixed | {p.above.name: above}
    delta = n.names[p.delta.name]
    whole = {loss: n.proof, p.delta.name: n.proof}
    below = {"below": n.proof}
    updates = dict(zip(labels, map(proofs.proof, function.updates[0])))
    lowest = dict(zip(labels, map(proofs.proof, function.updates[1])))

    up_first = Piece(first, fixed, sizes, {p.above.name: n.proof}, {})
    up_layer = Piece(layer, inner, sizes, {p.above.name: n.proof}, {})
    up_top = Piece(top, fixed | {top.outputs[p.delta.name]: delta}, sizes, whole, {})
    down_fixed = inner | {back.outputs["below"]: f"{delta}_below"}
    down = Piece(back, down_fixed, sizes, below | updates, states, up_layer)
    down_first = Piece(last, fixed, sizes, lowest, states)
    keep = kept_of(n, back)
    if p.state.name in keep:
        raise CodegenError("a step on the way back may read Z, not U: write f′ with Z = f(U)")
    kept = [fixed[k] for k in keep if fixed[k] not in down.targets]

    parts = ", ".join(short(v.name) for v in n.weights)
    added = [Piece(x, fixed, sizes, {TOTAL: n.proof}, {}) for x in penalty]
    samples = next(iter(n.sizes()))
    gathered = tuple_code([a.spelled for a in arrays])
    pieces = (up_first, up_layer, up_top, down, down_first, *added)
    need = any(samples in x.printer.used for x in pieces)
    data_first = arrays[0]
    step = [
        Line(f"{gathered}, lowest, hidden, output, backward, ground{', sums' * bool(added)} = kept"),
        *([Line(f"{samples} = {data_first.spelled}.shape[{axis_of(data_first, samples)}]")] if need else []),
        *(line for x in added for line in penalties(n, x, parts)),
        Line(f"{parts} = params[0]"),
        *unpacked(up_first.own, "lowest"),
        *layered(n, up_first),
        Line(f"for ({parts}), {tuple_code(up_layer.own)} in zip(params[1:], hidden):"),
        *(line.indented() for line in (*layered(n, up_layer), Line(f"{state} = {above}"))),
        *unpacked(up_top.own, "output"),
        *output_lines(n, up_top.printer.used & n.outputs().keys() - n.sizes().keys()),
        *up_top.lines,
        Line(f"for ({parts}), {tuple_code([*kept, *down.targets])} in zip(params[:0:-1], backward[::-1]):"),
        *(line.indented() for line in (*layered(n, down), Line(f"{delta} = {delta}_below"))),
        Line(f"{parts} = params[0]"),
        *unpacked(down_first.own, "ground"),
        *layered(n, down_first),
        Line(f"return {loss}"),
    ]
    scalars = [*extras, *rate]
    arguments = ["params: Layers", "kept: Any", *(f"{a.spelled}: Any" for a in scalars)]
    one = Written(
        "_step",
        signature("_step", arguments, "Any"),
        "One update of every layer, in place; the loss before it.",
        [],
        step,
        private=True,
    )
    make = buffers_lines(n, arrays, sizes, samples, pieces, kept)
    two = Written(
        "_buffers",
        signature("_buffers", ["params: Layers", f"{samples}: int"], "Any"),
        f"What a step on {samples} samples writes to.",
        [],
        make,
        private=True,
    )
    rates = ", ".join(a.spelled for a in scalars)
    head = head_lines(n, data, spelled, samples)
    main = Written(
        function.name,
        signature(
            function.name,
            [
                f"params: {PARAMS}",
                *(f"{a.spelled}: Array" for a in arrays),
                *(f"{a.spelled}: float" for a in extras),
                "*",
                *(f"{a.spelled}: float" for a in rate),
                "batch: int",
                "epochs: int",
                "rng: np.random.Generator | int = 0",
                "callback: Callable[[int, Layers, float], object] | None = None",
            ],
            "Layers",
        ),
        function.summary,
        train_doc(n, function, data, (hidden_updates, lowest_updates), proofs),
        [*head, *train_lines(arrays, samples, rates, n)],
    )
    made = [finished(main, set()), finished(one, set()), finished(two, set())]
    one.quiet = False  # its caller has the licence
    main.quiet = True
    main.helpers |= {"network", "count"}
    main.imports |= {"callable", "blas"}
    theorems = [n.theorem, n.base, n.step, *objective.theorems, *hidden_updates, *lowest_updates]
    return made, theorems


def layered(n: Network, piece: Piece) -> list[Line]:
    """The lines of one layer, after its sizes if they are read."""
    return [*width_lines(n, piece.printer.used & n.widths().keys() - n.sizes().keys()), *piece.lines]


def penalties(n: Network, piece: Piece, parts: str) -> list[Line]:
    """The sum of the penalties of all layers."""
    lines = layered(n, piece)
    loop = f"for ({parts}), {tuple_code(piece.own)} in zip(params, sums):" if piece.own else f"for {parts} in params:"
    return summed(lines, piece.result, loop)


def left_name(theorem: Theorem) -> str:
    left = equation_of(theorem.prop).left
    if not isinstance(left, Var):
        raise CodegenError("an update must say what the next value of a parameter is")
    return left.name


def axis_of(a: Argument, samples: str) -> int:
    return [str(s) for s in a.shape].index(samples)


def tuple_code(names: Sequence[str]) -> str:
    return f"({', '.join(names)}{',' * (len(names) == 1)})"


def unpacked(names: Sequence[str], source: str) -> list[Line]:
    return [Line(f"{tuple_code(names)} = {source}")] if names else []


def buffers_lines(
    n: Network,
    arrays: Sequence[Argument],
    sizes: Mapping[str, str],
    samples: str,
    pieces: tuple[Piece, ...],
    kept: Sequence[str],
) -> list[Line]:
    """Sizes come from the weights; a batch is kept with one sample after the other in memory."""
    up_first, up_layer, up_top, down, down_first, *added = pieces
    kind = "kind"
    width, outputs = n.prop.data.dims[0], n.prop.output.dims[0]
    weight = next(v for v in n.weights if len(v.dims) == 2)
    order = ", ".join(str(s) for s in weight.dims)
    parts = ", ".join(short(v.name) for v in n.weights)
    W = short(weight.name)
    lines = [
        Line(f"kind = params[0][{[v.name for v in n.weights].index(weight.name)}].dtype"),
        Line(f"{parts} = params[0]"),
        Line(f"{order} = {W}.shape"),
        *made(up_first.buffers, sizes, kind),
        *made(down_first.buffers, sizes, kind),
        Line(f"lowest = {tuple_code(up_first.own)}"),
        Line(f"ground = {tuple_code(down_first.own)}"),
    ]
    for a in arrays:
        if axis_of(a, samples) != 1 or len(a.shape) != 2:
            raise CodegenError("samples must be the columns of the data")
    first = [a for a in arrays if a.shape[0] == width]
    rest = [a for a in arrays if a not in first]
    if any(a.shape[0] != outputs for a in rest):
        raise CodegenError("data must have the width of the lowest layer or of the output")
    lines += [Line(f"{a.spelled} = np.empty(({samples}, {a.shape[0]}), kind).T") for a in first]
    lines += [
        Line("hidden, backward = [], []"),
        Line(f"for {parts} in params[1:]:"),
        Line(f"{order} = {W}.shape", depth=1),
        *(line.indented() for line in made([*up_layer.buffers, *down.buffers], sizes, kind)),
        Line(f"hidden.append({tuple_code(up_layer.own)})", depth=1),
        Line(f"backward.append({tuple_code([*kept, *down.targets])})", depth=1),
    ]
    if outputs not in n.prop.above.dims:
        lines.append(Line(f"{outputs} = params[-1][0].shape[0]"))
    lines += [Line(f"{a.spelled} = np.empty(({samples}, {a.shape[0]}), kind).T") for a in rest]
    lines += made(up_top.buffers, sizes, kind)
    lines.append(Line(f"output = {tuple_code(up_top.own)}"))
    for piece in added:
        lines += [
            Line("sums = []"),
            Line(f"for {parts} in params:"),
            Line(f"{order} = {W}.shape", depth=1),
            *(line.indented() for line in made(piece.buffers, sizes, kind)),
            Line(f"sums.append({tuple_code(piece.own)})", depth=1),
        ]
    kept_names = f"lowest, hidden, output, backward, ground{', sums' * bool(added)}"
    lines.append(Line(f"return {tuple_code([a.spelled for a in arrays])}, {kept_names}"))
    return lines


def made(buffers: Sequence[Buffer], sizes: Mapping[str, str], kind: str) -> list[Line]:
    return buffer_lines(list(dict.fromkeys(buffers)), sizes, kind)


def train_lines(arrays: Sequence[Argument], samples: str, rates: str, n: Network) -> list[Line]:
    names = tuple_code([a.spelled for a in arrays])
    pair = ", ".join(short(v.name) for v in n.weights)
    copies = ", ".join(f'np.array({short(v.name)}, order="C")' for v in n.weights)
    text = f"""
batch, epochs = min(_count("batch", batch, 1), {samples}), _count("epochs", epochs, 0)
rng = np.random.default_rng(rng)
trained: Layers = [({copies}) for {pair} in layers]
rows = [np.ascontiguousarray(data.T) for data in {names}]  # one sample after the other in memory
kept = {{size: _buffers(trained, size) for size in {{batch, {samples} % batch}} - {{0}}}}
for epoch in range(1, epochs + 1):
    order = rng.permutation({samples})
    total = 0.0
    for start in range(0, {samples}, batch):  # "clip": written to `out` without a copy
        chosen = order[start : start + batch]
        buffers = kept[len(chosen)]
        for source, gathered in zip(rows, buffers[0]):
            np.take(source, chosen, axis=0, out=gathered.T, mode="clip")
        total += len(chosen) * float(_step(trained, buffers, {rates}))
    if callback is not None:
        callback(epoch, trained, total / {samples})
return trained
"""
    lines = []
    for row in text.strip().split("\n"):
        depth = (len(row) - len(row.lstrip())) // 4
        lines.append(Line(row.strip(), depth=depth))
    return lines


def train_doc(
    n: Network,
    function: Layered,
    data: Sequence[Argument],
    updates: tuple[Sequence[Theorem], Sequence[Theorem]],
    proofs: Proofs,
) -> list[str]:
    rows = [unicode(t.prop, t.context) for t in (n.base, n.step, *updates[0])]
    rows += n.objective.equations() if n.prop.whole else []
    text = (
        f"{n.shapes_doc(data)}. In each of the `epochs` the columns are shuffled by `rng` (a generator or a seed) "
        "and taken `batch` at a time, the last batch may be smaller. `callback` is called after each epoch with "
        "its number from 1, the parameters (changed in place later: copy what is to stay) and the mean over the "
        "epoch of the loss before each update."
    )
    at = (function.induction, *function.updates[0], *function.updates[1])
    return [*(f"    {row}" for row in rows), "", *wrapped(text), *wrapped(told_by(at, proofs, "")[0])]


__all__ = ["written"]
