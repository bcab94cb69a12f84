"""The smallest parts of a formula: letters, numbers, brackets, bars, roots and cases."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from typing import NoReturn, Self

from derive.latex.errors import ReadError
from derive.latex.layout import environment
from derive.latex.names import ACCENT_COMMANDS, STYLE_COMMANDS, accent, letter_of, styled_letter
from derive.latex.syntax import (
    Bars,
    Bracket,
    Cases,
    Condition,
    Fraction,
    Juxtaposed,
    Node,
    Number,
    Ones,
    Partial,
    Root,
    Scripted,
    SubPart,
    Superscript,
    Symbol,
    Word,
    Zeros,
)  # fmt: skip
from derive.latex.tokens import Token
from derive.names import PRIME

MAX_DEPTH = 40
MAX_DIGITS = 200
_BRACKETS = {"(": ")", "[": "]", "\\{": "\\}", "\\lbrace": "\\}", "\\lbrack": "]"}
_CLOSERS = {")", "]", "\\}"}
_CANONICAL = {"\\rbrace": "\\}", "\\rbrack": "]"}
_BAR_KINDS = {"|": "|", "\\vert": "|", "\\|": "‖", "\\Vert": "‖"}
_FIXED_BARS = {"\\lvert": ("|", "\\rvert"), "\\lVert": ("‖", "\\rVert")}
_ARGUMENTS = {"\\frac": 2, "\\dfrac": 2, "\\tfrac": 2, "\\sqrt": 1}
#: printed as one thing, so scripts and neighbours cannot be misread
_ATOMIC = (Symbol, Number, Scripted, Bars, Fraction, Root, Ones, Zeros, Partial, Word, Cases)
_ELSE = {"otherwise", "else", "その他", "それ以外"}


class Atoms:
    """A cursor over tokens, and the parts that hold no operators of their own."""

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

    # -- the cursor ----------------------------------------------------------------------------------

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
            code = "D103" if token.is_(*_CLOSERS, "}", "\\end") and not after else "D104"
            raise ReadError(code, token.start, token.end, found=token.text)
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

    def _below(self, tokens: list[Token]) -> Self:
        return type(self)(tokens, self.depth + 1)

    # -- subscripts ----------------------------------------------------------------------------------

    def subscript_parts(self, after: Token) -> tuple[SubPart, ...]:
        """All tokens as a subscript: parts between commas, each an expression or a relation."""
        parts: list[SubPart] = []
        for tokens in _split(self.tokens, ",") if self.tokens else []:
            if not tokens:
                raise ReadError("D105", after.start, after.end, after=after.text)
            relation = next((i for i, t in enumerate(tokens) if t.is_("=", "\\neq", "\\ne")), None)
            start, end = tokens[0].start, tokens[-1].end
            if relation is None:
                parts.append(SubPart(start, end, _primed(self._below(tokens).whole(after))))
                continue
            sign = tokens[relation]
            left = _primed(self._below(tokens[:relation]).whole(sign))
            right = _primed(self._below(tokens[relation + 1 :]).whole(sign))
            parts.append(SubPart(start, end, left, "=" if sign.is_("=") else "≠", right))
        if not parts:
            raise ReadError("D105", after.start, after.end, after=after.text)
        return tuple(parts)

    # -- atoms ---------------------------------------------------------------------------------------

    def atom(self, token: Token) -> Node:
        if token.kind == "letter":
            self.position += 1
            return Symbol(token.start, token.end, token.text)
        if token.kind == "digit":
            return self.number()
        if token.kind == "text":
            self.position += 1
            return Word(token.start, token.end, token.text.strip())
        if token.kind == "{":
            return self.group(token)
        if token.text in _BRACKETS:
            return self.bracket(token)
        if token.text in _BAR_KINDS or token.text in _FIXED_BARS:
            return self.norm(token)
        if token.kind == "cmd":
            return self.command(token)
        if token.is_(".") and self.position + 1 < len(self.tokens):
            following = self.tokens[self.position + 1]
            if following.kind == "digit" and following.start == token.end:
                return self.number()
        raise ReadError("D104", token.start, token.end, found=token.text)

    def command(self, token: Token) -> Node:
        self.position += 1
        name = token.text
        letter = letter_of(name)
        if letter:
            return Symbol(token.start, token.end, letter)
        if name == "\\partial":
            return Partial(token.start, token.end)
        if name == "\\sqrt":
            option = self.peek()
            if option is not None and option.is_("["):
                raise ReadError("D194", token.start, option.end)
            body = self._below(self.argument(token)).whole(token)
            return Root(token.start, self._last_end(), body)
        if name in STYLE_COMMANDS:
            self.accept("*")
            content = self.argument(token)
            made = styled_letter(STYLE_COMMANDS[name], content, token, self._last_end())
            if made is not None:
                return made
            if STYLE_COMMANDS[name] == "bold":
                return self._restyled(content, token)
            raise ReadError("D106", token.start, self._last_end(), command=name)
        if name in ACCENT_COMMANDS:
            inner = self._below(self.argument(token)).whole(token)
            if isinstance(inner, Number) and inner.text == "0":
                inner = Zeros(inner.start, inner.end)
            return accent(token, inner, self._last_end())
        if name in ("\\underbrace", "\\overbrace"):
            content = self.argument(token)
            end = self._last_end()
            while (script := self.peek()) is not None and script.kind in ("_", "^"):
                self.position += 1
                self.argument(script)
            return _grouped(self._below(content).whole(token), token.start, end)
        if name == "\\boxed":
            content = self.argument(token)
            return _grouped(self._below(content).whole(token), token.start, self._last_end())
        if name == "\\begin":
            self.position -= 1
            return self.cases(token)
        raise ReadError("D106", token.start, token.end, command=name)

    def _restyled(self, content: list[Token], command: Token) -> Node:
        """`\\mathbf{Xw}`: every letter is bold; `\\boldsymbol{\\hat y}`: the accent stays."""
        inner = self._below(content).whole(command)

        def bold(node: Node) -> Node:
            if isinstance(node, Symbol):
                return Symbol(node.start, node.end, node.base, "bold")
            if isinstance(node, Scripted):
                return Scripted(node.start, node.end, bold(node.base), node.sub, node.sup)
            raise ReadError("D106", command.start, node.end, command=command.text)

        return bold(inner)

    def _last_end(self) -> int:
        return self.tokens[self.position - 1].end

    def number(self) -> Node:
        first = self.tokens[self.position]
        text, last, point = first.text, first, first.is_(".")
        self.position += 1
        while (token := self.peek()) is not None:
            joined = token.start == last.end or token.start == last.start
            following = self.tokens[self.position + 1 : self.position + 2]
            dot = token.is_(".") and not point and following and following[0].kind == "digit"
            if not joined or not (token.kind == "digit" or dot):
                break
            point = point or bool(dot)
            text, last = text + token.text, token
            self.position += 1
        if len(text) > MAX_DIGITS:
            raise ReadError("D114", first.start, last.end, digits=len(text), limit=MAX_DIGITS)
        return Number(first.start, last.end, text)

    # -- brackets ------------------------------------------------------------------------------------

    def group(self, token: Token) -> Node:
        content = self.argument(token)
        end = self._last_end()
        if not content:
            return Bracket(token.start, end, "{", ())
        if content[0].is_("\\rm", "\\bf", "\\sf", "\\it") and len(content) > 1:
            style = {"\\bf": "bold", "\\it": ""}.get(content[0].text, "roman")
            made = styled_letter(style, content[1:], token, end)
            if made is not None:
                return made
        return _grouped(self._below(content).whole(token), token.start, end)

    def bracket_group(self) -> Node | None:
        """`(…)`, `[…]`, `\\{…\\}` at the cursor, also inside a TeX group of its own."""
        token = self.peek()
        if token is None:
            return None
        if token.kind == "{":
            before = self.position
            content = self.argument(token)
            inner = self._below(content)
            if content and content[0].is_(*_BRACKETS) and inner.closing(0) == len(content) - 1:
                return inner.bracket(content[0])
            self.position = before
            return None
        return self.bracket(token) if token.text in _BRACKETS and token.kind != "text" else None

    def bracket(self, token: Token) -> Bracket:
        self.deeper(token)
        close = _BRACKETS[token.text]
        last = self.closing(self.position)
        if last < 0:
            raise ReadError("D102", token.start, token.end, open=token.text.strip("\\"))
        self._given(self.position, last)
        self.position += 1
        self.bars.append("")
        parts: list[Node] = []
        separators: list[str] = []
        while True:
            if self.peek() is None:
                raise ReadError("D102", token.start, token.end, open=token.text.strip("\\"))
            parts.append(self.sum())
            following = self.peek()
            if following is None:
                raise ReadError("D102", token.start, token.end, open=token.text.strip("\\"))
            self.position += 1
            if following.is_(",", ";", "\\mid", "、"):
                separators.append("|" if following.is_("\\mid") else following.text)
                continue
            if _CANONICAL.get(following.text, following.text) != close:
                raise ReadError("D104", following.start, following.end, found=following.text)
            break
        self.bars.pop()
        self.depth -= 1
        kind = {"\\{": "\\{", "\\lbrace": "\\{", "\\lbrack": "["}.get(token.text, token.text)
        return Bracket(token.start, following.end, kind, tuple(parts), tuple(separators))

    def closing(self, position: int) -> int:
        """The position of the bracket that closes the one at `position`; -1 if there is none."""
        depth = 0
        for place in range(position, len(self.tokens)):
            token = self.tokens[place]
            depth += token.is_(*_BRACKETS, "{") - token.is_(*_CLOSERS, *_CANONICAL, "}")
            if not depth:
                return place
        return -1

    def _given(self, first: int, last: int) -> None:
        """A single `|` between two brackets is *given*: p(y | x)."""
        depth, found = 0, []
        for place in range(first, last):
            token = self.tokens[place]
            depth += token.is_(*_BRACKETS, "{") - token.is_(*_CLOSERS, *_CANONICAL, "}")
            if depth == 1 and token.is_("|", "\\vert"):
                found.append(place)
        if len(found) == 1:
            bar = self.tokens[found[0]]
            self.tokens[found[0]] = Token("cmd", "\\mid", bar.start, bar.end)

    def closes_bars(self, token: Token) -> bool:
        return bool(self.bars) and _BAR_KINDS.get(token.text, "-") == self.bars[-1]

    def norm(self, token: Token) -> Node:
        self.deeper(token)
        self.position += 1
        fixed = _FIXED_BARS.get(token.text)
        kind = fixed[0] if fixed else _BAR_KINDS[token.text]
        self.bars.append("" if fixed else kind)
        if self.peek() is None:
            raise ReadError("D102", token.start, token.end, open=kind)
        body = self.sum()
        close = self.peek()
        if close is None:
            raise ReadError("D102", token.start, token.end, open=kind)
        if not (close.is_(fixed[1]) if fixed else self.closes_bars(close)):
            raise ReadError("D104", close.start, close.end, found=close.text)
        self.position += 1
        self.bars.pop()
        self.depth -= 1
        return Bars(token.start, close.end, kind, body)

    # -- cases ---------------------------------------------------------------------------------------

    def cases(self, token: Token) -> Node:
        name, first = environment(self.tokens, self.position)
        if name != "cases":
            raise ReadError("D112", token.start, self.tokens[first - 1].end, name=name)
        depth, last = 0, self.position
        while last < len(self.tokens):
            depth += self.tokens[last].is_("\\begin") - self.tokens[last].is_("\\end")
            if not depth:
                break
            last += 1
        if last == len(self.tokens):
            raise ReadError("D102", token.start, token.end, open="\\begin{cases}")
        _, self.position = environment(self.tokens, last)
        rows: list[tuple[Node, Condition]] = []
        for row in _split(self.tokens[first:last], "\\\\"):
            if not row:
                continue
            cells = _split(row, "&")
            value = [t for t in cells[0] if t.kind != "text"]
            while value and value[-1].is_(",", ".", "\\quad", "\\qquad"):
                value.pop()
            if len(cells) != 2 or not value:
                raise ReadError("D188", row[0].start, row[-1].end)
            rows.append((self._below(value).whole(token), self._condition(cells[1], row)))
        if len(rows) < 2:
            raise ReadError("D188", token.start, self._last_end())
        return Cases(token.start, self._last_end(), tuple(rows))

    def _condition(self, cell: list[Token], row: list[Token]) -> Condition:
        start, end = row[0].start, row[-1].end
        if any(t.kind == "text" and t.text.strip(" .,").lower() in _ELSE for t in cell):
            return Condition(start, end, "else")
        words = [t for t in cell if t.kind != "text" and not t.is_(",", ".", "\\quad", "\\qquad")]
        if len(words) > 2 and words[0].is_("(") and words[-1].is_(")"):
            words = words[1:-1]
        for place, sign in enumerate(words):
            if sign.is_("=", "\\neq", "\\ne"):
                left = self._below(words[:place]).whole(sign)
                right = self._below(words[place + 1 :]).whole(sign)
                return Condition(start, end, "=" if sign.is_("=") else "≠", left, right)
        raise ReadError("D188", start, end)


def _grouped(node: Node, start: int, end: int) -> Node:
    """A TeX group; where it cannot be misread, its content itself."""
    if isinstance(node, _ATOMIC) or (isinstance(node, Bracket) and node.kind != "{"):
        return node
    return Bracket(start, end, "{", (node,))


def _primed(node: Node) -> Node:
    """A subscript in which a letter with its primes is one name: the index `k'`."""
    if isinstance(node, Juxtaposed):
        return replace(node, items=tuple(_primed(item) for item in node.items))
    if isinstance(node, Scripted) and isinstance(node.base, Symbol) and not node.sub:
        primes = sum(s.primes for s in node.sup)
        if all(s == Superscript(s.start, s.end, primes=s.primes) for s in node.sup):
            return Symbol(node.start, node.end, node.base.base + PRIME * primes, node.base.style)
    return node


def _split(tokens: list[Token], at: str) -> list[list[Token]]:
    """Cuts at a token of the top level."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        if token.is_(*_BRACKETS, "{", "\\begin"):
            depth += 1
        elif token.is_(*_CLOSERS, "}", "\\end", *_CANONICAL):
            depth -= 1
        if depth <= 0 and token.is_(at):
            parts.append([])
        else:
            parts[-1].append(token)
    return parts
