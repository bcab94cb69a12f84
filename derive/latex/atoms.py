"""The smallest parts of a formula: letters, numbers, brackets, bars, roots and cases."""

from __future__ import annotations

from dataclasses import replace

from derive.latex.cursor import BRACKETS, CANONICAL, CLOSERS, Cursor, cut_at
from derive.latex.errors import ReadError
from derive.latex.instead import no_meaning
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

MAX_DIGITS = 200
_BAR_KINDS = {"|": "|", "\\vert": "|", "\\|": "‖", "\\Vert": "‖"}
_FIXED_BARS = {"\\lvert": ("|", "\\rvert"), "\\lVert": ("‖", "\\rVert")}
#: printed as one thing, so scripts and neighbours cannot be misread
_ATOMIC = (Symbol, Number, Scripted, Bars, Fraction, Root, Ones, Zeros, Partial, Word, Cases)
_ELSE = {"otherwise", "else", "その他", "それ以外"}


class Atoms(Cursor):
    """The parts that hold no operators of their own."""

    # -- subscripts ----------------------------------------------------------------------------------

    def subscript_parts(self, after: Token) -> tuple[SubPart, ...]:
        """All tokens as a subscript: parts between commas, each an expression or a relation."""
        parts: list[SubPart] = []
        for tokens in cut_at(self.tokens, ",") if self.tokens else []:
            if not tokens:
                raise ReadError("D105", after.start, after.end, after=after.text)
            relation = next((i for i, t in enumerate(tokens) if t.is_("=", "\\neq", "\\ne")), None)
            start, end = tokens[0].start, tokens[-1].end
            if relation is None:
                parts.append(SubPart(start, end, _primed(self.below(tokens).whole(after))))
                continue
            sign = tokens[relation]
            left = _primed(self.below(tokens[:relation]).whole(sign))
            right = _primed(self.below(tokens[relation + 1 :]).whole(sign))
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
        if token.text in BRACKETS:
            return self.bracket(token)
        if token.text in _BAR_KINDS or token.text in _FIXED_BARS:
            return self.norm(token)
        if token.kind == "cmd":
            return self.command(token)
        if token.is_(".") and self.position + 1 < len(self.tokens):
            following = self.tokens[self.position + 1]
            if following.kind == "digit" and following.start == token.end:
                return self.number()
        raise ReadError("D104", token.start, token.end, found=token.shown)

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
            body = self.below(self.argument(token)).whole(token)
            return Root(token.start, self.last_end(), body)
        if name in STYLE_COMMANDS:
            self.accept("*")
            content = self.argument(token)
            made = styled_letter(STYLE_COMMANDS[name], content, token, self.last_end())
            if made is not None:
                return made
            if STYLE_COMMANDS[name] == "bold":
                return self._restyled(content, token)
            raise ReadError("D106", token.start, self.last_end(), command=name)
        if name in ACCENT_COMMANDS:
            inner = self.below(self.argument(token)).whole(token)
            if isinstance(inner, Number) and inner.text == "0":
                inner = Zeros(inner.start, inner.end)
            return accent(token, inner, self.last_end())
        if name in ("\\underbrace", "\\overbrace"):
            content = self.argument(token)
            end = self.last_end()
            while (script := self.peek()) is not None and script.kind in ("_", "^"):
                self.position += 1
                self.argument(script)
            return _grouped(self.below(content).whole(token), token.start, end)
        if name == "\\boxed":
            content = self.argument(token)
            return _grouped(self.below(content).whole(token), token.start, self.last_end())
        if name == "\\begin":
            self.position -= 1
            return self.cases(token)
        raise no_meaning(name, token.start, token.end)

    def _restyled(self, content: list[Token], command: Token) -> Node:
        """`\\mathbf{Xw}`: every letter is bold; `\\boldsymbol{\\hat y}`: the accent stays."""
        inner = self.below(content).whole(command)

        def bold(node: Node) -> Node:
            if isinstance(node, Symbol):
                return Symbol(node.start, node.end, node.base, "bold")
            if isinstance(node, Scripted):
                return Scripted(node.start, node.end, bold(node.base), node.sub, node.sup)
            raise ReadError("D106", command.start, node.end, command=command.text)

        return bold(inner)

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
        end = self.last_end()
        if not content:
            return Bracket(token.start, end, "{", ())
        if content[0].is_("\\rm", "\\bf", "\\sf", "\\it") and len(content) > 1:
            style = {"\\bf": "bold", "\\it": ""}.get(content[0].text, "roman")
            made = styled_letter(style, content[1:], token, end)
            if made is not None:
                return made
        return _grouped(self.below(content).whole(token), token.start, end)

    def bracket_group(self) -> Node | None:
        """`(…)`, `[…]`, `\\{…\\}` at the cursor, also inside a TeX group of its own."""
        token = self.peek()
        if token is None:
            return None
        if token.kind == "{":
            before = self.position
            content = self.argument(token)
            inner = self.below(content)
            if content and content[0].is_(*BRACKETS) and inner.closing(0) == len(content) - 1:
                return inner.bracket(content[0])
            self.position = before
            return None
        return self.bracket(token) if token.text in BRACKETS and token.kind != "text" else None

    def bracket(self, token: Token) -> Bracket:
        self.deeper(token)
        close = BRACKETS[token.text]
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
            if CANONICAL.get(following.text, following.text) != close:
                raise ReadError("D104", following.start, following.end, found=following.shown)
            break
        self.bars.pop()
        self.depth -= 1
        kind = {"\\{": "\\{", "\\lbrace": "\\{", "\\lbrack": "["}.get(token.text, token.text)
        return Bracket(token.start, following.end, kind, tuple(parts), tuple(separators))

    def _given(self, first: int, last: int) -> None:
        """A single `|` between two brackets is *given*: p(y | x)."""
        depth, found = 0, []
        for place in range(first, last):
            token = self.tokens[place]
            depth += token.is_(*BRACKETS, "{") - token.is_(*CLOSERS, *CANONICAL, "}")
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
            raise ReadError("D104", close.start, close.end, found=close.shown)
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
        for row in cut_at(self.tokens[first:last], "\\\\"):
            if not row:
                continue
            cells = cut_at(row, "&")
            value = [t for t in cells[0] if t.kind != "text"]
            while value and value[-1].is_(",", ".", "\\quad", "\\qquad"):
                value.pop()
            if len(cells) != 2 or not value:
                raise ReadError("D188", row[0].start, row[-1].end)
            rows.append((self.below(value).whole(token), self._condition(cells[1], row)))
        if len(rows) < 2:
            raise ReadError("D188", token.start, self.last_end())
        return Cases(token.start, self.last_end(), tuple(rows))

    def _condition(self, cell: list[Token], row: list[Token]) -> Condition:
        start, end = row[0].start, row[-1].end
        if any(t.kind == "text" and t.text.strip(" .,").lower() in _ELSE for t in cell):
            return Condition(start, end, "else")
        words = [t for t in cell if t.kind != "text" and not t.is_(",", ".", "\\quad", "\\qquad")]
        if len(words) > 2 and words[0].is_("(") and words[-1].is_(")"):
            words = words[1:-1]
        for place, sign in enumerate(words):
            if sign.is_("=", "\\neq", "\\ne"):
                left = self.below(words[:place]).whole(sign)
                right = self.below(words[place + 1 :]).whole(sign)
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
