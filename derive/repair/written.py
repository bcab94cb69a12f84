"""A repair in the author's own writing: the side of the claim with as little changed as possible.

What stays is copied from the document, what is new is written in its notation.  A correction is a guess
until it has been read back: it counts only if it says what was proved.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from derive.context import Context
from derive.homework.again import Written
from derive.latex.syntax import Big, Juxtaposed
from derive.notation import latex
from derive.notation.latex_notation import Latex
from derive.notation.pieces import Piece
from derive.props import ArgOpt, Iff, Implies, Prop, Rel, SameSolutions
from derive.repair.around import Edit
from derive.repair.claims import ClaimEdit
from derive.repair.edits import negated
from derive.terms import Call, Term, mul

#: so many places are tried for one repair
_MOST = 12
#: a relation → how it is written
_RELATIONS = {"≤": "\\le", "≥": "\\ge", "<": "<", ">": ">"}
_OPTIMA = {"min": "max", "max": "min"}

_POWER_OF_E = re.compile(r"(?<![A-Za-z])e\s*\^")
#: brackets around one name
_ALONE = re.compile(r"(?<![A-Za-z}'])\(((?:[A-Za-z]|\\[A-Za-z]+)(?:_(?:\w|\{\w+\}))?)\)")

Correction = tuple[str, Prop]


class _Own(Latex):
    """LaTeX that copies the parts which the author has written already."""

    def __init__(self, context: Context, known: dict[Term, str], powers: bool) -> None:
        super().__init__(context)
        self.known = known
        self.powers = powers  # e^x is written, not exp(x)

    def function(self, name: str, args: tuple[Term, ...]) -> Piece:
        if name == "exp" and self.powers:
            return Piece(f"e^{{{self.piece(args[0]).text}}}", scripted=True)
        return super().function(name, args)

    def name(self, name: str) -> Piece:
        """σ(z) where σ is a function of a scalar and z is declared: σ alone is its value there."""
        definition = self.context.definitions.get(name) if self.context is not None else None
        if definition is None or not definition.params or any(p.shape for p in definition.params):
            return super().name(name)
        return self.call(Call(name, definition.params, definition.body.shape))

    def signed(self, node: Term) -> tuple[int, Piece]:
        sign, made = super().signed(node)
        text = self.known.get(node)
        return (sign, replace(made, text=text)) if text is not None and sign > 0 else (sign, made)


def corrections(written: Written, context: Context, found: ClaimEdit) -> Iterator[Correction]:
    """(the corrected side, what the step then says), the smallest change first."""
    seen: set[str] = set()
    for guess in _texts(written, context, found):
        tidy = _tidy(guess)
        for text in (_ALONE.sub(r"\1", tidy), tidy):
            if text in seen:
                continue
            seen.add(text)
            prop = written.read(_display(written, found, text))
            if prop is not None:
                yield text, prop


def _display(written: Written, found: ClaimEdit, text: str) -> str:
    if found.op and isinstance(found.prop, Rel):
        return written.text[: written.relation[0]] + text + written.text[written.sides["right"][1] :]
    return written.put(found.side, text)


def _texts(written: Written, context: Context, found: ClaimEdit) -> Iterator[str]:
    side = written.side(found.side)
    if found.op:
        yield from _turned(side, found)
        return
    if found.edit.kind == "optimum":
        yield re.sub(r"m(in|ax)", lambda m: _OPTIMA[m[0]], side, count=1)
    start, end = written.sides[found.side]
    parts = [p for p in written.parts() if start <= p[0] and p[1] <= end]
    if found.edit.kind == "scope":
        yield from _bracketed(written, start, end)
    known: dict[Term, str] = {}
    for a, b, term in parts:
        if not written.text[a:b].startswith(("-", "−")):
            known.setdefault(term, written.text[a:b])
    own = _Own(context, known, "\\exp" not in written.text and _POWER_OF_E.search(written.text) is not None)
    e = found.edit
    count = 0
    for a, b, term in parts:
        before, after = written.text[start:a], written.text[b:end]
        if e.kind == "sign" and term in (e.made, e.place) and negated(term) in (e.made, e.place):
            yield _joined(before, "-" + written.text[a:b], after)
        elif term == e.place and _multiplied(e):
            for text in (written.text[a:b], own.group(written.text[a:b])):
                yield _joined(before, f"{own.piece(e.what or term).text} {text}", after)
        for made in _put(term, e.place, e.made):
            text = own.piece(made).text
            yield _joined(before, text, after)
            yield f"{before}{own.group(text)}{after}"
            count += 1
        if count >= _MOST:
            break
    whole = _repaired(found)
    if isinstance(whole, Term):
        yield own.piece(whole).text
    yield latex(whole, context)


def _turned(side: str, found: ClaimEdit) -> Iterator[str]:
    """The relation and the right side; inside an equivalence the side with its relation."""
    right = _RELATIONS[found.op]
    if isinstance(found.prop, Rel):
        yield f"{right} {side.strip()}"
    else:
        yield re.sub(r"\\(le|ge)q?(?![A-Za-z])|<|>", lambda _: right, side, count=1)


def _bracketed(written: Written, start: int, end: int) -> Iterator[str]:
    """A product in brackets, after each of its factors."""
    for node, _ in list(written.read_parts):
        if isinstance(node, Big) and isinstance(node.body, Juxtaposed) and start <= node.start and node.end <= end:
            for item in node.body.items[:-1]:
                inner = written.text[node.start : item.end]
                yield f"{written.text[start:node.start]}\\left( {inner} \\right){written.text[item.end:end]}"


def _multiplied(e: Edit) -> bool:
    """Is the place what it was, times a scalar?"""
    if e.what is None or e.what.shape:
        return False
    return e.made in (mul(e.what, e.place), mul(e.place, e.what))


def _put(t: Term, place: Term, made: Term) -> Iterator[Term]:
    """t with one occurrence of `place` replaced."""
    if t == place:
        yield made
    children = t.children
    for k, child in enumerate(children):
        for new in _put(child, place, made):
            if new.shape == child.shape:
                yield t.rebuild((*children[:k], new, *children[k + 1 :]))


def _joined(before: str, text: str, after: str) -> str:
    """One sign where two would meet: `a + -b` is `a - b`."""
    head = before.rstrip(" &\n")
    if text.startswith("-") and head.endswith(("+", "-", "−")):
        sign = "-" if head.endswith("+") else "+"
        return f"{head[:-1]}{sign} {text[1:].lstrip()}{after}"
    return f"{before}{text}{after}"


def _tidy(text: str) -> str:
    """Without a sign that nothing stands before, and without blanks where a part was taken away."""
    return re.sub(r"(^|[({&])\s*\+\s*", r"\1", " ".join(text.split())).strip()


def _repaired(found: ClaimEdit) -> Term | Prop | ArgOpt:
    prop = found.prop
    if isinstance(prop, (Rel, Iff, Implies, SameSolutions)):
        return prop.right if found.side == "right" else prop.left
    return getattr(prop, found.side, prop)


__all__ = ["Correction", "corrections"]
