"""The likely cause of a refuted step: the slip whose repair makes the step provable.

The repairs of the table are tried at a few instances first, which nearly all of them fail; what is
left is given to the prover.  Only a repair that is proved is ever named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from derive.clock import now, passed
from derive.context import Context
from derive.evaluate import EvaluationError, Evaluator, Instance, Point, ResourceLimit
from derive.missing import missing_assumption
from derive.notation import latex, unicode
from derive.props import And, ArgOpt, Iff, Implies, Prop, Rel, SameSolutions
from derive.refute.cases import Case, cases
from derive.refute.instances import Finder
from derive.repair.claims import ClaimEdit, claim_edits
from derive.repair.edits import Edit
from derive.terms import ONE, Call, Diff, Entry, MatMul, Pow, Prod, Sum, Term, Transpose
from derive.verdict import Cause

Prove = Callable[[Context, Prop, float], bool]

#: edits of these kinds explain a line better than a missing assumption does; the others only after it
PLAIN = (
    "optimum", "scope", "sign", "complement", "factor", "size", "index", "transpose", "order", "sum", "prime", "power",
)  # fmt: skip
#: seconds for one repair in the prover, and how many repairs are given to it
_EACH, _MOST = 0.7, 12
_POINTS = 3


def likely_cause(context: Context, prop: Prop, deadline: float, prove: Prove) -> Cause | None:
    """The first repair that is proved before the deadline (of `derive.clock.now`), or None."""
    try:
        return _Repairs(context, prop, deadline, prove).first()
    except (ResourceLimit, EvaluationError, RecursionError):
        return None


class _Repairs:
    def __init__(self, context: Context, prop: Prop, deadline: float, prove: Prove) -> None:
        self.context = context
        self.prop = prop
        self.deadline = deadline
        self.prove = prove
        self.evaluator = Evaluator(context)
        self.tried = 0

    def late(self) -> bool:
        return passed(self.deadline) or self.tried >= _MOST

    def first(self) -> Cause | None:
        if isinstance(self.prop, Rel) and self.prop.op != "=":
            return self.assumption()  # too many edits turn an inequality into one that holds
        found = [e for e in claim_edits(self.context, self.prop) if e.side == "right" or e.edit.kind == "scope"]
        for plain in (True, False):
            group = [e for e in found if (e.edit.kind in PLAIN) is plain]
            for edit in sorted(group, key=lambda e: PLAIN.index(e.edit.kind) if plain else 0):
                if self.late():
                    return None
                if self.survives(edit.prop) and self.proved(edit.prop):
                    return named(self.context, edit)
            cause = self.assumption() if plain else None
            if cause is not None:
                return cause
        return None

    def proved(self, prop: Prop) -> bool:
        self.tried += 1
        return self.prove(self.context, prop, min(self.deadline, now() + _EACH))

    def assumption(self) -> Cause | None:
        """A missing assumption that holds at none of the instances where the step fails."""
        failing = [p.instance for p in self.points if p.truth(self.prop) is False]
        if not failing:
            return None
        until = min(self.deadline, now() + 3 * _EACH)
        missing = missing_assumption(self.context, self.prop, until, self.prove, failing)
        if missing is None:
            return None
        return Cause("assumption", {"assumption": missing.text}, missing.latex)

    # -- at a few instances ------------------------------------------------------------------------------

    @property
    def points(self) -> list[Point]:
        """Instances of the context; fresh each time, since a point has a budget."""
        if not hasattr(self, "_instances"):
            self._instances = list(self._drawn())
        return [self.evaluator.at(i, deadline=self.deadline) for i in self._instances]

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
        if any(isinstance(p, (Iff, Implies, SameSolutions)) for p in _with_parts(prop)):
            return all(self._judged(case) for case in cases(self.evaluator, prop, self.deadline))
        true = False
        for point in self.points:
            try:
                found = point.truth(prop)
            except (ResourceLimit, EvaluationError):
                continue
            if found is False:
                return False
            true = true or found is True
        return true or not isinstance(prop, Rel)

    def _judged(self, case: Case) -> bool:
        for sizes in list(case.finder.sizes.distinct())[:1]:
            for point in case.finder.instances(sizes, 2, 0):
                try:
                    if case.judge(case.finder, point).failure is not None:
                        return False
                except (ResourceLimit, EvaluationError):
                    continue
        return True


def _with_parts(prop: Prop) -> Iterator[Prop]:
    yield prop
    if isinstance(prop, And):
        for part in prop.parts:
            yield from _with_parts(part)


# -- in words --------------------------------------------------------------------------------------------


def named(context: Context, found: ClaimEdit) -> Cause:
    """The repair as a cause: what was wrong in the line as it stands, and the repaired side."""
    kind, params = _words(found.edit)
    if isinstance(found.prop, SameSolutions) and found.edit.kind == "optimum":
        right = found.prop.right.kind
        params = {"wrong": "arg max" if right == "min" else "arg min", "right": f"arg {right}"}
    texts = {key: value if isinstance(value, str) else unicode(value, context) for key, value in params.items()}
    return Cause(kind, texts, latex(_repaired(found), context))


def _repaired(found: ClaimEdit) -> Term | Prop | ArgOpt:
    prop = found.prop
    if isinstance(prop, (Rel, Iff, Implies, SameSolutions)):
        return prop.right if found.side == "right" else prop.left
    return prop


def _words(e: Edit) -> tuple[str, dict[str, Term | str]]:
    """The message's key and its parameters.  What the repair adds was dropped, and the other way round."""
    what = e.what if e.what is not None else e.place
    match e.kind:
        case "sign":
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
