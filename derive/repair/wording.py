"""A repair in words: the message's key and its parameters."""

from __future__ import annotations

from derive.context import Context
from derive.notation import unicode
from derive.props import SameSolutions
from derive.repair.around import Edit
from derive.repair.claims import ClaimEdit
from derive.repair.edits import TWO
from derive.terms import (
    ONE,
    Call,
    Diff,
    Entry,
    Fn,
    Hadamard,
    MatMul,
    Mul,
    Pow,
    Prod,
    Sum,
    Term,
    Transpose,
    Var,
)  # fmt: skip
from derive.verdict import Cause


def named(context: Context, found: ClaimEdit, fix: str) -> Cause:
    """The repair as a cause: what was wrong in the line as it stands, and the repaired side."""
    kind, params = _words(found.edit)
    if isinstance(found.prop, SameSolutions) and found.edit.kind == "optimum":
        right = found.prop.right.kind
        params = {"wrong": "arg max" if right == "min" else "arg min", "right": f"arg {right}"}
    if found.op:
        kind, params = "relation", {"right": found.op}
    texts = {
        key: value if isinstance(value, str) else unicode(_applied(value, context), context)
        for key, value in params.items()
    }
    return Cause(kind, texts, fix, found.side)


def _applied(t: Term, context: Context) -> Term:
    """σ(z) for a function of a scalar that is defined for a declared z, and then also called σ."""
    if isinstance(t, Var):
        definition = context.definitions.get(t.name)
        scalar = definition is not None and definition.params and not any(p.shape for p in definition.params)
        return Call(t.name, definition.params, t.dims) if definition is not None and scalar else t
    children = t.children
    if not children or isinstance(t, Diff):
        return t
    return t.rebuild(tuple(_applied(c, context) for c in children))


def _words(e: Edit) -> tuple[str, dict[str, Term | str]]:
    """The message's key and its parameters.  What the repair adds was dropped, and the other way round."""
    what = e.what if e.what is not None else e.place
    match e.kind:
        case "sign" | "argument":
            return "sign", {"part": what}
        case "factor" | "size" | "part":
            dropped = size(e.made) > size(e.place)
            if dropped and e.kind == "part" and _derivative(what):
                return "derivative_dropped", {"part": what}
            return ("factor_dropped" if dropped else "factor_extra"), {"factor": what}
        case "transpose":
            extra = isinstance(what, Transpose)
            return ("transpose_extra" if extra else "transpose_dropped"), {
                "part": what.arg if isinstance(what, Transpose) else what
            }
        case "order" if isinstance(e.place, MatMul):
            return "order", {"left": e.place.left, "right": e.place.right}
        case "index" if isinstance(e.place, Entry) and isinstance(e.made, Entry):
            changed = [(i, j) for i, j in zip(e.place.indices, e.made.indices, strict=True) if i != j]
            if len(changed) == 1:
                return "index", {"wrong": str(changed[0][0]), "right": str(changed[0][1])}
        case "number":
            right = e.made.args[0] if isinstance(e.made, Mul) else e.made
            return "factor_wrong", {"wrong": what, "right": right}
        case "scope" if isinstance(e.place, Prod):
            return "scope", {"index": str(e.place.index)}
        case "sum" if isinstance(e.place, Sum) and isinstance(e.made, Sum) and e.made.body != e.place:
            return "index", {"wrong": str(e.place.index), "right": str(e.made.index)}
        case "sum" if isinstance(e.place, Sum) and not isinstance(e.made, Sum):
            return "sum_extra", {"index": str(e.place.index)}
        case "sum" if isinstance(e.made, Sum):
            return "sum_dropped", {"index": str(e.made.index)}
        case "term":
            return ("term_dropped" if size(e.made) > size(e.place) else "term_extra"), {"part": what}
        case "complement":
            return "complement", {"wrong": e.place, "right": e.made}
        case "power" if isinstance(e.place, Pow) and isinstance(e.made, Pow) and e.made.base != e.place.base:
            return "replaced", {"wrong": e.place, "right": e.made}
        case "power" if isinstance(e.place, Fn) or isinstance(e.made, (MatMul, Hadamard)):
            return "power", {"part": e.place, "right": TWO}
        case "power" if isinstance(e.place, MatMul):
            return "power", {"part": e.made, "right": ONE}
        case "power" if isinstance(e.place, Pow):
            exponent = e.made.exponent if isinstance(e.made, Pow) else ONE
            return "power", {"part": e.place.base, "right": exponent}
        case "power" if isinstance(e.made, Pow):
            return "power", {"part": e.place, "right": e.made.exponent}
    return "replaced", {"wrong": e.place, "right": e.made}


def size(t: Term) -> int:
    return sum(1 for _ in t.walk())


def _derivative(t: Term) -> bool:
    return any(isinstance(x, Diff) or (isinstance(x, Call) and x.order) for x in t.walk())


__all__ = ["named", "size"]
