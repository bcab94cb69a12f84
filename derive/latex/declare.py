"""What a formula introduces: declarations, conditions, distributions and definitions."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

from derive.context import REAL, Assumption, Declaration, Definition, Domain, Function
from derive.latex import sets
from derive.latex.application import DENSITY, signature
from derive.latex.elaborate import ANY_ZERO, Elaborator, size_key
from derive.latex.errors import ReadError
from derive.latex.families import bound_letters
from derive.latex.instead import beside, shadowed
from derive.latex.names import subscript_text
from derive.latex.naming import (
    compose_name,
    find_name,
    index_nodes,
    name_value,
    split_scripts,
    stands_alone,
    undeclared,
)  # fmt: skip
from derive.latex.scope import Meaning, Scope
from derive.latex.syntax import Bracket, Juxtaposed, Node, Number, Scripted, SubPart, Symbol, children, has_norm
from derive.latex.targets import Target
from derive.latex.tokens import Token
from derive.names import compose, latex_of
from derive.props import Rel
from derive.terms import ZERO, Comp, Full, Index, Num, Shape, Size, Var, shape_text

# -- declarations ------------------------------------------------------------------------------------


def declare(scope: Scope, node: Node, shape: Shape, domain: Domain = REAL) -> Meaning:
    """`node` ∈ ℝ^shape."""
    target = Target(scope, node, array=bool(shape))
    letters = target.letters()
    if len(letters) > 1:
        raise ReadError("D129", node.start, node.end)
    lead: Shape = tuple(scope.solver.fresh(s.base) for s in letters)
    rows = len(letters) if shape else 0
    labels = 0
    if target.family is not None:
        known = scope.families[target.symbol.base]
        lead = (known if known is not None else scope.solver.fresh(target.family.letter), *lead)
        if known is not None and known.names:
            scope.sizes.update(known.names)
        labels = 1
    full = lead + shape
    old = scope.meanings.get(target.key, {}).get(target.style)
    if old is not None and _same(scope, target.key, old, full, (labels, rows)):
        scope.context.restrict(old.name, intersect(scope.context.declarations[old.name].domain, domain))
        return old
    scope.own.add(target.key)
    scope.unused.add(target.key)
    var = scope.context.declare(Declaration(target.display(scope), full, domain, labels))
    return scope.enter(target.key, target.style, Meaning("variable", var.name, full, labels, rows))


def _same(scope: Scope, key: str, old: Meaning, shape: Shape, axes: tuple[int, int]) -> bool:
    """Is a name that is declared once more the same one?

    Where nothing was claimed since, all that the text says of it holds together (`σ_j > 0`, then `σ ∈ ℝ^D`);
    later a name may be taken anew, so it is the same only if nothing was asked of it.
    """
    if old.kind != "variable":
        return False
    if key in scope.unused and (old.labels, old.rows) == axes:
        return scope.solver.agree(old.shape, shape)
    return old.shape == shape and _unconstrained(scope, old.name)


def _unconstrained(scope: Scope, name: str) -> bool:
    """Is nothing asked or assumed of a declared name?"""
    context = scope.context
    if context.declarations[name].domain != REAL:
        return False
    return not any(
        getattr(part, "name", "") == name
        for assumption in context.assumptions
        if isinstance(assumption.prop, Rel)
        for side in (assumption.prop.left, assumption.prop.right)
        for part in side.walk()
    )


def declare_names(scope: Scope, nodes: list[Node], right: Node) -> None:
    """`v, w \\in \\mathbb{R}^D`, `N, D \\in \\mathbb{N}`."""
    kind, shape = sets.shape(scope, right)
    for node in nodes:
        if kind == sets.NATURALS:
            key = size_key(node)
            if not key:
                raise ReadError("D129", node.start, node.end)
            scope.meanings.pop(key, None)
            scope.sizes.add(key)
            scope.told.add(key)
        else:
            declare(scope, node, shape)


def declare_functions(scope: Scope, nodes: list[Node], source: Node, value: Node) -> None:
    """`f : \\mathbb{R} \\to \\mathbb{R}`, `E : \\mathbb{R}^K \\to \\mathbb{R}`."""
    kind, shape = sets.shape(scope, source)
    if kind != sets.REALS or sets.shape(scope, value) != (sets.REALS, ()):
        raise ReadError("D130", source.start, value.end)
    for node in nodes:
        target = Target(scope, node)
        if target.sub or target.family is not None:
            raise ReadError("D129", node.start, node.end)
        made = scope.context.declare_function(Function(target.display(scope), shape))
        scope.enter(target.key, target.style, Meaning("unknown", made.name, shape))


def declare_normal(scope: Scope, node: Node, right: Node) -> bool:
    """`x \\sim \\mathcal{N}(\\mu, \\sigma^2)`; False for another distribution."""
    if not isinstance(right, Juxtaposed) or len(right.items) != 2:
        return False
    head, group = right.items
    if not isinstance(head, Symbol) or head.base != DENSITY or not isinstance(group, Bracket):
        return False
    if len(group.parts) != 2:
        raise ReadError("D193", group.start, group.end)
    e = Elaborator(scope)
    mean, variance = (e.finish(e.term(p), p) for p in group.parts)
    mean = ZERO if mean == ANY_ZERO else mean
    if mean.shape or variance.shape:
        raise ReadError("D193", group.start, group.end)
    named = find_name(e, node)
    meaning = named.meaning if named is not None else declare(scope, node, ())
    scope.densities[meaning.name] = (mean, variance)
    return True


# -- conditions --------------------------------------------------------------------------------------


def intersect(a: Domain, b: Domain) -> Domain:
    """The values that both allow (contradictions are found when something is checked)."""
    values = a.values if b.values is None else b.values if a.values is None else None
    if a.values is not None and b.values is not None:
        values = tuple(v for v in a.values if v in b.values)
    low = max((x for x in ((a.low, a.low_strict), (b.low, b.low_strict)) if x[0] is not None),
              key=lambda x: (x[0] or 0, x[1]), default=(None, True))  # fmt: skip
    high = min((x for x in ((a.high, a.high_strict), (b.high, b.high_strict)) if x[0] is not None),
               key=lambda x: (x[0] or 0, not x[1]), default=(None, True))  # fmt: skip
    if values is not None:
        bounds = Domain(low[0], high[0], low[1], high[1], a.nonzero or b.nonzero)
        return Domain(values=tuple(v for v in values if bounds.contains(v)))
    return Domain(low[0], high[0], low[1], high[1], a.nonzero or b.nonzero)


def bound(op: str, number: Fraction) -> Domain | None:
    """{x : x op number} as a domain; None where it is none (x ≠ 1)."""
    table = {
        ">": Domain(low=number), "≥": Domain(low=number, low_strict=False),
        "<": Domain(high=number), "≤": Domain(high=number, high_strict=False),
    }  # fmt: skip
    return Domain(nonzero=True) if op == "≠" and number == 0 else table.get(op)


MIRRORED = {"<": ">", ">": "<", "≤": "≥", "≥": "≤", "≠": "≠"}


def restrict(scope: Scope, node: Node, domain: Domain, text: str) -> None:
    """A condition on a name, entrywise; a new name becomes a real scalar (with one index a vector)."""
    e = Elaborator(scope)
    named = find_name(e, node)
    symbol, _, _, primes, rest = split_scripts(node)
    if symbol is None or rest or primes:
        raise ReadError("D135", node.start, node.end, name="…")
    if named is None or (named.sub and not Target(scope, node).sub):
        size = e.size_of(node)
        if size is not None:
            _restrict_size(scope, node, size, domain)
            return
        if len(Target(scope, node).sub) and len(index_nodes(Target(scope, node).sub)) > 1:
            raise undeclared(e, node)  # declared behind its condition, or not at all
        declare(scope, node, (), domain)
        return
    meaning = named.meaning
    if meaning.kind == "variable" and not any(isinstance(p.left, Number) for p in named.sub):
        if named.sub:
            name_value(e, node)
        old = scope.context.declarations[meaning.name].domain
        scope.context.restrict(meaning.name, intersect(old, domain))
        return
    term = e.term(node)
    if domain.values is not None:
        raise ReadError("D135", node.start, node.end, name=named.meaning.name)
    for op, number in (
        (">" if domain.low_strict else "≥", domain.low),
        ("<" if domain.high_strict else "≤", domain.high),
        ("≠", Fraction(0) if domain.nonzero else None),
    ):
        if number is not None:
            other = Full(Num(number), term.shape) if term.shape else Num(number)
            scope.context.assume(Assumption(Rel(op, term, other), text))
    for axis, count in e.least.items():
        scope.context.least[axis] = max(count, scope.context.least.get(axis, 1))


def _restrict_size(scope: Scope, node: Node, size: Size, domain: Domain) -> None:
    if domain.high is not None or domain.values is not None:
        raise ReadError("D135", node.start, node.end, name=str(size))
    if domain.low is not None:
        least = math.floor(domain.low) + 1 if domain.low_strict else math.ceil(domain.low)
        scope.context.least[size] = max(least, scope.context.least.get(size, 1), 1)


def condition(
    scope: Scope, names: list[Node], right: Node | ReadError, tokens: list[Token], text: str
) -> bool:
    """`names` ∈ an interval or a finite set of numbers, or arrays of such entries; False for another set."""
    domain = sets.domain(tokens)
    if domain is not None:
        for node in names:
            restrict(scope, node, domain, text)
        return True
    if not isinstance(right, Scripted) or not isinstance(right.base, Bracket):
        return False
    entries = sets.domain([t for t in tokens if t.end <= right.base.end])
    if entries is None:
        return False
    shape = sets.exponent(scope, right)
    for node in names:
        declare(scope, node, shape, entries)
    return True


# -- definitions -------------------------------------------------------------------------------------


def define(scope: Scope, left: Node, right: Node, soon: Callable[[str], bool] = lambda name: False) -> Meaning:
    """`left := right`: a name, its entries, a family, or a function.

    `soon` declares an argument of a function that the text declares behind it ("f(x) := Ax for x ∈ ℝⁿ"): it is
    asked where the value would be an array if the argument were a number, or holds a norm.
    """
    head, group, outer = _application(left)
    target = Target(scope, head, right)
    e = Elaborator(scope)
    params = _parameters(e, group, right, latex_of(target.shown)) if group is not None else ()
    letters = target.letters() + (_outer(outer) if outer else [])
    axes: list[tuple[str, Size]] = []
    if target.family is not None:
        known = scope.families[target.symbol.base]
        place = Symbol(target.family.start, target.family.end, target.family.letter)
        axes.append((target.family.letter, known or e.fresh(target.family.letter, place)))
    axes += [(s.base, e.fresh(s.base, s)) for s in letters]
    declared = scope.meanings.get(target.key, {}).get(target.style)
    if declared is not None and declared.kind == "variable" and len(declared.shape) == len(axes):
        for (_, size), axis in zip(axes, declared.shape):
            scope.solver.unify(size, axis)
    e.announce(right)
    e.bound += axes
    try:
        body = e.term(right)
    except ReadError as error:
        raise _undeclared_array(scope, group, axes, right) or shadowed(scope, right, error) from None
    if body == ANY_ZERO:
        raise ReadError("D190", right.start, right.end)
    if (body.shape or has_norm(right)) and True in [soon(name) for name in e.locals]:
        return define(scope, left, right)
    if e.free:
        letter = next(iter(e.free))
        origin = e.origin[e.free[letter].names[0]][1]
        _own_name(e, right, letter)
        if other := beside(right, letter):
            raise ReadError("D176", origin.start, origin.end, index=other, other=letter)
        code = "D174" if letter in bound_letters(right) else "D166"
        raise ReadError(code, origin.start, origin.end, index=letter)
    solver = scope.solver
    body = e.finish(body, right)
    if axes:
        body = e.finish(Comp(tuple(Index(n, solver.resolve(s)) for n, s in axes), body), left)
    if declared is not None and any(
        isinstance(part, Var) and part.name == declared.name for part in body.walk()
    ):
        raise ReadError("D126", left.start, right.end, name=target.shown)
    own = declared is not None and declared.kind == "variable" and not params and target.key in scope.own
    if declared is not None and own and not solver.agree(declared.shape, body.shape):
        old, new = shape_text(solver.shape(declared.shape)), shape_text(body.shape)
        raise ReadError("D310", left.start, left.end, name=target.shown, left=old, right=new)
    if len(body.shape) > 2 + (target.family is not None):
        raise ReadError("D163", left.start, left.end, found=len(axes), shape=shape_text(body.shape))
    for axis, count in e.least.items():
        scope.context.least[axis] = max(count, scope.context.least.get(axis, 1))
    local = any(p.name.endswith("#") for p in params)
    key, name = target.key, target.display(scope)
    if group is not None and "|" in group.separators:
        name = key = f"{target.key}({signature(group)})"
    labels = int(target.family is not None)
    made = scope.context.define(Definition(name, body, params, local, labels))
    rows = len(letters) if len(body.shape) - labels > len(letters) > 0 else 0
    meaning = Meaning(
        "function" if params else "definition", made.name, body.shape, labels, rows, params, local, bool(letters)
    )
    return scope.enter(key, target.style, meaning)


def _own_name(e: Elaborator, right: Node, letter: str) -> None:
    """`Q := X W_Q`: by its declaration W_Q is one of many matrices, for each Q."""
    stack = [right]
    while stack:
        node = stack.pop()
        named = find_name(e, node) if isinstance(node, Scripted) else None
        if named is not None and named.meaning.rows and subscript_text(named.sub) == letter:
            name = compose_name(node)
            raise ReadError("D173", node.start, node.end, name=name, index=letter, latex=latex_of(name))
        stack.extend(children(node))


def _undeclared_array(
    scope: Scope, group: Bracket | None, axes: list[tuple[str, Size]], right: Node
) -> ReadError | None:
    """L(w) := ‖Xw − y‖² with w undeclared: the error, where the body fits if w is a vector."""
    if group is None:
        return None
    e = Elaborator(scope)
    kept = dict(scope.solver.bound)
    try:
        _parameters(e, group, right)
        for key in e.locals:
            e.locals[key] = Var(key + "#", (scope.solver.fresh(),))
        e.announce(right)
        e.bound += axes
        e.term(right)
    except ReadError:
        return None
    finally:
        scope.solver.bound = kept
    for part in group.parts:
        symbol, _, _, primes, _ = split_scripts(part)
        name = compose(symbol.base, primes, "") if symbol is not None else ""
        if name in e.locals:
            found = {"name": name, "latex": latex_of(name), "set": "\\mathbb{R}^{D}"}
            return ReadError("D140", part.start, part.end, **found)
    return None


def _application(left: Node) -> tuple[Node, Bracket | None, Scripted | None]:
    """`f(a, b)`, `y(u)_k` → head, arguments and what carries the subscript."""
    if isinstance(left, Juxtaposed) and len(left.items) == 2:
        head, group = left.items
        if isinstance(group, Bracket) and group.kind in ("(", "["):
            return head, group, None
        if isinstance(group, Scripted) and isinstance(group.base, Bracket) and not group.sup:
            return head, group.base, group
    if isinstance(left, Juxtaposed):
        raise ReadError("D125", left.start, left.end)
    return left, None, None


def _outer(outer: Scripted) -> list[Symbol]:
    found: list[Symbol] = []
    part: SubPart
    for part in outer.sub:
        items = part.left.items if isinstance(part.left, Juxtaposed) else (part.left,)
        for item in items:
            if not isinstance(item, Symbol):
                raise ReadError("D125", part.start, part.end)
            found.append(item)
    return found


def _parameters(e: Elaborator, group: Bracket, right: Node, head: str = "") -> tuple[Var, ...]:
    """The arguments of the function `head`; one that names a family stands for all its members, if these stand in
    the value and the bare name does not."""
    made: list[Var] = []
    for part in group.parts:
        symbol, sub, label, primes, rest = split_scripts(part)
        if symbol is None or rest:
            raise ReadError("D125", part.start, part.end)
        named = find_name(e, part)
        if named is not None and named.meaning.kind in ("variable", "definition") and not named.sub:
            if named.meaning.labels:
                raise ReadError("D137", part.start, part.end, latex=head)
            made.append(named.meaning.var)
            continue
        key = compose(symbol.base, primes, subscript_text(sub))
        family = e.scope.find(key + "^()", symbol.style) if label is None else None
        if named is None and family is not None and not stands_alone(right, symbol.base):
            made.append(family.var)
            continue
        if label is not None or (sub and not Target(e.scope, part).key == key):
            raise ReadError("D137", part.start, part.end, latex=head)
        e.locals[key] = Var(key + "#")
        made.append(e.locals[key])
    if len({p.name for p in made}) < len(made):
        raise ReadError("D125", group.start, group.end)
    return tuple(made)


__all__ = ["MIRRORED", "bound", "condition", "declare_functions", "declare_names", "declare_normal",
           "define", "intersect", "restrict"]  # fmt: skip
