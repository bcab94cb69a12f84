"""Tokens of one side of a formula → syntax tree.

A Pratt parser over TeX's tokens.  Binding, loosest first: sums; `\\cdot`, `\\times`, `/`, `\\odot`;
juxtaposition; function words, big operators and derivatives (which take what follows); scripts.
Nesting is limited, so hostile input is an error and never a `RecursionError`.
"""

from __future__ import annotations

from dataclasses import replace

from derive.latex.atoms import Atoms
from derive.latex.errors import ReadError
from derive.latex.scripts import superscript
from derive.latex.syntax import (
    Big,
    Bracket,
    Fraction,
    Function,
    Juxtaposed,
    Nabla,
    Negative,
    Node,
    Number,
    Operator,
    Optimum,
    Partial,
    Product,
    Scripted,
    SubPart,
    Sums,
    Superscript,
    Symbol,
)  # fmt: skip
from derive.latex.tokens import Token

MAX_SYMBOLS = 4_000
FUNCTION_WORDS = {
    "\\log": "log", "\\ln": "log", "\\exp": "exp", "\\tanh": "tanh", "\\sinh": "sinh",
    "\\cosh": "cosh", "\\sin": "sin", "\\cos": "cos", "\\max": "max", "\\det": "det",
}  # fmt: skip
#: the same in `\operatorname{…}` or `\mathrm{…}`
FUNCTION_NAMES = {
    **{c[1:]: f for c, f in FUNCTION_WORDS.items()}, "tr": "tr", "Tr": "tr", "trace": "tr", "diag": "diag",
}  # fmt: skip
_OPERATIONS = {"\\cdot": "·", "\\times": "·", "*": "·", "/": "/", "\\odot": "⊙"}
_CLOSING = {")", "]", "\\}", "}", "\\rbrace", "\\rbrack", "\\rvert", "\\rVert", "\\end"}
_SEPARATORS = {",", ";", "\\mid", "、"}


def parse(tokens: list[Token], start: int, end: int) -> Node:
    """The tree of one side; `start` and `end` are its place where it is empty."""
    if not tokens:
        raise ReadError("D101", start, end)
    if len(tokens) > MAX_SYMBOLS:
        raise ReadError("D109", tokens[MAX_SYMBOLS].start, tokens[-1].end, limit=MAX_SYMBOLS)
    parser = Parser(tokens)
    node = parser.side()
    parser.finish()
    return replace(node, start=tokens[0].start, end=tokens[-1].end)  # with its signs and braces


