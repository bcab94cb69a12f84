"""The value of sums, products, matrices and functions.  A law that is not obvious stands in the docstring."""

from __future__ import annotations

from fractions import Fraction

from derive.evaluate.compiler import Code, Compiler, Slots
from derive.evaluate.environment import Env
from derive.evaluate.instance import Array, Value
from derive.evaluate.linear import determinant, inverse
from derive.evaluate.nodes import add_arrays, data_of, dims_of, rule
from derive.evaluate.numbers import Number
from derive.terms import (
    ZERO,
    Add,
    Delta,
    Det,
    Diag,
    Fn,
    Full,
    Hadamard,
    Inverse,
    MatMul,
    Mul,
    Num,
    Pow,
    SqNorm,
    Term,
    Trace,
    Transpose,
    as_matrix,
)  # fmt: skip


@rule(Add)
def _add(c: Compiler, t: Add, slots: Slots) -> Code:
    codes = [c.code(a, slots) for a in t.args]
    if not t.shape:
        return lambda env, ix: env.run.numbers.total([code(env, ix) for code in codes])
    return lambda env, ix: add_arrays([code(env, ix) for code in codes], env.run.numbers)


def _is_guard(t: Term) -> bool:
    """A factor δ or 1 − δ, which says in which cases the other factors matter."""
    if isinstance(t, Delta):
        return True
    if isinstance(t, Add):
        return any(isinstance(n, Delta) for n in t.walk()) and all(
            isinstance(n, (Delta, Num, Add, Mul)) for n in t.walk()
        )
    return isinstance(t, Mul) and all(_is_guard(a) for a in t.args)


@rule(Mul)
def _mul(c: Compiler, t: Mul, slots: Slots) -> Code:
    guards = [c.code(a, slots) for a in t.args if _is_guard(a)]
    scalars = [c.code(a, slots) for a in t.args if not a.shape and not _is_guard(a)]
    arrays = [c.code(a, slots) for a in t.args if a.shape]

    def mul(env: Env, ix: list[int]) -> Value:
        factor: Number = 1
        for guard in guards:  # where it is 0 the others need have no value: cases, j ≠ k
            factor = factor * guard(env, ix)
            if not factor and not arrays:
                return 0
        if not factor and guards:
            array = arrays[0](env, ix)
            return Array(array.dims, [0] * len(array.data))
        for code in scalars:
            factor = factor * code(env, ix)
        bounded = env.run.numbers.bounded
        if not arrays:
            return bounded(factor)
        array = arrays[0](env, ix)
        return Array(array.dims, [bounded(factor * x) for x in array.data])

    return mul


@rule(Hadamard)
def _hadamard(c: Compiler, t: Hadamard, slots: Slots) -> Code:
    left, right = c.code(t.left, slots), c.code(t.right, slots)

    def hadamard(env: Env, ix: list[int]) -> Value:
        a, b = left(env, ix), right(env, ix)
        if not isinstance(a, Array):
            return a * b
        bounded = env.run.numbers.bounded
        return Array(a.dims, [bounded(x * y) for x, y in zip(a.data, b.data)])

    return hadamard


@rule(MatMul)
def _matmul(c: Compiler, t: MatMul, slots: Slots) -> Code:
    left, right = c.code(t.left, slots), c.code(t.right, slots)
    rows_, middle_ = as_matrix(t.left.shape)
    columns_ = as_matrix(t.right.shape)[1]
    shape = t.shape
    scales = isinstance(t.left, Diag), isinstance(t.right, Diag)

    def matmul(env: Env, ix: list[int]) -> Value:
        sizes = env.run.sizes
        n, m, k = rows_.value(sizes), columns_.value(sizes), middle_.value(sizes)
        a, b = data_of(left(env, ix)), data_of(right(env, ix))
        env.run.spend(n * m * k)
        numbers = env.run.numbers

        def terms(i: int, j: int) -> range:
            """A diagonal matrix leaves one."""
            return range(i, i + 1) if scales[0] else range(j, j + 1) if scales[1] else range(k)

        data = [
            numbers.bounded(numbers.total([a[i * k + h] * b[h * m + j] for h in terms(i, j)]))
            for i in range(n)
            for j in range(m)
        ]
        return Array(dims_of(shape, env), data) if shape else data[0]

    return matmul


@rule(Transpose)
def _transpose(c: Compiler, t: Transpose, slots: Slots) -> Code:
    inside = c.code(t.arg, slots)
    shape = t.shape
    if not shape:
        return inside

    def transpose(env: Env, ix: list[int]) -> Value:
        array = inside(env, ix)
        dims = dims_of(shape, env)
        if len(array.dims) < 2 or len(dims) < 2:
            return Array(dims, array.data)
        n, m = array.dims
        return Array(dims, [array.data[i * m + j] for j in range(m) for i in range(n)])

    return transpose


