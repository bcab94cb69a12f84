"""Proofs of the statements of a chain, each from the ones below it, so that none has to be expanded.

∂L/∂v is first tried as it stands, with every definition that does not depend on v free; where that is too
much, by the chain rule through the definitions that use v.  Only the kernel makes the theorems.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from derive import cuts, kernel
from derive.algebra.atoms import Unsupported
from derive.algebra.hypotheses import Contradiction
from derive.binders import names_in
from derive.context import Context
from derive.gradient.chain import Graph, backward
from derive.kernel import NotProved, Scene, Theorem
from derive.props import Rel
from derive.prover import OutOfTime, ProofError, prove
from derive.terms import ONE, Add, Diff, Term, Var

#: seconds for one attempt; a statement that has fewer definitions than this above it is tried whole first
ATTEMPT, SHALLOW = 6.0, 2


@dataclass
class Prover:
    """Proves ∂`scalar`/∂v = B for one scalar in one context, remembering what is proved."""

    context: Context
    scalar: Var
    deadline: float | None = None
    #: v → (B, the theorem in the context where all that does not depend on v is free)
    done: dict[str, tuple[Term, Theorem]] = field(default_factory=dict)
    #: v → Γ ⊢ ∂L/∂v = B
    known: dict[str, Theorem] = field(default_factory=dict)

    def prove(self, of: Var, term: Term) -> Theorem:
        """Γ ⊢ ∂L/∂of = term; raises `ProofError`."""
        claim = Rel("=", Diff(self.scalar, of), term)
        theorem = self._accumulated(of, claim) or self._found(of, claim)
        self.known[of.name] = theorem
        return theorem

    def _accumulated(self, of: Var, claim: Rel) -> Theorem | None:
        """By the definitions that use `of`, all others free, or these too."""
        users = cuts.users(self.context, self.scalar.name, of.name)
        if users is None or not users or not users - {self.scalar.name} <= self.known.keys():
            return None
        parts = {u: self.known[u] for u in sorted(users - {self.scalar.name})}
        factors: dict[str, Term] = {self.scalar.name: ONE}
        for u, part in parts.items():
            assert isinstance(part.prop, Rel)
            factors[u] = part.prop.right
        bodies = {u: self.context.definitions[u].body for u in users}
        whole = Rel("=", cuts.body_sum(of, bodies, factors), claim.right)
        label = {claim.right.name} if isinstance(claim.right, Var) else set()  # stands for what is to be shown
        every = frozenset(n for n, d in self.context.definitions.items() if not d.params and n not in label)
        for names in (every, every - users):
            try:
                last = prove(cuts.freed(self.context, names), whole, deadline=self._until(), whole=True)
                scene = self._scene(self.context)
                return self._rule(lambda n=names, t=last, s=scene: kernel.accumulated(s, claim, parts, n, t))  # type: ignore[misc]
            except ProofError:
                continue
        return None

    def _found(self, of: Var, claim: Rel) -> Theorem:
        """Whole, or by the chain rule through a cut."""
        term = claim.right
        free = self.free(of.name)
        failure: ProofError | None = None
        between = cuts.above(self.context, of.name) & cuts.reach(self.context, [self.scalar.name])
        attempts = [self._whole, self._chained]
        if len(between) > SHALLOW:
            attempts.reverse()
        for attempt in attempts:
            try:
                theorem = attempt(of, claim, free)
                self.done[of.name] = (term, theorem)
                return self._in(self.context, claim, theorem)
            except ProofError as error:
                if failure is None or (error.missing and not failure.missing) or failure.timeout:
                    failure = error
        try:  # a free name may have lost what the proof needs: first that it is the value of its definition
            return self._in(self.context, claim, self._whole(of, claim, free - {of.name}))
        except ProofError:
            pass
        try:
            return prove(self.context, claim, deadline=self._until(), whole=True)
        except ProofError as error:
            raise (error if error.missing or failure is None or not failure.missing else failure) from None

    def value(self, name: str) -> Theorem:
        """Γ ⊢ name = its body."""
        definition = self.context.definitions[name]
        claim = Rel("=", definition.var, definition.body)
        others = frozenset(n for n, d in self.context.definitions.items() if n != name and not d.params)
        try:
            return self._in(self.context, claim, prove(cuts.freed(self.context, others), claim, whole=True))
        except ProofError:
            return prove(self.context, claim, deadline=self._until(), whole=True)

    def free(self, name: str) -> frozenset[str]:
        """What may be free while ∂L/∂name is proved: all that does not depend on `name`."""
        keep = cuts.above(self.context, name)
        return frozenset(n for n, d in self.context.definitions.items() if n not in keep and not d.params)

    def _until(self) -> float:
        soon = time.monotonic() + ATTEMPT
        return soon if self.deadline is None else min(soon, self.deadline)

    def _whole(self, of: Var, claim: Rel, free: frozenset[str]) -> Theorem:
        return prove(cuts.freed(self.context, free), claim, deadline=self._until(), whole=True)

    def _chained(self, of: Var, claim: Rel, free: frozenset[str]) -> Theorem:
        inner = cuts.freed(self.context, free)
        below = cuts.reach(inner, [self.scalar.name])
        users = [n for n in below & inner.definitions.keys() if of.name in names_in(inner.definitions[n].body)]
        chosen: list[str] = []
        for name in self.done:  # the last definition first; none depends on another
            known = name in users and name in inner.definitions
            if known and not any(name in cuts.above(inner, o) or o in cuts.above(inner, name) for o in chosen):
                chosen.append(name)
        if not chosen:
            raise ProofError("no definition that uses the variable is known")
        cut = tuple(sorted(chosen))
        outer = cuts.freed(inner, cut)
        parts, factors = [], []
        for name in cut:
            term, theorem = self.done[name]
            part = Rel("=", Diff(self.scalar, inner.definitions[name].var), term)
            parts.append(self._in(outer, part, theorem))
            factors.append(term)
        whole = cuts.chain_sum(inner, of, cut, tuple(factors))
        direct: Theorem | None = None
        if of.name in cuts.reach(outer, [self.scalar.name]):
            direct = self._direct(outer, of)
            assert isinstance(direct.prop, Rel)
            whole = Add((direct.prop.right, whole))
        last = self._sum(inner, of, cut, Rel("=", whole, claim.right))
        return self._rule(lambda: kernel.chain(self._scene(inner), claim, cut, tuple(parts), last, direct))

    def _direct(self, outer: Context, of: Var) -> Theorem:
        """∂L/∂v with the cut held fixed."""
        graph = Graph(outer, self.scalar)
        chains = backward(graph, (of,), inline=10**9)
        if of.name not in chains or graph.introduced:
            raise ProofError("no closed form of the direct part")
        claim = Rel("=", Diff(self.scalar, of), chains[of.name][-1].term)
        return prove(outer, claim, deadline=self._until(), whole=True)

    def _sum(self, inner: Context, of: Var, cut: tuple[str, ...], total: Rel) -> Theorem:
        """The sum over the cut, with all that does not lie between the variable and the cut free."""
        between = (cuts.above(inner, of.name) & cuts.reach(inner, cut)) | set(cut)
        if isinstance(total.right, Var):  # a derivative by its name
            between.add(total.right.name)
        free = frozenset(n for n, d in inner.definitions.items() if n not in between and not d.params)
        try:
            theorem = prove(cuts.freed(inner, free), total, deadline=self._until(), whole=True)
            return self._in(inner, total, theorem)
        except ProofError:
            return prove(inner, total, deadline=self._until(), whole=True)

    def _in(self, context: Context, claim: Rel, theorem: Theorem) -> Theorem:
        """The theorem in a context that defines what it leaves free."""
        names = frozenset(context.definitions.keys() - theorem.context.definitions.keys())
        if not names:
            return theorem
        return self._rule(lambda: kernel.instance(self._scene(context), claim, names, theorem))

    def _scene(self, context: Context) -> Scene:
        until = self._until()

        def tick() -> None:
            if time.monotonic() > until:
                raise OutOfTime

        return Scene(context, ticks=tick)

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
