"""Declarations and definitions in Unicode."""

from __future__ import annotations

from derive.context import Context, Declaration, Definition, Domain
from derive.notation import unicode
from derive.symbols import unicode_name


def declaration_text(declared: Declaration) -> str:
    """`X ∈ ℝ^{N×D}`, `σ > 0`, `d ∈ {0, 1}`."""
    name = unicode_name(declared.name)
    dims = "×".join(
        f"({d})" if "+" in str(d) and len(declared.shape) > 1 else str(d) for d in declared.shape
    )
    space = "ℝ" if not dims else f"ℝ^{dims}" if len(dims) == 1 else f"ℝ^{{{dims}}}"
    cut = domain_text(name, declared.domain)
    if not declared.shape and cut:
        return cut
    return f"{name} ∈ {space}" + (f", {cut}" if cut else "")


def domain_text(name: str, domain: Domain) -> str:
    """The condition that a domain puts on each entry, "" for all of ℝ."""
    if domain.values is not None:
        return f"{name} ∈ {{{', '.join(map(str, domain.values))}}}"
    low, high = domain.low, domain.high
    if low is not None and high is not None:
        ends = "(" if domain.low_strict else "[", ")" if domain.high_strict else "]"
        return f"{name} ∈ {ends[0]}{low}, {high}{ends[1]}"
    if low is not None:
        return f"{name} {'>' if domain.low_strict else '≥'} {low}"
    if high is not None:
        return f"{name} {'<' if domain.high_strict else '≤'} {high}"
    return f"{name} ≠ 0" if domain.nonzero else ""


def definition_text(made: Definition, context: Context | None = None) -> str:
    """`L(w) := ½‖Xw − y‖²`."""
    params = ", ".join(unicode_name(p.name) for p in made.params)
    return f"{unicode_name(made.name)}{f'({params})' if params else ''} := {unicode(made.body, context)}"
