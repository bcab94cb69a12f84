"""Terms with internal indices as a person would write them: n runs to N, d to D."""

from __future__ import annotations

from dataclasses import replace

from codegen.lines import Line
from codegen.masks import unmasked
from codegen.wide import Wide
from derive.binders import bound, free_indices, rebind, substitute
from derive.context import Context
from derive.notation import unicode
from derive.terms import Entry, Index, Size, Term

_SPARE = "ijklmnpqabcdefgh"


def equation_text(left: Term, right: Term, context: Context) -> str:
    """`rₙ = Σ_d Xₙd w_d − yₙ`: both sides with readable indices."""
    given: dict[Index, Index] = {}
    for i in sorted(free_indices(left) | free_indices(right), key=lambda i: (len(i.name), i.name)):
        given[i] = i if "#" not in i.name else Index(_letter(i.size, {g.name for g in given.values()}), i.size)
    taken = {g.name for g in given.values()}
    sides = (substitute(side, dict(given)) for side in (left, right))
    return " = ".join(unicode(_named(side, taken), context) for side in sides)


def _named(t: Term, taken: set[str]) -> Term:
    own = bound(t)
    if own:
        body = t.body  # type: ignore[attr-defined]  # binders have it
        to: dict[Index, Index] = {}
        for i in own:
            to[i] = i if "#" not in i.name else Index(_letter(i.size, taken | {g.name for g in to.values()}), i.size)
        body = substitute(body, dict(to))
        return rebind(t, tuple(to[i] for i in own), _named(body, taken | {g.name for g in to.values()}))
    if not t.children:
        return t
    return t.rebuild(tuple(_named(c, taken) for c in t.children))


def _letter(size: Size, taken: set[str]) -> str:
    """The size's letter in small, or the next one that is free."""
    wish = size.names[0][0].lower() if size.names and size.names[0][0].isascii() else ""
    spare = [c for c in (wish, *_SPARE) if c and c not in taken]
    return spare[0] if spare else f"i{len(taken)}"


def largest_text(
    name: Term, axes: tuple[Index, ...], over: tuple[Index, ...], body: Term, context: Context
) -> str:
    """`mₙ = max_k Uₖₙ`."""
    given: dict[Index, Index] = {}
    for i in (*axes, *over):
        given[i] = Index(_letter(i.size, {g.name for g in given.values()}), i.size)
    left = Entry(name, tuple(given[i] for i in axes)) if axes else name
    right = _named(substitute(body, dict(given)), {g.name for g in given.values()})
    under = "".join(given[i].name for i in over)
    inner = unicode(right, context)
    return f"{unicode(left, context)} = max_{under} {f'({inner})' if ' ' in inner else inner}"


def retold(line: Line, context: Context) -> Line:
    """A line that codegen introduced, with the equation of what it computes after all passes."""
    if line.reason.kind not in ("shared", "rewriting"):
        return line
    if line.over:
        text = largest_text(line.var, line.axes, line.over, unmasked(line.body), context)
    else:
        text = equation_text(line.read(), unmasked(line.body), context)
        text += ", in double precision" if isinstance(line.body, Wide) else ""
    return replace(line, equation=text)
