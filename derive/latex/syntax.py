"""The syntax tree: what is written, before declarations say what it means.

Every node has a span [start, end) of offsets into the formula's source.  Juxtaposition is kept flat:
whether `f(x)` is an application or a product, and `w_d` an entry or a name, is decided later.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Number(Node):
    text: str  # digits with at most one full stop


@dataclass(frozen=True, slots=True)
class Symbol(Node):
    """A letter or word, with its accents; `style` is "", "bold" or "roman"."""

    base: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Word(Node):
    """`\\text{…}` where it stands for a subscript or a condition of `cases`."""

    text: str


@dataclass(frozen=True, slots=True)
class Ones(Node):
    """`\\mathbf{1}`, `\\mathbb{1}`; the size is its subscript."""


@dataclass(frozen=True, slots=True)
class Zeros(Node):
    """`\\mathbf{0}`."""


@dataclass(frozen=True, slots=True)
class Partial(Node):
    """`\\partial` or an upright d."""


@dataclass(frozen=True, slots=True)
class Bracket(Node):
    """`(…)`, `[…]`, `\\{…\\}` or, with kind "{", a TeX group; `separators` stand between `parts`."""

    kind: str
    parts: tuple[Node, ...]
    separators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bars(Node):
    """`|…|` (kind "|") or `‖…‖` (kind "‖")."""

    kind: str
    body: Node


@dataclass(frozen=True, slots=True)
class Label(Node):
    """The content of a parenthesised superscript, without blanks."""

    text: str
    letter: str = ""  # if it is one letter
    number: int = 0  # if it is one positive integer


@dataclass(frozen=True, slots=True)
class Superscript(Node):
    """`^{…}`: a label, primes, a transpose ("⊤" explicit, "T" the letter), an inverse, a power."""

    label: Label | None = None
    primes: int = 0
    transpose: str = ""
    power: Node | None = None


@dataclass(frozen=True, slots=True)
class SubPart(Node):
    """One part of a subscript: an expression, or `left op right` (`n = 1`, `j \\neq k`)."""

    left: Node
    op: str = ""
    right: Node | None = None


@dataclass(frozen=True, slots=True)
class Scripted(Node):
    base: Node
    sub: tuple[SubPart, ...] = ()
    sup: tuple[Superscript, ...] = ()


@dataclass(frozen=True, slots=True)
class Juxtaposed(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Product(Node):
    """first (op item)*, from left to right; op is "·", "/" or "⊙"."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Negative(Node):
    body: Node


@dataclass(frozen=True, slots=True)
class Sums(Node):
    """A sum of terms with their signs (+1, -1)."""

    terms: tuple[tuple[int, Node], ...]


@dataclass(frozen=True, slots=True)
class Big(Node):
    """`\\sum` ("Σ") or `\\prod` ("Π") with its range."""

    op: str
    sub: tuple[SubPart, ...]
    upper: Node | None
    body: Node


@dataclass(frozen=True, slots=True)
class Function(Node):
    """A function word with its argument; `power` as in `\\tanh^2 u`, `primes` as in `\\tanh'' u`."""

    name: str
    argument: Node
    power: Node | None = None
    primes: int = 0


@dataclass(frozen=True, slots=True)
class Fraction(Node):
    over: Node
    under: Node


@dataclass(frozen=True, slots=True)
class Operator(Node):
    """`\\frac{\\partial}{\\partial w}` applied to `body`; `over` and `under` as written."""

    over: Node
    under: Node
    body: Node


@dataclass(frozen=True, slots=True)
class Nabla(Node):
    """`\\nabla_w^{order}` applied to `body`."""

    sub: tuple[SubPart, ...]
    order: Node | None
    body: Node


@dataclass(frozen=True, slots=True)
class Root(Node):
    body: Node


@dataclass(frozen=True, slots=True)
class Condition(Node):
    """`left = right` ("=") or `left ≠ right` ("≠"); "else" for `otherwise`."""

    op: str
    left: Node | None = None
    right: Node | None = None


@dataclass(frozen=True, slots=True)
class Cases(Node):
    rows: tuple[tuple[Node, Condition], ...]


@dataclass(frozen=True, slots=True)
class Optimum(Node):
    """`\\arg\\min_w body` ("min") or `\\arg\\max` ("max")."""

    kind: str
    sub: tuple[SubPart, ...]
    body: Node


def children(node: Node) -> list[Node]:
    """The nodes directly below, in the order in which they are written."""
    found: list[Node] = []

    def visit(value: object) -> None:
        if isinstance(value, Node):
            found.append(value)
        elif isinstance(value, tuple):
            for part in value:
                visit(part)

    for slot in type(node).__slots__:
        visit(getattr(node, slot))
    return found


def has_norm(node: Node) -> bool:
    """Does ‖·‖ stand in it?"""
    return (isinstance(node, Bars) and node.kind == "‖") or any(map(has_norm, children(node)))
