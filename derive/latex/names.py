"""Letters, styles, accents and subscripts of LaTeX → the parts of a name (`derive.names`)."""

from __future__ import annotations

from derive.latex.errors import ReadError
from derive.latex.syntax import Juxtaposed, Node, Number, Ones, SubPart, Symbol, Word, Zeros
from derive.latex.tokens import Token
from derive.names import ACCENTS, GREEK, accented, styled

#: style command → style; None keeps the letter as it is
STYLE_COMMANDS = {
    "\\mathbf": "bold", "\\boldsymbol": "bold", "\\bm": "bold", "\\pmb": "bold", "\\bf": "bold",
    "\\mathrm": "roman", "\\mathsf": "roman", "\\mathit": "", "\\mathnormal": "", "\\operatorname": "roman",
    "\\mathop": "roman", "\\mathcal": "cal", "\\mathscr": "cal", "\\mathbb": "bb", "\\mathds": "bb", "\\mathbbm": "bb",
    "\\mathfrak": "frak",
}  # fmt: skip
#: styles that make a letter a name of its own, whatever else is declared
_OWN = {"cal", "bb", "frak"}
ACCENT_COMMANDS = {"\\" + name for name in ACCENTS}


def letter_of(command: str) -> str:
    """`\\alpha` → α; "" for a command that is no letter."""
    return GREEK.get(command[1:], "") if command[:1] == "\\" else ""


def styled_letter(style: str, content: list[Token], command: Token, end: int) -> Node | None:
    """`\\mathbf{w}` and its like; None where the content is not one letter, digit or word."""
    inner = [t for t in content if t.kind not in ("{", "}")]
    if len(inner) > 1 and inner[0].text in (*STYLE_COMMANDS, "\\rm") and style:
        # \mathbf{\mathrm{x}}: the outer style counts
        inner = inner[1:]
    if len(inner) == 1:
        token = inner[0]
        letter = token.text if token.kind == "letter" else letter_of(token.text)
        if letter and style in _OWN:
            return Symbol(command.start, end, styled(letter, style))
        if letter:
            return Symbol(command.start, end, letter, style)
        if token.is_("1") and style in ("bold", "bb"):
            return Ones(command.start, end)
        if token.is_("0") and style in ("bold", "bb"):
            return Zeros(command.start, end)
        return None
    if style == "roman" and inner and all(t.kind in ("letter", "digit") for t in inner):
        return Symbol(command.start, end, "".join(t.text for t in inner))
    return None


def accent(command: Token, inner: Node, end: int) -> Node:
    if isinstance(inner, Zeros) or (command.is_("\\vec") and isinstance(inner, Zeros)):
        return inner
    if not isinstance(inner, Symbol) or len(inner.base) > 3:
        raise ReadError("D106", command.start, end, command=command.text)
    return Symbol(command.start, end, accented(inner.base, command.text[1:]), inner.style)


def subscript_text(sub: tuple[SubPart, ...]) -> str:
    """A subscript as part of a name: letters, digits or a word; parts between commas."""
    words = [_part_text(part) for part in sub]
    return ",".join(words) if all(words) else ""


def plain_word(text: str) -> bool:
    """Letters and digits, with spaces, hyphens and dots between them: what `\\text{…}` may hold in a name."""
    return bool(text) and all(c.isalnum() or c in " -." for c in text)


def _part_text(part: SubPart) -> str:
    left = part.left
    if part.op:
        return ""
    if isinstance(left, Symbol):
        return left.base
    if isinstance(left, Number):
        return left.text
    if isinstance(left, Word):
        return left.text if plain_word(left.text) else ""
    if isinstance(left, Juxtaposed):
        words = [_part_text(SubPart(i.start, i.end, i)) for i in left.items]
        return "".join(words) if all(words) else ""
    return ""
