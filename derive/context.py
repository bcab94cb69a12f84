"""Contexts: what is declared, defined and assumed where a claim is made."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction

from derive.props import Prop
from derive.terms import Call, Index, Shape, Size, Term, Var


@dataclass(frozen=True)
class Domain:
    """The values that each entry of a declared variable may take: ℝ, cut down.

    `values` (a finite set) excludes the bounds; `low`/`high` are strict where the flag says so.
    """

    low: Fraction | None = None
    high: Fraction | None = None
    low_strict: bool = True
    high_strict: bool = True
    nonzero: bool = False
    values: tuple[Fraction, ...] | None = None

    @property
    def empty(self) -> bool:
        """No value at all: declared conditions that contradict each other."""
        if self.values is not None:
            return not self.values
        if self.low is None or self.high is None:
            return False
        return self.low > self.high or (self.low == self.high and not self.contains(self.low))

    def contains(self, x: Fraction | float) -> bool:
        if self.values is not None:
            return any(x == v for v in self.values)
        if self.nonzero and x == 0:
            return False
        if self.low is not None and (x < self.low or (self.low_strict and x == self.low)):
            return False
        return self.high is None or not (x > self.high or (self.high_strict and x == self.high))

    def condition(self, name: str) -> str:
        """The condition on each entry as one writes it, `σ > 0`; "" for all of ℝ."""
        if self.values is not None:
            return f"{name} ∈ {{{', '.join(map(str, self.values))}}}"
        if self.low is not None and self.high is not None:
            left, right = "[("[self.low_strict], "])"[self.high_strict]
            return f"{name} ∈ {left}{self.low}, {self.high}{right}"
        if self.low is not None:
            return f"{name} {'>' if self.low_strict else '≥'} {self.low}"
        if self.high is not None:
            return f"{name} {'<' if self.high_strict else '≤'} {self.high}"
        return f"{name} ≠ 0" if self.nonzero else ""


REAL = Domain()
POSITIVE = Domain(low=Fraction(0))


@dataclass(frozen=True)
class Declaration:
    """A declared real variable.  `labels` leading axes of `shape` are labels `x^{(i)}`.

    `shown`: the domain is no hypothesis of its own, but what the definition that the name stands for shows
    under these hypotheses.
    """

    name: str
    shape: Shape = ()
    domain: Domain = REAL
    labels: int = 0
    shown: tuple[str, ...] | None = None

    @property
    def var(self) -> Var:
        return Var(self.name, self.shape)


@dataclass(frozen=True)
class Function:
    """An unknown smooth real function: of a scalar (`domain` is ()) or of an array of that shape."""

    name: str
    domain: Shape = ()


@dataclass(frozen=True)
class Definition:
    """name(params) := body.  `params` that are declared names may be left out: `L` for `L(w)`.

    `local` params exist in the body only (`σ(z) := …` where z need not be declared).  `labels` leading
    axes are labels `z^{(i)}`.
    """

    name: str
    body: Term
    params: tuple[Var, ...] = ()
    local: bool = False
    labels: int = 0

    @property
    def var(self) -> Var:
        return Var(self.name, self.body.shape)


@dataclass(frozen=True)
class Assumption:
    """A stated assumption; free indices mean *for every value*.  `text` is shown in reports.

    `fixed` are free indices of one value each: those of a claim of which this is the left side.
    """

    prop: Prop
    text: str
    fixed: frozenset[Index] = frozenset()


@dataclass
class Context:
    """Names in scope.  `child()` opens an inner scope; the outer one never sees its names.

    A name that is introduced again gets an internal name of its own (`y@2`), so that definitions
    and assumptions about the old one keep their meaning; `names` leads from the written name to the
    internal one, `written` back.
    """

    names: dict[str, str] = field(default_factory=dict)
    declarations: dict[str, Declaration] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    definitions: dict[str, Definition] = field(default_factory=dict)
    assumptions: list[Assumption] = field(default_factory=list)
    #: axes that a literal index shows to be long enough: `w_2` means D ≥ 2
    least: dict[Size, int] = field(default_factory=dict)

    def child(self) -> Context:
        return Context(
            dict(self.names),
            dict(self.declarations),
            dict(self.functions),
            dict(self.definitions),
            list(self.assumptions),
            dict(self.least),
        )

    def declare(self, declaration: Declaration) -> Var:
        made = replace(declaration, name=self._fresh(declaration.name))
        self.declarations[made.name] = made
        return made.var

    def restrict(self, name: str, domain: Domain) -> None:
        """Replaces the domain of a declared (internal) name."""
        self.declarations[name] = replace(self.declarations[name], domain=domain)

    def declare_function(self, function: Function) -> Function:
        made = replace(function, name=self._fresh(function.name))
        self.functions[made.name] = made
        return made

    def define(self, definition: Definition) -> Definition:
        made = replace(definition, name=self._fresh(definition.name))
        self.definitions[made.name] = made
        return made

    def assume(self, assumption: Assumption) -> None:
        self.assumptions.append(assumption)

    def reachable(self, body: Term) -> set[str]:
        """Every name that the value of `body` can depend on, through definitions."""
        seen: set[str] = set()
        stack: list[Term] = [body]
        while stack:
            for node in stack.pop().walk():
                name = getattr(node, "name", None)
                if isinstance(node, (Var, Call)) and name not in seen:
                    seen.add(node.name)
                    if node.name in self.definitions:
                        stack.append(self.definitions[node.name].body)
        return seen

    def _fresh(self, name: str) -> str:
        """The internal name for a new meaning of `name`.  Bodies are built before their name is
        entered, so definitions cannot form a cycle."""
        taken = self.declarations.keys() | self.functions.keys() | self.definitions.keys()
        made, count = name, 1
        while made in taken:
            count += 1
            made = f"{name}@{count}"
        self.names[name] = made
        return made


def written(name: str) -> str:
    """The name as the author wrote it."""
    return name.partition("@")[0]
