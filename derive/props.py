"""Propositions: what a step of a derivation claims, and what an assumption states."""

from __future__ import annotations

from dataclasses import dataclass

from derive.terms import ONE, ShapeError, Term, Var, shape_text

#: relation symbols: equal, less, …
RELATIONS = ("=", "≠", "<", "≤", ">", "≥")


@dataclass(frozen=True)
class Prop:
    """Base of all propositions; free indices are universally quantified."""


@dataclass(frozen=True)
class Rel(Prop):
    """left (=, ≠, <, ≤, >, ≥) right, entrywise for arrays of one shape."""

    op: str
    left: Term
    right: Term

    def __post_init__(self) -> None:
        if self.op not in RELATIONS:
            raise ValueError(f"unknown relation {self.op!r}")
        if self.left.shape != self.right.shape:
            raise ShapeError(
                f"shape {shape_text(self.left.shape)} {self.op} shape {shape_text(self.right.shape)}"
            )


@dataclass(frozen=True)
class SemiDefinite(Prop):
    """vᵀ A v ≥ 0 for every v: the square matrix `arg` is positive semidefinite."""

    arg: Term


@dataclass(frozen=True)
class ArgOpt:
    """arg min (`kind` = "min") or arg max ("max") of a scalar `body` over the values of `var`."""

    kind: str
    var: Var
    body: Term


@dataclass(frozen=True)
class SameSolutions(Prop):
    """Two optimisation problems have the same set of solutions."""

    left: ArgOpt
    right: ArgOpt


@dataclass(frozen=True)
class Proportional(Prop):
    """left = c · right with c > 0 free of `var`."""

    left: Term
    right: Term
    var: Var


@dataclass(frozen=True)
class Iff(Prop):
    """Both sides hold at the same points."""

    left: Prop
    right: Prop


@dataclass(frozen=True)
class Implies(Prop):
    """Where the left side holds, the right one does."""

    left: Prop
    right: Prop


@dataclass(frozen=True)
class And(Prop):
    """A chain `a = b = c` used as one proposition."""

    parts: tuple[Prop, ...]


@dataclass(frozen=True)
class EveryDepth(Prop):
    """Backpropagation for every depth: the conclusion of an induction over layers.

    The layers are U⁽ˡ⁺¹⁾ = `above`(Z⁽ˡ⁾; parameters) with Z⁽ˡ⁾ = `hidden`, defined from U⁽ˡ⁾ = `state`;
    the lowest has the data Z⁽⁰⁾ = `data` in the place of Z, and the last U⁽ᴸ⁾ = `output` feeds `loss`.
    With `delta` Δ⁽ˡ⁾ = ∂loss/∂U⁽ˡ⁾, for every L ≥ 1 and every layer:
      `base`:       ∂loss/∂output = …                  (the output layer; names of the base's context)
      `step`:       ∂E(above)/∂state = … Δ⁽ˡ⁺¹⁾ …       (E is an unknown smooth function)
      `parameters`: ∂E(above)/∂W = … Δ⁽ˡ⁺¹⁾ … Z⁽ˡ⁾      for each parameter of a layer
      `inputs`:     ∂E(above)/∂W = … Δ⁽¹⁾ … X           for the same parameters of the lowest layer
    The forward statements are the definitions of the premises' contexts.

    With `whole` J := c E(above) + R, where c is `factor` and R is `penalty`, `parameters` and `inputs` are
    the derivatives of J instead, and hold for the network's J = c · loss + Σₗ R⁽ˡ⁾, a sum over all layers.
    """

    loss: Var
    output: Var
    base: Rel
    state: Var
    hidden: Var
    above: Var
    delta: Var
    step: Rel
    parameters: tuple[Rel, ...]
    data: Var
    inputs: tuple[Rel, ...]
    whole: Var | None = None
    factor: Term = ONE
    penalty: Term | None = None
