"""What to write for notation that is in wide use but has no meaning in the format."""

from __future__ import annotations

from derive.latex.errors import ReadError
from derive.latex.names import subscript_text
from derive.latex.scope import Scope
from derive.latex.syntax import Big, Node, Scripted, SubPart, Superscript, Symbol, children

#: command → what says the same
COMMANDS = {
    "\\min": "-\\max(-a, -b)",
    "\\langle": "a^\\top b",
    "\\rangle": "a^\\top b",
    "\\oslash": "r_i := a_i / b_i",
    "\\otimes": "a b^\\top",
    "\\sec": "\\frac{1}{\\cos a}",
    "\\cot": "\\frac{\\cos a}{\\sin a}",
    "\\coth": "\\frac{1}{\\tanh a}",
    "\\tan": "\\frac{\\sin a}{\\cos a}",
    "\\lg": "\\frac{\\log a}{\\log 10}",
}

#: function → its definition
FUNCTIONS = {
    "σ": "\\sigma(z) := \\frac{1}{1 + e^{-z}}",
    "sigmoid": "\\operatorname{sigmoid}(z) := \\frac{1}{1 + e^{-z}}",
    "sigm": "\\operatorname{sigm}(z) := \\frac{1}{1 + e^{-z}}",
    "logit": "\\operatorname{logit}(z) := \\log \\frac{z}{1 - z}",
    "relu": "\\operatorname{relu}(z) := \\max(0, z)",
    "ReLU": "\\operatorname{ReLU}(z) := \\max(0, z)",
    "softplus": "\\operatorname{softplus}(z) := \\log(1 + e^z)",
    "softmax": "p_k := \\frac{\\exp(z_k)}{\\sum_j \\exp(z_j)}",
    "logsumexp": "s := \\log \\sum_j \\exp(z_j)",
    "LSE": "s := \\log \\sum_j \\exp(z_j)",
    "SiLU": "\\operatorname{SiLU}(z) := \\frac{z}{1 + e^{-z}}",
    "swish": "\\operatorname{swish}(z) := \\frac{z}{1 + e^{-z}}",
    "sign": "\\operatorname{sign}(z) := \\frac{z}{|z|}",
    "sgn": "\\operatorname{sgn}(z) := \\frac{z}{|z|}",
}

#: errors that a letter brings about which is an array here where the constant was meant
_MISTAKEN = frozenset({"D186", "D301", "D302", "D303", "D304", "D305", "D306", "D312"})
_CONSTANTS = ("π", "e")


def no_meaning(command: str, start: int, end: int) -> ReadError:
    """The error for a command that the format does not have."""
    if command in COMMANDS:
        return ReadError("D139", start, end, command=command, instead=COMMANDS[command])
    return ReadError("D106", start, end, command=command)


def no_function(name: str, latex: str, start: int, end: int) -> ReadError:
    """The error for a function that nothing defines."""
    if name in FUNCTIONS:
        return ReadError("D156", start, end, name=name, example=FUNCTIONS[name])
    return ReadError("D141", start, end, name=name, latex=latex)


def label_meant(scope: Scope, rest: tuple[Superscript, ...]) -> str:
    """`Q` of an undeclared `W^Q`: a superscript that no number is; "" for another."""
    power = rest[0].power if len(rest) == 1 else None
    if not isinstance(power, Symbol) or power.base in scope.sizes or power.base in scope.meanings:
        return ""
    return subscript_text((SubPart(power.start, power.end, power),))


def beside(node: Node, letter: str) -> str:
    """The index j of a `\\sum_{j \\neq letter}` in `node`; "" if there is none."""
    stack = [node]
    while stack:
        here = stack.pop()
        for part in here.sub if isinstance(here, Big) else ():
            unlike = part.op == "≠" and isinstance(part.right, Symbol) and part.right.base == letter
            if unlike and isinstance(part.left, Symbol):
                return part.left.base
        stack.extend(children(here))
    return ""


def shadowed(scope: Scope, node: Node, error: ReadError) -> ReadError:
    """`2\\pi\\sigma^2` where π is an array of the document: the error says so."""
    stack = [node]
    while stack and error.problem.code in _MISTAKEN:
        here = stack.pop()
        if isinstance(here, Symbol) and here.base in _CONSTANTS:
            found = scope.find(here.base, here.style)
            if found is not None and found.shape:
                return ReadError("D155", here.start, here.end, name=here.base)
        below = children(here)
        if isinstance(here, Scripted) and here.sub:
            below = [c for c in below if c is not here.base]
        stack.extend(below)
    return error


__all__ = ["COMMANDS", "FUNCTIONS", "beside", "label_meant", "no_function", "no_meaning", "shadowed"]
