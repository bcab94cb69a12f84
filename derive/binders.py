"""Bound and free indices of terms: substitution without capture, one spelling for equal terms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import lru_cache
from itertools import count

from derive.props import Prop
from derive.terms import (
    Call,
    Comp,
    Delta,
    Entry,
    Index,
    IndexLike,
    Prod,
    Size,
    Sum,
    Term,
    Var,
)  # fmt: skip

_numbers = count(1)


def fresh(size: Size) -> Index:
    """An index that occurs nowhere else (`#` cannot be written); names sort as they are made."""
    return Index(f"#f{next(_numbers):07}", size)


@lru_cache(maxsize=200_000)
def free_indices(t: Term) -> frozenset[Index]:
    """The indices that no sum, product or array inside `t` binds."""
    found: set[Index] = set()
    if isinstance(t, Entry):
        found.update(i for i in t.indices if isinstance(i, Index))
    elif isinstance(t, Delta):
        found.update(i for i in (t.left, t.right) if isinstance(i, Index))
    for child in t.children:
        found |= free_indices(child)
    return frozenset(found - set(bound(t)))


def terms_of(prop: Prop) -> Iterator[Term]:
    """The terms that a proposition is about, whatever its kind."""
    stack: list[object] = [prop]
    while stack:
        part = stack.pop()
        if isinstance(part, Term):
            yield part
        elif isinstance(part, tuple):
            stack.extend(part)
        elif is_dataclass(part):
            stack.extend(getattr(part, f.name) for f in fields(part))


def free_in(prop: Prop) -> frozenset[Index]:
    """The indices that are free in a proposition."""
    return frozenset().union(*(free_indices(t) for t in terms_of(prop)))


@lru_cache(maxsize=200_000)
def names_in(t: Term) -> frozenset[str]:
    """Names of the variables and functions in `t`."""
    return frozenset(node.name for node in t.walk() if isinstance(node, (Var, Call)))


@lru_cache(maxsize=200_000)
def weight(t: Term) -> int:
    """How much there is to read in `t`: its number of nodes."""
    return 1 + sum(weight(c) for c in t.children)


def bound(t: Term) -> tuple[Index, ...]:
    """The indices that the node `t` itself binds."""
    if isinstance(t, (Sum, Prod)):
        return (t.index,)
    return t.indices if isinstance(t, Comp) else ()


def rebind(t: Term, indices: tuple[Index, ...], body: Term) -> Term:
    """The binder `t` with other bound indices and another body."""
    if isinstance(t, Comp):
        return Comp(indices, body)
    if isinstance(t, Prod):
        return Prod(indices[0], body, t.start)
    assert isinstance(t, Sum)
    return Sum(indices[0], body, t.start)


def _moved(i: IndexLike, to: Mapping[Index, IndexLike]) -> IndexLike:
    return to.get(i, i) if isinstance(i, Index) else i


def substitute(
    t: Term, indices: Mapping[Index, IndexLike], names: Mapping[Term, Term] | None = None
) -> Term:
    """`t` with free indices and whole variables replaced; binders in the way are renamed."""
    names = names or {}
    live = {i: j for i, j in indices.items() if i in free_indices(t) and i != j}
    if isinstance(t, Var):
        return names.get(t, t)
    if not live and not (names and any(v.name in names_in(t) for v in names if isinstance(v, Var))):
        return t
    if isinstance(t, Delta):
        return Delta(_moved(t.left, live), _moved(t.right, live))
    if isinstance(t, Entry):
        return Entry(substitute(t.array, live, names), tuple(_moved(i, live) for i in t.indices))
    own = bound(t)
    if own:
        arriving = {j for j in live.values() if isinstance(j, Index)}
        for value in names.values():
            arriving |= free_indices(value)
        turned = {i: fresh(i.size) for i in own if i in arriving}
        body = t.body if not turned else substitute(t.body, turned)  # type: ignore[attr-defined]  # binders have it
        return rebind(t, tuple(turned.get(i, i) for i in own), substitute(body, live, names))
    return t.rebuild(tuple(substitute(c, live, names) for c in t.children))


@lru_cache(maxsize=100_000)
def canonical(t: Term) -> Term:
    """The same term with its bound indices named by what they enclose: equal up to renaming → equal."""
    own = bound(t)
    if not own:
        if not t.children:
            return t
        return t.rebuild(tuple(canonical(c) for c in t.children))
    body = canonical(t.body)  # type: ignore[attr-defined]  # binders have it
    used = {i.name for i in free_indices(body) - set(own)}
    level = _height(body)
    turned: dict[Index, IndexLike] = {}
    for i in reversed(own):
        level += 1
        while f"#{level}" in used:
            level += 1
        turned[i] = Index(f"#{level}", i.size)
    # two steps: a new name may be the old one of a neighbour
    away = {i: fresh(i.size) for i in own}
    body = substitute(body, dict(away))
    body = substitute(body, {away[i]: turned[i] for i in own})
    made = tuple(i for i in (turned[i] for i in own) if isinstance(i, Index))
    return rebind(t, made, canonical(body) if any(bound(n) for n in body.walk()) else body)


def _height(t: Term) -> int:
    found = [int(i.name[1:]) for n in t.walk() for i in bound(n) if i.name[1:].isdigit()]
    return max(found, default=0)


def generic(t: Term) -> dict[str, object]:
    """The fields of a node that are neither terms nor tuples of terms."""
    out: dict[str, object] = {}
    for f in fields(t):
        value = getattr(t, f.name)
        if isinstance(value, Term) or (isinstance(value, tuple) and any(isinstance(v, Term) for v in value)):
            continue
        out[f.name] = value
    return out


Match = dict[Index, IndexLike]


def unify(pattern: Term, t: Term, free: Iterable[Index], found: Match) -> Match | None:
    """Values for the indices `free` of `pattern` under which it is `t` (up to bound names), or None."""
    return _unify(pattern, t, frozenset(free), found, {})


def _index(p: IndexLike, i: IndexLike, free: frozenset[Index], found: Match, inner: Match) -> Match | None:
    if isinstance(p, int):
        return found if p == i else None
    if p in inner or i in inner.values():
        return found if inner.get(p) == i else None
    if p not in free:
        return found if p == i else None
    if p in found:
        return found if found[p] == i else None
    if isinstance(i, Index) and i.size != p.size:
        return None
    return {**found, p: i}


def _unify(p: Term, t: Term, free: frozenset[Index], found: Match, inner: Match) -> Match | None:
    if type(p) is not type(t) or p.shape != t.shape:
        return None
    state: Match | None = found
    if isinstance(p, Delta) and isinstance(t, Delta):
        state = _index(p.left, t.left, free, found, inner)
        return state if state is None else _index(p.right, t.right, free, state, inner)
    if isinstance(p, Entry) and isinstance(t, Entry):
        if len(p.indices) != len(t.indices):
            return None
        state = _unify(p.array, t.array, free, found, inner)
        for i, j in zip(p.indices, t.indices, strict=True):
            state = state if state is None else _index(i, j, free, state, inner)
        return state
    own, other = bound(p), bound(t)
    if own:
        if [i.size for i in own] != [i.size for i in other] or getattr(p, "start", 1) != getattr(t, "start", 1):
            return None
        inner = {**inner, **dict(zip(own, other, strict=True))}
        return _unify(p.children[0], t.children[0], free - set(own), found, inner)
    if len(p.children) != len(t.children) or generic(p) != generic(t):
        return None
    for part, other_part in zip(p.children, t.children, strict=True):
        state = state if state is None else _unify(part, other_part, free, state, inner)
    return state
