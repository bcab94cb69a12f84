"""The value of leaves, entries and binders, and how the rules of nodes are entered."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from derive.evaluate.compiler import RULES, Code, Compiler, Slots, slot_of
from derive.evaluate.environment import Env, EvaluationError
from derive.evaluate.instance import Array, Value
from derive.evaluate.numbers import Number, Reals
from derive.terms import (
    Comp,
    Const,
    Delta,
    Entry,
    Eye,
    Full,
    Index,
    Num,
    Prod,
    Shape,
    SizeTerm,
    Sum,
    Term,
    Var,
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
        return add_arrays(terms, env.run.numbers)

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


def add_arrays(arrays: list[Value], numbers: Reals) -> Array:
    return Array(arrays[0].dims, [numbers.total(list(terms)) for terms in zip(*(a.data for a in arrays))])


__all__ = ["add_arrays", "bind", "data_of", "dims_of", "rule"]
