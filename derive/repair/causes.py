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
from derive.notation import latex, unicode
from derive.props import And, ArgOpt, Iff, Implies, Prop, Proportional, Rel, SameSolutions
from derive.refute.cases import Case, cases
from derive.refute.instances import Finder
from derive.repair.claims import ClaimEdit, claim_edits, of_arrays
from derive.repair.edits import TWO, Edit
from derive.repair.solve import Lacking
from derive.terms import ONE, Call, Diff, Entry, Fn, Index, MatMul, Mul, Pow, Prod, Sum, Term, Transpose, Var
from derive.verdict import Cause

Prove = Callable[[Context, Prop, float], bool]
#: a repair → ways to write the repaired side, with what the step then says
Correct = Callable[[ClaimEdit], Iterator[tuple[str, Prop]]]

#: edits of these kinds explain a line better than a missing assumption does, in this order; the others only after it
PLAIN = (
    "relation", "optimum", "scope", "sign", "factor", "number", "size", "complement", "index", "transpose", "order",
    "sum", "prime", "power", "argument",
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
        found = [e for e in self.edits() if e.side != "left" or e.edit.kind == "scope"]
        lacking = self.lacking()
        solved = list(lacking.factors()) if lacking is not None else []
        first = sorted((e for e in (*found, *solved) if e.edit.kind in PLAIN), key=_rank)
        later = [e for e in (*solved, *found) if e.edit.kind not in PLAIN]

        def others() -> Iterator[ClaimEdit]:
            shorter = [e for e in later if e.edit.kind == "term" and _size(e.edit.made) < _size(e.edit.place)]
            kept = {id(e) for e in shorter}
            yield from shorter
            yield from sorted((e for e in later if e.edit.kind == "part"), key=lambda e: _size(e.edit.term))
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
        found.sort(key=lambda e: (INEQUALITY.index(e.edit.kind), _size(e.edit.term)))
        turned = [e for e in found if e.edit.kind == "relation"]
        return iter(turned), (e for e in found if e.edit.kind != "relation" and self.says_more(e.prop))

    def judged(self, edit: ClaimEdit) -> Cause | None:
        if edit.edit.kind == "name" and any(isinstance(p, Rel) and p.left == p.right for p in _with_parts(edit.prop)):
            return None  # F = c: that c should be F explains nothing
        if not self.late() and self.survives(edit.prop) and not self.restated(edit) and self.proved(edit.prop):
            return named(self.context, edit, self.corrected(edit))
        return None

    def restated(self, edit: ClaimEdit) -> bool:
        """Does an equivalence, repaired, say of a statement that it holds where it holds?"""
        if not isinstance(edit.prop, (Iff, Implies)) or edit.edit.kind not in ("part", "power", "name", "term"):
            return False
        one, other = edit.prop.left, edit.prop.right
        if not isinstance(one, Rel) or not isinstance(other, Rel) or one.left.shape != other.left.shape:
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


def _rank(found: ClaimEdit) -> tuple[int, int]:
    """The kind's place in the table, then the shortest result."""
    return PLAIN.index(found.edit.kind), _size(found.edit.term)


def _with_parts(prop: Prop) -> Iterator[Prop]:
    yield prop
    parts = prop.parts if isinstance(prop, And) else ()
    for part in (prop.left, prop.right) if isinstance(prop, (Iff, Implies)) else parts:
        yield from _with_parts(part)


# -- in words --------------------------------------------------------------------------------------------


def named(context: Context, found: ClaimEdit, fix: str) -> Cause:
    """The repair as a cause: what was wrong in the line as it stands, and the repaired side."""
    kind, params = _words(found.edit)
    if isinstance(found.prop, SameSolutions) and found.edit.kind == "optimum":
        right = found.prop.right.kind
        params = {"wrong": "arg max" if right == "min" else "arg min", "right": f"arg {right}"}
    if found.op:
        kind, params = "relation", {"right": found.op}
    texts = {
        key: value if isinstance(value, str) else unicode(_applied(value, context), context)
        for key, value in params.items()
    }
    return Cause(kind, texts, fix, found.side)


def _applied(t: Term, context: Context) -> Term:
    """σ(z) for a function of a scalar that is defined for a declared z, and then also called σ."""
    if isinstance(t, Var):
        definition = context.definitions.get(t.name)
        scalar = definition is not None and definition.params and not any(p.shape for p in definition.params)
        return Call(t.name, definition.params, t.dims) if definition is not None and scalar else t
    children = t.children
    if not children or isinstance(t, Diff):
        return t
    return t.rebuild(tuple(_applied(c, context) for c in children))


def _repaired(found: ClaimEdit) -> Term | Prop | ArgOpt:
    prop = found.prop
    if isinstance(prop, (Rel, Iff, Implies, SameSolutions)):
        return prop.right if found.side == "right" else prop.left
    return prop


def _words(e: Edit) -> tuple[str, dict[str, Term | str]]:
    """The message's key and its parameters.  What the repair adds was dropped, and the other way round."""
    what = e.what if e.what is not None else e.place
    match e.kind:
        case "sign" | "argument":
            return "sign", {"part": what}
        case "factor" | "size" | "part":
            dropped = _size(e.made) > _size(e.place)
            if dropped and e.kind == "part" and _derivative(what):
                return "derivative_dropped", {"part": what}
            return ("factor_dropped" if dropped else "factor_extra"), {"factor": what}
        case "transpose":
            extra = isinstance(what, Transpose)
            return ("transpose_extra" if extra else "transpose_dropped"), {
                "part": what.arg if isinstance(what, Transpose) else what
            }
        case "order" if isinstance(e.place, MatMul):
            return "order", {"left": e.place.left, "right": e.place.right}
        case "index" if isinstance(e.place, Entry) and isinstance(e.made, Entry):
            changed = [(i, j) for i, j in zip(e.place.indices, e.made.indices, strict=True) if i != j]
            if len(changed) == 1:
                return "index", {"wrong": str(changed[0][0]), "right": str(changed[0][1])}
        case "number":
            right = e.made.args[0] if isinstance(e.made, Mul) else e.made
            return "factor_wrong", {"wrong": what, "right": right}
        case "scope" if isinstance(e.place, Prod):
            return "scope", {"index": str(e.place.index)}
        case "sum" if isinstance(e.place, Sum) and not isinstance(e.made, Sum):
            return "sum_extra", {"index": str(e.place.index)}
        case "sum" if isinstance(e.made, Sum):
            return "sum_dropped", {"index": str(e.made.index)}
        case "term":
            return ("term_dropped" if _size(e.made) > _size(e.place) else "term_extra"), {"part": what}
        case "complement":
            return "complement", {"wrong": e.place, "right": e.made}
        case "power" if isinstance(e.place, Fn) or isinstance(e.made, MatMul):
            return "power", {"part": e.place, "right": TWO}
        case "power" if isinstance(e.place, MatMul):
            return "power", {"part": e.made, "right": ONE}
        case "power" if isinstance(e.place, Pow):
            exponent = e.made.exponent if isinstance(e.made, Pow) else ONE
            return "power", {"part": e.place.base, "right": exponent}
        case "power" if isinstance(e.made, Pow):
            return "power", {"part": e.place, "right": e.made.exponent}
    return "replaced", {"wrong": e.place, "right": e.made}


def _size(t: Term) -> int:
    return sum(1 for _ in t.walk())


def _derivative(t: Term) -> bool:
    return any(isinstance(x, Diff) or (isinstance(x, Call) and x.order) for x in t.walk())
