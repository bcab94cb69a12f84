"""Function words and cases."""

from __future__ import annotations

from derive.context import Definition
from derive.latex.elaborate import ANY_ZERO, Elaborator, is_zero, rule
from derive.latex.errors import ReadError
from derive.latex.powers import power
from derive.latex.syntax import Bracket, Cases, Condition, Function, Node, Number, Symbol
from derive.terms import ELEMENTARY, MINUS_ONE, ONE, ZERO, Add, Call, Det, Diag, Fn, Full, Term, Trace, Var, mul

# -- function words --------------------------------------------------------------------------------


@rule(Function)
def _function(e: Elaborator, node: Function) -> Term:
    group = node.argument
    parts = group.parts if isinstance(group, Bracket) and len(group.parts) != 1 else (group,)
    need = 2 if node.name == "max" else 1
    if len(parts) != need:
        raise ReadError("D180", node.start, node.end, function=node.name, count=need)
    arguments = [e.term(p) for p in parts]
    arguments = [ZERO if a == ANY_ZERO else a for a in arguments]
    made = _called(e, node, arguments, parts) if not node.primes else _primed(e, node, arguments)
    if node.power is not None:
        if not isinstance(node.power, Number):
            raise ReadError("D189", node.power.start, node.power.end)
        made = power(e, made, node.power, node)
    return made


def _called(e: Elaborator, node: Function, arguments: list[Term], parts: tuple[Node, ...]) -> Term:
    first = arguments[0]
    if node.name in ("tr", "det"):
        shape = e.shape(first)
        if not shape:
            return first  # a 1×1 matrix
        if len(shape) != 2 or not e.scope.solver.unify(*shape):
            what = "a trace" if node.name == "tr" else "a determinant"
            raise ReadError("D306", node.start, node.end, operation=what, shape=e.text(first))
        first = e.scope.solver.settle(first)
        return Trace(first) if node.name == "tr" else Det(first)
    if node.name == "diag":
        if len(first.shape) != 1:
            raise ReadError("D307", node.start, node.end, operation="diag", shape=e.text(first))
        return Diag(first)
    if node.name == "max":
        left, right = arguments
        if left.shape and not right.shape:
            right = Full(right, e.shape(left))
        elif right.shape and not left.shape:
            left = Full(left, e.shape(right))
        left, right = e.same_shape(left, right, node, "a maximum")
        return Fn("max", (left, right))
    return Fn(node.name, (first,))


def _primed(e: Elaborator, node: Function, arguments: list[Term]) -> Term:
    """tanh′(z): of the function that z ↦ tanh z is, which every scope has by a name that no document can write."""
    if ELEMENTARY.get(node.name) != 1:
        raise ReadError("D153", node.start, node.end)
    name, z = f"{node.name}#", Var("z#")
    e.scope.context.definitions.setdefault(name, Definition(name, Fn(node.name, (z,)), (z,), local=True))
    return Call(name, (arguments[0],), e.shape(arguments[0]), node.primes)


# -- cases -----------------------------------------------------------------------------------------


@rule(Cases)
def _cases(e: Elaborator, node: Cases) -> Term:
    values = [e.term(row) for row, _ in node.rows]
    conditions = [c for _, c in node.rows]
    shaped = next((v for v in values if v.shape), None)
    if shaped is not None:
        values = [e.same_shape(v if v.shape or not is_zero(r) else ANY_ZERO, shaped, r, "cases")[0]
                  for v, (r, _) in zip(values, node.rows)]  # fmt: skip
    else:
        values = [ZERO if v == ANY_ZERO else v for v in values]
    if any(c.op == "else" for c in conditions[:-1]):
        raise ReadError("D188", node.start, node.end)
    weights = [_weight(e, c) for c in conditions[:-1]]
    if conditions[-1].op != "else" and not (
        len(conditions) == 2 and _complement(conditions[0], conditions[1])
    ):
        raise ReadError("D188", node.start, node.end)
    result = values[-1]
    for here, weight in zip(reversed(values[:-1]), reversed(weights)):
        rest = Add((ONE, mul(MINUS_ONE, weight)))
        result = Add((mul(weight, here), mul(rest, result)))
    return result


def _weight(e: Elaborator, condition: Condition) -> Term:
    """1 where the condition holds, 0 elsewhere."""
    assert condition.left is not None and condition.right is not None
    made = e.delta(condition.left, condition.right)
    return made if condition.op == "=" else Add((ONE, mul(MINUS_ONE, made)))


def _complement(a: Condition, b: Condition) -> bool:
    def words(c: Condition) -> set[str]:
        return {n.base if isinstance(n, Symbol) else getattr(n, "text", "?") for n in (c.left, c.right)}

    return {a.op, b.op} == {"=", "≠"} and words(a) == words(b)
