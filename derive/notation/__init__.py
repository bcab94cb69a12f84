"""Terms and propositions as a person writes them: blackboard Unicode and LaTeX.

`unicode` is for messages and comments: `Xᵀ(Xw − y)`.  `latex` is in the language of the homework
reader and can be read back, except for an anonymous array of entries and an entrywise power of an
array, which that language has no formula for.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from derive.binders import free_indices
from derive.context import Context
from derive.distinct import differing
from derive.notation import depth
from derive.notation.latex_notation import Latex
from derive.notation.pieces import HADAMARD, MUL
from derive.notation.unicode_notation import Unicode
from derive.props import (
    And,
    ArgOpt,
    EveryDepth,
    Iff,
    Implies,
    Prop,
    Proportional,
    Rel,
    SameSolutions,
    SemiDefinite,
)  # fmt: skip
from derive.terms import Comp, Entry, Full, Num, Term


def unicode(subject: Term | Prop | ArgOpt, context: Context | None = None) -> str:
    """The term or proposition in Unicode; the context tells which axes are labels, x⁽ⁱ⁾."""
    return _written(Unicode(context), subject)


def latex(subject: Term | Prop | ArgOpt, context: Context | None = None) -> str:
    """The term or proposition in the LaTeX of the homework format."""
    return _written(Latex(context), subject)


def _written(notation: Unicode | Latex, subject: Term | Prop | ArgOpt) -> str:
    if isinstance(subject, Term):
        return notation.piece(subject).text
    if isinstance(subject, ArgOpt):
        return notation.optimum(subject)
    return _prop(notation, subject)


def _prop(n: Unicode | Latex, prop: Prop) -> str:
    def say(part: Term | Prop | ArgOpt) -> str:
        return _written(n, part)

    if isinstance(prop, Rel) and (found := differing(prop)) is not None:
        pairs = ", ".join(f"{n.index(i)} {n.relations['≠']} {n.index(j)}" for i, j in found[1])
        return f"{say(found[0])}{n.words['where']}({pairs})"
    if isinstance(prop, Rel):
        left, right = _entrywise(prop) if isinstance(n, Latex) else (prop.left, prop.right)
        return f"{say(left)} {n.relations[prop.op]} {_zero(right) or say(right)}"
    if isinstance(prop, SemiDefinite):
        return f"{n.wrap(n.piece(prop.arg), HADAMARD).text} {n.words['psd']}"
    if isinstance(prop, SameSolutions):
        return f"{say(prop.left)} = {say(prop.right)}"
    if isinstance(prop, Proportional):
        sign = "∝" if isinstance(n, Unicode) else "\\propto" + n.about(prop.var)
        return f"{say(prop.left)} {sign} {say(prop.right)}"
    if isinstance(prop, (Iff, Implies)):
        word = n.words["iff" if isinstance(prop, Iff) else "implies"]
        return f"{say(prop.left)} {word} {say(prop.right)}"
    if isinstance(prop, And):
        return _chain(n, prop)
    if isinstance(prop, EveryDepth):
        claimed, given = _depth(n, prop)
        return n.words["depth"] + n.words["row"].join((*claimed, *given))
    raise TypeError(f"no notation for {type(prop).__name__}")


def depth_rows(prop: EveryDepth, context: Context | None = None, *, tex: bool = False) -> tuple[list[str], list[str]]:
    """What an induction over layers concludes, one formula each; and Z⁽⁰⁾ = X and, if it has a name, the loss."""
    return _depth(Latex(context) if tex else Unicode(context), prop)


def _depth(n: Unicode | Latex, prop: EveryDepth) -> tuple[list[str], list[str]]:
    given = [_prop(n, depth.lowest(prop))]
    if prop.whole is not None:
        data, penalty = depth.addends(prop)
        added = f" + {n.words['layers']}{n.wrap(n.piece(penalty), MUL).text}" if penalty is not None else ""
        given.append(f"{n.piece(prop.whole).text} = {n.piece(data).text}{added}")
    return [_prop(n, rel) for rel in depth.claims(prop)], given


def _zero(right: Term) -> str:
    """A right side that is all zeros is a plain 0: the left side tells its shape."""
    return "0" if isinstance(right, Full) and right.value == Num(Fraction(0)) else ""


def _entrywise(prop: Rel) -> tuple[Term, Term]:
    """Both sides at one entry where a side is an array of entries: A = [b]ᵢⱼ becomes Aᵢⱼ = b."""
    left, right = prop.left, prop.right
    comp = next((t for t in (right, left) if isinstance(t, Comp)), None)
    other = left if comp is right else right
    if comp is None or free_indices(other) & set(comp.indices):
        return left, right

    def at(side: Term) -> Term:
        if isinstance(side, Comp) and side.indices == comp.indices:
            return side.body
        return side.value if isinstance(side, Full) else Entry(side, comp.indices)

    return at(left), at(right)


def _chain(n: Unicode | Latex, prop: And) -> str:
    """a = b = c, or the parts side by side where they do not follow from each other."""
    parts = prop.parts
    linked = all(
        isinstance(a, Rel) and isinstance(b, Rel) and a.right == b.left for a, b in pairwise(parts)
    )
    if not linked or not parts:
        return n.words["and"].join(_prop(n, part) for part in parts)
    text = _prop(n, parts[0])
    for part in parts[1:]:
        if isinstance(part, Rel):
            text += f" {n.relations[part.op]} {_zero(part.right) or _written(n, part.right)}"
    return text