class Parser(Atoms):
    """Recursive descent with precedence; one method per level."""

    def finish(self) -> None:
        token = self.peek()
        if token is not None:
            code = "D103" if token.is_(*_CLOSING) else "D104"
            raise ReadError(code, token.start, token.end, found=token.shown)

    def side(self) -> Node:
        return self.optimum() or self.sum()

    # -- optimisation ------------------------------------------------------------------------------

    def optimum(self) -> Node | None:
        """`\\arg\\min_w …`, `\\operatorname*{argmin}_w …`, `\\underset{w}{\\arg\\min} …`."""
        first = self.peek()
        if first is None:
            return None
        before = self.position
        sub: tuple[SubPart, ...] = ()
        if first.is_("\\underset"):
            self.position += 1
            under = self.argument(first)
            inner = Parser(self.argument(first), self.depth + 1)
            kind = inner.extremum()
            if not kind or inner.peek() is not None:
                self.position = before
                return None
            sub = Parser(under, self.depth + 1).subscript_parts(first)
        else:
            kind = self.extremum()
            if not kind:
                self.position = before
                return None
            if self.accept("_"):
                sub = Parser(self.argument(first), self.depth + 1).subscript_parts(first)
        body = self.sum()
        return Optimum(first.start, body.end, kind, sub, body)

    def extremum(self) -> str:
        token = self.peek()
        if token is None:
            return ""
        if token.is_("\\arg", "\\argmin", "\\argmax"):
            self.position += 1
            if not token.is_("\\arg"):
                return token.text[4:]
            following = self.peek()
            if following is not None and following.is_("\\min", "\\max"):
                self.position += 1
                return following.text[1:]
        elif token.is_("\\operatorname", "\\mathrm", "\\operatornamewithlimits", "\\mathop"):
            self.position += 1
            self.accept("*")
            words = [t.text for t in self.argument(token) if t.kind not in ("{", "}")]
            name = "".join(w for w in words if w not in ("\\mathrm", "\\rm")).replace("\\", "")
            if name in ("argmin", "argmax"):
                return name[3:]
        return ""

    # -- sums and products --------------------------------------------------------------------------

    def sum(self) -> Node:
        terms: list[tuple[int, Node]] = []
        start = token.start if (token := self.peek()) is not None else 0
        while True:
            sign = self.sign()
            terms.append((sign, self.product()))
            token = self.peek()
            if token is None or not token.is_("+", "-"):
                break
        for sign, term in terms:
            # `a + {b + c}` is a + b + c, `a - {b + c}` is not
            hidden = (Optimum,) if sign > 0 else (Optimum, Sums)
            if len(terms) > 1 or sign < 0:
                visible(term, hidden)
        if len(terms) == 1:
            sign, only = terms[0]
            return only if sign > 0 else Negative(start, only.end, only)
        return Sums(start, terms[-1][1].end, tuple(terms))

    def sign(self) -> int:
        """Any number of signs in front of a term."""
        sign = 1
        while (token := self.peek()) is not None and token.is_("+", "-"):
            sign = -sign if token.is_("-") else sign
            self.position += 1
        return sign

    def product(self) -> Node:
        first = self.run()
        rest: list[tuple[str, Node]] = []
        while (token := self.peek()) is not None and token.text in _OPERATIONS and token.kind != "text":
            self.position += 1
            sign = self.sign()
            item = self.run(after=token)
            if token.is_("/") and isinstance(item, Juxtaposed) and not _delimited(item):
                raise ReadError("D116", item.start, item.end)
            op = _OPERATIONS[token.text]
            if op == "/" and isinstance(item, Juxtaposed):
                # (…) behind the bar is the whole denominator; what follows multiplies the quotient
                rest.append((op, item.items[0]))
                item = Juxtaposed(item.items[1].start, item.end, item.items[1:])
                op = "·"
            rest.append((op, item if sign > 0 else Negative(item.start, item.end, item)))
        if not rest:
            return first
        visible(first)
        for _, item in rest:
            visible(item)
        return Product(first.start, rest[-1][1].end, first, tuple(rest))

    def run(self, after: Token | None = None) -> Node:
        """Juxtaposed factors."""
        items: list[Node] = []
        while True:
            token = self.peek()
            if token is None or self.ends_run(token, bool(items)):
                break
            item = self.factor(token)
            if items and isinstance(item, Scripted) and _empty(item.base):
                # `A{}^\top`: the scripts belong to what stands before
                last = items.pop()
                item = Scripted(last.start, item.end, last, item.sub, item.sup)
            if items and isinstance(item, Number) and isinstance(items[-1], Number):
                raise ReadError("D115", items[-1].start, item.end)
            if not _empty(item):
                items += self.spread(item)
        if not items:
            self.missing(after)
        self.hidden_brackets(items)
        return items[0] if len(items) == 1 else Juxtaposed(items[0].start, items[-1].end, tuple(items))

    def ends_run(self, token: Token, infix: bool) -> bool:
        if token.kind in ("letter", "digit", "{", "text"):
            return False
        if token.is_("+", "-", "&", "\\\\", *_OPERATIONS, *_CLOSING, *_SEPARATORS):
            return True
        return infix and self.closes_bars(token)

    def spread(self, item: Node) -> tuple[Node, ...]:
        """The factors of a run in a TeX group, as print shows them: `a{bc}d` is abcd."""
        inner = item.parts[0] if isinstance(item, Bracket) and item.kind == "{" and item.parts else None
        following = self.peek()
        last = following is None or self.ends_run(following, True)
        if isinstance(inner, Juxtaposed) and (last or not _takes_more(inner.items[-1])):
            return inner.items
        if inner is not None and (_delimited_function(inner) or (last and _takes_more(inner))):
            return (inner,)
        return (item,)

    def hidden_brackets(self, items: list[Node]) -> None:
        """`2{a+b}` is printed as 2a+b: a TeX group shows no brackets."""
        for item in items:
            inner = item.base if isinstance(item, Scripted) else item
            if len(items) > 1 or inner is not item:
                visible(inner)

    # -- factors -------------------------------------------------------------------------------------

    def factor(self, token: Token) -> Node:
        node: Node
        if token.kind == "cmd" and token.text in FUNCTION_WORDS:
            self.position += 1
            node = self.function(FUNCTION_WORDS[token.text], token)
        elif token.is_("\\sum", "\\prod"):
            return self.big(token)
        elif token.is_("\\nabla"):
            return self.nabla(token)
        elif token.is_("\\frac", "\\dfrac", "\\tfrac", "\\cfrac"):
            node = self.fraction(token)
            if isinstance(node, Operator):
                return node
        else:
            node = self.atom(token)
            if isinstance(node, Symbol) and node.base in FUNCTION_NAMES and len(node.base) > 1:
                node = self.function(FUNCTION_NAMES[node.base], token)
        return self.scripts(node)

    def function(self, name: str, word: Token) -> Node:
        """A function word: the bracket group behind it, or else the juxtaposed run."""
        self.deeper(word)
        power: Node | None = None
        primes = 0
        while (token := self.peek()) is not None and (token.kind in ("^", "_") or token.is_("'")):
            self.position += 1
            if token.is_("'"):
                primes += 1
                continue
            script = self.argument(token)
            if token.kind == "_" or power is not None:
                raise ReadError("D195", token.start, token.end)
            exponent = superscript(script, token, Parser, self.depth)
            power = exponent.power
            primes += exponent.primes
            if power is None and not exponent.primes:
                raise ReadError("D189", token.start, token.end)
        group = self.bracket_group()
        if group is None:
            group = self.function_run(word)
            visible(group)
        self.depth -= 1
        return Function(word.start, group.end, name, group, power, primes)

    def function_run(self, word: Token) -> Node:
        """The run behind a function word; it may begin with another function word, Σ or Π."""
        items: list[Node] = []
        while (token := self.peek()) is not None and not self.ends_run(token, bool(items)):
            if items and self.starts_operator(token):
                break
            items += self.spread(self.factor(token))
        if not items:
            self.missing(word)
        self.hidden_brackets(items)
        return items[0] if len(items) == 1 else Juxtaposed(items[0].start, items[-1].end, tuple(items))

    def starts_operator(self, token: Token) -> bool:
        if token.is_("\\sum", "\\prod", "\\nabla", *FUNCTION_WORDS):
            return True
        if token.is_("\\operatorname", "\\mathrm"):
            before = self.position
            self.position += 1
            word = "".join(t.text for t in self.argument(token))
            self.position = before
            return word in FUNCTION_NAMES
        return False

    def big(self, token: Token) -> Node:
        self.position += 1
        self.deeper(token)
        sub: tuple[SubPart, ...] = ()
        upper: Node | None = None
        while (script := self.peek()) is not None and script.kind in ("_", "^"):
            self.position += 1
            content = self.argument(script)
            if script.kind == "_" and not sub:
                sub = Parser(content, self.depth + 1).subscript_parts(script)
            elif script.kind == "^" and upper is None:
                upper = Parser(content, self.depth + 1).whole(script)
            else:
                raise ReadError("D104", script.start, script.end, found=script.text)
        if not sub:
            raise ReadError("D164", token.start, token.end, index="n")
        body = self.body(token)
        self.depth -= 1
        return Big(token.start, body.end, "Σ" if token.is_("\\sum") else "Π", sub, upper, body)

    def body(self, token: Token) -> Node:
        """What an operator takes: products, up to a top-level `+`, `-` or relation."""
        sign = self.sign()
        if self.peek() is None:
            self.missing(token)
        body = self.product()
        visible(body)
        return body if sign > 0 else Negative(body.start, body.end, body)

    def nabla(self, token: Token) -> Node:
        self.position += 1
        self.deeper(token)
        sub: tuple[SubPart, ...] = ()
        order: Node | None = None
        while (script := self.peek()) is not None and script.kind in ("_", "^"):
            self.position += 1
            content = self.argument(script)
            if script.kind == "_":
                sub = Parser(content, self.depth + 1).subscript_parts(script)
            else:
                order = Parser(content, self.depth + 1).whole(script)
        body = self.body(token)
        self.depth -= 1
        return Nabla(token.start, body.end, sub, order, body)

    def fraction(self, token: Token) -> Node:
        self.position += 1
        over = Parser(self.argument(token), self.depth + 1).whole(token)
        under = Parser(self.argument(token), self.depth + 1).whole(token)
        last = self.tokens[self.position - 1].end
        made = Fraction(token.start, last, over, under)
        if not (_bare_differential(over) and _starts_differential(under)):
            return made
        self.deeper(token)
        body = self.body(token)
        self.depth -= 1
        return Operator(token.start, body.end, over, under, body)

    def scripts(self, node: Node) -> Node:
        """`_…`, `^…` and primes behind a factor."""
        sub: tuple[SubPart, ...] = ()
        sup: list[Superscript] = []
        end = node.end
        while (token := self.peek()) is not None and (token.kind in ("_", "^") or token.is_("'")):
            self.position += 1
            if token.is_("'"):
                primes = 1
                while self.accept("'"):
                    primes += 1
                sup.append(Superscript(token.start, token.end, primes=primes))
            elif token.kind == "_":
                if sub:
                    raise ReadError("D104", token.start, token.end, found="_")
                sub = Parser(self.argument(token), self.depth + 1).subscript_parts(token)
            else:
                if any(not s.primes or s.label for s in sup):
                    raise ReadError("D104", token.start, token.end, found="^")
                sup.append(superscript(self.argument(token), token, Parser, self.depth))
            end = self.tokens[self.position - 1].end
        return Scripted(node.start, end, node, sub, tuple(sup)) if sub or sup else node


