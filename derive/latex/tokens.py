"""LaTeX source → tokens with exact offsets.

TeX's rules, not those of programming languages: a control word ends at the first non-letter, digits
are tokens of their own (`\\frac12`, `x^12` is x¹·2), blanks carry no meaning, `%` starts a comment.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from derive.latex.errors import ReadError

#: Unicode characters that are typed for the commands of the same meaning
_ALIAS = {
    "−": "-", "–": "-", "，": ",", "：": ":", "；": ";", "（": "(", "）": ")", "＝": "=", "＋": "+",
    "×": "\\times", "·": "\\cdot", "⋅": "\\cdot", "≤": "\\le", "≥": "\\ge", "≠": "\\neq",
    "∈": "\\in", "→": "\\to", "⊤": "\\top", "∂": "\\partial", "∇": "\\nabla", "∝": "\\propto",
    "⇔": "\\iff", "⟺": "\\iff", "⇒": "\\implies", "⟹": "\\implies", "⊙": "\\odot", "‖": "\\|",
    "′": "'", "∣": "\\mid", "。": ".", "．": ".", "≔": "\\coloneqq",
}  # fmt: skip
_PUNCTUATION = set("()[]|/+-*=<>,;:.!'、&~\"`@?")
MAX_TOKENS = 20_000


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is one of letter, digit, cmd, op, `{`, `}`, `^`, `_`, `#` or text.

    `text` is the letter, the command with its backslash, or the character.  `start` and `end` are
    offsets of the use site: a token that came out of a macro has the offsets of the macro's call.
    A `text` token is a whole `\\text{…}` with its content.
    """

    kind: str
    text: str
    start: int
    end: int

    def at(self, start: int, end: int) -> Token:
        return Token(self.kind, self.text, start, end)

    @property
    def shown(self) -> str:
        """The token as the author wrote it: `|` that `\\left` or `\\right` made a bracket is a bar again."""
        return _BARS.get(self.text, self.text) if self.end - self.start < len(self.text) else self.text

    def is_(self, *texts: str) -> bool:
        return self.text in texts and self.kind != "text"


_BARS = {"\\lvert": "|", "\\rvert": "|", "\\lVert": "\\|", "\\rVert": "\\|"}
#: commands whose braces hold words, not mathematics
TEXT_COMMANDS = {
    "\\text",
    "\\textrm",
    "\\textit",
    "\\textbf",
    "\\textsf",
    "\\mbox",
    "\\hbox",
    "\\textnormal",
}
#: commands whose braces hold a reference or a number that carries no meaning
SKIPPED_WITH_ARGUMENT = {
    "\\tag", "\\label", "\\ref", "\\eqref", "\\hspace", "\\vspace", "\\phantom", "\\hphantom",
    "\\vphantom", "\\color", "\\mathstrut@",
}  # fmt: skip


def tokenize(source: str) -> list[Token]:
    """All tokens of `source`; raises `ReadError` for characters without a meaning."""
    tokens: list[Token] = []
    position, length = 0, len(source)
    while position < length:
        start = position
        c = source[position]
        position += 1
        if c.isspace():
            continue
        if c == "%":
            newline = source.find("\n", position)
            position = length if newline < 0 else newline
        elif c == "\\":
            while position < length and source[position].isascii() and source[position].isalpha():
                position += 1
            if position == start + 1 and position < length:
                position += 1
            command = source[start:position]
            if command in TEXT_COMMANDS or command in SKIPPED_WITH_ARGUMENT:
                content, position = _braced(source, position, command, start)
                if command in TEXT_COMMANDS and _applied(tokens, content, source, position):
                    tokens += _operator(content, start, position)
                elif command in TEXT_COMMANDS:
                    tokens.append(Token("text", content, start, position))
            else:
                tokens.append(Token("cmd", command, start, position))
        elif c in "{}^_#":
            tokens.append(Token(c, c, start, position))
        elif c.isascii() and c.isdigit():
            tokens.append(Token("digit", c, start, position))
        elif c in _ALIAS:
            alias = _ALIAS[c]
            tokens.append(Token("cmd" if alias[0] == "\\" else "op", alias, start, position))
        elif c.isalpha():
            while position < length and unicodedata.combining(source[position]):
                position += 1
            letter = unicodedata.normalize("NFC", source[start:position])
            tokens.append(Token("letter", letter, start, position))
        elif c in _PUNCTUATION:
            tokens.append(Token("op", c, start, position))
        else:
            name = unicodedata.name(c, "")
            shown = f"U+{ord(c):04X}" + (f" ({name.lower()})" if name else "")
            raise ReadError("D107", start, position, character=shown)
    return tokens


#: words that are functions wherever a bracket follows them
_WORDS = {"tr", "Tr", "trace", "diag", "det", "exp", "log", "ln", "tanh", "sinh", "cosh", "sin", "cos", "max"}
_GROUP = re.compile(r"(?:\\left|\\[bB]igg?l?)?[(\[]")


def _applied(tokens: list[Token], content: str, source: str, position: int) -> bool:
    """Is `\\text{tr}(A)` a function applied?  A word stands at its bracket; not so `\\text{if } (a)`."""
    if not (content.isascii() and content.isalpha()) or (tokens and tokens[-1].kind in ("_", "^")):
        return False
    while content in _WORDS and position < len(source) and source[position].isspace():
        position += 1
    return _GROUP.match(source, position) is not None


def _operator(word: str, start: int, end: int) -> list[Token]:
    """`\\text{tr}` as `\\operatorname{tr}`."""
    kinds = [("cmd", "\\operatorname"), ("{", "{"), *(("letter", c) for c in word), ("}", "}")]
    return [Token(kind, text, start, end) for kind, text in kinds]


def _braced(source: str, position: int, command: str, start: int) -> tuple[str, int]:
    """The text in braces after `command` (a star may stand between) and the offset behind it."""
    while position < len(source) and (source[position].isspace() or source[position] == "*"):
        position += 1
    if position >= len(source):
        raise ReadError("D105", start, position, after=command)
    if source[position] != "{":
        return source[position], position + 1
    depth, first = 0, position + 1
    while position < len(source):
        c = source[position]
        if c == "\\":
            position += 1
        elif c == "{":
            depth += 1
        elif c == "}":
            depth -= 1
            if depth == 0:
                return source[first:position], position + 1
        position += 1
    raise ReadError("D102", first - 1, first, open="{")
