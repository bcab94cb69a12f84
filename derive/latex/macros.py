"""`\\newcommand`, `\\renewcommand`, `\\providecommand`, `\\def` and `\\DeclareMathOperator`.

Expansion works on tokens and is bounded: each formula and each document has a budget, so that an
include bomb is one error and not a hang.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from derive.latex.errors import ReadError
from derive.latex.tokens import MAX_TOKENS, Token

_DEFINING = {"\\newcommand", "\\renewcommand", "\\providecommand", "\\def", "\\DeclareMathOperator"}
_DEPTH = 40


@dataclass(frozen=True)
class Macro:
    arity: int
    body: tuple[Token, ...]
    default: tuple[Token, ...] | None = None


@dataclass
class Macros:
    """The macros of one document and what is left of its budget (in tokens)."""

    table: dict[str, Macro] = field(default_factory=dict)
    budget: int = 500_000

    def collect(self, tokens: list[Token]) -> list[Token]:
        """Takes the definitions out of `tokens`, into the table; returns the rest."""
        if not any(t.kind == "cmd" and t.text in _DEFINING for t in tokens):
            return tokens
        rest: list[Token] = []
        position = 0
        while position < len(tokens):
            token = tokens[position]
            if token.kind == "cmd" and token.text in _DEFINING:
                position = self._define(tokens, position)
            else:
                rest.append(token)
                position += 1
        return rest

    def _define(self, tokens: list[Token], position: int) -> int:
        head = tokens[position]
        bad = ReadError("D117", head.start, head.end)
        position += 1
        star = position < len(tokens) and tokens[position].is_("*")
        position += star
        name, position = _argument(tokens, position, bad)
        if len(name) != 1 or name[0].kind != "cmd":
            raise bad
        arity, default = 0, None
        if head.text == "\\def":
            while position + 1 < len(tokens) and tokens[position].kind == "#":
                arity += 1
                position += 2
        elif head.text != "\\DeclareMathOperator":
            options: list[list[Token]] = []
            while position < len(tokens) and tokens[position].is_("[") and len(options) < 2:
                option, position = _optional(tokens, position, bad)
                options.append(option)
            if options:
                digits = "".join(t.text for t in options[0])
                if digits not in set("0123456789"):
                    raise bad
                arity = int(digits)
            if len(options) == 2:
                default = tuple(options[1])
        body, position = _argument(tokens, position, bad)
        if head.text == "\\DeclareMathOperator":
            opening, closing = (
                Token("{", "{", head.start, head.end),
                Token("}", "}", head.start, head.end),
            )
            command = Token("cmd", "\\operatorname", head.start, head.end)
            body = [command, opening, *body, closing]
        if head.text != "\\providecommand" or name[0].text not in self.table:
            self.table[name[0].text] = Macro(arity, tuple(body), default)
        return position

    def expand(self, tokens: list[Token]) -> list[Token]:
        """All macros replaced by what they stand for, at the place of their use."""
        if len(tokens) > MAX_TOKENS:
            raise ReadError("D109", tokens[MAX_TOKENS].start, tokens[MAX_TOKENS].end, limit=MAX_TOKENS)
        if not any(t.kind == "cmd" and t.text in self.table for t in tokens):
            return tokens
        out: list[Token] = []
        # a stack of token streams; each with the place of its use and its depth of expansion
        pending: list[tuple[Token, int]] = [(t, 0) for t in reversed(tokens)]
        while pending:
            token, depth = pending.pop()
            macro = self.table.get(token.text) if token.kind == "cmd" else None
            if macro is None:
                out.append(token)
                continue
            if depth >= _DEPTH:
                raise ReadError("D110", token.start, token.end, command=token.text)
            arguments = self._arguments(token, macro, pending)
            made: list[Token] = []
            body = iter(macro.body)
            for part in body:
                if part.kind == "#":
                    number = next(body, None)
                    if (
                        number is None
                        or not number.text.isdigit()
                        or not 1 <= int(number.text) <= macro.arity
                    ):
                        raise ReadError("D117", token.start, token.end)
                    made.extend(arguments[int(number.text) - 1])
                else:
                    made.append(part.at(token.start, token.end))
            self.budget -= len(made) + 1
            if self.budget < 0 or len(out) + len(pending) + len(made) > MAX_TOKENS:
                raise ReadError("D110", token.start, token.end, command=token.text)
            pending.extend((t, depth + 1) for t in reversed(made))
        return out

    def _arguments(
        self, token: Token, macro: Macro, pending: list[tuple[Token, int]]
    ) -> list[list[Token]]:
        found: list[list[Token]] = []
        if macro.default is not None:
            if pending and pending[-1][0].is_("["):
                pending.pop()
                option: list[Token] = []
                while pending and not pending[-1][0].is_("]"):
                    option.append(pending.pop()[0])
                if pending:
                    pending.pop()
                found.append(option)
            else:
                found.append([t.at(token.start, token.end) for t in macro.default])
        while len(found) < macro.arity:
            if not pending:
                raise ReadError("D111", token.start, token.end, command=token.text, count=macro.arity)
            first = pending.pop()[0]
            if first.kind != "{":
                found.append([first])
                continue
            depth, part = 1, []
            while pending:
                inner = pending.pop()[0]
                depth += (inner.kind == "{") - (inner.kind == "}")
                if not depth:
                    break
                part.append(inner)
            if depth:
                raise ReadError("D102", first.start, first.end, open="{")
            found.append(part)
        return found


def _argument(tokens: list[Token], position: int, bad: ReadError) -> tuple[list[Token], int]:
    if position >= len(tokens):
        raise bad
    if tokens[position].kind != "{":
        return [tokens[position]], position + 1
    depth, first = 0, position + 1
    while position < len(tokens):
        depth += (tokens[position].kind == "{") - (tokens[position].kind == "}")
        position += 1
        if not depth:
            return tokens[first : position - 1], position
    raise bad


def _optional(tokens: list[Token], position: int, bad: ReadError) -> tuple[list[Token], int]:
    first = position + 1
    while position < len(tokens):
        if tokens[position].is_("]"):
            return tokens[first:position], position + 1
        position += 1
    raise bad
