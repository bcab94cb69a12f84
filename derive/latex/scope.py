"""What the names of a document mean where a formula stands."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from derive.context import Context
from derive.latex.sizes import Sizes
from derive.latex.syntax import Node
from derive.names import PRIME, styled
from derive.terms import Shape, Size, Term, Var

MAX_NAMES = 2_000


@dataclass(frozen=True)
class Meaning:
    """A declared or defined name.

    `kind` is "variable", "definition" (a value), "function" (a definition with parameters) or
    "unknown" (a declared function).  `shape` is that of the value (of the argument for "unknown");
    its first `labels` axes are labels, its first `rows` axes subscripts of a family `x_n`.  `entrywise`: it was
    defined by its entries, `N_k := …`.
    """

    kind: str
    name: str  # internal
    shape: Shape = ()
    labels: int = 0
    rows: int = 0
    params: tuple[Var, ...] = ()
    local: bool = False
    entrywise: bool = False

    @property
    def var(self) -> Var:
        return Var(self.name, self.shape)


@dataclass
class Scope:
    """The meanings by key and style, the sizes seen, the densities declared with `\\sim`.

    A key is a name without its style (`derive.names.compose`); a family `x^{(i)}` has the key `x^()`.
    """

    context: Context = field(default_factory=Context)
    meanings: dict[str, dict[str, Meaning]] = field(default_factory=dict)
    sizes: set[str] = field(default_factory=set)
    #: sizes that were declared by `\in \mathbb{N}`, not only seen in a shape
    told: set[str] = field(default_factory=set)
    densities: dict[str, tuple[Term, Term]] = field(default_factory=dict)
    solver: Sizes = field(default_factory=Sizes)
    #: bases whose labels are bound somewhere here: families, with the size of the label axis if known
    families: dict[str, Size | None] = field(default_factory=dict)
    #: letters that some formula under this heading uses as a size
    coming: frozenset[str] = frozenset()
    #: letters that are declared or defined under this heading and that no sum there binds: no indices
    named: frozenset[str] = frozenset()
    #: letters with the subscript that belongs to the name by what the text does with it (`derive.latex.subscripts`)
    whole: frozenset[tuple[str, str]] = frozenset()
    #: keys that were declared under this very heading
    own: set[str] = field(default_factory=set)
    #: of these, the ones that were declared since the last claim
    unused: set[str] = field(default_factory=set)
    #: if not None: every node that is read is put here with its term
    readings: list[tuple[Node, Term]] | None = None

    def child(
        self,
        families: dict[str, Size | None],
        coming: frozenset[str] = frozenset(),
        named: frozenset[str] = frozenset(),
        whole: frozenset[tuple[str, str]] = frozenset(),
    ) -> Scope:
        """An inner scope; what its siblings bind or use as a size is nothing to it."""
        return Scope(
            self.context.child(),
            {key: dict(styles) for key, styles in self.meanings.items()},
            set(self.sizes),
            set(self.told),
            dict(self.densities),
            self.solver,
            {**{b: n for b, n in self.families.items() if self.is_family(b)}, **families},
            coming,
            named,
            whole,
        )

    def is_family(self, base: str) -> bool:
        """Does the letter, or the letter with a subscript, name a family: `x^{(i)}`, `W_Q^{(h)}`?"""
        return any(key.endswith("^()") and key[:-3].split("_")[0] == base for key in self.meanings)

    def find(self, key: str, style: str) -> Meaning | None:
        """The meaning of a written name; a bold or roman letter is the plain one unless both exist."""
        styles = self.meanings.get(key)
        if not styles:
            return None
        if style in styles:
            return styles[style]
        if style != "" and "" in styles:
            return styles[""]
        return next(iter(styles.values())) if len(styles) == 1 else None

    def ambiguous(self, key: str, style: str) -> bool:
        return len(self.meanings.get(key, {})) > 1 and self.find(key, style) is None

    def enter(self, key: str, style: str, meaning: Meaning) -> Meaning:
        self.meanings.setdefault(key, {})[style] = meaning
        return meaning

    def display(self, key: str, style: str) -> str:
        """The name as it is shown: styled only if a name of another style is visible."""
        others = [s for s in self.meanings.get(key, {}) if s != style]
        if not others or not style:
            return key
        base = key.rstrip(PRIME)
        return styled(key[0], style) + key[1:] if base else key

    def is_size(self, key: str) -> bool:
        return key in self.sizes

    def means_size(self, key: str, style: str) -> bool:
        """Is the letter, without an index, a size beside an array of that letter: N where N_k are numbers of
        members (counts are written as capitals, vectors are not), or M beside a bold M?"""
        styles = self.meanings.get(key, {})
        if key not in self.sizes or style:
            return False
        plain = styles.get("")
        return bool(styles) if plain is None else plain.entrywise and key.isupper()

    def settled(self, meaning: Meaning) -> Meaning:
        return replace(meaning, shape=self.solver.shape(meaning.shape)) if meaning.shape else meaning
