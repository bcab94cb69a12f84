"""Slopes of |u| and max(a, b): the sign and the step, functions that a derivation defines for itself.

    sgn(z) := z/|z|     step(z) := max(0, z)/z

They have no value at 0, and |u| and max(0, u) no slope; under a power, max(0, u)² and |u|³, there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from derive.binders import canonical, fresh
from derive.context import Context, Definition
from derive.entrywise import entry
from derive.gradient.constructors import flat, named, scaled
from derive.gradient.rational import tidy
from derive.terms import MINUS_ONE, ONE, ZERO, Add, Call, Comp, Fn, Full, Mul, Num, Pow, Term, Var

#: the parameter of the functions that are defined here; no document can write this name
_Z = Var("z##")


def _below(top: Term, bottom: Term) -> Term:
    return Mul((top, Pow(bottom, MINUS_ONE)))


def _sign(z: Term) -> tuple[Term, ...]:
    modulus = Fn("abs", (z,))
    return _below(z, modulus), _below(modulus, z)


def _step(z: Term) -> tuple[Term, ...]:
    return _below(Fn("max", (ZERO, z)), z), _below(Fn("max", (z, ZERO)), z)


_KINKED = ("abs", "max")
#: kind → the name to choose, and the bodies that mean it
KINDS: dict[str, tuple[tuple[str, ...], Callable[[Term], tuple[Term, ...]]]] = {
    "sign": (("sgn", "sign", "sgn_0"), _sign),
    "step": (("step", "Step", "step_0"), _step),
}


def kind(d: Definition) -> str:
    """"sign" or "step" where the definition says z/|z| or max(0, z)/z, else ""."""
    if len(d.params) != 1 or d.params[0].shape or not d.local:
        return ""
    body = flat(d.body)
    return next((k for k, (_, bodies) in KINDS.items() if body in bodies(d.params[0])), "")


def introduced(d: Definition) -> bool:
    """Did a derivation define it?"""
    return d.params == (_Z,)


def prepared(context: Context, scalar: Term) -> Context:
    """The context with the functions that the slopes of what the scalar is made of are written with."""
    names = context.reachable(scalar) & context.definitions.keys()
    nodes = [n for name in names for n in context.definitions[name].body.walk() if isinstance(n, Fn)]
    wanted = {"sign"} if any(n.name == "abs" for n in nodes) else set()
    wanted |= {"step"} if any(n.name == "max" for n in nodes) else set()
    wanted -= {kind(d) for d in context.definitions.values()}
    inner = context.child() if wanted else context
    for k in sorted(wanted):
        choices, bodies = KINDS[k]
        taken = inner.names.keys() | inner.declarations.keys() | inner.functions.keys() | inner.definitions.keys()
        name = next((c for c in choices if c not in taken), None)
        if name is not None:
            inner.define(Definition(name, bodies(_Z)[0], (_Z,), local=True))
    return inner


def nested(context: Context, scalar: Term) -> bool:
    """Is an absolute value or a maximum made of another one?"""
    bodies = {n: context.definitions[n].body for n in context.reachable(scalar) & context.definitions.keys()}
    kinked = {n for n, body in bodies.items() if any(isinstance(t, Fn) and t.name in _KINKED for t in body.walk())}
    return any(not kinked.isdisjoint(context.reachable(bodies[n]) - {n}) for n in kinked)


def slope(context: Context, which: str, x: Term) -> Term:
    """sgn(x) or step(x), written out where no function is defined for it."""
    for d in context.definitions.values():
        if kind(d) == which:
            return Call(d.name, (x,), ())
    return KINDS[which][1](x)[0]


def at(d: Definition, a: Term) -> Fn | None:
    """|a| or max(0, a) where that is what the function says: f(a) is another name for it."""
    body, (z, *_) = d.body, d.params
    if not isinstance(body, Fn) or body.name not in _KINKED:
        return None
    if any(part != z and not is_zero(part) for part in body.args) or z not in body.args:
        return None
    zero = Full(ZERO, a.shape) if a.shape else ZERO
    return Fn(body.name, tuple(a if part == z else zero for part in body.args))


def flat_function(context: Context, name: str) -> bool:
    """Is the derivative of the function 0 wherever it has one?"""
    d = context.definitions.get(name)
    return d is not None and bool(kind(d))


def arguments(context: Context, terms: Sequence[Term]) -> list[Term]:
    """What the signs and steps in the terms are of: where it is 0 they have no value."""
    found: dict[Term, Term] = {}
    for u in (n.args[0] for t in terms for n in t.walk() if isinstance(n, Call) and flat_function(context, n.name)):
        axes = tuple(fresh(s) for s in u.shape)
        keys = [canonical(Comp(axes, tidy(flat(Mul((sign, entry(u, axes))))))) for sign in (ONE, MINUS_ONE)]
        if found.keys().isdisjoint(keys):
            plain = flat(Mul(u.args[1:])) if isinstance(u, Mul) and u.args[0] == MINUS_ONE else u
            found[keys[0]] = canonical(named(plain))
    return list(found.values())


def is_zero(t: Term) -> bool:
    return t == ZERO or (isinstance(t, Full) and t.value == ZERO)


def over(t: Term, part: Term) -> Term | None:
    """t / part where the part is a factor of t as it is written."""
    if t == part:
        return ONE
    if isinstance(t, Pow) and t.base == part and isinstance(t.exponent, Num) and t.exponent.value >= 1:
        return Pow(part, Num(t.exponent.value - 1))
    if isinstance(t, Mul):
        for k, a in enumerate(t.args):
            rest = over(a, part)
            if rest is not None:
                return flat(Mul((*t.args[:k], rest, *t.args[k + 1 :])))
    if isinstance(t, Add):
        parts = [over(a, part) for a in t.args]
        if all(a is not None for a in parts):
            return Add(tuple(a for a in parts if a is not None))
    return None


def gap(a: Term, b: Term) -> Term:
    """a − b, where one of them may be 0."""
    return a if is_zero(b) else scaled([MINUS_ONE], b) if is_zero(a) else Add((a, scaled([MINUS_ONE], b)))


__all__ = ["arguments", "at", "flat_function", "gap", "introduced", "is_zero", "kind", "over", "prepared", "slope"]
