"""Pieces of Python source with their precedence."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from textwrap import wrap

SUM, PRODUCT, SIGN, POWER, ATOM = 1, 2, 3, 4, 5


@dataclass(frozen=True)
class Code:
    text: str
    level: int = ATOM
    is_matmul: bool = False

    def at(self, level: int) -> str:
        """The text, in brackets unless it binds at least as tightly as `level`."""
        return self.text if self.level >= level else f"({self.text})"


def call(function: str, *args: str) -> Code:
    return Code(f"{function}({', '.join(args)})")


def number(value: Fraction) -> Code:
    """A Python scalar: an int, a short decimal, or a quotient of ints."""
    sign = "-" if value < 0 else ""
    p, q = abs(value).numerator, value.denominator
    if q == 1:
        return Code(f"{sign}{p}", SIGN if sign else ATOM)
    rest = q
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    decimal = repr(p / q)
    if rest == 1 and len(decimal) <= 8 and Fraction(decimal) == abs(value):
        return Code(sign + decimal, SIGN if sign else ATOM)
    return Code(f"{sign}{p} / {q}", PRODUCT)


def sum_of(terms: list[tuple[bool, Code]]) -> Code:
    """a + b − c from (negative?, code) pairs, a positive term first."""
    if terms[0][0]:
        first = next((n for n, (minus, _) in enumerate(terms) if not minus), 0)
        terms = [terms[first], *terms[:first], *terms[first + 1 :]]
    text = ""
    for minus, code in terms:
        piece = code.at(PRODUCT)
        if not text:
            text = f"-{code.at(SIGN if code.level >= SIGN else PRODUCT)}" if minus else code.at(SUM)
        else:
            text += f" {'-' if minus else '+'} {piece}"
    return Code(text, SUM if len(terms) > 1 else SIGN if terms[0][0] else terms[0][1].level)


def product_of(above: list[Code], below: list[Code]) -> Code:
    """above[0] * … / below[0] (a quotient of products)."""
    text = " * ".join([above[0].at(PRODUCT), *(c.at(SIGN) for c in above[1:])]) if above else "1"
    single = len(above) == 1 and not below
    if below:
        under = below[0].at(SIGN) if len(below) == 1 else "(" + " * ".join(c.at(SIGN) for c in below) + ")"
        text += f" / {under}"
    return above[0] if single else Code(text, PRODUCT)


#: operators at which a long statement is broken, the loosest first
BREAKS = ((" + ", " - "), (" * ", " / ", " @ "), (", ",))


def broken(statement: str, width: int) -> list[str]:
    """A statement `target = value` or `return value` on as many lines as it needs.

    It is broken before the loosest operators outside all brackets, or else inside the outermost ones.
    """
    if len(statement) <= width:
        return [statement]
    head, mark, value = statement.partition("return " if statement.startswith("return ") else " = ")
    head += mark
    loosest = next((rows for o in BREAKS if len(rows := _rows(value, 0, o)) > 1), None)
    if loosest is not None:
        return [f"{head}(", *(f"    {r}" for r in _cut(value, width - 8)), ")"]
    for depth in range(1, 4):
        for operators in BREAKS:
            rows = _rows(value, depth, operators)
            if len(rows) > 1 and all(len(r) <= width - 8 for r in rows):
                return [head + rows[0], *(f"    {r}" for r in rows[1:])]
    return [f"{head}(", *(f"    {r}" for r in _cut(value, width - 8)), ")"]


def _cut(text: str, width: int) -> list[str]:
    """What stands in brackets cut at the loosest operators, and its parts again where they are too long."""
    if len(text) > width:
        for depth in range(6):
            for operators in BREAKS:
                rows = _rows(text, depth, operators)
                if len(rows) > 1:
                    parts = [_cut(r, width - 4) for r in rows]
                    return [row for first, *more in parts for row in (first, *(f"    {r}" for r in more))]
    return [text]


def comment(text: str, width: int) -> list[str]:
    """A comment on as many lines as it needs; no word of it is cut."""
    return wrap(text, width, initial_indent="# ", subsequent_indent="#     ", break_long_words=False,
                break_on_hyphens=False)  # fmt: skip


def paragraph(text: str, width: int) -> list[str]:
    """A line of a docstring on as many lines as it needs."""
    return wrap(text, width, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)


def _rows(text: str, depth: int, operators: tuple[str, ...]) -> list[str]:
    """The text cut before the operators (after a comma) that stand at this depth of brackets."""
    rows, start, level = [], 0, 0
    for n, c in enumerate(text):
        level += (c in "([") - (c in ")]")
        found = next((o for o in operators if text.startswith(o, n)), None)
        if found is not None and level == depth and n > start:
            cut = n + 1
            rows.append(text[start:cut].rstrip())
            start = cut if found != ", " else n + 2
            start += text[start] == " "
    return [*rows, text[start:]]
