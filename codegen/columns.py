"""A Hessian with no closed form, column by column: its product with every unit vector.

    Γ ⊢ ∂⟨v, ∂L/∂w⟩/∂w = P(v) for every v     column j of ∇²_w L is P(eⱼ)

It costs as many products as w has entries, and needs no more room than one of them and the result.
"""

from __future__ import annotations

from dataclasses import replace

from codegen.code import broken
from codegen.document_text import Function, checked
from codegen.errors import CodegenError
from codegen.printer import WIDTH, FunctionSource, docstring


def hessian_by_columns(product: Function, label: str, scalar: str, variable: str) -> Function:
    """The function `label` that calls `product` (its last argument is the direction) for every unit vector.

    `variable` is the identifier of w, a vector or a scalar; `CodegenError` where no argument is as long as it is.
    """
    *arguments, direction = product.source.arguments
    program = product.program
    inputs = dict(zip(arguments, program.inputs))
    shape = program.inputs[-1].shape  # the direction's, and so the variable's
    as_long = [(a, k) for a, i in inputs.items() for k, size in enumerate(i.shape) if shape == (size,)]
    if shape and not as_long:
        raise CodegenError(f"no argument of {product.name} tells how long {variable} is")
    along = f"{product.name}({', '.join(arguments)}, {'unit' if shape else '1.0'})"
    doc = f"The Hessian of {scalar} by {variable}, column by column: its products with the unit vectors {direction}"
    cost = f"About {shape[0]} times the operations of {product.name}." if shape else f"As {product.name}."
    body = [f"return {along}"]
    if shape:
        like, axis = as_long[0] if variable not in inputs else (variable, 0)
        length = f"{like}.shape[{axis}]" if axis else f"len({like})"
        body = [
            f"units = np.eye({length}, dtype={like}.dtype)",
            *broken(f"return np.stack([{along} for unit in units], axis=1)", WIDTH - 4),
        ]
    rows = docstring(
        doc, [(a, i.shape) for a, i in inputs.items()], [(label, shape * 2)], program.hypotheses, cost
    )
    inside = (f"    {row}" if row else "" for row in (*rows, *body))
    text = "\n".join([f"def {label}({', '.join(arguments)}):", *inside, ""])
    source = FunctionSource(label, text, (), (), tuple(arguments))
    own = replace(program, name=label, inputs=program.inputs[:-1], theorems={})
    return Function(checked(source, own), own)


__all__ = ["hessian_by_columns"]