def visible(node: Node, hidden: tuple[type[Node], ...] = (Node,)) -> None:
    """Refuses a TeX group of one of these kinds, which would have to show brackets."""
    if isinstance(node, Bracket) and node.kind == "{" and node.parts and isinstance(node.parts[0], hidden):
        raise ReadError("D118", node.start, node.end)


def _takes_more(node: Node) -> bool:
    """Does it end with a body that would go on over the factors behind it?  `{\\log a} b`"""
    return isinstance(node, (Big, Operator, Nabla, Function)) and not _delimited_function(node)


def _delimited_function(node: Node) -> bool:
    return isinstance(node, Function) and isinstance(node.argument, Bracket) and node.argument.kind != "{"


def _delimited(item: Juxtaposed) -> bool:
    return isinstance(item.items[0], Bracket) and item.items[0].kind != "{"


def _empty(node: Node) -> bool:
    return isinstance(node, Bracket) and node.kind == "{" and not node.parts


def _bare_differential(node: Node) -> bool:
    """∂, ∂², d or d² with nothing behind."""
    base = node.base if isinstance(node, Scripted) and not node.sub else node
    return isinstance(base, Partial) or (isinstance(base, Symbol) and base.base == "d")


def _starts_differential(node: Node) -> bool:
    return isinstance(node, Juxtaposed) and _bare_differential(node.items[0])