@rule(Inverse)
def _inverse(c: Compiler, t: Inverse, slots: Slots) -> Code:
    inside = c.code(t.arg, slots)

    def inverse_(env: Env, ix: list[int]) -> Value:
        array = inside(env, ix)
        env.run.spend(array.dims[0] ** 3)
        return Array(array.dims, inverse(array.data, array.dims[0], env.run.numbers))

    return inverse_


@rule(Det)
def _det(c: Compiler, t: Det, slots: Slots) -> Code:
    inside = c.code(t.arg, slots)

    def det(env: Env, ix: list[int]) -> Value:
        array = inside(env, ix)
        env.run.spend(array.dims[0] ** 3)
        return env.run.numbers.bounded(determinant(array.data, array.dims[0], env.run.numbers))

    return det


@rule(Trace)
def _trace(c: Compiler, t: Trace, slots: Slots) -> Code:
    inside = c.code(t.arg, slots)

    def trace(env: Env, ix: list[int]) -> Value:
        array = inside(env, ix)
        n = array.dims[0]
        return env.run.numbers.total([array.data[i * n + i] for i in range(n)])

    return trace


@rule(Diag)
def _diag(c: Compiler, t: Diag, slots: Slots) -> Code:
    inside = c.code(t.arg, slots)

    def diag(env: Env, ix: list[int]) -> Value:
        entries = inside(env, ix).data
        n = len(entries)
        return Array((n, n), [entries[i] if i == j else 0 for i in range(n) for j in range(n)])

    return diag


@rule(SqNorm)
def _sqnorm(c: Compiler, t: SqNorm, slots: Slots) -> Code:
    inside = c.code(t.arg, slots)
    return lambda env, ix: env.run.numbers.total(
        [env.run.numbers.bounded(env.run.numbers.integer_power(x, 2)) for x in data_of(inside(env, ix))]
    )


@rule(Pow)
def _pow(c: Compiler, t: Pow, slots: Slots) -> Code:
    """A fixed exponent, or one of integers only, needs x ≥ 0 just for roots; any other x > 0."""
    base = c.code(t.base, slots)
    if isinstance(t.exponent, Num) and t.exponent.value.denominator == 1:
        n = t.exponent.value.numerator
        if not t.base.shape:
            return lambda env, ix: env.run.numbers.integer_power(base(env, ix), n)
    exponent = c.code(t.exponent, slots)
    fixed = _fixed(c, t.exponent)

    def power(env: Env, ix: list[int]) -> Value:
        numbers = env.run.numbers
        x, q = base(env, ix), exponent(env, ix)
        made = numbers.fixed_power if fixed and isinstance(q, (int, Fraction)) else numbers.varying_power
        if isinstance(x, Array):
            return Array(x.dims, [made(v, q) for v in x.data])
        return made(x, q)

    return power


def _fixed(c: Compiler, exponent: Term) -> bool:
    """Does the exponent take isolated values only?  (Sizes, numbers, variables of a finite set.)"""
    for name in c.reach(exponent):
        if name in c.context.functions:
            return False
        declared = c.context.declarations.get(name)
        if declared is not None and declared.domain.values is None:
            return False
        if declared is None and name not in c.context.definitions:
            return False
    return True


def _is_zero(t: Term) -> bool:
    return t == ZERO or (isinstance(t, Full) and t.value == ZERO)


@rule(Fn)
def _fn(c: Compiler, t: Fn, slots: Slots) -> Code:
    args, name = t.args, t.name
    if name == "max" and any(_is_zero(a) for a in args):
        args, name = tuple(a for a in args if not _is_zero(a))[:1] or args[:1], "ramp"
    codes = [c.code(a, slots) for a in args]
    if len(codes) == 1:
        (code,) = codes

        def unary(env: Env, ix: list[int]) -> Value:
            f = getattr(env.run.numbers, name)
            x = code(env, ix)
            return Array(x.dims, [f(v) for v in x.data]) if isinstance(x, Array) else f(x)

        return unary
    left, right = codes

    def binary(env: Env, ix: list[int]) -> Value:
        f = getattr(env.run.numbers, name)
        x, y = left(env, ix), right(env, ix)
        if isinstance(x, Array):
            return Array(x.dims, [f(v, w) for v, w in zip(x.data, y.data)])
        return f(x, y)

    return binary
