"""Documents made from documents: the pieces of the format are cut, swapped, wrapped and put in.

Bytes that are changed blindly stop at the tokenizer; most of what is made here can be read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from random import Random

PIECE = re.compile(r"\\[A-Za-z]+\*?|\\.|\n[ \t]*\n|\s+|[A-Za-z]|\d+|:=|.", re.DOTALL)
DISPLAY = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)
INLINE = re.compile(r"(?<!\$)\$([^$\n]+)\$(?!\$)")

#: pieces that may stand for each other
CLASSES = [part.split() for part in (
    r"= \le \ge < > \neq \propto \iff \implies := \in \sim \to :",
    r"+ - \cdot \times / \odot ,",
    r"\log \exp \tanh \sinh \cosh \sin \cos \sqrt \det \sigma f f' E \operatorname{tr} \operatorname{diag} \max |",
    r"\sum_{n=1}^N \sum_{i=1}^D \prod_{k=1}^K \sum_k \sum_{i,j} \sum_{j\neq\,k} \arg\min_w \arg\max_w \nabla_w",
    r"^2 ^3 ^{-1} ^\top ^T ^{(1)} ^{(l+1)} ^{-2} ^{\frac12} ^N ^{10} ' _1 _2 _n _i _{ij} _{ji} _{n,d} _F^2",
    r"0 1 2 3 -1 \frac12 \frac{1}{N} N D 10 999 0.5 1e5",
    r"\mathbb{R} \mathbb{R}^D \mathbb{R}^{N\times\,D} \mathbb{R}^{D\times\,D} \mathbb{N} (0,1) \{0,1\} \{-1,1\}",
    r"w v x y X A b c u z d L I I_D \mathbf{0} \mathbf{1}_N \delta_{ij} \lambda \pi e \sigma^2 \hat{y} \infty",
    r"\frac{\partial\,L}{\partial\,w} \frac{\partial}{\partial\,w_i} \nabla_w\,L \nabla_w^2\,L L'(z) \frac{dL}{dz}",
    r"( ) [ ] \{ \} \left( \right) | \| { } $ $$ & \\ ; . \quad \text{and} \because 、",
    r"# ## > - ``` <!-- --> <!--derive:expect\,unknown--> Assume Let 仮定 \begin{aligned} \end{aligned} \tag{1}",
    r"\begin{cases} \end{cases} \underbrace{ \boxed{ \newcommand{\q}{w} \q \def\q#1{#1} \mathcal{N}(y\mid\mu,\sigma^2)",
)]  # fmt: skip
WORDS = [word.replace(r"\,", " ") for words in CLASSES for word in words]
LIKE = {word: words for words in CLASSES for word in words}

WRAPS = [
    (r"\frac{", "}{2}"), (r"\frac{1}{", "}"), ("(", ")^{-1}"), ("(", ")^2"), (r"\log(", ")"), (r"\exp(", ")"),
    (r"\sqrt{", "}"), ("(", r")^\top"), (r"\|", r"\|^2"), ("|", "|"), (r"\sum_{n=1}^N (", ")"), ("[", "]_{ij}"),
    ("(", ")_n"), (r"\frac{\partial}{\partial w} (", ")"), (r"\nabla_w (", ")"), (r"\operatorname{tr}(", ")"),
    (r"\operatorname{diag}(", ")"), (r"\max(0, ", ")"), (r"\det(", ")"), ("-(", ")"), (r"\sigma(", ")"),
    (r"\arg\min_w ", ""), (r"\prod_{i=1}^D (", ")"), ("{", "}"), (r"\boxed{", "}"),
]  # fmt: skip

DECLARED = r"""
a \in \mathbb{R}; s > 0; q \in (0, 1); d \in \{0, 1\}; w, v \in \mathbb{R}^D; f : \mathbb{R} \to \mathbb{R};
X \in \mathbb{R}^{N \times D}; A \in \mathbb{R}^{D \times D}; E : \mathbb{R}^D \to \mathbb{R}; N \in \mathbb{N};
x^{(i)} \in \mathbb{R}^D; \sigma(z) := \frac{1}{1 + e^{-z}}; L := \|Xw - y\|^2; a \neq 0; a < 0; w_2 := 3;
t \sim \mathcal{N}(a, s); y \in \mathbb{R}^N; \det(A) \neq 0; A = A^\top; M \in \mathbb{R}^{2 \times 3}
""".strip().split(";")

Pieces = list[str]


def pieces(text: str) -> Pieces:
    return PIECE.findall(text)


def groups(parts: Pieces) -> list[tuple[int, int]]:
    """The ranges in balanced brackets, without them."""
    opened: list[int] = []
    found = []
    for k, part in enumerate(parts):
        if part in ("{", "(", "[", r"\{"):
            opened.append(k)
        elif part in ("}", ")", "]", r"\}") and opened:
            found.append((opened.pop() + 1, k))
    return found


class Mutator:
    """`texts` lend their displays and inline formulas."""

    def __init__(self, texts: Iterable[str]) -> None:
        texts = list(texts)
        self.displays = [d for t in texts for d in DISPLAY.findall(t)]
        self.inlines = [i for t in texts for i in INLINE.findall(t)] + DECLARED
        self.groups = sorted({"".join(parts[a:b]) for t in texts for parts in [pieces(t)] for a, b in groups(parts)})

    def __call__(self, text: str, rng: Random) -> str:
        for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 5))):
            text = rng.choice(self.OPERATIONS)(self, text, rng)
        return text

    # -- pieces --------------------------------------------------------------------------------------------

    def replaced(self, text: str, rng: Random) -> str:
        """A piece by one of its kind, or by one that stands elsewhere in the text."""
        parts = pieces(text)
        places = [k for k, p in enumerate(parts) if not p.isspace()]
        if not places:
            return rng.choice(WORDS)
        k = rng.choice(places)
        if rng.random() < 0.3:
            same = [p for p in parts if p.isalpha() and len(p) == 1]
            parts[k] = rng.choice(same or WORDS)
        else:
            parts[k] = rng.choice(LIKE.get(parts[k], WORDS))
        return "".join(parts)

    def put_in(self, text: str, rng: Random) -> str:
        parts = pieces(text)
        parts.insert(rng.randint(0, len(parts)), f" {rng.choice(WORDS)} ")
        return "".join(parts)

    def cut(self, text: str, rng: Random) -> str:
        parts = pieces(text)
        k = rng.randint(0, len(parts))
        del parts[k : k + rng.choice((1, 1, 1, 2, 4, 20))]
        return "".join(parts)

    def doubled(self, text: str, rng: Random) -> str:
        parts = pieces(text)
        k = rng.randint(0, len(parts))
        n = rng.choice((1, 1, 2, 4, 20))
        parts[k:k] = parts[k : k + n] * rng.choice((1, 1, 2, 10))
        return "".join(parts)

    def renamed(self, text: str, rng: Random) -> str:
        """One name becomes another everywhere."""
        names = sorted({p for p in pieces(text) if len(p) == 1 and p.isalpha()})
        if not names:
            return text
        old, new = rng.choice(names), rng.choice([*names, *"wvxyzabcuLNDK"])
        return "".join(new if p == old else p for p in pieces(text))

    # -- groups --------------------------------------------------------------------------------------------

    def group(self, text: str, rng: Random) -> str:
        """A group by another group, of this text or of the seeds."""
        parts = pieces(text)
        found = groups(parts)
        if not found:
            return text
        a, b = rng.choice(found)
        c, d = rng.choice(found)
        parts[a:b] = parts[c:d] if rng.random() < 0.5 else [rng.choice(self.groups)]
        return "".join(parts)

    def wrapped(self, text: str, rng: Random) -> str:
        parts = pieces(text)
        found = groups(parts)
        if found and rng.random() < 0.5:
            a, b = rng.choice(found)
        else:
            a = rng.randint(0, len(parts))
            b = min(len(parts), a + rng.randint(1, 6))
        before, after = rng.choice(WRAPS)
        return "".join([*parts[:a], before, *parts[a:b], after, *parts[b:]])

    def unwrapped(self, text: str, rng: Random) -> str:
        parts = pieces(text)
        found = groups(parts)
        if not found:
            return text
        a, b = rng.choice(found)
        return "".join(parts[: a - 1] + parts[a:b] + parts[b + 1 :])

    # -- formulas ------------------------------------------------------------------------------------------

    def display(self, text: str, rng: Random) -> str:
        """One display less, one more, or one in the place of another."""
        found = list(DISPLAY.finditer(text))
        kind = rng.randrange(3)
        new = f"$${rng.choice(self.displays)}$$"
        if not found or kind == 0:
            return f"{text}\n\n{new}\n"
        chosen = rng.choice(found)
        return text[: chosen.start()] + ("" if kind == 1 else new) + text[chosen.end() :]

    def sides(self, text: str, rng: Random) -> str:
        """The sides of a claim change places, or one of them becomes a side of another claim."""
        found = [m for m in DISPLAY.finditer(text) if "=" in m[1]]
        if not found:
            return text
        chosen = rng.choice(found)
        sides = chosen[1].split("=")
        other = rng.choice(self.displays).split("=")
        k = rng.randrange(len(sides))
        if rng.random() < 0.5:
            sides[k] = rng.choice([*other, *sides])
        else:
            rng.shuffle(sides)
        return f"{text[: chosen.start()]}$${'='.join(sides)}$${text[chosen.end() :]}"

    def declared(self, text: str, rng: Random) -> str:
        found = list(INLINE.finditer(text))
        new = f"${rng.choice(self.inlines)}$"
        if not found or rng.random() < 0.4:
            start = rng.choice(("Let ", "Assume ", "> Let ", "- ", "# A\n\n"))
            return f"{start}{new}.\n\n{text}"
        chosen = rng.choice(found)
        middle = rng.choice((new, "", f"{chosen[0]}, {new}"))
        return text[: chosen.start()] + middle + text[chosen.end() :]

    OPERATIONS: tuple[Callable[[Mutator, str, Random], str], ...] = (
        replaced, replaced, replaced, put_in, cut, doubled, renamed, group, group, wrapped, wrapped, unwrapped,
        display, sides, sides, declared,
    )  # fmt: skip


def seeds(texts: Iterable[str]) -> list[str]:
    """Each display with the prose of its section above it, as a document of its own."""
    made: dict[str, None] = {}
    for text in texts:
        made[text] = None
        above: list[str] = []
        for block in re.split(r"\n[ \t]*\n", text):
            if "$$" in block:
                made["\n\n".join([*above, block]) + "\n"] = None
            elif "$" in block or "newcommand" in block:
                above.append(block)
    return list(made)
