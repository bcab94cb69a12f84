"""Terms → closures that compute their value; compiled once for a context, run at many instances."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from derive.context import Context
from derive.evaluate.environment import Env
from derive.evaluate.instance import Value
from derive.terms import (
    Call,
    Comp,
    Delta,
    Det,
    Diff,
    Entry,
    Index,
    IndexLike,
    Inverse,
    MatMul,
    Prod,
    SqNorm,
    Sum,
    Term,
    Trace,
    Var,
)  # fmt: skip

#: (environment, values of the indices by slot) → value
Code = Callable[[Env, list[int]], Value]
Slots = Mapping[Index, int]

#: Worth keeping where no index is free in them.
_KEPT = (Call, Comp, Det, Diff, Inverse, MatMul, Prod, SqNorm, Sum, Trace)

#: node → its code; filled by `derive.evaluate.nodes`
RULES: dict[type[Term], Callable[[Compiler, Any, Slots], Code]] = {}


class Compiler:
    """Code for the terms of one context."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._bodies: dict[str, Code] = {}
        self._keys: dict[Term, int] = {}
        self._kept: dict[Term, Code] = {}
        self._reach: dict[Term | str, frozenset[str]] = {}
        self._free: dict[Term, frozenset[Index]] = {}

    def body(self, name: str) -> Code:
        """The code of a definition's body, which has no free index."""
        found = self._bodies.get(name)
        if found is None:
            found = self._bodies[name] = self.code(self.context.definitions[name].body, {})
        return found

    def code(self, t: Term, slots: Slots) -> Code:
        if isinstance(t, _KEPT) and not self.free(t):
            found = self._kept.get(t)
            if found is None:
                found = self._kept[t] = self._keeping(t, RULES[type(t)](self, t, {}))
            return found
        return RULES[type(t)](self, t, slots)

    def _keeping(self, t: Term, code: Code) -> Code:
        key = self._keys.setdefault(t, len(self._keys))
        names = self.reach(t)

        def kept(env: Env, ix: list[int]) -> Value:
            found = env.memo.get(key)
            if found is None:
                if env.parent is not None and env.changed.isdisjoint(names):
                    found = kept(env.parent, ix)
                else:
                    env.run.spend()
                    found = code(env, [])
                env.memo[key] = found
            return found

        return kept

    # -- what a term depends on ---------------------------------------------------------------------

    def free(self, t: Term) -> frozenset[Index]:
        """The indices that the value of `t` depends on."""
        found = self._free.get(t)
        if found is None:
            own: set[Index] = set()
            for child in t.children:
                own |= self.free(child)
            if isinstance(t, Entry):
                own.update(i for i in t.indices if isinstance(i, Index))
            elif isinstance(t, Delta):
                own.update(i for i in (t.left, t.right) if isinstance(i, Index))
            elif isinstance(t, (Sum, Prod)):
                own.discard(t.index)
            elif isinstance(t, Comp):
                own.difference_update(t.indices)
            found = self._free[t] = frozenset(own)
        return found

    def reach_of_name(self, name: str) -> frozenset[str]:
        """`name` and every name that its definition leads to."""
        found = self._reach.get(name)
        if found is None:
            definition = self.context.definitions.get(name)
            inside = self.reach(definition.body) if definition is not None else frozenset()
            found = self._reach[name] = inside | {name}
        return found

    def reach(self, t: Term) -> frozenset[str]:
        """Every name that the value of `t` can depend on."""
        found = self._reach.get(t)
        if found is None:
            names: set[str] = set()
            for child in t.children:
                names |= self.reach(child)
            if isinstance(t, (Var, Call)):
                names |= self.reach_of_name(t.name)
            found = self._reach[t] = frozenset(names)
        return found


def slot_of(index: IndexLike, slots: Slots) -> tuple[int, int]:
    """(slot, 0) of an index, or (−1, k) of a literal one."""
    return (-1, index) if isinstance(index, int) else (slots[index], 0)


def read(slot: int, literal: int, ix: list[int]) -> int:
    return literal if slot < 0 else ix[slot]


__all__ = ["RULES", "Code", "Compiler", "Slots", "read", "slot_of"]
