"""The notation of messages and comments: one line of Unicode, `Xᵀ(Xw − y)`."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from derive.notation.grammar import Grammar, after_log
from derive.notation.parts import simple
from derive.notation.pieces import ADD, ATOM, MUL, Piece
from derive.notation.symbols import lowered, raised, scripted, subscript, superscript, unicode_name
from derive.props import ArgOpt
from derive.terms import (
    MINUS_ONE,
    Call,
    Num,
    Size,
    SqNorm,
    Term,
    Var,
)  # fmt: skip

_HALF = Fraction(1, 2)
_VULGAR = {Fraction(1, 2): "½", Fraction(1, 3): "⅓", Fraction(2, 3): "⅔", Fraction(1, 4): "¼"} | {
    Fraction(3, 4): "¾", Fraction(1, 8): "⅛",
}  # fmt: skip


class Unicode(Grammar):
    """One line of text."""

    over = "⊘"
    relations: ClassVar = {"=": "=", "≠": "≠", "<": "<", "≤": "≤", ">": ">", "≥": "≥"}
    words: ClassVar = {"where": " ", "iff": "⟺", "implies": "⟹", "proportional": "∝", "psd": "⪰ 0", "and": " ∧ "} | {
        "depth": "for every depth: ", "row": ", ", "layers": "Σₗ ",
    }  # fmt: skip

    def number(self, value: Fraction) -> Piece:
        if value.denominator == 1:
            return Piece(str(value))
        return Piece(_VULGAR[value]) if value in _VULGAR else Piece(str(value), MUL, slash=True)

    def name(self, name: str) -> Piece:
        text = unicode_name(name)
        return Piece(text, scripted=scripted(name), word=_wordy(text))

    def constant(self, name: str) -> Piece:
        return Piece({"pi": "π"}.get(name, name))

    def size(self, value: Size) -> Piece:
        return Piece(str(value).replace("+", " + "), ADD if "+" in str(value) else ATOM)

    def indexed(self, array: Term, indices: list[str]) -> Piece:
        if isinstance(array, Var):
            count = self.labels(array)
            label, rest = ",".join(indices[:count]), indices[count:]
            return Piece(
                unicode_name(array.name, _run(rest), label), scripted=bool(label) or scripted(array.name)
            )
        return Piece(self.wrap(self.piece(array), ATOM + 1).text + subscript(_run(indices)))

    def power(self, base: Term, exponent: Term) -> Piece:
        if exponent == MINUS_ONE and not base.shape:
            return self.quotient(self.number(Fraction(1)), self.piece(base))
        if isinstance(exponent, Num) and exponent.value == _HALF:
            return self.function("sqrt", (base,))
        below = self.piece(base)
        below = Piece(self.group(below.text)) if below.scripted else self.wrap(below, ATOM)
        above = self.piece(exponent)
        mark = "∘" if base.shape else ""
        high = None if mark else raised(above.text)
        if high is None:
            high = f"^{mark}{above.text if above.text.isalnum() else self.group(above.text)}"
        return Piece(below.text + high, scripted=True, caret=high[0] == "^")

    def transpose(self, arg: Term) -> Piece:
        below = self.piece(arg)
        bare = isinstance(arg, Var) or (below.level >= ATOM and not below.scripted)
        return Piece((below.text if bare else self.group(below.text)) + "ᵀ", scripted=True, word=bare and below.word)

    def inverse(self, arg: Term) -> Piece:
        below = self.piece(arg)
        bare = below.level >= ATOM and not below.scripted
        return Piece((below.text if bare else self.group(below.text)) + "⁻¹", scripted=True, word=bare and below.word)

    def quotient(self, above: Piece, below: Piece) -> Piece:
        top = self.group(above.text) if above.level < MUL or above.slash or above.greedy else above.text
        bottom = below.text if below.level >= ATOM else self.group(below.text)
        return Piece(f"{top}/{bottom}", MUL, slash=True, word=above.word)

    def big(self, sign: str, index: str, start: int, upper: Size, body: Piece, other: str = "") -> Piece:
        index = f"{index}≠{other}" if other else index
        low = subscript(index) if start == 1 else subscript(f"{index}={start}") + superscript(str(upper))
        return Piece(f"{sign}{low} {body.text}", MUL, greedy=True, word=True)

    def function(self, name: str, args: tuple[Term, ...]) -> Piece:
        inner = [self.piece(a) for a in args]
        if name == "abs":
            return Piece(f"|{inner[0].text}|")
        if name == "sqrt":
            if isinstance(args[0], SqNorm):
                return Piece(f"‖{self.piece(args[0].arg).text}‖")
            return Piece("√" + (inner[0].text if len(inner[0].text) == 1 else self.group(inner[0].text)))
        if name == "exp" and not args[0].shape and (high := raised(inner[0].text)):
            return Piece("e" + high, scripted=True)
        if name == "log" and after_log(args[0], inner[0]):
            return Piece(f"log {inner[0].text}", MUL, greedy=True, word=True)
        return Piece(f"{name}({', '.join(p.text for p in inner)})", word=True)

    def call(self, node: Call) -> Piece:
        args = ", ".join(self.piece(a).text for a in node.args)
        name = unicode_name(node.name)
        return Piece(f"{name}{'′' * node.order}({args})", word=_wordy(name))

    def partial(self, body: Term, wrt: tuple[Term, ...]) -> Piece:
        order = "" if len(wrt) == 1 else superscript(str(len(wrt)))
        below = [self.piece(v).text for v in wrt]
        if len(set(below)) == 1 and len(wrt) > 1:
            low = f"∂{below[0]}{order}" if not self.piece(wrt[0]).scripted else f"∂({below[0]}){order}"
        else:
            low = "".join(f"∂{text}" for text in below)
        if simple(body):
            return Piece(f"∂{order}{self.piece(body).text}/{low}", MUL, slash=True)
        inner = self.piece(body)
        text = self.group(inner.text) if inner.slash else self.wrap(inner, MUL).text
        return Piece(f"∂{order}/{low} {text}", MUL, greedy=True, slash=True)

    def nabla2(self, body: Term, wrt: Var) -> Piece:
        low = subscript(unicode_name(wrt.name))
        return Piece(f"∇{low}² {self.wrap(self.piece(body), MUL).text}", MUL, greedy=True)

    def square_norm(self, arg: Term) -> Piece:
        return Piece(f"‖{self.piece(arg).text}‖²", scripted=True)

    def delta(self, left: str, right: str) -> Piece:
        return Piece("δ" + subscript(_run([left, right])))

    def eye(self, value: Size, bare: bool) -> Piece:
        return Piece("I")

    def filled(self, value: Term, dims: tuple[Size, ...]) -> Piece:
        if isinstance(value, Num) and value.value in (0, 1):
            return Piece("0" if value.value == 0 else f"𝟏{subscript('×'.join(map(str, dims)))}")
        ones = Piece(f"𝟏{subscript('×'.join(map(str, dims)))}")
        return self.joined([self.wrap(self.piece(value), MUL, last=False), ones])

    def array(self, indices: list[str], body: Piece) -> Piece:
        return Piece(f"[{body.text}]{subscript(_run(indices))}")

    def operator(self, word: str, arg: Term) -> Piece:
        return Piece(f"{word}({self.piece(arg).text})", word=True)

    def group(self, text: str) -> str:
        return f"({text})"

    def between(self, left: Piece, right: Piece) -> str:
        if left.slash or right.slash or left.caret or (left.text[-1].isdigit() and right.text[0].isdigit()):
            return " · "
        open_word = left.word and not left.text.rstrip("ᵀ⁻¹").endswith(")")
        return " " if right.word or open_word else ""

    def optimum(self, node: ArgOpt) -> str:
        return (
            f"arg {node.kind}{subscript(unicode_name(node.var.name))} {{{self.piece(node.body).text}}}"
        )

    def about(self, var: Var) -> str:
        return ""


def _wordy(text: str) -> bool:
    return (
        len(text) > 1
        and text[:2].isalpha()
        and raised(text[1]) is not None
        and lowered(text[1]) != text[1]
    )


def _run(indices: list[str]) -> str:
    return "".join(indices) if all(len(i) == 1 for i in indices) else ",".join(indices)
