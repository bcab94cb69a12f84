"""The value of each kind of node.  Where a law is not obvious it stands in the docstring."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeVar

from derive.evaluate.compiler import RULES, Code, Compiler, Slots, slot_of
from derive.evaluate.environment import Env, EvaluationError
from derive.evaluate.functions import Field, Univariate
from derive.evaluate.instance import Array, Value
from derive.evaluate.linear import determinant, inverse
from derive.evaluate.numbers import UNDEFINED, Number, Reals
from derive.terms import (
    Add,
    Comp,
    Const,
    Delta,
    Det,
    Diag,
    Entry,
    Eye,
    Fn,
    Full,
    Hadamard,
    Index,
    Inverse,
    MatMul,
    Mul,
    Num,
    Pow,
    Prod,
    Shape,
    SizeTerm,
    SqNorm,
    Sum,
    Term,
    Trace,
    Transpose,
    Var,
    as_matrix,
)  # fmt: skip

T = TypeVar("T", bound=Term)


def rule(node: type[T]) -> Callable[[Callable[[Compiler, T, Slots], Code]], None]:
    def enter(make: Callable[[Compiler, T, Slots], Code]) -> None:
        RULES[node] = make

    return enter


def dims_of(shape: Shape, env: Env) -> tuple[int, ...]:
    return tuple(s.value(env.run.sizes) for s in shape)


def data_of(value: Value) -> list[Number]:
    return value.data if isinstance(value, Array) else [value]


def bind(index: Index, slots: Slots) -> tuple[int, dict[Index, int]]:
    """A new slot for a bound index."""
    slot = max(slots.values(), default=-1) + 1
    return slot, {**slots, index: slot}


# -- leaves ----------------------------------------------------------------------------------------


@rule(Num)
def _num(c: Compiler, t: Num, slots: Slots) -> Code:
    value = t.value.numerator if t.value.denominator == 1 else t.value
    return lambda env, ix: value


@rule(Const)
def _const(c: Compiler, t: Const, slots: Slots) -> Code:
    name = t.name
    return lambda env, ix: getattr(env.run.numbers, name)


@rule(SizeTerm)
def _size(c: Compiler, t: SizeTerm, slots: Slots) -> Code:
    return lambda env, ix: t.size.value(env.run.sizes)


@rule(Var)
def _var(c: Compiler, t: Var, slots: Slots) -> Code:
    name = t.name

    def var(env: Env, ix: list[int]) -> Value:
        found = env.values.get(name)
        return env.value(name) if found is None else found

    return var


@rule(Eye)
def _eye(c: Compiler, t: Eye, slots: Slots) -> Code:
    def eye(env: Env, ix: list[int]) -> Value:
        n = t.size.value(env.run.sizes)
        return Array((n, n), [int(i == j) for i in range(n) for j in range(n)])

    return eye


@rule(Full)
def _full(c: Compiler, t: Full, slots: Slots) -> Code:
    inside = c.code(t.value, slots)

    def full(env: Env, ix: list[int]) -> Value:
        dims = dims_of(t.dims, env)
        count = 1
        for n in dims:
            count *= n
        return Array(dims, [inside(env, ix)] * count)

    return full


@rule(Delta)
def _delta(c: Compiler, t: Delta, slots: Slots) -> Code:
    (i, p), (j, q) = slot_of(t.left, slots), slot_of(t.right, slots)
    return lambda env, ix: int((p if i < 0 else ix[i]) == (q if j < 0 else ix[j]))


# -- entries and binders -----------------------------------------------------------------------------


@rule(Entry)
def _entry(c: Compiler, t: Entry, slots: Slots) -> Code:
    places = [slot_of(i, slots) for i in t.indices]
    if isinstance(t.array, Comp) and len(places) <= len(t.array.indices) and c.free(t.array):
        return _entry_of_comp(c, t, slots)
    array = c.code(t.array, slots)

    def entry(env: Env, ix: list[int]) -> Value:
        whole = array(env, ix)
        offset = 0
        for (slot, literal), n in zip(places, whole.dims):
            k = literal if slot < 0 else ix[slot]
            if k > n:
                raise EvaluationError("an index beyond the end of an axis")
            offset = offset * n + k - 1
        rest = whole.dims[len(places) :]
        if not rest:
            return whole.data[offset]
        count = 1
        for n in rest:
            count *= n
        return Array(rest, whole.data[offset * count : (offset + 1) * count])

    return entry


def _entry_of_comp(c: Compiler, t: Entry, slots: Slots) -> Code:
    """One entry of an array given by its entries, without the others."""
    assert isinstance(t.array, Comp)
    inner: Slots = slots
    moves = []
    for bound, index in zip(t.array.indices, t.indices):
        slot, inner = bind(bound, inner)
        moves.append((slot, *slot_of(index, slots)))
    rest = t.array.indices[len(t.indices) :]
    left: Term = Comp(rest, t.array.body) if rest else t.array.body
    body = c.code(left, inner)

    def entry(env: Env, ix: list[int]) -> Value:
        for slot, source, literal in moves:
            while len(ix) <= slot:
                ix.append(0)
            ix[slot] = literal if source < 0 else ix[source]
        return body(env, ix)

    return entry


@rule(Comp)
def _comp(c: Compiler, t: Comp, slots: Slots) -> Code:
    inner: Slots = slots
    own: list[int] = []
    for index in t.indices:
        slot, inner = bind(index, inner)
        own.append(slot)
    body = c.code(t.body, inner)

    def comp(env: Env, ix: list[int]) -> Value:
        dims = dims_of(tuple(i.size for i in t.indices), env)
        while len(ix) <= own[-1]:
            ix.append(0)
        data: list[Number] = []
        rest: tuple[int, ...] = ()

        def fill(axis: int) -> None:
            nonlocal rest
            for k in range(1, dims[axis] + 1):
                ix[own[axis]] = k
                if axis + 1 < len(dims):
                    fill(axis + 1)
                    continue
                env.run.spend()
                value = body(env, ix)
                if isinstance(value, Array):
                    rest = value.dims
                    data.extend(value.data)
                else:
                    data.append(value)

        fill(0)
        return Array(dims + rest, data)

    return comp


@rule(Sum)
def _sum(c: Compiler, t: Sum, slots: Slots) -> Code:
    slot, inner = bind(t.index, slots)
    body, shape = c.code(t.body, inner), t.shape

    def sum_(env: Env, ix: list[int]) -> Value:
        while len(ix) <= slot:
            ix.append(0)
        terms: list[Value] = []
        for k in range(t.start, t.index.size.value(env.run.sizes) + 1):
            env.run.spend()
            ix[slot] = k
            terms.append(body(env, ix))
        if not shape:
            return env.run.numbers.total(terms)
        if not terms:
            dims = dims_of(shape, env)
            return Array(dims, [0] * len(list(Array(dims, []).positions())))
        return _add_arrays(terms, env.run.numbers)

    return sum_


@rule(Prod)
def _prod(c: Compiler, t: Prod, slots: Slots) -> Code:
    slot, inner = bind(t.index, slots)
    body = c.code(t.body, inner)

    def prod(env: Env, ix: list[int]) -> Value:
        while len(ix) <= slot:
            ix.append(0)
        result: Number = 1
        for k in range(t.start, t.index.size.value(env.run.sizes) + 1):
            env.run.spend()
            ix[slot] = k
            result = result * body(env, ix)
        return env.run.numbers.bounded(result)

    return prod


# -- algebra -----------------------------------------------------------------------------------------


def _add_arrays(arrays: list[Value], numbers: Reals) -> Array:
    return Array(arrays[0].dims, [numbers.total(list(terms)) for terms in zip(*(a.data for a in arrays))])


@rule(Add)
def _add(c: Compiler, t: Add, slots: Slots) -> Code:
    codes = [c.code(a, slots) for a in t.args]
    if not t.shape:
        return lambda env, ix: env.run.numbers.total([code(env, ix) for code in codes])
    return lambda env, ix: _add_arrays([code(env, ix) for code in codes], env.run.numbers)


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
        for code in scalars:
            factor = factor * code(env, ix)
        bounded = env.run.numbers.bounded
        if not arrays:
            return bounded(factor)
        array = arrays[0](env, ix)
        if guards and not factor:
            return Array(array.dims, [0] * len(array.data))
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

    def matmul(env: Env, ix: list[int]) -> Value:
        sizes = env.run.sizes
        n, m, k = rows_.value(sizes), columns_.value(sizes), middle_.value(sizes)
        a, b = data_of(left(env, ix)), data_of(right(env, ix))
        env.run.spend(n * m * k)
        numbers = env.run.numbers
        data = [
            numbers.bounded(numbers.total([a[i * k + h] * b[h * m + j] for h in range(k)]))
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
        [env.run.numbers.bounded(x * x) for x in data_of(inside(env, ix))]
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


@rule(Fn)
def _fn(c: Compiler, t: Fn, slots: Slots) -> Code:
    codes = [c.code(a, slots) for a in t.args]
    name = t.name
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


__all__ = ["UNDEFINED", "Any", "Field", "Univariate", "bind", "data_of", "dims_of", "rule"]
