"""A page of ten derivations, one derivation, and 200 submissions on one core and on all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from benchmarks.timing import command, row, yardstick

STEP = """
## Exercise {n}

Let $X \\in \\mathbb{{R}}^{{N \\times D}}$, $w \\in \\mathbb{{R}}^D$, $y \\in \\mathbb{{R}}^N$ and $\\lambda > 0$.
Define $L(w) := \\|Xw - y\\|^2 + {n}\\lambda \\|w\\|^2$.

$$
\\begin{{aligned}}
\\frac{{\\partial L}}{{\\partial w}} &= 2 X^\\top (Xw - y) + {two_n} \\lambda w \\\\
&= 2 (X^\\top X + {n} \\lambda I) w - 2 X^\\top y
\\end{{aligned}}
$$
"""


def page(first: int, derivations: int) -> str:
    """A document of so many derivations of two steps each, no two alike."""
    return "# Homework\n" + "".join(STEP.format(n=n, two_n=2 * n) for n in range(first, first + derivations))


def main() -> None:
    start = yardstick()
    with tempfile.TemporaryDirectory() as folder:
        one, ten = Path(folder) / "one.md", Path(folder) / "ten.md"
        one.write_text(page(2, 1), encoding="utf-8")
        ten.write_text(page(2, 10), encoding="utf-8")
        single = command(["-m", "derive", "check", str(one)], codes=(0,))
        many = command(["-m", "derive", "check", str(ten)], codes=(0,))
        row("derive check, one derivation", single, start, "import sympy")
        row("derive check, a page of ten derivations", many, start, "import sympy")
        row("  each of the other 18 steps", (many - single) / 18, start, "import sympy")

        hand_in = Path(folder) / "submissions"
        hand_in.mkdir()
        for n in range(200):
            (hand_in / f"{n:03}.md").write_text(page(n + 2, 1), encoding="utf-8")
        files = sorted(map(str, hand_in.glob("*.md")))
        alone = command(["-m", "derive", "check", "--jobs", "1", *files], repeat=1, codes=(0,))
        row("200 submissions on one core", alone, start, "import sympy")
        row("200 submissions on all cores", command(["-m", "derive", "check", *files], 1, (0,)), alone, "one core")
        print(f"cores: {os.cpu_count()}")


if __name__ == "__main__":
    main()
