"""The layout of one piece of mathematics: rows, separate formulas, sides and relations.

A display or an inline span is cut at rows (`\\\\`), at top-level commas, `\\quad` and `\\text{and}`, and
at its relations.  A row that starts with a relation continues the formula above; so does a row that
starts with an operator and holds no relation (a long side broken over two lines).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from derive.latex.errors import ReadError
from derive.latex.relations import RELATIONS
from derive.latex.simplify import simplify
from derive.latex.tokens import Token

_WRAPPERS = {
    "align", "align*", "aligned", "split", "gather", "gather*", "gathered", "equation", "equation*",
}  # fmt: skip
#: what would make a condition or an alternative of the formula behind it
_CONDITIONS = {"if", "when", "whenever", "for", "unless", "provided", "or", "または", "もし"}
_OPERATORS = {"+", "-", "\\cdot", "\\times", "\\odot", "/", "*"}
_OPEN = {"(", "[", "\\{", "{", "\\lbrace", "\\lbrack"}
_CLOSE = {")", "]", "\\}", "}", "\\rbrace", "\\rbrack"}


@dataclass(frozen=True)
class Relation:
    """A relation as written; `about` are the tokens of w in `\\propto_w`."""

    op: str
    text: str
    start: int
    end: int
    about: tuple[Token, ...] = ()


@dataclass
class Formula:
    """sides[0] relations[0] sides[1] …; `reasons` are keyed by the number of the relation."""

    sides: list[list[Token]]
    relations: list[Relation]
    reasons: dict[int, str] = field(default_factory=dict)

    @property
    def ops(self) -> list[str]:
        return [r.op for r in self.relations]


@dataclass
class _Row:
    """A formula of one row; `leads` where it starts with a relation, `fresh` at the row's beginning."""

    formula: Formula
    leads: bool
    fresh: bool


def formulas(tokens: list[Token]) -> list[Formula]:
    """The formulas of one display or inline span, chains over several rows put together."""
    made: list[Formula] = []
    for row in _rows(_unwrap(simplify(tokens))):
        for part in _cut(row):
            if made and part.leads:
                last = made[-1]
                shift = len(last.relations)
                last.sides += part.formula.sides[1:]
                last.relations += part.formula.relations
                last.reasons |= {k + shift: v for k, v in part.formula.reasons.items()}
            elif made and part.fresh and _broken(made[-1], part.formula):
                made[-1].sides[-1] += part.formula.sides[0]
                made[-1].reasons |= {
                    len(made[-1].relations) - 1: v for v in part.formula.reasons.values()
                }
            else:
                made.append(part.formula)
    return made


def _broken(above: Formula, below: Formula) -> bool:
    """A long side broken over two lines."""
    if not above.sides[-1]:
        return bool(above.relations) and not below.relations
    if below.relations or not below.sides[0]:
        return False
    return below.sides[0][0].is_("+", "-", "\\cdot", "\\times", "\\odot", "/") or above.sides[-1][
        -1
    ].is_("+", "-", "\\cdot", "\\times", "\\odot", "/")


def _unwrap(tokens: list[Token]) -> list[Token]:
    """Environments that only lay out rows become rows."""
    out: list[Token] = []
    position = 0
    kept = 0  # depth of environments that mean something (cases)
    while position < len(tokens):
        token = tokens[position]
        if token.kind == "cmd" and token.text in ("\\begin", "\\end"):
            name, after = environment(tokens, position)
            if name in _WRAPPERS and not kept:
                out.append(Token("cmd", "\\\\", token.start, tokens[after - 1].end))
                option = "".join(t.text for t in tokens[after : after + 3]) in ("[t]", "[c]", "[b]")
                position = after + 3 * option
                continue
            if name != "cases":
                raise ReadError("D112", token.start, tokens[after - 1].end, name=name)
            kept += 1 if token.text == "\\begin" else -1
            out.extend(tokens[position:after])
            position = after
            continue
        out.append(token)
        position += 1
    return out


def environment(tokens: list[Token], position: int) -> tuple[str, int]:
    """The name in `\\begin{name}` at `position`, and the position behind it."""
    head = tokens[position]
    last = position + 1
    if last >= len(tokens) or tokens[last].kind != "{":
        raise ReadError("D105", head.start, head.end, after=head.text)
    while last < len(tokens) and tokens[last].kind != "}":
        last += 1
    if last == len(tokens):
        raise ReadError("D102", tokens[position + 1].start, tokens[position + 1].end, open="{")
    return "".join(t.text for t in tokens[position + 2 : last]), last + 1


