"""The theorems that the modules are compiled from, proved when they are asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

from codegen.functions import Proof
from codegen.modules import At
from derive import kernel
from derive.blackboard import Derivation, Step
from derive.context import Context
from derive.kernel import Scene, Theorem
from derive.props import Rel
from derive.prover import ProofError, prove_step
from derive.terms import Var


class NotProvable(Exception):
    """A step that a module is compiled from is not proved, or is not there."""


class Proofs:
    """Steps of derivations as theorems."""

    def __init__(self, derivations: Mapping[str, Callable[[], Derivation]]) -> None:
        self._make = derivations
        self._made: dict[str, Derivation] = {}
        self._done: dict[str, dict[str, Theorem | ProofError]] = {}

    def step(self, at: At) -> Step:
        if at.derivation not in self._made:
            self._made[at.derivation] = self._make[at.derivation]()
        try:
            return self._made[at.derivation][at.label]
        except KeyError as missing:
            raise NotProvable(str(missing.args[0])) from None

    def proof(self, at: At) -> Proof:
        return Proof(at, self.step(at).slide)

    def theorem(self, at: At) -> Theorem:
        """The theorem that the step states; raises `NotProvable`."""
        step = self.step(at)
        done = self._done.setdefault(at.derivation, {})
        for label in (*step.premises, at.label):
            if label not in done:
                try:
                    done[label] = prove_step(self._made[at.derivation][label], done)
                except ProofError as failure:
                    raise NotProvable(f"{at.derivation}, step {label}: {failure}") from None
        theorem = done[at.label]
        assert isinstance(theorem, Theorem)
        return theorem

    def chain(self, at: At) -> Theorem:
        """The conclusion of a chain that ends at the step: its first side equals its last."""
        last = self.step(at)
        first = next((s for s in self._made[at.derivation].steps if s.label == f"{at.label}.1"), last)
        if first is last or not (isinstance(first.prop, Rel) and isinstance(last.prop, Rel)):
            return self.theorem(at)
        for step in self._made[at.derivation].steps:
            if step.label == at.label or step.label.startswith(f"{at.label}."):
                self.theorem(At(at.derivation, step.label))
        return kernel.equality(Scene(last.context), Rel("=", first.prop.left, last.prop.right))

    def defined(self, at: At, name: str) -> Theorem:
        """The theorem `name = its definition's body` in the context of a step."""
        return definition(self.step(at).context, name)


def definition(context: Context, name: str) -> Theorem:
    """The theorem `name = body` of a definition in the context."""
    made = context.definitions[context.names.get(name, name)]
    return kernel.equality(Scene(context), Rel("=", Var(made.name, made.body.shape), made.body))


def digest(theorems: list[Theorem]) -> str:
    """SHA-256 of what the theorems say: propositions, hypotheses, and the names these reach."""
    words = []
    for t in theorems:
        c = t.context
        words += [repr(t.prop), t.rule, *t.uses]
        words += [repr(d) for d in c.declarations.values()] + [repr(d) for d in c.definitions.values()]
        words += [repr(a) for a in c.assumptions]
    return hashlib.sha256("\n".join(words).encode()).hexdigest()
