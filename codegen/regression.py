"""Functions without layers: a value, right sides of theorems, an iteration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from codegen.functions import (
    CheckedEmitter,
    Written,
    arguments,
    beyond,
    checked,
    names_of,
    plain_parts,
    shapes_doc,
    signature,
    singular_text,
    size_lines,
    sizes_of,
    statement_lines,
)  # fmt: skip
from codegen.layout import Line
from codegen.lower import lower
from codegen.modules import At, Function, Iterated, RightSides, ValueOf
from codegen.proofs import Proofs
from codegen.recurrence import descent_lines
from derive.kernel import Theorem
from derive.notation import unicode
from derive.props import Iff, Prop, Rel
from derive.terms import Call, Var


def written(function: Function, proofs: Proofs, spelled: Mapping[str, str]) -> tuple[Written, list[Theorem]]:
    """The function and the theorems that it is compiled from."""
    match function:
        case ValueOf():
            theorem = proofs.defined(function.step, function.defined)
            return _plain(function, {function.defined: theorem}, (function.step,), proofs, spelled)
        case RightSides():
            theorems = {_label(t.prop): t for t in map(proofs.chain, function.steps)}
            return _plain(function, theorems, function.steps, proofs, spelled)
        case Iterated():
            return _iterated(function, proofs, spelled)
    raise TypeError(f"{type(function).__name__} is no function without layers")


def equation_of(prop: Prop) -> Rel:
    """A = B, or the A = B of P ⟺ A = B."""
    rel = prop.right if isinstance(prop, Iff) else prop
    if not isinstance(rel, Rel):
        raise TypeError("a function is compiled from an equation")
    return rel


def _label(prop: Prop) -> str:
    """A name for the left side of an equation: w, or dW for ∂L/∂W."""
    left = equation_of(prop).left
    wrt = getattr(left, "wrt", None)
    name = (wrt if isinstance(wrt, Var) else left)
    assert isinstance(name, Var)
    return f"d{name.name}" if wrt is not None else name.name


def _plain(
    function: Function,
    theorems: Mapping[str, Theorem],
    steps: tuple[At, ...],
    proofs: Proofs,
    spelled: Mapping[str, str],
) -> tuple[Written, list[Theorem]]:
    labels = dict(zip(theorems, map(proofs.proof, steps), strict=True))
    program = lower(function.name, theorems, steps={k: f"{p.at.derivation}: {p.at.label}" for k, p in labels.items()})
    context = proofs.step(steps[0]).context
    given = arguments([*function.arguments, *beyond(function.arguments, [program], context)], context, spelled)
    sizes = sizes_of(given)
    names = names_of(program, {a.name: a.spelled for a in given}, sizes.values())
    emitter = CheckedEmitter(names, sizes, singular_text(given, program.hypotheses))
    kind = f"{next(a.spelled for a in given if a.shape)}.dtype"
    first = labels[next(iter(labels))]
    lines = statement_lines(program, emitter, names, first, kind)
    results = [names[name] for name in program.outputs.values()]
    lines = returned(lines, results)
    head = [*checked(given, context), *size_lines(given, emitter.used & sizes.keys())]
    if "dtype" in emitter.used:
        head.append(Line(f"dtype = {kind}"))
    rels = [equation_of(t.prop) for t in theorems.values()]
    doc = [
        *(f"    {row}" for row in stated(theorems, [unicode(rel, context) for rel in rels])),
        "",
        f"{shapes_doc(given)}.",
        *told_by(steps, proofs, "definition of " + function.defined if isinstance(function, ValueOf) else ""),
    ]
    single = len(results) == 1
    kinds = ["Array" if rel.left.shape else "Any" for rel in rels]
    returns = kinds[0] if single else f"tuple[{', '.join(kinds)}]"
    made = Written(
        function.name, signature(function.name, plain_parts(given), returns), function.summary, doc, [*head, *lines]
    )  # fmt: skip
    return finished(made, emitter.used), list(theorems.values())


def _iterated(function: Iterated, proofs: Proofs, spelled: Mapping[str, str]) -> tuple[Written, list[Theorem]]:
    theorems = [proofs.theorem(at) for at in function.steps]
    lefts = [equation_of(t.prop).left for t in theorems]
    labels = [left.name for left in lefts if isinstance(left, Var)]
    places = dict(zip(labels, map(proofs.proof, function.steps), strict=True))
    program = lower(
        function.name,
        dict(zip(labels, theorems, strict=True)),
        steps={k: f"{p.at.derivation}: {p.at.label}" for k, p in places.items()},
    )
    context = proofs.step(function.steps[0]).context
    states = dict(zip(function.state, labels, strict=True))
    own = [*function.arguments, *beyond([*function.arguments, *states], [program], context)]
    given = arguments(own, context, spelled)
    rate = [a for a in given if not a.shape and a.spelled == "learning_rate"]
    given = [a for a in given if a not in rate] + rate
    sizes = sizes_of(given)
    fixed = {a.name: a.spelled for a in given} | {s: s for s in states}
    names = names_of(program, fixed, [*sizes.values(), "steps"])
    shapes = {s: context.declarations[s].shape for s in states}
    body, needed = descent_lines(given, program, states, shapes, names, sizes, places)
    head = [*checked(given, context), Line('steps = _count("steps", steps, 0)'), *size_lines(given, needed)]
    doc = [
        *(f"    {unicode(equation_of(t.prop), context)}" for t in theorems),
        "",
        f"{shapes_doc(given)}; `steps` times.",
        *told_by(function.steps, proofs),
    ]
    returns = "Array" if len(states) == 1 else f"tuple[{', '.join(['Array'] * len(states))}]"
    parts = [*plain_parts(given), "steps: int"]
    made = Written(function.name, signature(function.name, parts, returns), function.summary, doc, [*head, *body])
    return finished(made, set()), theorems


def returned(lines: list[Line], results: list[str]) -> list[Line]:
    """The last statement as the value returned, or all results by name."""
    start = f"{results[0]} = "
    if len(results) == 1 and lines and lines[-1].code.startswith(start):
        return [*lines[:-1], replace(lines[-1], code="return " + lines[-1].code.removeprefix(start))]
    return [*lines, Line("return " + ", ".join(results))]


def stated(theorems: Mapping[str, Theorem], last: list[str]) -> list[str]:
    """The functions and definitions that the right sides reach, and then the theorems themselves."""
    program = lower("stated", theorems, optimise=False)
    rows = [row for theorem in theorems.values() for row in functions_in(theorem)]
    rows += [s.equation for s in program.statements if s.reason.kind == "definition"]
    return [row for row in dict.fromkeys(rows) if row not in last] + last


def functions_in(theorem: Theorem) -> list[str]:
    """σ(z) = 1/(1 + e⁻ᶻ): the functions of a scalar that the right side calls, by way of definitions."""
    context, rows = theorem.context, []
    for name in sorted(context.reachable(equation_of(theorem.prop).right)):
        made = context.definitions.get(name)
        if made is not None and made.local:
            call = Call(made.name, made.params, made.body.shape)
            rows.append(f"{unicode(call, context)} = {unicode(made.body, context)}")
    return rows


def told_by(steps: tuple[At, ...], proofs: Proofs, what: str = "") -> list[str]:
    """Where it is proved: derivation, steps, slide."""
    at = steps[0]
    words = what or ("steps " if len(steps) > 1 else "step ") + ", ".join(f"`{s.label}`" for s in steps)
    return [f"Derivation `{at.derivation}`, {words}; slide: {proofs.step(at).slide}."]


def finished(made: Written, used: set[str]) -> Written:
    """With what its lines need of the module: helpers, imports, a licence for underflow."""
    text = "\n".join(line.code for line in made.lines)
    made.helpers = {h for h in ("require", "count", "gemm", "gemv", "solve") if f"_{h}(" in text}
    made.imports = {"scipy"} & used | ({"math"} if "math." in text else set())
    made.imports |= {"warnings"} if "solve" in made.helpers else set()
    made.quiet = any(f in text for f in ("np.exp", "np.tanh", "np.logaddexp"))
    return made


__all__ = ["equation_of", "finished", "returned", "told_by", "written"]
