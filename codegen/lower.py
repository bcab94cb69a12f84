"""From theorems to a program: the right side of `A = B`, and the definitions that it reaches."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from codegen.errors import CodegenError
from codegen.justify import definite
from codegen.known import KnownValues, equation
from codegen.lines import Line, Names, reads
from codegen.passes import PASSES
from codegen.program import Input, Program, Reason, Reduce, Statement, Tensor
from codegen.scalars import Scalars, free_of
from codegen.tensors import Tensors
from codegen.typecheck import typecheck, typecheck_lines
from codegen.wording import equation_text, retold
from derive.binders import free_indices, fresh
from derive.context import Context, Declaration
from derive.kernel import Theorem
from derive.notation import unicode
from derive.notation.symbols import unicode_name
from derive.terms import Comp, Entry, Index, IndexLike, Term, Var

At = tuple[IndexLike, ...]


def lower(
    name: str,
    source: Theorem | Mapping[str, Theorem],
    *,
    arguments: Sequence[str] | None = None,
    using: Sequence[Theorem] = (),
    given: Sequence[str] = (),
    coarse: Collection[str] = (),
    fine: bool = False,
    steps: Mapping[str, str] | None = None,
    optimise: bool = True,
) -> Program:
    """The program that computes the right side of each theorem `A = B`, by output label.

    `source`: one theorem (its output is labelled `name`), or theorems by label.  Definitions that a
    right side reaches become statements.  An index that is free on the left is an axis of the
    result, before the axes of its shape.  `using`: theorems for what has no program of its own:
    `∂S/∂U = Y − D` or `δ_j = …` (same names as in the source), `f′(u) = …` (for every u).
    `given`: defined names whose values are inputs: what a loop has computed before.
    `coarse`: defined names whose values may have an error of an ulp of 1 (`codegen.uses` tells which).
    `fine`: logarithms of sums that are nearly 1 keep their digits.
    `arguments`: the inputs and their order; by default the declared variables that are read, in
    order of declaration.  `steps` names the step that proved each theorem, for the map.
    Raises `CodegenError` for what cannot be compiled.
    """
    theorems = dict(source) if isinstance(source, Mapping) else {name: source}
    if not theorems:
        raise CodegenError("nothing to compile")
    for theorem in theorems.values():
        equation(theorem)
    context = _joined([*theorems.values(), *using])
    for defined in given:
        context.declarations[defined] = Declaration(defined, context.definitions.pop(defined).body.shape)
    lowering = _Lowering(context, KnownValues(using), steps or {})
    for label, theorem in theorems.items():
        lowering.output(label, theorem)
    lines = [replace(line, coarse=line.name in coarse, fine=fine) for line in lowering.finished()]
    declared = {d.name: d.shape for d in context.declarations.values()}
    results = lowering.outputs.values()
    lines = typecheck_lines(lines, results, declared)
    for run in PASSES if optimise else ():
        lines = typecheck_lines(run(lines, lowering.outputs, context, lowering.names), results, declared)
    lines = [retold(line, context) for line in lines]
    tensors = Tensors(lambda matrix: definite(context, matrix))
    statements = tuple(_statement(line, tensors) for line in lines)
    program = Program(
        name, _inputs(context, lines, arguments), statements, dict(lowering.outputs), theorems
    )  # fmt: skip
    return typecheck(program)


class _Lowering:
    def __init__(self, context: Context, known: KnownValues, steps: Mapping[str, str]) -> None:
        self.context = context
        self.known = known
        self.steps = steps
        self.names = Names(context)
        self.scalars = Scalars(context, self.value)
        self.lines: dict[str, Line] = {}
        self.outputs: dict[str, str] = {}

    def value(self, t: Term, at: At) -> Term | None:
        if isinstance(t, Var):
            return None  # a defined name is an equation of its own
        found = self.known.find(t, at)
        return None if found is None else self.scalars.at(*found)

    def output(self, label: str, theorem: Theorem) -> None:
        rel = equation(theorem)
        left = rel.left
        named = left.name if isinstance(left, Var) and left.name in self.context.definitions else ""
        if named and named in self.lines:
            named = ""
        free = free_of(left)
        extra = free_indices(rel.right) - set(free)
        if extra:
            raise CodegenError("the right side has an index that the left side has not", rel.right)
        axes = (*free, *(fresh(s) for s in left.shape))
        body = self.scalars.at(rel.right, axes[len(free) :])
        name = named or self.names.new(label)
        reason = Reason("theorem", self.steps.get(label, label))
        self.lines[name] = Line(name, axes, body, unicode(rel, self.context), reason)
        self.outputs[label] = name

    def define(self, name: str) -> None:
        definition = self.context.definitions[name]
        if definition.local and definition.params:
            raise CodegenError(f"{name} is a function and needs its argument")
        var = definition.var
        axes = tuple(fresh(s) for s in var.shape)
        found = self.known.find(var, axes)
        kind, why = ("theorem", f"theorem on {unicode_name(name)}") if found else ("definition", "")
        body = self.scalars.at(*found) if found else self.scalars.at(definition.body, axes)
        right = _shown(found[0], found[1], axes) if found else definition.body
        left: Term = var
        if isinstance(right, Comp):
            left, right = Entry(var, right.indices), right.body
        text = equation_text(left, right, self.context)
        reason = Reason(kind, why or f"definition of {unicode_name(name)}")
        self.lines[name] = Line(name, axes, body, text, reason)

    def finished(self) -> list[Line]:
        """All lines, each after those that it reads."""
        ordered: dict[str, Line] = {}
        done: set[str] = set()

        def visit(name: str) -> None:
            if name in done:
                return
            done.add(name)
            if name not in self.lines:
                if name not in self.context.definitions:
                    if name not in self.context.declarations:
                        raise CodegenError(f"{name} is neither declared nor defined")
                    return
                self.define(name)
            for other in reads(self.lines[name]):
                visit(other)
            ordered[name] = self.lines[name]

        for name in list(self.outputs.values()):
            visit(name)
        return list(ordered.values())


def _shown(t: Term, at: At, axes: tuple[Index, ...]) -> Term:
    return Comp(axes, t) if axes and not at else t


def _joined(theorems: Sequence[Theorem]) -> Context:
    """One context for all theorems: a name must mean the same in all of them."""
    made = theorems[0].context.child()
    for theorem in theorems[1:]:
        other = theorem.context
        if other is theorems[0].context:
            continue
        names: set[str] = set()
        prop = equation(theorem)
        for side in (prop.left, prop.right):
            names |= other.reachable(side)
        for name in other.definitions.keys() | other.declarations.keys() | other.functions.keys():
            mine = (made.definitions.get(name), made.declarations.get(name), made.functions.get(name))
            theirs = (other.definitions.get(name), other.declarations.get(name), other.functions.get(name))
            if mine == theirs:
                continue
            if any(m is not None for m in mine):
                if name in names:
                    raise CodegenError(f"{name} means different things in the theorems to compile")
                continue
            if theirs[0] is not None:
                made.definitions[name] = theirs[0]
            if theirs[1] is not None:
                made.declarations[name] = theirs[1]
            if theirs[2] is not None:
                made.functions[name] = theirs[2]
        made.assumptions += [a for a in other.assumptions if a not in made.assumptions]
    return made


def _statement(line: Line, tensors: Tensors) -> Statement:
    value: Tensor = tensors.tensor(line.body)
    if line.over:
        where = None if line.where is None else tensors.tensor(line.where)
        value = Reduce("max", line.over, value, 1, where)
    return Statement(line.name, line.axes, value, line.equation, line.reason)


def _inputs(context: Context, lines: Sequence[Line], arguments: Sequence[str] | None) -> tuple[Input, ...]:
    computed = {line.name for line in lines}
    used = {name for line in lines for name in reads(line)} - computed
    if arguments is None:
        chosen = [n for n in context.declarations if n in used]
    else:
        chosen = [context.names.get(a, a) for a in arguments]
        lacking = sorted(used - set(chosen))
        if lacking:
            raise CodegenError(f"the value depends on {', '.join(lacking)}, which no argument gives")
    made = []
    for name in chosen:
        d = context.declarations.get(name)
        if d is None:
            raise CodegenError(f"{name} is not declared")
        made.append(Input(name, d.shape, d.domain))
    return tuple(made)
