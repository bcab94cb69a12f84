"""Running generated functions, and comparing them with the independent evaluator."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from scipy import linalg

from codegen.document import compile_document
from codegen.lower import lower
from codegen.printer import FunctionSource, print_function
from codegen.program import Program
from codegen.scalars import free_of
from derive.blackboard import Derivation
from derive.context import Context, Domain
from derive.evaluate import UNDEFINED, Array, Evaluator, Instance
from derive.kernel import Theorem
from derive.props import Rel
from derive.prover import prove
from derive.terms import Comp, Term


def function_of(source: FunctionSource) -> Callable[..., Any]:
    """The function that a printed source defines."""
    space: dict[str, Any] = {"np": np, "math": math, "linalg": linalg}
    exec(compile(source.text, source.name, "exec"), space)
    return space[source.name]


def draw(domain: Domain, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Entries of a domain with short decimals, so that both sides are given the same numbers."""
    if domain.values is not None:
        return rng.choice([float(v) for v in domain.values], size=shape)
    low = -2.0 if domain.low is None else float(domain.low)
    high = low + 3.0 if domain.high is None else float(domain.high)
    if domain.low is None and domain.high is not None:
        low = high - 3.0
    return np.round(low + (high - low) * rng.uniform(0.1, 0.9, size=shape), 3)


class Undefined(Exception):
    """The term has no value at the instance that was drawn."""


def instance(program: Program, context: Context, sizes: Mapping[str, int], seed: int) -> tuple[Instance, list[Any]]:
    """An instance for the evaluator, and the same values as arguments."""
    rng = np.random.default_rng(seed)
    values: dict[str, Any] = {}
    arguments: dict[str, Any] = {}
    for d in context.declarations.values():
        shape = tuple(s.value(dict(sizes)) for s in d.shape)
        array = draw(d.domain, shape, rng)
        values[d.name] = _exact(array.tolist())
        arguments[d.name] = array if shape else float(array)
    return Instance.of(dict(sizes), **values), [arguments[i.name] for i in program.inputs]


def _exact(x: Any) -> Any:
    return [_exact(v) for v in x] if isinstance(x, list) else Fraction(str(x))


def numbers(value: Any) -> Any:
    """A value of the evaluator as floats."""
    if isinstance(value, Array):
        return np.array([float(v) for v in value.data], dtype=float).reshape(value.dims)
    return float(value)


def gap(theorem: Theorem, sizes: Mapping[str, int], seed: int = 0, **options: Any) -> float:
    """Greatest difference between the generated function and the evaluator's value of the theorem's
    right side, relative to its greatest entry; the shapes must agree."""
    program = lower("f", theorem, **options)
    function = function_of(print_function(program))
    assert isinstance(theorem.prop, Rel)
    free = free_of(theorem.prop.left)
    right = Comp(free, theorem.prop.right) if free else theorem.prop.right
    for attempt in range(seed, seed + 5):
        point, arguments = instance(program, theorem.context, sizes, attempt)
        value = Evaluator(theorem.context).at(point).value(right)
        if value is not UNDEFINED and not (isinstance(value, Array) and UNDEFINED in value.data):
            break
    else:
        raise Undefined
    want = numbers(value)
    got = np.asarray(function(*arguments), dtype=float)
    assert np.shape(got) == np.shape(want)
    return float(np.max(np.abs(got - want)) / (np.max(np.abs(want)) + 1e-300))


def theorem_of(d: Derivation, body: Term) -> Theorem:
    """`f := body`, with the free indices of the body as axes, as a theorem f = body."""
    free = free_of(body)
    made = Comp(free, body) if free else body
    f = d.define("f", made)
    return prove(d.context, Rel("=", f, made))


def module(text: str, folder: Path, **options: object) -> ModuleType:
    """The module that a document compiles to."""
    file = folder / "model.md"
    file.write_text(text, encoding="utf-8")
    made = compile_document(file, **options)  # type: ignore[arg-type]
    loaded = ModuleType("model")
    exec(compile(made.source, "model.py", "exec"), loaded.__dict__)
    return loaded
