"""Proofs of the statements of a chain, each from the ones below it, so that none has to be expanded.

∂L/∂v is accumulated from the ∂L/∂u of the definitions u that use v, or else shown from its own normal form.
Only the kernel makes the theorems.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from derive import cuts, kernel
from derive.algebra.atoms import Unsupported
from derive.algebra.hypotheses import Contradiction
from derive.binders import canonical
from derive.clock import now, passed
from derive.context import Context
from derive.direct import OutOfTime, ProofError, prove_directly
from derive.gradient.chain import Part, added
from derive.kernel import NotProved, Scene, Theorem
from derive.props import Rel
from derive.terms import ONE, Diff, Term, Var

#: seconds for one attempt
ATTEMPT = 6.0


@dataclass
class Prover:
    """Proves ∂`scalar`/∂v = B for one scalar in one context, remembering what is proved."""

    context: Context
    scalar: Var
    deadline: float | None = None
    #: is each hypothesis left out by trial?
    minimise: bool = True
    #: v → Γ ⊢ ∂L/∂v = B
    known: dict[str, Theorem] = field(default_factory=dict)

    def prove(
        self, of: Var, term: Term, parts: Sequence[Part] = (), opened: frozenset[str] = frozenset()
    ) -> Theorem:
        """Γ ⊢ ∂L/∂of = term; raises `ProofError`.  `parts` say how the term came about, if that is known, and what
        it is written with rests on the definitions in `opened`."""
        claim = Rel("=", Diff(self.scalar, of), term)
        theorem = self._accumulated(of, claim, parts, opened) or self._whole(of, claim)
        self.known[of.name] = theorem
        return theorem

    def _accumulated(
        self, of: Var, claim: Rel, contributions: Sequence[Part], opened: frozenset[str]
    ) -> Theorem | None:
        """By the definitions that use `of`: step by step, with all names free, or with all free but these."""
        users = cuts.users(self.context, self.scalar.name, of.name)
        if not users or not users - {self.scalar.name} <= self.known.keys():
            return None
        parts = {u: self.known[u] for u in sorted(users - {self.scalar.name})}
        factors: dict[str, Term] = {self.scalar.name: ONE}
        for u, part in parts.items():
            assert isinstance(part.prop, Rel)
            factors[u] = part.prop.right
        bodies = {u: self.context.definitions[u].body for u in users}
        sum_ = cuts.body_sum(of, bodies, factors)
        every = self._closed(frozenset(n for n, d in self.context.definitions.items() if not d.params))
        label = {claim.right.name} if isinstance(claim.right, Var) else set()  # stands for what is to be shown

        def ending(right: Term, names: frozenset[str]) -> Theorem:
            whole = Rel("=", sum_, right)
            last = self._directly(cuts.freed(self.context, names), whole)
            made = Rel("=", claim.left, right)
            return self._rule(partial(kernel.accumulated, self._scene(self.context), made, parts, names, last))

        ways: tuple[Callable[[], Theorem], ...] = (
            lambda: self._stepwise(claim, contributions, every, label, opened, partial(ending, names=every)),
            lambda: ending(claim.right, every - label),
            lambda: ending(claim.right, every - users - label),
        )
        for way in ways:
            try:
                return way()
            except ProofError:
                continue
        return None

    def _closed(self, names: frozenset[str]) -> frozenset[str]:
        """The names that no derivative in a definition looks through."""
        bodies = [d.body for d in self.context.definitions.values()]
        inside = [body for body in bodies if any(isinstance(node, Diff) for node in body.walk())]
        return frozenset(n for n in names if cuts.closed_to(self.context, (n,), inside)) if inside else names

    def _stepwise(
        self, claim: Rel, parts: Sequence[Part], every: frozenset[str], label: set[str],
        opened: frozenset[str], begin: Callable[[Term], Theorem],
    ) -> Theorem:  # fmt: skip
        """∂L/∂v = Σ plain parts, with all names free; then each part with its user's value under its name, the
        other names free; then the sum as it is written."""
        if all(part.plain == part.folded for part in parts) and not opened:
            raise ProofError("no part holds the value of its user")
        terms = [part.plain for part in parts]
        links = [begin(added(terms))]
        for place, part in enumerate(parts):
            if canonical(part.plain) != canonical(part.folded):  # else the last link says so
                before = added(terms)
                terms[place] = part.folded
                links.append(self._between(before, added(terms), every - {part.user}))
        if added(terms) != claim.right:
            links.append(self._between(added(terms), claim.right, every - label - opened))
        return self._rule(partial(kernel.transitive, self._scene(self.context), claim, tuple(links)))

    def _between(self, left: Term, right: Term, free: frozenset[str]) -> Theorem:
        step = Rel("=", left, right)
        inner = cuts.freed(self.context, free)
        return self._in(self.context, step, self._directly(inner, step))

    def _whole(self, of: Var, claim: Rel) -> Theorem:
        """From the normal form: with all free that does not depend on `of`, or all that but `of` itself (its
        definition may say what the proof needs), or with nothing free."""
        keep = cuts.above(self.context, of.name)
        free = frozenset(n for n, d in self.context.definitions.items() if n not in keep and not d.params)
        failures: list[ProofError] = []
        for names in dict.fromkeys((free, free - {of.name}, frozenset[str]())):
            try:
                inner = cuts.freed(self.context, names)
                return self._in(self.context, claim, self._directly(inner, claim))
            except ProofError as error:
                failures.append(error)
        raise next((e for e in failures if e.missing), failures[-1])

    def value(self, name: str) -> Theorem:
        """Γ ⊢ name = its body."""
        definition = self.context.definitions[name]
        claim = Rel("=", definition.var, definition.body)
        others = frozenset(n for n, d in self.context.definitions.items() if n != name and not d.params)
        try:
            return self._in(self.context, claim, prove_directly(cuts.freed(self.context, others), claim))
        except ProofError:
            return prove_directly(self.context, claim, deadline=self._until())

    def _directly(self, context: Context, claim: Rel) -> Theorem:
        return prove_directly(context, claim, deadline=self._until(), minimise=self.minimise)

    def _until(self) -> float:
        soon = now() + ATTEMPT
        return soon if self.deadline is None else min(soon, self.deadline)

    def _in(self, context: Context, claim: Rel, theorem: Theorem) -> Theorem:
        """The theorem in a context that defines what it leaves free."""
        names = frozenset(context.definitions.keys() - theorem.context.definitions.keys())
        if not names:
            return theorem
        return self._rule(lambda: kernel.instance(self._scene(context), claim, names, theorem))

    def _scene(self, context: Context) -> Scene:
        until = self._until()

        def tick() -> None:
            if passed(until):
                raise OutOfTime

        try:
            return Scene(context, ticks=tick)
        except OutOfTime:
            raise ProofError("the time limit was reached", timeout=True) from None

    @staticmethod
    def _rule(rule: Callable[[], Theorem]) -> Theorem:
        try:
            return rule()
        except NotProved as failure:
            raise ProofError(str(failure), failure.missing) from None
        except (Unsupported, Contradiction) as failure:
            raise ProofError(str(failure)) from None
        except OutOfTime:
            raise ProofError("the time limit was reached", timeout=True) from None


__all__ = ["Prover"]