_DIMENSION = re.compile(r"-?[0-9.]*(pt|em|ex|mm|cm|in|mu|bp|pc)")


def _rows(tokens: list[Token]) -> list[list[Token]]:
    rows: list[list[Token]] = [[]]
    depth = cases = position = 0
    while position < len(tokens):
        token = tokens[position]
        position += 1
        if token.is_(*_OPEN):
            depth += 1
        elif token.is_(*_CLOSE):
            depth = max(0, depth - 1)
        elif token.is_("\\begin", "\\end"):
            cases += 1 if token.text == "\\begin" else -1
        if token.is_("\\\\", "\\cr") and not cases:
            if position < len(tokens) and tokens[position].is_("["):
                end = position
                while end < len(tokens) and not tokens[end].is_("]"):
                    end += 1
                if _DIMENSION.fullmatch("".join(t.text for t in tokens[position + 1 : end])):
                    position = end + 1
            if not depth:
                rows.append([])
        elif not (token.is_("&") and not cases):
            rows[-1].append(token)
    return rows


def _cut(row: list[Token]) -> list[_Row]:
    """One row → its formulas."""
    row, because = _because(row)
    parts: list[list[Token]] = [[]]
    depth = 0
    for position, token in enumerate(row):
        if not depth and parts[-1] and _between(row, position):
            parts.append([])
        if token.is_(*_OPEN) or token.is_("\\begin"):
            depth += 1
        elif token.is_(*_CLOSE) or token.is_("\\end"):
            depth = max(0, depth - 1)
        if depth or not _separates(token):
            if not token.is_("\\quad", "\\qquad"):
                parts[-1].append(token)
        else:
            parts.append([])
    made: list[_Row] = []
    remark = False
    ranges = {k + m for k in range(len(parts)) for m in range(_range_of_index(parts[k : k + 3]))}
    for number, part in enumerate(parts):
        words: list[str] = []
        part = _of_indices(part) if made else part
        remark = bool(made) and bool(part) and (number in ranges or _remark(part, remark))
        if remark:
            _reason(made[-1].formula, tokens_text(part))
            continue
        while part and ((part[-1].kind == "text" and not _named(part)) or part[-1].is_(".")):
            if part[-1].kind == "text":
                words.insert(0, part[-1].text.strip())
            part = part[:-1]
        part = part if _in_cases(part) else [t for t in part if t.kind != "text" or not _plain(t, part)]
        if not part:
            if made and words:
                _reason(made[-1].formula, " ".join(words))
            continue
        formula, leads = _sides(part)
        if words:
            _reason(formula, " ".join(words))
        made.append(_Row(formula, leads, number == 0 or not made))
    if because and made:
        _reason(made[-1].formula, because)
    return made


def _range(formula: Formula) -> bool:
    """`n = 1`, in front of `, \\dots, N`: the range of an index."""
    letters = [t for t in formula.sides[0] if t.kind != "text"]
    return formula.ops == ["="] and [t.kind for t in letters] == ["letter"] and [
        t.text for t in formula.sides[1]] == ["1"]


def _range_of_index(parts: list[list[Token]]) -> int:
    """`n = 1, \\dots, N` in three parts, or one in brackets: how many parts say so.  It means every value of n."""
    for count, brackets in ((3, False), (1, True)):
        tokens = [t for part in parts[:count] for t in part if not t.is_(",", ".")]
        if brackets:
            tokens = tokens[1:-1] if tokens and tokens[0].is_("(") and tokens[-1].is_(")") else []
        kinds = [t.kind for t in tokens]
        if kinds == ["letter", "op", "digit", "cmd", "letter"] and [t.text for t in tokens[1:3]] == ["=", "1"]:
            return count if tokens[3].is_("\\dots", "\\ldots", "\\cdots") else 0
    return 0


def _between(row: list[Token], position: int) -> bool:
    """Words between two factors: `x_n y_n \\text{ for all } n` is no product with n."""
    token = row[position]
    if token.kind != "text" or _separates(token) or not position or row[position - 1].kind in ("_", "^", "text"):
        return False
    after = next((t for t in row[position + 1 :] if t.kind != "text"), None)
    sides = [row[position - 1], *([after] if after else [])]
    stops = any(t.text in RELATIONS or t.is_(*_OPERATORS) or _separates(t) for t in sides)
    return after is not None and not stops and not after.is_(".", "_", "^", *_CLOSE)


