"""The parts of a line that are formed when it is computed, and their keys: what may be computed once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple, TypeGuard

from codegen.alike import fingerprint
from codegen.kinks import Kink
from codegen.masks import Masked
from codegen.others import Others
from codegen.program import Axes
from codegen.simplify import exp_less_one, negative, total
from codegen.wide import Narrow, Wide
from derive.binders import free_indices
from derive.terms import ONE, Add, Det, Entry, Fn, Inverse, Mul, Num, Pow, Prod, Sum, Term

#: of a sum of more terms, or a product of more factors, than this no part is looked for
MANY = 6


class Part(NamedTuple):
    """`sign` times what the key stands for, at these axes."""

    key: str
    axes: Axes
    sign: int = 1


def part_of(t: Term) -> Part:
    """The part that a term is: a sum and its negative have one key."""
    part = Part(*fingerprint(t))
    if not isinstance(t, Add) or exp_less_one(t) is not None:
        return part
    other = Part(*fingerprint(total(*map(negative, t.args))), -1)
    return other if other.key < part.key else part


def worth(t: Term) -> bool:
    """Whether a name for the term saves work."""
    match t:
        case Fn() | Sum() | Prod() | Det() | Masked() | Kink() | Wide() | Narrow():
            return True
        case Entry(array=Inverse()):
            return True
        case Add():
            return sum(1 for a in t.args if not isinstance(a, Num)) > 1 or any(worth(a) for a in t.args)
        case Mul():
            return sum(1 for a in t.args if free_indices(a)) > 1
        case Pow(base=base, exponent=e):
            return worth(base) or not (isinstance(e, Num) and e.value.denominator == 1)
        case _:
            return False


def parts(t: Term, within: frozenset[str] = frozenset()) -> Iterator[tuple[Part, Term]]:
    """Every part of `t` that is worth a name, outermost first.

    A part that is worth no more than its whole (as in a + (q − q)b) is no second occurrence of it.
    """
    scalars, rest = apart(t)
    if isinstance(scalars, Num):  # 2xy and −xy have xy
        yield from parts(rest, within)
        return
    if worth(t):
        part = part_of(t)
        if part.key not in within:
            yield part, t
        within |= {part.key}
    for c in below(t) if scalars is None else (scalars, rest):
        yield from parts(c, within)


def apart(t: Term) -> tuple[Term | None, Term]:
    """The scalars that multiply an array, or the number that multiplies a scalar, and the rest."""
    if not isinstance(t, Mul):
        return None, t
    alone = [isinstance(f, Num) or bool(free_indices(t) and not free_indices(f)) for f in t.args]
    scalars = tuple(f for f, is_alone in zip(t.args, alone) if is_alone)
    rest = tuple(f for f, is_alone in zip(t.args, alone) if not is_alone)
    return (product_of(scalars), product_of(rest)) if scalars and rest else (None, t)


def product_of(factors: tuple[Term, ...]) -> Term:
    """The product, factors that are products left as they are."""
    return factors[0] if len(factors) == 1 else Mul(factors)


def below(t: Term) -> tuple[Term, ...]:
    """The parts that are formed when `t` is computed: the product under a sum is not."""
    while isinstance(t, Sum) and isinstance(t.body, Sum):
        t = t.body
    if isinstance(t, Masked):  # its exponential may overflow where the mask is 0
        return (t.mask, *t.body.children)
    if near_one(t):
        return t.children[0].children
    if isinstance(t, Others):
        return t.whole.children
    less = exp_less_one(t)
    if less is not None:
        return (less[1],)
    return t.body.children if contracts(t) else t.children


def partial(t: Term) -> Iterator[tuple[Part, list[Term]]]:
    """(part, what is left) of the sums of some terms of a sum, over all of its axes, and of the products of some
    factors of a product."""
    if not isinstance(t, (Add, Mul)) or not 2 < len(t.args) <= MANY or apart(t)[0] is not None:
        return
    axes = free_indices(t)
    for n in range(len(t.args) - 1, 1, -1):
        for chosen in combinations(range(len(t.args)), n):
            inside = tuple(t.args[i] for i in chosen)
            made: Term = total(*inside) if isinstance(t, Add) else Mul(inside)
            if free_indices(made) == axes if isinstance(t, Add) else all(map(free_indices, inside)):
                yield part_of(made), [a for i, a in enumerate(t.args) if i not in chosen]


def near_one(t: Term) -> bool:
    """log(1 + x), which is computed from x: of a small x, 1 + x has few digits."""
    if not isinstance(t, Fn) or t.name != "log" or exp_less_one(t.args[0]) is not None:
        return False
    return isinstance(t.args[0], Add) and ONE in t.args[0].args


def contracts(t: Term) -> TypeGuard[Sum]:
    """A sum of products that is a matrix product or an inner product: its terms are not formed."""
    if not isinstance(t, Sum) or not isinstance(t.body, Mul):
        return False
    axes = [free_indices(f) for f in t.body.args if free_indices(f)]
    return any(a != axes[0] for a in axes) or len(axes[0]) == 1


__all__ = ["Part", "apart", "below", "contracts", "near_one", "part_of", "partial", "parts", "product_of", "worth"]
