"""A cursor over the tokens of a formula: brackets that match, TeX's arguments, the depth of nesting."""

from __future__ import annotations

from abc import abstractmethod
from typing import NoReturn, Self

from derive.latex.errors import ReadError
from derive.latex.names import ACCENT_COMMANDS, STYLE_COMMANDS
from derive.latex.syntax import Node
from derive.latex.tokens import Token

MAX_DEPTH = 40
BRACKETS = {"(": ")", "[": "]", "\\{": "\\}", "\\lbrace": "\\}", "\\lbrack": "]"}
CLOSERS = {")", "]", "\\}"}
CANONICAL = {"\\rbrace": "\\}", "\\rbrack": "]"}
#: how many arguments follow a command that stands for one
_ARGUMENTS = {"\\frac": 2, "\\dfrac": 2, "\\tfrac": 2, "\\sqrt": 1}


class Cursor:
    """A place in a list of tokens, how deep it is nested, and the bars that are open."""

    def __init__(self, tokens: list[Token], depth: int = 0) -> None:
        self.tokens = tokens
        self.position = 0
        self.depth = depth
        self.bars: list[str] = []
        if depth > MAX_DEPTH and tokens:
            raise ReadError("D108", tokens[0].start, tokens[0].end, limit=MAX_DEPTH)

    @abstractmethod
    def sum(self) -> Node: ...

    @abstractmethod
    def finish(self) -> None: ...

    def peek(self) -> Token | None:
        return self.tokens[self.position] if self.position < len(self.tokens) else None

    def accept(self, text: str) -> bool:
        token = self.peek()
        if token is None or not token.is_(text):
            return False
        self.position += 1
        return True

    def deeper(self, token: Token) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ReadError("D108", token.start, token.end, limit=MAX_DEPTH)

    def missing(self, after: Token | None) -> NoReturn:
        """Nothing stands where a factor is needed."""
        token = self.peek()
        if token is not None and not token.is_("+", "-"):
            code = "D103" if token.is_(*CLOSERS, "}", "\\end") and not after else "D104"
            raise ReadError(code, token.start, token.end, found=token.shown)
        last = after or (self.tokens[self.position - 1] if self.position else token)
        if last is None:
            raise ReadError("D101", 0, 0)
        raise ReadError("D105", last.start, last.end, after=last.text)

    def argument(self, after: Token) -> list[Token]:
        """TeX's argument: one token, or the tokens in braces."""
        token = self.peek()
        if token is None or token.kind in ("}", "^", "_"):
            raise ReadError("D105", after.start, after.end, after=after.text)
        self.position += 1
        if token.kind == "{":
            depth, first = 1, self.position
            while self.position < len(self.tokens):
                kind = self.tokens[self.position].kind
                depth += (kind == "{") - (kind == "}")
                self.position += 1
                if not depth:
                    return self.tokens[first : self.position - 1]
            raise ReadError("D102", token.start, token.end, open="{")
        first = self.position - 1
        count = _ARGUMENTS.get(token.text, 0) if token.kind == "cmd" else 0
        if token.kind == "cmd" and (token.text in STYLE_COMMANDS or token.text in ACCENT_COMMANDS):
            count = 1
        for _ in range(count):
            self.argument(token)
        return self.tokens[first : self.position]

    def whole(self, after: Token) -> Node:
        """All tokens as one expression."""
        if not self.tokens:
            raise ReadError("D105", after.start, after.end, after=after.text)
        node = self.sum()
        self.finish()
        return node

    def below(self, tokens: list[Token]) -> Self:
        return type(self)(tokens, self.depth + 1)

    def last_end(self) -> int:
        return self.tokens[self.position - 1].end

    def closing(self, position: int) -> int:
        """The position of the bracket that closes the one at `position`; -1 if there is none."""
        depth = 0
        for place in range(position, len(self.tokens)):
            token = self.tokens[place]
            depth += token.is_(*BRACKETS, "{") - token.is_(*CLOSERS, *CANONICAL, "}")
            if not depth:
                return place
        return -1


def cut_at(tokens: list[Token], at: str) -> list[list[Token]]:
    """Cuts at a token of the top level."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        if token.is_(*BRACKETS, "{", "\\begin"):
            depth += 1
        elif token.is_(*CLOSERS, "}", "\\end", *CANONICAL):
            depth -= 1
        if depth <= 0 and token.is_(at):
            parts.append([])
        else:
            parts[-1].append(token)
    return parts