def _named(part: list[Token]) -> bool:
    """Do the last words belong to a name, as in `x_\\text{old}`?"""
    return len(part) > 1 and part[-2].kind in ("_", "^")


def _of_indices(part: list[Token]) -> list[Token]:
    """`i \\ne j` behind a formula, without the word or the brackets around it."""
    inner = part[1:] if part and part[0].kind == "text" else part
    if len(inner) == 5 and inner[0].is_("(") and inner[-1].is_(")"):
        inner = inner[1:-1]
    kinds = [t.kind for t in inner]
    letters = len(inner) == 3 and kinds[0] == kinds[2] == "letter"
    return inner if letters and RELATIONS.get(inner[1].text) == "≠" else part


def _remark(part: list[Token], within: bool) -> bool:
    """`\\text{for all } a, b`: words, and what follows them, that say of which values a formula speaks."""
    formula, _ = _sides(part)
    word = part[0].text.split()[0].lower() if part[0].kind == "text" and part[0].text.split() else ""
    if word in _CONDITIONS and any(r.op != "∈" for r in formula.relations) and not _range(formula):
        raise ReadError("D127", part[0].start, part[0].end, word=part[0].text.strip())
    if _range(formula) and part[0].kind == "text":
        return True
    return (part[0].kind == "text" or within) and all(r.op == "∈" for r in formula.relations)


def _in_cases(part: list[Token]) -> bool:
    return any(t.is_("\\begin") for t in part)


def _plain(token: Token, part: list[Token]) -> bool:
    """A `\\text` in the middle of a side; behind `_` or `^` it belongs to a name."""
    where = part.index(token)
    return where == 0 or part[where - 1].kind not in ("_", "^", "{")


def _reason(formula: Formula, words: str) -> None:
    key = max(0, len(formula.relations) - 1)
    formula.reasons[key] = f"{formula.reasons[key]}; {words}" if key in formula.reasons else words


def _separates(token: Token) -> bool:
    if token.kind == "text":
        return token.text.strip().lower() == "and"
    return token.is_(",", "、", "\\quad", "\\qquad", ";")


def _because(row: list[Token]) -> tuple[list[Token], str]:
    """Cuts the row at `\\because` (also in brackets) and returns the reason's source tokens as text."""
    for position, token in enumerate(row):
        if token.is_("\\because"):
            reason = row[position + 1 :]
            if position and row[position - 1].is_("(", "[") and reason and reason[-1].is_(")", "]"):
                position, reason = position - 1, reason[:-1]
            return row[:position], tokens_text(reason)
    return row, ""


def tokens_text(tokens: list[Token]) -> str:
    """Tokens as source again, with blanks where TeX needs them."""
    words: list[str] = []
    for token in tokens:
        if words and words[-1][:1] == "\\" and words[-1][-1].isalpha() and token.text[:1].isalpha():
            words.append(" ")
        words.append(token.text)
    return "".join(words).strip()


def _sides(part: list[Token]) -> tuple[Formula, bool]:
    """Cuts at the relations of the top level."""
    sides: list[list[Token]] = [[]]
    relations: list[Relation] = []
    depth = position = 0
    while position < len(part):
        token = part[position]
        position += 1
        if token.is_(*_OPEN) or token.is_("\\begin"):
            depth += 1
        elif token.is_(*_CLOSE) or token.is_("\\end"):
            depth = max(0, depth - 1)
        op = RELATIONS.get(token.text) if token.kind in ("op", "cmd") and not depth else None
        previous = part[position - 2] if position > 1 else None
        if op is None or (previous is not None and previous.kind in ("_", "^")):
            sides[-1].append(token)
            continue
        end = token.end
        if token.is_(":", "\\colon") and position < len(part) and part[position].is_("="):
            op, end = ":=", part[position].end
            position += 1
        about: tuple[Token, ...] = ()
        if op == "∝" and position < len(part) and part[position].kind == "_":
            last = position + 2
            if last <= len(part) and part[position + 1].kind == "{":
                open_ = 1
                while last < len(part) and open_:
                    open_ += {"{": 1, "}": -1}.get(part[last].kind, 0)
                    last += 1
            about = tuple(part[position + 1 : last])
            position = last
        relations.append(Relation(op, token.text, token.start, end, about))
        sides.append([])
    return Formula(sides, relations), bool(relations) and not sides[0]
