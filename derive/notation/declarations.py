"""Declarations and definitions as a person writes them: Unicode and LaTeX."""

from __future__ import annotations

from collections.abc import Container
from fractions import Fraction

from derive.context import Context, Declaration, Definition, Domain, Function
from derive.notation import latex, unicode
from derive.notation.symbols import latex_name, unicode_name
from derive.terms import Comp, Entry, Shape, Term, Var


def declaration_text(declared: Declaration) -> str:
    """`X ∈ ℝ^{N×D}`, `σ > 0`, `d ∈ {0, 1}`."""
    name = unicode_name(declared.name)
    space = _space(declared.shape)
    cut = declared.domain.condition(name)
    if not declared.shape and cut:
        return cut
    return f"{name} ∈ {space}" + (f", {cut}" if cut else "")


def definition_text(made: Definition, context: Context | None = None) -> str:
    """`L(w) := ½‖Xw − y‖²`; an array of entries is defined entry by entry, `uⱼ := Σᵢ Wⱼᵢzᵢ`."""
    params = ", ".join(unicode_name(_argument(p, context)) for p in made.params)
    left, body = unicode_name(made.name), made.body
    if isinstance(body, Comp) and not made.local:
        left, body = unicode(Entry(made.var, body.indices), context), body.body
    return f"{left}{f'({params})' if params else ''} := {unicode(body, context)}"


def function_text(made: Function) -> str:
    """`f : ℝ → ℝ`, `E : ℝ^K → ℝ`."""
    return f"{unicode_name(made.name)} : {_space(made.domain)} → ℝ"


def context_texts(context: Context) -> list[str]:
    """Everything that the context holds, one formula each, in the order in which it may be written."""
    return [
        *map(declaration_text, context.declarations.values()),
        *map(function_text, context.functions.values()),
        *(definition_text(made, context) for made in context.definitions.values() if not made.name.endswith("#")),
    ]


def added_texts(context: Context, shown: Context) -> list[str]:
    """What the context holds beyond `shown`, if it holds all of that unchanged; else everything."""
    if not (
        shown.declarations.items() <= context.declarations.items()
        and shown.functions.items() <= context.functions.items()
        and shown.definitions.items() <= context.definitions.items()
    ):
        return context_texts(context)
    known = set(context_texts(shown))
    return [text for text in context_texts(context) if text not in known]


def _space(shape: Shape) -> str:
    dims = "×".join(f"({d})" if "+" in str(d) and len(shape) > 1 else str(d) for d in shape)
    return "ℝ" if not dims else f"ℝ^{dims}" if len(dims) == 1 else f"ℝ^{{{dims}}}"


# -- in the LaTeX of the homework format ----------------------------------------------------------------


def context_latex(context: Context, names: Container[str] | None = None) -> list[str]:
    """The same as `context_texts` in formulas that the homework reader reads back; of these `names` alone."""
    declared = (d for d in context.declarations.values() if names is None or d.name in names)
    made = [", ".join(declaration_latex(d)) for d in declared]
    for function in context.functions.values():
        if names is None or function.name in names:
            made.append(f"{latex_name(function.name)} : {set_latex(function.domain)} \\to \\mathbb{{R}}")
    written = (d for d in context.definitions.values() if not d.name.endswith("#"))  # not tanh# for tanh′
    chosen = (d for d in written if names is None or d.name in names)
    return made + [definition_latex(d, context) for d in chosen]


def declaration_latex(declared: Declaration) -> list[str]:
    """`X \\in \\mathbb{R}^{N \\times D}`, and the condition on its entries where there is one."""
    label = ",".join(_LABELS[: declared.labels])
    name = latex_name(declared.name, "", label)
    shape = declared.shape[declared.labels :]
    cut = domain_latex(name, declared.domain)
    if cut and not declared.shape:
        return [cut]  # it declares a scalar
    return [f"{name} \\in {set_latex(shape)}", *([cut] if cut else [])]


def domain_latex(name: str, domain: Domain) -> str:
    """The condition that a domain puts on each entry, "" for all of ℝ."""
    if domain.values is not None:
        return f"{name} \\in \\{{{', '.join(map(_number, domain.values))}\\}}"
    low, high = domain.low, domain.high
    if low is not None and high is not None:
        ends = "(" if domain.low_strict else "[", ")" if domain.high_strict else "]"
        return f"{name} \\in {ends[0]}{_number(low)}, {_number(high)}{ends[1]}"
    if low is not None:
        return name + (" > " if domain.low_strict else " \\ge ") + _number(low)
    if high is not None:
        return name + (" < " if domain.high_strict else " \\le ") + _number(high)
    return f"{name} \\neq 0" if domain.nonzero else ""


def _argument(param: Var, context: Context | None) -> str:
    """An argument as it is written; a whole family by its letter."""
    known = context.declarations.get(param.name) if context is not None else None
    return param.name.split("^{(")[0] if known is not None and known.labels else param.name


def definition_latex(made: Definition, context: Context) -> str:
    """`L(w) := \\frac{1}{2} \\|X w - y\\|^2`; an array of entries is defined entry by entry."""
    params = ", ".join(latex_name(_argument(p, context).rstrip("#")) for p in made.params)
    left = latex_name(made.name) + (f"({params})" if params else "")
    body: Term = made.body
    if isinstance(body, Comp) and not made.local:
        left = latex(Entry(made.var, body.indices), context) + (f"({params})" if params else "")
        body = body.body
    return f"{left} := {latex(body, context)}"


def set_latex(shape: Shape) -> str:
    """(N, D) → `\\mathbb{R}^{N \\times D}`."""
    if not shape:
        return "\\mathbb{R}"
    sizes = [f"({s})" if "+" in str(s) and len(shape) > 1 else str(s) for s in shape]
    return "\\mathbb{R}^{" + " \\times ".join(sizes) + "}"


_LABELS = "ijklm"


def _number(value: Fraction) -> str:
    if value.denominator == 1:
        return str(value)
    return f"{'-' if value < 0 else ''}\\frac{{{abs(value.numerator)}}}{{{value.denominator}}}"
