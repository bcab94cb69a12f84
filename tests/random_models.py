"""Random losses in the language of the homework format: well typed, defined everywhere, smooth."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

HEADER = r"""# A random model

Let $X \in \mathbb{R}^{N \times D}$, $A \in \mathbb{R}^{D \times D}$, $w, v \in \mathbb{R}^D$, $y, t \in \mathbb{R}^N$,
$b \in \mathbb{R}$, $c > 0$, $q \in (0, 1)$, $\sigma(z) := \frac{1}{1 + e^{-z}}$, $g(z) := \log(1 + e^z)$.
"""

#: what an expression has: nothing, an axis N, an axis D, an index n or an index d
NAMES = {"N": ("y", "t"), "D": ("w", "v"), "": ("b", "c", "q")}


class Model:
    """Draws formulas; `text` is the document."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.lines: list[str] = []
        self.names = {kind: list(names) for kind, names in NAMES.items()}
        for letter in random.sample(["r", "s", "h", "m", "k"], random.randint(0, 3)):
            kind = random.choice(["N", "D", ""])
            self.lines.append(f"${letter} := {self.of(kind, random.randint(1, 3))}$")
            self.names[kind].append(letter)
        body = " + ".join(self.scalar(random.randint(1, 3)) for _ in range(random.randint(1, 2)))
        self.lines.append(f"$L := {body}$")

    @property
    def text(self) -> str:
        return HEADER + "\n" + "\n\n".join(self.lines) + "\n"

    def of(self, kind: str, depth: int) -> str:
        return self.scalar(depth) if kind == "" else self.vector(kind, depth)

    def pick(self, *choices: Callable[[], str]) -> str:
        return self.random.choice(choices)()

    def number(self) -> str:
        return self.random.choice(["2", "3", r"\frac12", r"\frac{1}{3}", r"\frac{1}{N}"])

    # -- arrays ------------------------------------------------------------------------------------------

    def vector(self, kind: str, depth: int) -> str:
        """An array along N or D."""
        if depth <= 0:
            return self.random.choice(self.names[kind])
        d = depth - 1
        other = {"N": "X", "D": r"X^\top"}[kind]
        return self.pick(
            lambda: f"{other} {self.bracket(self.vector('D' if kind == 'N' else 'N', d))}",
            lambda: f"({self.vector(kind, d)} {self.random.choice('+-')} {self.vector(kind, d)})",
            lambda: rf"({self.vector(kind, d)} \odot {self.bracket(self.vector(kind, d))})",
            lambda: rf"{self.smooth()}({self.vector(kind, d)})",
            lambda: f"({self.number()} {self.bracket(self.vector(kind, d))})",
            lambda: rf"({self.bracket(self.scalar(d))} \cdot {self.bracket(self.vector(kind, d))})",
            lambda: rf"(\mathbf{{1}}_{kind} - {self.bracket(self.vector(kind, d))})",
            lambda: f"A {self.bracket(self.vector('D', d))}" if kind == "D" else self.vector(kind, d),
            lambda: rf"A^\top {self.bracket(self.vector('D', d))}" if kind == "D" else self.vector(kind, d),
        )

    def bracket(self, text: str) -> str:
        return text if text.isalpha() and len(text) == 1 else f"({text})"

    def smooth(self) -> str:
        return self.random.choice([r"\tanh", r"\sin", r"\sigma", "g", r"\cos"])

    # -- scalars -----------------------------------------------------------------------------------------

    def scalar(self, depth: int) -> str:
        if depth <= 0:
            return self.random.choice(self.names[""])
        d = depth - 1
        kind = self.random.choice("ND")
        return self.pick(
            lambda: rf"\|{self.vector(kind, d)}\|^2",
            lambda: rf"{self.bracket(self.vector(kind, d))}^\top {self.bracket(self.vector(kind, d))}",
            lambda: rf"\sum_{{n=1}}^N {self.bracket(self.entry('N', 'n', depth))}",
            lambda: rf"\sum_{{j=1}}^D {self.bracket(self.entry('D', 'j', depth))}",
            lambda: rf"\log\left(\sum_{{j=1}}^D \exp({self.entry('D', 'j', d)})\right)",
            lambda: rf"{self.smooth()}({self.scalar(d)})",
            lambda: rf"\sqrt{{1 + \|{self.vector(kind, d)}\|^2}}",
            lambda: rf"\frac{{{self.scalar(d)}}}{{c + \|{self.vector(kind, d)}\|^2}}",
            lambda: rf"\log(c + {self.bracket(self.scalar(d))}^2)",
            lambda: rf"({self.scalar(d)} {self.random.choice('+-')} {self.scalar(d)})",
            lambda: rf"{self.bracket(self.scalar(d))} \cdot {self.bracket(self.scalar(d))}",
            lambda: rf"\operatorname{{tr}}(A + {self.number()} A^\top A)",
            lambda: rf"\frac{{1}}{{c}} {self.bracket(self.scalar(d))}",
        )

    def entry(self, kind: str, index: str, depth: int) -> str:
        """A scalar that may hold the index."""
        if depth <= 0:
            return f"{self.random.choice(self.names[kind])}_{index}"
        d = depth - 1
        other, letter = ("D", "i") if kind == "N" else ("N", "m")
        place = f"X_{{{index}{letter}}}" if kind == "N" else f"X_{{{letter}{index}}}"
        return self.pick(
            lambda: f"{self.random.choice(self.names[kind])}_{index}",
            lambda: f"{self.bracket(self.entry(kind, index, d))}^2",
            lambda: f"{self.smooth()}({self.entry(kind, index, d)})",
            lambda: f"({self.entry(kind, index, d)} {self.random.choice('+-')} {self.entry(kind, index, d)})",
            lambda: rf"({self.entry(kind, index, d)} \cdot {self.entry(kind, index, d)})",
            lambda: rf"(\sum_{{{letter}=1}}^{other} {place} {self.random.choice(self.names[other])}_{letter})",
            lambda: rf"\frac{{{self.entry(kind, index, d)}}}{{1 + {self.bracket(self.entry(kind, index, d))}^2}}",
            lambda: f"({self.number()} {self.entry(kind, index, d)})",
            lambda: rf"\log(c + {self.bracket(self.entry(kind, index, d))}^2)",
            lambda: self.scalar(min(d, 1)),
        )
