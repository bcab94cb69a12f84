"""Deep networks: the work of all gradients is a small multiple of the work of the loss, at every depth."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from codegen.count import tally
from codegen.document import compile_document
from codegen.document_text import Function
from derive.terms import Size


def network(depth: int, layer: str) -> str:
    """`depth` layers of width D, each the formula `layer` of W and the layer below."""
    lines = [r"Let $X, T \in \mathbb{R}^{D \times N}$, $Z^{(0)} := 1 \cdot X$."]
    for k in range(1, depth + 1):
        body = layer.replace("W", f"W^{{({k})}}").replace("Z", f"Z^{{({k - 1})}}")
        lines.append(rf"$W^{{({k})}} \in \mathbb{{R}}^{{D \times D}}$, $Z^{{({k})}} := {body}$.")
    lines.append(rf"$L := \frac{{1}}{{2N}} \|Z^{{({depth})}} - T\|_F^2$.")
    return "\n\n".join(lines)


def work(function: Function) -> int:
    """Operations where every size is 100."""
    total = 0
    for statement in function.program.statements:
        for sizes, count in tally(statement.value).items():
            cost = count
            for s in sizes:
                assert isinstance(s, Size)
                cost *= s.value(dict.fromkeys(s.names, 100))
            total += cost
    return total


@pytest.mark.parametrize("layer", [r"\tanh(W Z)", r"Z + \tanh(W Z)"])
def test_the_work_grows_with_the_depth_as_the_losses_does(layer: str, tmp_path: Path) -> None:
    ratios = []
    for depth in (2, 6):
        file = tmp_path / "deep.md"
        file.write_text(network(depth, layer), encoding="utf-8")
        started = time.process_time()
        made = compile_document(file, every_gradient=True)
        print(f"\ndepth {depth}: derived, proved and compiled in {time.process_time() - started:.1f} s")
        functions = {f.name: f for f in made.functions}
        ratios.append(work(functions["value_and_grad_L"]) / work(functions["L"]))
    print(f"work of value and gradients over that of the value: {ratios}")
    assert max(ratios) < 4
