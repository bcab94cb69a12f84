"""Slips of the pen in LaTeX, by the catalogue of likely causes: a side of a claim → the sides one slip away.

They work on the text, not on the terms, so that they share nothing with `derive.repair`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from derive.homework.place import Place
from derive.report import StepReport

Slip = Callable[[str], Iterator[str]]

_OPENING, _CLOSING = "([{", ")]}"


def _replaced(pattern: str, becomes: str | Callable[[re.Match[str]], str]) -> Slip:
    def slip(side: str) -> Iterator[str]:
        for found in re.finditer(pattern, side):
            made = becomes(found) if callable(becomes) else found.expand(becomes)
            yield side[: found.start()] + made + side[found.end() :]

    return slip


def _signs_at_top(side: str) -> list[int]:
    """Where + and − stand at the top level of the side."""
    places, depth = [], 0
    for k, c in enumerate(side):
        depth += (c in _OPENING) - (c in _CLOSING)
        if c in "+-" and not depth and side[k - 1 : k] not in ("^", "_"):
            places.append(k)
    return places


def _in_front(text: str) -> Slip:
    def slip(side: str) -> Iterator[str]:
        bare = side.strip()
        if "\\arg" in bare or "&" in bare or not bare:
            return
        yield f"{text} {bare}" if not _signs_at_top(bare) else f"{text} \\left({bare}\\right)"

    return slip


def _term_dropped(side: str) -> Iterator[str]:
    places = [k for k in _signs_at_top(side) if side[:k].strip(" &\n")]
    for k, start in enumerate(places):
        end = places[k + 1] if k + 1 < len(places) else len(side)
        rest = side[:start] + side[end:]
        if rest.strip(" &\n"):
            yield rest
    if places:
        yield side[places[0] :].lstrip("+")


def _index_swapped(found: re.Match[str]) -> str:
    return f"_{{{found[2]}{found[1]}}}"


#: kind → (the kinds of cause that undo it, the slips)
SLIPS: dict[str, tuple[tuple[str, ...], tuple[Slip, ...]]] = {
    "sign": (("sign",), (
        _replaced(r"(?<![{^_(=\s&])\s*-\s*", " + "),
        _replaced(r"(?<=\S)\s\+\s", " - "),
        _replaced(r"^(\s*)-", r"\1"),
        _in_front("-"),
    )),
    "factor": (("factor_dropped", "factor_extra", "factor_wrong"), (
        _replaced(r"\\[td]?frac\{?1\}?\{?2\}?", ""),
        _replaced(r"(?<![\^_\d.{])2(?![\d}])\s*", ""),
        _replaced(r"(?<![\^_\d.{])2(?![\d}])", "3"),
        _in_front("2"),
        _in_front("\\frac12"),
    )),
    "1/N": (("factor_dropped", "factor_extra"), (
        _replaced(r"\\[td]?frac\{?1\}?\{?[NnMmBKJ]\}?", ""),
        _in_front("\\frac{1}{N}"),
        _in_front("N"),
    )),
    "transpose": (("transpose_dropped", "transpose_extra", "order"), (
        _replaced(r"\^(\\top|T\b|\{\\top\}|\{T\})", ""),
        _replaced(r"(?<![\\A-Za-z{_^])([A-Z])(?=\s[a-zA-Z(])", r"\1^\\top"),
    )),
    "order": (("order", "transpose_dropped", "transpose_extra"), (
        _replaced(r"(?<![\\A-Za-z_^{])([A-Z])(\^\\top)? ([A-Z])(\^\\top)?(?![A-Za-z_^])", r"\3\4 \1\2"),
        _replaced(r"(?<![\\A-Za-z_^{])([A-Z]) ([a-z])(?![A-Za-z_^(])", r"\2 \1"),
    )),
    "index": (("index", "replaced"), (
        _replaced(r"_\{([a-z])([a-z])\}", _index_swapped),
        _replaced(r"_\{?k\}?(?![a-z=])", "_j"),
        _replaced(r"_\{?j\}?(?![a-z=])", "_k"),
        _replaced(r"_\{?n\}?(?![a-z=])", "_m"),
        _replaced(r"_\{?i\}?(?![a-z=])", "_j"),
    )),
    "sum": (("sum_dropped", "sum_extra", "factor_dropped", "factor_extra"), (
        _replaced(r"\\sum_(\{[^{}]*\}|[a-z])(\^(\{[^{}]*\}|[A-Za-z]))?", ""),
        _in_front("\\sum_k"),
        _in_front("\\sum_n"),
        _in_front("\\sum_{n=1}^N"),
    )),
    "term": (("term_dropped", "sign"), (_term_dropped,)),
    "prime": (("derivative_dropped", "replaced", "factor_dropped"), (
        _replaced(r"(f|g|h|\\sigma|\\phi)'\(", r"\1("),
        _replaced(r"(f|g|h|\\sigma|\\phi)'\([^()]*\)( \\odot)?", ""),
    )),
    "complement": (("complement", "factor_dropped", "term_dropped"), (
        _replaced(r"\(1 ?- ?([^()]*(\([^()]*\))?[^()]*)\)", r"\1"),
        _replaced(r"\(1 ?- ?([^()]*(\([^()]*\))?[^()]*)\)", ""),
        _replaced(r"(?<![\\A-Za-z_^{])([yp](_[a-z])?)(?![A-Za-z_^(])", r"(1 - \1)"),
    )),
    "factor dropped": (("factor_dropped", "derivative_dropped"), (
        _replaced(r"(\\lambda|\\alpha|\\gamma|\\beta|\\eta)(?![_^A-Za-z])", ""),
        _replaced(r"(?<=[\s(])[a-z]_\{?[a-z]\}?(?=\s)", ""),
    )),
    "power": (("power", "factor_dropped"), (_replaced(r"\^\{?2\}?", ""), _replaced(r"\^\{?2\}?", "^3"))),
    "optimum": (("replaced", "sign"), (
        _replaced(r"\\max", r"\\min"), _replaced(r"\\min", r"\\max"),
        _replaced(r"argmax", r"argmin"), _replaced(r"argmin", r"argmax"),
    )),
}  # fmt: skip

#: a relation turned round; the cause names the relation that holds
TURNED = {"\\le": "\\ge", "\\leq": "\\geq", "\\ge": "\\le", "\\geq": "\\leq", "<": ">", ">": "<"}


def slips(kind: str, side: str) -> Iterator[str]:
    """Every side one slip of the kind away, each once, from each slip in turn."""
    waiting = [slip(side) for slip in SLIPS[kind][1]]
    seen = {" ".join(side.split())}
    while waiting:
        for made_by in list(waiting):
            made = next(made_by, None)
            if made is None:
                waiting.remove(made_by)
            elif " ".join(made.split()) not in seen:
                seen.add(" ".join(made.split()))
                yield made


def span(text: str, place: Place) -> tuple[int, int]:
    """The offsets of a place in the text of its document."""
    lines = text.splitlines(keepends=True)
    start = sum(map(len, lines[: place.line - 1])) + place.column - 1
    return start, sum(map(len, lines[: place.end_line - 1])) + place.end_column - 1


def corrected(text: str, step: StepReport) -> str:
    """The document with the fix of a step's likely cause in its place."""
    cause = step.likely_cause
    assert cause is not None
    if cause.kind == "assumption":
        assert step.left is not None
        before = text[: span(text, step.left)[0]]
        display = max(before.rfind(opening) for opening in ("$$", "\\[", "\\begin{"))
        assumed = "".join(f"\n\nAssume that ${part}$.\n\n" for part in cause.fix.split(",\\quad "))
        return text[:display] + assumed + text[display:]
    assert step.left is not None and step.right is not None
    left, right = span(text, step.left), span(text, step.right)
    if re.match(r"\\(le|ge)\b|<|>", cause.fix) and cause.kind == "relation":
        return text[: left[1]] + " " + cause.fix + text[right[1] :]
    start, end = left if cause.side == "left" else right
    return text[:start] + cause.fix + text[end:]
