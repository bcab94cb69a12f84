"""What names and indices stand for while a term is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from derive.algebra.atoms import Atom, Poly, Unsupported
from derive.terms import Index, IndexLike, Term, as_matrix

At = tuple[IndexLike, ...]
#: a name bound in a body: its entries
Binding = Callable[[At], Poly]
Scope = Mapping[str, Binding]


# Indices are bound in the same scope as names, under a key that no name can have.


def _key(index: Index) -> str:
    return f"index {index.name} {index.size}"


def bind(scope: Scope, indices: Mapping[Index, IndexLike]) -> Scope:
    made = dict(scope)
    for index, to in indices.items():
        made[_key(index)] = _Bound(to)
    return made


class _Bound:
    def __init__(self, to: IndexLike) -> None:
        self.to = to

    def __call__(self, at: At) -> Poly:
        raise Unsupported("an index is not a number")


def index_in(index: IndexLike, scope: Scope) -> IndexLike:
    if isinstance(index, int):
        return index
    bound = scope.get(_key(index))
    return bound.to if isinstance(bound, _Bound) else index


def without_indices(scope: Scope) -> dict[str, Binding]:
    """Inside a definition only the overridden names are in scope, not the caller's indices."""
    return {k: v for k, v in scope.items() if not isinstance(v, _Bound)}


def two(t: Term, at: At) -> tuple[IndexLike, IndexLike]:
    """(row, column) of an entry of a term read as a matrix; axes of size one have index 1."""
    as_matrix(t.shape)  # refuses more than two axes
    if len(at) == 2:
        return at[0], at[1]
    if len(at) == 1:
        return at[0], 1
    return 1, 1


def swapping(marker: str, value: Binding) -> Callable[[Atom], Poly | None]:
    """The swap for `Normalizer.replace` that gives the variable `marker` its entries again."""
    return lambda a: value(a.indices) if a.kind == "var" and a.name == marker else None
