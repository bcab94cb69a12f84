"""The names of new lines counted in the order in which they stand: q, q₂, q₃."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from codegen.lines import Line, Names
from derive.binders import substitute
from derive.context import Context
from derive.names import parts
from derive.terms import Term, Var


def numbered(lines: list[Line], outputs: Mapping[str, str], context: Context, names: Names) -> list[Line]:
    new = [x for x in lines if x.reason.kind in ("shared", "rewriting") and x.name not in outputs.values()]
    free = Names(context, {x.name for x in lines} - {x.name for x in new})
    to = {x.name: free.new(parts(x.name).base) for x in new}
    swap: dict[Term, Term] = {x.var: Var(to[x.name], x.var.dims) for x in new}

    def renamed(t: Term) -> Term:
        return substitute(t, {}, swap)

    return [
        replace(
            x, name=to.get(x.name, x.name), body=renamed(x.body), where=None if x.where is None else renamed(x.where)
        )
        for x in lines
    ]  # fmt: skip
