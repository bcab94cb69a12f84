"""Calls of functions and derivatives: what opens an inner environment."""

from __future__ import annotations

from derive.evaluate.compiler import Code, Compiler, Slots, slot_of
from derive.evaluate.environment import Env, EvaluationError
from derive.evaluate.functions import Field, Univariate
from derive.evaluate.instance import Array, Value
from derive.evaluate.nodes import data_of, dims_of, rule
from derive.evaluate.numbers import UNDEFINED, Dual, Number
from derive.terms import Call, Diff, Entry, Var


@rule(Call)
def _call(c: Compiler, t: Call, slots: Slots) -> Code:
    if t.name in c.context.functions:
        return _unknown(c, t, slots)
    definition = c.context.definitions[t.name]
    codes = [c.code(a, slots) for a in t.args]
    names = [p.name for p in definition.params]
    if len(names) != len(codes):
        raise EvaluationError(f"{t.name} takes {len(names)} arguments")
    order, name = t.order, t.name
    if len(names) == 1 and not definition.params[0].shape and (t.args[0].shape or order):
        (code,), (param,) = codes, names

        def entrywise(env: Env, ix: list[int]) -> Value:
            x = code(env, ix)
            if isinstance(x, Array):
                return Array(x.dims, [_primed(env, name, param, v, order) for v in x.data])
            return _primed(env, name, param, x, order)

        return entrywise

    def call(env: Env, ix: list[int]) -> Value:
        values = {n: code(env, ix) for n, code in zip(names, codes)}
        return env.run.compiler.body(name)(env.calling(values), [])

    return call


def _primed(env: Env, name: str, param: str, x: Number, order: int) -> Value:
    """The derivative of that order of a defined function of one scalar, at x; of an array by its entries."""
    if not order:
        return env.run.compiler.body(name)(env.calling({param: x}), [])
    inner = env.calling({param: x}).varying(param)
    made = _primed(inner, name, param, inner.values[param], order - 1)
    if isinstance(made, Array):
        return Array(made.dims, [part(v, inner.depth, 0) for v in made.data])
    return part(made, inner.depth, 0)


def _unknown(c: Compiler, t: Call, slots: Slots) -> Code:
    name, order = t.name, t.order
    of_array = bool(c.context.functions[name].domain)
    code = c.code(t.args[0], slots)

    def unknown(env: Env, ix: list[int]) -> Value:
        function = env.run.instance.function(name, of_array)
        numbers = env.run.numbers
        x = code(env, ix)
        if isinstance(function, Field):
            if order:
                raise EvaluationError("primes on a function of an array")
            return numbers.bounded(function(data_of(x), numbers))
        assert isinstance(function, Univariate)
        f = function.derivative(order)
        if isinstance(x, Array):
            return Array(x.dims, [f(v, numbers) for v in x.data])
        return numbers.bounded(f(x, numbers))

    return unknown


@rule(Diff)
def _diff(c: Compiler, t: Diff, slots: Slots) -> Code:
    variable = t.variable
    assert isinstance(variable, Var)
    name = variable.name
    body = c.code(t.body, slots)
    places = [slot_of(i, slots) for i in t.wrt.indices] if isinstance(t.wrt, Entry) else []
    shape, scalar_body, scalar_wrt = t.shape, not t.body.shape, not t.wrt.shape

    def diff(env: Env, ix: list[int]) -> Value:
        inner = env.varying(name)
        env.run.spend()
        made = body(inner, ix)
        value = env.value(name)
        first, count = 0, 1
        if isinstance(value, Array):
            for (slot, literal), n in zip(places, value.dims):
                k = literal if slot < 0 else ix[slot]
                if k > n:
                    raise EvaluationError("an index beyond the end of an axis")
                first = first * n + k - 1
            for n in value.dims[len(places) :]:
                count *= n
            first *= count
        if scalar_body and scalar_wrt:
            return part(made, inner.depth, first)
        parts = [part(x, inner.depth, first + k) for x in data_of(made) for k in range(count)]
        return Array(dims_of(shape, env), parts)

    return diff


def part(x: Number, level: int, key: int) -> Number:
    """The coefficient of ε_key of that level."""
    if type(x) is Dual and x.level == level:
        return x.parts.get(key, 0)
    return UNDEFINED if x is UNDEFINED else 0
