"""What carries no meaning in a formula, dropped: sizes of brackets, spacing, `\\boxed`."""

from __future__ import annotations

from derive.latex.errors import ReadError
from derive.latex.relations import RELATIONS
from derive.latex.tokens import Token

#: carry no meaning
_SPACING = {
    "\\,", "\\;", "\\:", "\\!", "\\>", "\\ ", "\\/", "\\thinspace", "\\enspace", "\\displaystyle",
    "\\textstyle", "\\scriptstyle", "\\limits", "\\nolimits", "\\notag", "\\nonumber", "\\mathstrut",
    "\\strut", "\\allowbreak", "\\nobreak", "\\hfill", "\\medspace", "\\thickspace", "\\negthinspace",
    "\\hline", "\\newline@",
}  # fmt: skip
_LEFT = {"\\left", "\\bigl", "\\Bigl", "\\biggl", "\\Biggl", "\\mathopen"}
_RIGHT = {"\\right", "\\bigr", "\\Bigr", "\\biggr", "\\Biggr", "\\mathclose"}
_EITHER = {"\\big", "\\Big", "\\bigg", "\\Bigg"}
_MIDDLE = {"\\middle", "\\bigm", "\\Bigm", "\\biggm", "\\Biggm", "\\mathbin", "\\mathrel"}
_BARS = {"|": "\\lvert", "\\vert": "\\lvert", "\\|": "\\lVert", "\\Vert": "\\lVert"}


def simplify(tokens: list[Token]) -> list[Token]:
    """Drops what carries no meaning: sizes of brackets, spacing, `\\boxed`."""
    out: list[Token] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        following = tokens[position + 1] if position + 1 < len(tokens) else None
        position += 1
        if token.kind != "cmd":
            if not token.is_("~"):
                out.append(token)
        elif token.text in _SPACING:
            continue
        elif token.text in _LEFT | _RIGHT | _EITHER | _MIDDLE:
            if following is None:
                raise ReadError("D105", token.start, token.end, after=token.text)
            if following.is_("."):
                position += 1
            elif following.text in _BARS and token.text not in _EITHER:
                command = _BARS[following.text]
                if token.text in _RIGHT:
                    command = command.replace("\\l", "\\r")
                elif token.text in _MIDDLE:
                    command = "\\mid"
                out.append(Token("cmd", command, following.start, following.end))
                position += 1
        elif token.text == "\\not" and following is not None and following.is_("="):
            out.append(Token("cmd", "\\neq", token.start, following.end))
            position += 1
        elif token.text == "\\boxed" and following is not None and following.kind == "{":
            position = _unbox(tokens, position, out)
        else:
            out.append(token)
    return out


def _unbox(tokens: list[Token], position: int, out: list[Token]) -> int:
    """`\\boxed{…}`: its braces stay a group, unless a relation stands in them."""
    depth, last = 0, position
    flat = False
    while last < len(tokens):
        token = tokens[last]
        depth += (token.kind == "{") - (token.kind == "}")
        if not depth:
            break
        flat = flat or (depth == 1 and token.text in RELATIONS and token.kind in ("op", "cmd"))
        last += 1
    if last == len(tokens):
        raise ReadError("D102", tokens[position].start, tokens[position].end, open="{")
    if not flat:
        return position
    out.extend(simplify(tokens[position + 1 : last]))
    return last + 1
