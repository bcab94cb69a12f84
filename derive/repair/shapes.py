"""The likely cause of shapes that do not fit: a slip whose repair gives the step a meaning, and a proof.

What has no meaning has no term, so these edits work on the text of one side: a transpose set or taken away, two
factors in the other order, an entrywise product, indices in the other order or another index.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from derive.clock import now, passed
from derive.context import Context
from derive.evaluate import EvaluationError, ResourceLimit
from derive.homework.again import Written
from derive.latex.syntax import Bracket, Juxtaposed, Node, Product, Scripted, Symbol, children
from derive.notation import unicode
from derive.props import Prop
from derive.refute import Search
from derive.verdict import Cause

Prove = Callable[[Context, Prop, float], bool]

#: codes of errors that such a slip brings about
CODES = frozenset({"D301", "D302", "D304", "D305", "D306", "D307", "D308", "D312"})
_MOST, _EACH = 60, 0.7
_T = r"(?:\\top(?![A-Za-z])|T|\\math(?:sf|rm|tt)\s*\{?\s*T\s*\}?|\\intercal)"
_TRANSPOSED = re.compile(rf"\^\s*(?:{_T}|\{{\s*{_T}\s*\}})\s*$|(?<=[)])\s*\^?\s*{_T}(?=\s*\}}$)")
_PAIR = re.compile(r"_\s*\{\s*([A-Za-z])\s*,?\s*([A-Za-z])\s*\}")
_LETTER = re.compile(r"_\s*\{?\s*([a-z])(?![A-Za-z])")


@dataclass(frozen=True)
class _Slip:
    """`text` in the place of [start, end); `nodes` or `words` name the parts in the message."""

    kind: str
    start: int
    end: int
    text: str
    nodes: tuple[Node, ...] = ()
    words: tuple[str, ...] = ()


def shape_cause(written: Written, context: Context, side: str, deadline: float, prove: Prove) -> Cause | None:
    """The first repair of the side ("left" or "right") that is proved before the deadline."""
    start, end = written.sides[side]
    for slip in list(_slips(written, start, end))[:_MOST]:
        if passed(deadline):
            return None
        fix = written.text[start : slip.start] + slip.text + written.text[slip.end : end]
        prop = written.read(written.put(side, fix))
        if prop is not None and _proved(context, prop, deadline, prove):
            return Cause(slip.kind, _named(written, context, slip), " ".join(fix.split()), side)
    return None


def _proved(context: Context, prop: Prop, deadline: float, prove: Prove) -> bool:
    until = min(deadline, now() + _EACH)
    try:
        if Search(context, prop, until).quick().counterexample is not None:
            return False
    except (ResourceLimit, EvaluationError, RecursionError):
        return False
    return prove(context, prop, min(deadline, now() + _EACH))


def _named(written: Written, context: Context, slip: _Slip) -> dict[str, str]:
    def said(node: Node) -> str:
        term = written.term(node)
        return unicode(term, context) if term is not None else " ".join(written.text[node.start : node.end].split())

    keys = {
        "transpose_dropped": ("part",), "transpose_extra": ("part",), "index": ("wrong", "right"),
        "order": ("left", "right"), "entrywise": ("left", "right"), "replaced": ("wrong", "right"),
    }[slip.kind]  # fmt: skip
    return dict(zip(keys, slip.words or [said(n) for n in slip.nodes], strict=True))


def _slips(written: Written, start: int, end: int) -> Iterator[_Slip]:
    inside = [n for n in _walk(written.nodes()) if start <= n.start < n.end <= end]
    for rule in (_transposes, _orders, _entrywise, _indices):
        for node in inside:
            yield from rule(written, node)
    whole = written.text[start:end].strip()
    yield _Slip("transpose_dropped", start, end, f"({whole})^\\top", tuple(n for n in inside if n.start == start)[:1])


def _walk(nodes: list[Node]) -> Iterator[Node]:
    """The nodes and those below them, but for what stands in subscripts and superscripts."""
    for node in nodes:
        yield node
        yield from _walk([node.base] if isinstance(node, Scripted) else children(node))


def _transposes(written: Written, node: Node) -> Iterator[_Slip]:
    if not isinstance(node, (Symbol, Scripted, Bracket)):
        return
    text = written.text[node.start : node.end]
    bare = _TRANSPOSED.sub("", text)
    if bare != text:
        base = node.base if isinstance(node, Scripted) and not node.sub else node
        yield _Slip("transpose_extra", node.start, node.end, bare, (base,))
    elif isinstance(node, Scripted) and node.sup:
        if re.search(r"\^\s*\{\s*\([^{}]*\)\s*\}$", text):
            yield _Slip("transpose_dropped", node.start, node.end, text.rstrip()[:-1] + "\\top}", (node,))
    elif not isinstance(node, Bracket) or node.kind != "{":
        yield _Slip("transpose_dropped", node.start, node.end, f"{text}^\\top", (node,))


def _neighbours(node: Node) -> Iterator[tuple[Node, Node]]:
    if isinstance(node, Juxtaposed):
        yield from pairwise(node.items)
    elif isinstance(node, Product):
        items = [node.first, *(item for _, item in node.rest)]
        yield from pairwise(items)


def _orders(written: Written, node: Node) -> Iterator[_Slip]:
    for a, b in _neighbours(node):
        left, right = written.text[a.start : a.end], written.text[b.start : b.end]
        between = written.text[a.end : b.start] or " "
        yield _Slip("order", a.start, b.end, right + between + left, (a, b))


def _entrywise(written: Written, node: Node) -> Iterator[_Slip]:
    if isinstance(node, Juxtaposed):
        for k, (a, b) in enumerate(_neighbours(node), 1):
            left, right = written.text[node.start : a.end], written.text[b.start : node.end]
            parts = Juxtaposed(node.start, a.end, node.items[:k]), Juxtaposed(b.start, node.end, node.items[k:])
            yield _Slip("entrywise", node.start, node.end, f"{left} \\odot {right}", parts)


def _indices(written: Written, node: Node) -> Iterator[_Slip]:
    if not isinstance(node, Scripted):
        return
    text = written.text[node.start : node.end]
    for found in _PAIR.finditer(text):
        if found[1] != found[2]:
            made = f"{text[: found.start()]}_{{{found[2]}{found[1]}}}{text[found.end() :]}"
            yield _Slip("replaced", node.start, node.end, made, words=(text, made))
    letters = dict.fromkeys(m[1] for m in _LETTER.finditer(written.text))
    for found in _LETTER.finditer(text):
        for letter in letters:
            if letter != found[1]:
                made = text[: found.start(1)] + letter + text[found.end(1) :]
                yield _Slip("index", node.start, node.end, made, words=(found[1], letter))


__all__ = ["CODES", "shape_cause"]
