"""Superscripts: labels, primes, transposes and powers; each has its own look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.latex.errors import ReadError
from derive.latex.names import letter_of
from derive.latex.syntax import Label, Node, Superscript
from derive.latex.tokens import Token
from derive.names import PRIME

if TYPE_CHECKING:
    from derive.latex.parser import Parser

_TOP = {"\\top", "\\intercal", "\\mathsf", "\\mathrm", "\\mathbf", "\\mathit", "\\rm", "\\sf"}
_STARS = {"*", "\\ast", "\\star"}


def superscript(content: list[Token], hat: Token, parser: type[Parser], depth: int) -> Superscript:
    """The meaning of `^{content}`; `hat` is the `^`."""
    start, end = hat.start, content[-1].end if content else hat.end
    if not content:
        return Superscript(start, end)
    if all(t.is_("'", "\\prime") for t in content):
        return Superscript(start, end, primes=len(content))
    if all(t.is_("+", "-") for t in content):  # no label without its brackets
        raise ReadError("D196", start, end)
    if len(content) == 1 and content[0].text in _STARS:
        return Superscript(start, end, label=Label(start, end, "*"))
    turned = _transpose(content)
    if turned:
        return Superscript(start, end, transpose=turned)
    if content[0].is_("-") and (turned := _transpose(content[1:])):
        return Superscript(start, end, transpose="-" + turned)
    if content[0].is_("("):
        close = _matching(content)
        if close:
            rest = content[close + 1 :]
            if rest and rest[0].kind == "^":
                rest = _unbraced(rest[1:])
            made = label(content[1:close], start, end)
            if not rest:
                return Superscript(start, end, label=made)
            if all(t.is_("'", "\\prime") for t in rest):
                return Superscript(start, end, label=made, primes=len(rest))
            turned = _transpose(rest)
            if turned:
                return Superscript(start, end, label=made, transpose=turned)
    if content[0].is_("[", "\\{") and content[-1].is_("]", "\\}"):  # W^{[1]} is no power
        raise ReadError("D196", start, end)
    power: Node = parser(content, depth + 1).whole(hat)
    return Superscript(start, end, power=power)


def _unbraced(tokens: list[Token]) -> list[Token]:
    if len(tokens) > 1 and tokens[0].kind == "{" and tokens[-1].kind == "}":
        return tokens[1:-1]
    return tokens


def _transpose(tokens: list[Token]) -> str:
    """ "⊤" for `\\top`, `\\mathsf{T}` …, "T" for the letter, else ""."""
    words = [t for t in tokens if t.kind not in ("{", "}")]
    if len(words) == 1 and words[0].is_("\\top", "\\intercal"):
        return "⊤"
    if len(words) == 1 and words[0].text == "T":
        return "⊤" if words[0].kind == "text" else "T"
    if len(words) == 2 and words[0].text in _TOP and words[1].is_("T", "\\top"):
        return "⊤"
    return ""


def _matching(tokens: list[Token]) -> int:
    """The position of the bracket that closes the first one; 0 if there is none."""
    depth = 0
    for position, token in enumerate(tokens):
        depth += token.is_("(") - token.is_(")")
        if not depth:
            return position
    return 0


def label(tokens: list[Token], start: int, end: int) -> Label:
    words: list[str] = []
    for token in tokens:
        if token.kind in ("{", "}"):
            continue
        letter = token.text if token.kind in ("letter", "digit", "text") else letter_of(token.text)
        if token.is_("'", "\\prime"):
            words.append(PRIME)
        elif letter or token.is_("+", "-", "*"):
            words.append(letter or token.text)
        else:
            raise ReadError("D196", token.start, token.end)
    text = "".join(words)
    if not text:
        raise ReadError("D196", start, end)
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
    plain = text.rstrip(PRIME)
    return Label(start, end, text, text if len(plain) == 1 and plain.isalpha() else "", number)
