"""The notation of the homework format: LaTeX that its reader reads back."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from derive.notation.grammar import Grammar, after_log
from derive.notation.parts import simple
from derive.notation.pieces import ADD, ATOM, HADAMARD, MUL, Piece
from derive.notation.symbols import latex_name, scripted
from derive.props import ArgOpt
from derive.terms import (
    MINUS_ONE,
    ONE,
    Call,
    Entry,
    Full,
    Num,
    Size,
    SqNorm,
    Term,
    Var,
)  # fmt: skip

_HALF = Fraction(1, 2)
#: the constants where their letters are declared: 𝒩(0 | 0, 1) = 1/√(2π)
_NAMELESS = {
    "π": Piece("\\frac{1}{2 \\mathcal{N}(0 \\mid 0, 1)^2}", scripted=True), "e": Piece("\\exp(1)"),
}  # fmt: skip


class Latex(Grammar):
    """LaTeX in the language of the homework format."""

    minus = "-"
    odot = "\\odot"
    relations: ClassVar = {"=": "=", "≠": "\\neq", "<": "<", "≤": "\\le", ">": ">", "≥": "\\ge"}
    words: ClassVar = {"iff": "\\iff", "implies": "\\implies", "psd": "\\succeq 0", "and": ",\\quad "} | {
        "where": " \\quad ", "depth": "\\text{for every depth: } ", "row": ",\\quad ", "layers": "\\sum_l ",
    }  # fmt: skip

    def number(self, value: Fraction) -> Piece:
        if value.denominator == 1:
            return Piece(str(value))
        return Piece(f"\\frac{{{value.numerator}}}{{{value.denominator}}}", scripted=True)

    def name(self, name: str) -> Piece:
        return Piece(latex_name(name), scripted=scripted(name))

    def constant(self, name: str) -> Piece:
        letter = {"pi": "π"}.get(name, name)
        if self.context is not None and letter in self.context.names:
            return _NAMELESS[letter]
        return Piece(latex_name(letter))

    def size(self, value: Size) -> Piece:
        return Piece(_latex_size(value), ADD if "+" in str(value) else ATOM)

    def indexed(self, array: Term, indices: list[str]) -> Piece:
        indices = [latex_name(i) for i in indices]
        if isinstance(array, Var):
            count = self.labels(array)
            label, rest = ",".join(indices[:count]), indices[count:]
            text = latex_name(array.name, _latex_run(rest), label)
            return Piece(text, scripted=bool(label) or scripted(array.name))
        low = _latex_run(indices)
        return Piece(f"{self.group(self.piece(array).text)}_{{{low}}}")

    def power(self, base: Term, exponent: Term) -> Piece:
        if exponent == MINUS_ONE and not base.shape:
            return self.quotient(self.number(Fraction(1)), self.piece(base))
        if isinstance(exponent, Num) and exponent.value == _HALF:
            return self.function("sqrt", (base,))
        below = self.piece(base)
        below = Piece(self.group(below.text)) if below.scripted else self.wrap(below, ATOM)
        if base.shape and exponent == Num(Fraction(2)):
            return Piece(f"{below.text} \\odot {below.text}", HADAMARD)
        mark = "\\odot " if base.shape else ""
        above = self.piece(exponent).text
        high = above if len(above) == 1 and not mark else f"{{{mark}{above}}}"
        return Piece(f"{below.text}^{high}", scripted=True)

    def transpose(self, arg: Term) -> Piece:
        if isinstance(arg, Var):
            return Piece(latex_name(arg.name, "", "", "\\top"), scripted=True)
        return self._raised(arg, "\\top")

    def inverse(self, arg: Term) -> Piece:
        return self._raised(arg, "{-1}")

    def _raised(self, arg: Term, script: str) -> Piece:
        below = self.piece(arg)
        bare = below.level >= ATOM and not below.scripted and not isinstance(arg, Entry)
        return Piece(f"{below.text if bare else self.group(below.text)}^{script}", scripted=True)

    def quotient(self, above: Piece, below: Piece) -> Piece:
        return Piece(f"\\frac{{{above.text}}}{{{below.text}}}", scripted=True)

    def big(self, sign: str, index: str, start: int, upper: Size, body: Piece, other: str = "") -> Piece:
        command = {"Σ": "\\sum", "Π": "\\prod"}[sign]
        low = f"{latex_name(index)} \\neq {latex_name(other)}" if other else f"{latex_name(index)}={start}"
        text = f"{command}_{{{low}}}^{{{_latex_size(upper)}}} {body.text}"
        return Piece(text, MUL, greedy=True)

    def function(self, name: str, args: tuple[Term, ...]) -> Piece:
        shaped = [a for a in args if not isinstance(a, Full)]  # beside an array a number stands for all entries
        inner = [self.piece(a.value if isinstance(a, Full) and shaped else a) for a in args]
        if name == "abs":
            return Piece(f"\\left| {inner[0].text} \\right|")
        if name == "sqrt":
            if isinstance(args[0], SqNorm):
                return Piece(self._norm(args[0].arg))
            return Piece(f"\\sqrt{{{inner[0].text}}}", scripted=True)
        if name == "log" and after_log(args[0], inner[0]):
            return Piece(f"\\log {inner[0].text}", MUL, greedy=True)
        return Piece(f"\\{name}{self.group(', '.join(p.text for p in inner))}")

    def call(self, node: Call) -> Piece:
        args = ", ".join(self.piece(a).text for a in node.args)
        name = (
            latex_name(node.name, "", "", "'" * node.order)
            if scripted(node.name)
            else latex_name(node.name)
        )
        primes = "" if scripted(node.name) else "'" * node.order
        return Piece(f"{name}{primes}{self.group(args)}")

    def partial(self, body: Term, wrt: tuple[Term, ...]) -> Piece:
        order = "" if len(wrt) == 1 else f"^{len(wrt)}"
        below = [self.piece(v) for v in wrt]
        if len({p.text for p in below}) == 1 and len(wrt) > 1:
            first = below[0]
            low = f"\\partial {self.group(first.text) if first.scripted else first.text}{order}"
        else:
            low = " ".join(f"\\partial {p.text}" for p in below)
        if simple(body):
            return Piece(f"\\frac{{\\partial{order} {self.piece(body).text}}}{{{low}}}", scripted=True)
        inner = self.wrap(self.piece(body), MUL)
        return Piece(f"\\frac{{\\partial{order}}}{{{low}}} {inner.text}", MUL, greedy=True)

    def nabla2(self, body: Term, wrt: Var) -> Piece:
        inner = self.wrap(self.piece(body), MUL)
        return Piece(f"\\nabla_{{{latex_name(wrt.name)}}}^2 {inner.text}", MUL, greedy=True)

    def _norm(self, arg: Term) -> str:
        low = "_F" if len(arg.shape) == 2 else ""
        inner = self.piece(arg).text
        tall = ("\\left\\|", "\\right\\|") if _tall(inner) else ("\\|", "\\|")
        return f"{tall[0]} {inner} {tall[1]}{low}" if _tall(inner) else f"\\|{inner}\\|{low}"

    def square_norm(self, arg: Term) -> Piece:
        if not arg.shape:
            return self.power(arg, Num(Fraction(2)))
        return Piece(self._norm(arg) + "^2", scripted=True)

    def delta(self, left: str, right: str) -> Piece:
        low = _latex_run([latex_name(left), latex_name(right)])
        if self.context is not None and "δ" in self.context.names:
            rows = f"1 & {left} = {right} \\\\ 0 & {left} \\neq {right}"
            return Piece(f"\\begin{{cases}} {rows} \\end{{cases}}")
        return Piece(f"\\delta_{{{low}}}")

    def eye(self, value: Size, bare: bool) -> Piece:
        return Piece("I" if bare else f"I_{{{_latex_size(value)}}}")

    def filled(self, value: Term, dims: tuple[Size, ...]) -> Piece:
        if value == Num(Fraction(0)):
            if len(dims) == 2:
                return Piece(f"\\mathbf{{0}}_{{{_latex_size(dims[0])} \\times {_latex_size(dims[1])}}}")
            return Piece(f"\\mathbf{{0}}_{{{_latex_size(dims[0])}}}" if dims else "0")
        names = [f"\\mathbf{{1}}_{{{_latex_size(d)}}}" for d in dims]
        if len(names) == 2:
            names[1] += "^\\top"
        ones = Piece(" ".join(names), MUL if len(names) > 1 else ATOM)
        if value == ONE:
            return ones
        return self.joined([self.wrap(self.piece(value), MUL, last=False), ones])

    def array(self, indices: list[str], body: Piece) -> Piece:
        return Piece(f"\\left[ {body.text} \\right]_{{{_latex_run(indices)}}}")

    def operator(self, word: str, arg: Term) -> Piece:
        command = "\\det" if word == "det" else f"\\operatorname{{{word}}}"
        return Piece(command + self.group(self.piece(arg).text))

    def group(self, text: str) -> str:
        return f"\\left( {text} \\right)" if _tall(text) else f"({text})"

    def between(self, left: Piece, right: Piece) -> str:
        if right.text[0].isdigit() or (
            right.text[0] == "(" and left.text[-1].isalpha() and self._applies(left)
        ):
            return " \\cdot "
        return " "

    def _applies(self, left: Piece) -> bool:
        """Whether a bracket after this name would be its argument."""
        if self.context is None:
            return False
        word = left.text.rpartition(" ")[2]
        named = [d.name for d in self.context.definitions.values() if d.params] + list(
            self.context.functions
        )
        return any(latex_name(name) == word for name in named)

    def optimum(self, node: ArgOpt) -> str:
        body = self.piece(node.body).text
        return f"\\arg\\{node.kind}_{{{latex_name(node.var.name)}}} \\left\\{{ {body} \\right\\}}"

    def about(self, var: Var) -> str:
        return f"_{{{latex_name(var.name)}}}"


def _latex_run(indices: list[str]) -> str:
    plain = all(len(i) == 1 and not i.isdigit() for i in indices)
    return "".join(indices) if plain or len(indices) == 1 else ",".join(indices)


def _latex_size(value: Size) -> str:
    words = [latex_name(n) if c == 1 else f"{c} {latex_name(n)}" for n, c in value.parts]
    if value.const or not words:
        words.append(str(value.const))
    return " + ".join(words).replace("+ -", "- ")


def _tall(text: str) -> bool:
    return any(word in text for word in ("\\frac", "\\sum", "\\prod", "\\begin", "\\left"))
