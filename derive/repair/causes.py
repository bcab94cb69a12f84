"""The likely cause of a refuted step: the slip whose repair makes the step provable.

The repairs of the table are tried at a few instances first, which nearly all of them fail; what is
left is given to the prover.  Only a repair that is proved is ever named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from itertools import takewhile

from derive.clock import now, passed
from derive.context import Context
from derive.evaluate import (
    UNDEFINED,
    EvaluationError,
    Evaluator,
    Instance,
    Number,
    Point,
    ResourceLimit,
    compare,
)  # fmt: skip
from derive.evaluate.numbers import plain
from derive.missing import missing_assumption
from derive.notation import latex
from derive.props import And, ArgOpt, Iff, Implies, Prop, Proportional, Rel, SameSolutions
from derive.refute.cases import Case, cases
from derive.refute.instances import Finder
from derive.repair.claims import ClaimEdit, claim_edits, of_arrays
from derive.repair.solve import Lacking
from derive.repair.wording import named, size
from derive.terms import Diff, Full, Index, Num, Term
from derive.verdict import Cause

Prove = Callable[[Context, Prop, float], bool]
#: a repair → ways to write the repaired side, with what the step then says
Correct = Callable[[ClaimEdit], Iterator[tuple[str, Prop]]]

#: edits of these kinds explain a line better than a missing assumption does, in this order; the others only after it
PLAIN = (
    "relation", "optimum", "scope", "sign", "factor", "number", "size", "complement", "index", "transpose", "order",
    "sum", "inverse", "prime", "power", "argument",
)  # fmt: skip
#: an inequality that is false becomes true by many edits: only these are tried, the relation before an
#: assumption and the others after it
INEQUALITY = ("relation", "factor", "size", "power", "part", "sign")
#: seconds for one repair in the prover, and for an assumption; how many repairs are given to the prover
_EACH, _ASSUMPTION, _MOST = 0.7, 1.6, 12
_POINTS, _FAR = 4, 16


def likely_cause(
    context: Context,
    prop: Prop,
    deadline: float,
    prove: Prove,
    correct: Correct | None = None,
    above: Prop | None = None,
) -> Cause | None:
    """The first repair that is proved before the deadline (of `derive.clock.now`), or None.

    `correct` writes the repaired side as its author would; without it, it is written anew.
    `above` is what this line says of the one before the previous one: if that is proved, the previous line is wrong.
    """
    try:
        if above is not None and above != prop and prove(context, above, min(deadline, now() + _EACH)):
            return Cause("line_above")
        gathered = of_arrays(prop)
        if gathered is not None and prove(context, gathered[1], min(deadline, now() + _EACH)):
            return Cause("one_value", {"index": gathered[0]})
        return _Repairs(context, prop, deadline, prove, correct).first()
    except (ResourceLimit, EvaluationError, RecursionError):
        return None


class _Repairs:
    def __init__(
        self, context: Context, prop: Prop, deadline: float, prove: Prove, correct: Correct | None = None
    ) -> None:
        self.context = context
        self.prop = prop
        self.deadline = deadline
        self.prove = prove
        self.correct = correct
        self.evaluator = Evaluator(context)
        self.given: set[Prop] = set()  # to the prover
        self.known: dict[tuple[int, tuple[int, ...]], list[Number]] = {}

    def late(self) -> bool:
        return passed(self.deadline) or len(self.given) >= _MOST

    def first(self) -> Cause | None:
        if isinstance(self.prop, Rel) and self.prop.op != "=":
            before, after = self.of_inequality()
        else:
            before, after = self.of_equation()
        for edit in before:
            if (cause := self.judged(edit)) is not None:
                return cause
        if (cause := self.assumption()) is not None:
            return cause
        for edit in after:
            if (cause := self.judged(edit)) is not None:
                return cause
        return None

    def of_equation(self) -> tuple[Iterator[ClaimEdit], Iterator[ClaimEdit]]:
        """The repairs to try before an assumption, and those after it."""
        # what is 0 or another number is seldom what was written wrongly
        fixed = isinstance(self.prop, Rel) and _constant(self.prop.right)
        found = [e for e in self.edits() if e.side != "left" or e.edit.kind == "scope" or fixed]
        lacking = self.lacking()
        solved = list(lacking.factors()) if lacking is not None else []
        first = sorted((e for e in (*found, *solved) if e.edit.kind in PLAIN), key=_rank)
        later = [e for e in (*solved, *found) if e.edit.kind not in PLAIN]

        def others() -> Iterator[ClaimEdit]:
            shorter = [e for e in later if e.edit.kind == "term" and size(e.edit.made) < size(e.edit.place)]
            kept = {id(e) for e in shorter}
            yield from shorter
            yield from sorted((e for e in later if e.edit.kind == "part"), key=lambda e: size(e.edit.term))
            if lacking is not None:
                yield from lacking.terms()
            yield from (e for e in later if e.edit.kind != "part" and id(e) not in kept)

        return iter(first), others()

    def edits(self) -> Iterator[ClaimEdit]:
        """The edits of the claim, as many as half of the time that is left allows: a long line has very many."""
        until = (now() + self.deadline) / 2
        return takewhile(lambda _: not passed(until), claim_edits(self.context, self.prop))

    def of_inequality(self) -> tuple[Iterator[ClaimEdit], Iterator[ClaimEdit]]:
        found = [e for e in self.edits() if e.side == "right" and e.edit.kind in INEQUALITY]
        found.sort(key=lambda e: (INEQUALITY.index(e.edit.kind), size(e.edit.term)))
        turned = [e for e in found if e.edit.kind == "relation"]
        return iter(turned), (e for e in found if e.edit.kind != "relation" and self.says_more(e.prop))

    def judged(self, edit: ClaimEdit) -> Cause | None:
        if edit.edit.kind == "name" and any(isinstance(p, Rel) and p.left == p.right for p in _with_parts(edit.prop)):
            return None  # F = c: that c should be F explains nothing
        if not self.late() and self.survives(edit.prop) and not self.restated(edit) and self.proved(edit.prop):
            return named(self.context, edit, self.corrected(edit))
        return None

    def restated(self, edit: ClaimEdit) -> bool:
        """Does the claim, repaired, say nothing: that a term is missing beside 0 that is all of the other side; of a
        statement, that it holds where it holds; or does what follows hold without what it follows from?"""
        prop, kind = edit.prop, edit.edit.kind
        if isinstance(prop, Rel):
            return kind == "term" and _constant(edit.edit.place, 0) and not isinstance(prop.left, Diff)
        if not isinstance(prop, (Iff, Implies)):
            return False
        one, other = prop.left, prop.right
        if not isinstance(one, Rel) or not isinstance(other, Rel):
            return False
        changed = one if edit.side == "left" else other
        if changed.op == "=" and self.prove(self.context, changed, now() + _EACH / 2):
            return True
        if kind not in ("part", "power", "name", "term", "inverse") or one.left.shape != other.left.shape:
            return False
        sides = Rel("=", one.left, other.left), Rel("=", one.right, other.right)
        return all(self.prove(self.context, p, now() + _EACH / 2) for p in sides)

    def corrected(self, edit: ClaimEdit) -> str:
        """The repaired side in LaTeX that says what was proved, or ""."""
        if self.correct is None:
            return latex(_repaired(edit), self.context)
        for text, prop in self.correct(edit):
            if passed(self.deadline):
                break
            if prop == edit.prop or (self.survives(prop) and self.proved(prop)):
                return text
        return ""

    def lacking(self) -> Lacking | None:
        if not isinstance(self.prop, Rel):
            return None
        found = Lacking(self.context, self.evaluator, self.prop, self.points, self.deadline)
        return found if found.usable else None

    def says_more(self, prop: Prop) -> bool:
        """Is a repaired inequality more than an equation of both sides?"""
        if not isinstance(prop, Rel):
            return True
        return any(self.truth(k, Rel("=", prop.left, prop.right)) is False for k in range(len(self.instances)))

    def proved(self, prop: Prop) -> bool:
        """The first repairs may take half of the time that is left, each; every claim is tried once."""
        if prop in self.given:
            return False
        self.given.add(prop)
        left = self.deadline - now()
        return self.prove(self.context, prop, now() + max(min(_EACH, left), left / 2))

    def assumption(self) -> Cause | None:
        """A missing assumption that holds at none of the instances where the step fails."""
        failing = [p.instance for p in self.points if p.truth(self.prop) is False] or list(self.failing())
        if not failing:
            return None
        until = min(self.deadline, now() + _ASSUMPTION)
        missing = missing_assumption(self.context, self.prop, until, self.prove, failing)
        if missing is None:
            return None
        return Cause("assumption", {"assumption": missing.text}, missing.latex)

    def failing(self) -> Iterator[Instance]:
        """An instance where the step fails, from farther away than those that repairs are looked at."""
        for case in cases(self.evaluator, self.prop, self.deadline):
            for sizes in list(case.finder.sizes.distinct())[:2]:
                for level in (1, 2):
                    for point in case.finder.instances(sizes, _FAR, level, seed=7):
                        if point.truth(self.prop) is False:
                            yield point.instance
                            return

    # -- at a few instances ------------------------------------------------------------------------------

    @cached_property
    def instances(self) -> list[Instance]:
        return list(self._drawn())

    def point(self, k: int) -> Point:
        """The instance of that number; fresh each time, since a point has a budget."""
        return self.evaluator.at(self.instances[k], deadline=self.deadline)

    @property
    def points(self) -> list[Point]:
        return [self.point(k) for k in range(len(self.instances))]

    def _drawn(self) -> Iterator[Instance]:
        declared = [d.var for d in self.context.declarations.values()]
        everything = And((self.prop, *(Rel("=", v, v) for v in declared)))
        for claim in (everything, self.prop):
            finder = Finder(self.evaluator, claim, (), self.deadline)
            found = 0
            for sizes in list(finder.sizes.distinct())[:2]:
                for point in finder.instances(sizes, _POINTS - 1, 0):
                    found += 1
                    yield point.instance
            if found:
                return

    def survives(self, prop: Prop) -> bool:
        """Is the repaired claim true at the instances?  (Where there is none, the prover must tell.)"""
        if any(isinstance(p, (Iff, Implies, SameSolutions, Proportional)) for p in _with_parts(prop)):
            return all(self._judged(case) for case in cases(self.evaluator, prop, self.deadline))
        true = False
        for k in range(len(self.instances)):
            found = self.truth(k, prop)
            if found is False:
                return False
            true = true or found is True
        return true or not isinstance(prop, Rel)

    def truth(self, k: int, prop: Prop) -> bool | None:
        """Is the claim true at the instance of that number?  What its left side is there is kept."""
        point = self.point(k)
        try:
            if not isinstance(prop, Rel) or not isinstance(self.prop, Rel) or prop.left != self.prop.left:
                return point.truth(prop)
            result: bool | None = True
            for at in point.places(self.evaluator.free(prop)):
                for a, b in zip(self._left(k, point, at), point.entries(prop.right, at), strict=True):
                    if a is UNDEFINED or b is UNDEFINED:
                        result = None
                        continue
                    found = compare(prop.op, plain(a), plain(b), point.numbers)
                    if found is False:
                        return False
                    result = None if found is None else result
            return result
        except (ResourceLimit, EvaluationError):
            return None

    def _left(self, k: int, point: Point, at: Mapping[Index, int]) -> list[Number]:
        assert isinstance(self.prop, Rel)
        free = sorted(self.evaluator.compiler.free(self.prop.left))
        key = (k, tuple(at[i] for i in free))
        if key not in self.known:
            self.known[key] = point.entries(self.prop.left, at)
        return self.known[key]

    def _judged(self, case: Case) -> bool:
        for sizes in list(case.finder.sizes.distinct())[:1]:
            for point in case.finder.instances(sizes, 2, 0):
                try:
                    if case.judge(case.finder, point).failure is not None:
                        return False
                except (ResourceLimit, EvaluationError):
                    continue
        return True


def _rank(found: ClaimEdit) -> tuple[int, bool, int]:
    """The kind's place in the table, the right of an equation first, then the largest part that has another sign,
    or the shortest result."""
    edit = found.edit
    length = -size(edit.place) if edit.kind == "sign" else size(edit.term)
    return PLAIN.index(edit.kind), found.at_left, length


def _with_parts(prop: Prop) -> Iterator[Prop]:
    yield prop
    parts = prop.parts if isinstance(prop, And) else ()
    for part in (prop.left, prop.right) if isinstance(prop, (Iff, Implies)) else parts:
        yield from _with_parts(part)


def _repaired(found: ClaimEdit) -> Term | Prop | ArgOpt:
    prop = found.prop
    if isinstance(prop, (Rel, Iff, Implies, SameSolutions)):
        return prop.right if found.side == "right" else prop.left
    return prop


def _constant(t: Term, value: int | None = None) -> bool:
    """Is it this number, or an array of it; without one, any?"""
    plain = t.value if isinstance(t, Full) else t
    return isinstance(plain, Num) and value in (None, plain.value)
