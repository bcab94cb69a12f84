"""Contraction order: which two factors of a sum of products are summed first.

Sums of products are gathered across nested sums, and the pairwise order with the fewest operations
is taken (matrix chains, never a matrix product where a matrix–vector one would do); what an earlier
line has formed costs nothing.  A sum is distributed over an addition only where that avoids an array
larger than all others:
Σ_d (x_id − x_jd)² is written with Σ_d x_id², Σ_d x_jd² and Σ_d x_id x_jd, and clipped at 0.
Every line that is changed is proved equal to the old one; one that cannot be is left as it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations

from codegen.alike import collected
from codegen.cost import LARGE, Indices, cost, expected, extent, spread
from codegen.justify import same_sums
from codegen.lines import Line, Names
from codegen.masks import unmasked
from codegen.passes.distribute import Centres, How, Known, distributed
from codegen.passes.factored import factored
from codegen.passes.parts import part_of, parts
from codegen.scalars import free_of
from codegen.signs import nonnegative
from codegen.simplify import product, renamed
from derive.binders import canonical, free_indices, names_in
from derive.context import Context
from derive.terms import Entry, Index, Inverse, Mul, Num, Pow, Sum, Term, Var

#: more factors than this are ordered greedily
EXHAUSTIVE = 8


def order_contractions(
    lines: list[Line], outputs: Mapping[str, str], context: Context, names: Names
) -> list[Line]:
    made = []
    known: Known = {}
    centres = Centres(names)
    often = Counter(key for line in lines for key in {part.key for part, t in parts(line.body) if isinstance(t, Sum)})
    for line in lines:
        plain = collected(line.body)
        narrow = factored(plain, lambda t: often[part_of(t).key] > 1)
        starts = [narrow] if narrow is plain else [narrow, plain]
        # without x_i − x_i more may have a value, and the two are not proved equal
        for start, apart in ((start, apart) for start in starts for apart in (True, False)):
            body = collected(ordered(start, How(lambda t: nonnegative(t, context), apart, centres, known)))
            old, new = unmasked(line.body), unmasked(centres.spelled(body))
            if body == line.body or canonical(old) == canonical(new) or same_sums(context, old, new):
                line = replace(line, body=body)
                break
        for part, t in parts(line.body):
            if isinstance(t, Sum):
                known.setdefault(names_in(t), set()).add(part.key)
        made += [*centres.new, line]
        centres.new = []
    return made


def ordered(t: Term, how: How) -> Term:
    """`t` with every sum of products in the cheapest order."""
    if isinstance(t, Sum) and t.start == 1:
        return _best(t, how)
    if not t.children:
        return t
    made = t.rebuild(tuple(ordered(c, how) for c in t.children))
    return _grouped(made) if isinstance(made, Mul) else made


def _grouped(t: Mul) -> Mul:
    """The factors of an outer product that have the same axes multiplied first: (g ⊙ h)xᵀ."""
    whole = free_indices(t)
    groups: dict[Indices, list[Term]] = {}
    for f in t.args:
        groups.setdefault(free_indices(f), []).append(f)
    if not any(len(group) > 1 for axes, group in groups.items() if axes and axes != whole):
        return t
    made: list[Term] = []
    for axes, group in groups.items():
        made.extend([Mul(tuple(group))] if axes and axes != whole and len(group) > 1 else group)
    return Mul(tuple(made))


def _best(t: Sum, how: How) -> Term:
    over, factors = _gathered(t)
    made = _arranged(over, [ordered(f, how) for f in factors], how.known)
    option = distributed(over, factors, lambda t: ordered(t, how), how)
    if option is not None and cost(option)[0] < cost(made)[0]:
        return option
    return made


def _gathered(t: Sum) -> tuple[list[Index], list[Term]]:
    """Indices and factors of a sum of products, with the sums among its factors opened."""
    over, factors = spread(t)
    found: list[Term] = []
    for f in factors:
        if isinstance(f, Sum) and f.start == 1 and len(spread(f)[1]) > 1:
            inner = renamed(f)
            assert isinstance(inner, Sum)
            indices, parts = _gathered(inner)
            over.extend(indices)
            found.extend(parts)
        else:
            found.append(f)
    return over, found


def _arranged(over: list[Index], factors: list[Term], known: Known) -> Term:
    """The cheapest pairwise order of Σ_over Π factors."""
    plain = [f for f in factors if not free_indices(f)]
    tensors = [f for f in factors if free_indices(f)]
    axes = {free_indices(f) for f in tensors}
    if len(axes) == 1 and (len(tensors) > 1 or not _is_square(tensors[0])):
        made = _summed(frozenset(over), product(*tensors))  # entrywise: nothing to choose
    else:
        split: list[Term] = []
        for f in tensors:
            whole = len(axes) == 1 and (len(free_indices(f)) > 1 or isinstance(f.children[0], Mul))
            if _is_square(f) and not whole:
                split.extend((f.children[0], f.children[0]))  # r² = r · r: an inner product
            else:
                split.append(f)
        made = _pairs(frozenset(over), split, known)
    return product(*plain, made) if plain else made


def _is_square(t: Term) -> bool:
    return isinstance(t, Pow) and isinstance(t.exponent, Num) and t.exponent.value == 2


def _pairs(over: Indices, factors: list[Term], known: Known) -> Term:
    n = len(factors)
    axes = [free_indices(f) for f in factors]
    everything = (1 << n) - 1

    def result(mask: int) -> Indices:
        inside = frozenset[Index]().union(*(axes[i] for i in range(n) if mask >> i & 1))
        outside = frozenset[Index]().union(*(axes[i] for i in range(n) if not mask >> i & 1))
        return frozenset(i for i in inside if i not in over or i in outside)

    best: dict[int, tuple[int, Term]] = {}
    for i in range(n):
        mask = 1 << i
        alone = axes[i] - result(mask)
        best[mask] = (expected(axes[i]) if alone else 0, _summed(alone, factors[i]))

    def price(a: int, b: int) -> int:
        union = result(a) | result(b)
        done = union - result(a | b)
        formed = expected(union) + expected(union - done)
        return best[a][0] + best[b][0] + formed + _turning(best[a][1], best[b][1], done)

    def join(a: int, b: int) -> Term:
        done = (result(a) | result(b)) - result(a | b)
        first, second = (a, b) if (a & -a) < (b & -b) else (b, a)
        return _summed(done, _times(best[first][1], best[second][1]))

    if n > EXHAUSTIVE:
        groups = [1 << i for i in range(n)]
        while len(groups) > 1:
            a, b = min(combinations(groups, 2), key=lambda p: extent(result(p[0]) | result(p[1])))
            best[a | b] = price(a, b), join(a, b)
            groups = [g for g in groups if g not in (a, b)] + [a | b]
        return best[everything][1]
    for size in range(2, n + 1):
        for chosen in combinations(range(n), size):
            mask = sum(1 << i for i in chosen)
            part = (mask - 1) & mask
            options = []
            while part:
                if part & -part == mask & -mask:  # each split once
                    options.append((part, mask ^ part))
                part = (part - 1) & mask
            prices = [(price(a, b), a, b) for a, b in options if b]
            least = min(p for p, _, _ in prices)
            made = [join(a, b) for p, a, b in prices if p == least]
            inside = (names_in(factors[i]) for i in chosen)
            keys = known.get(frozenset[str]().union(*inside), set()) if known else set()
            read = next((t for t in made if keys and part_of(t).key in keys), None)
            best[mask] = (least, made[0]) if read is None else (0, read)  # what is known is only read
    return best[everything][1]


def _turning(a: Term, b: Term, done: Indices) -> int:
    """What decides between equal orders: a matrix is contracted over its columns; an inverse that is
    contracted over one index alone is a solve and is never formed; entrywise products come before the
    contraction; XᵀX is not formed where X(…) is as cheap."""
    left, right = free_indices(a), free_indices(b)
    price = int(bool(done) and len(left) > 1 and left == right)
    price += int(len((left | right) - done) == 2 and bool(done) and not _matrices(a).isdisjoint(_matrices(b)))
    for f, other in ((a, b), (b, a)):
        if not isinstance(f, Entry) or len(f.indices) != 2:
            continue
        if len(done) == 1 and f.indices[1] not in done and len(free_indices(other)) == 1:
            price += 1
        if isinstance(f.array, Inverse) and (len(done) != 1 or free_indices(f) & free_indices(other) != done):
            price += LARGE**3
    return price


def _matrices(t: Term) -> set[str]:
    """The matrices among the factors of a product."""
    factors = t.args if isinstance(t, Mul) else (t,)
    return {f.array.name for f in factors if isinstance(f, Entry) and isinstance(f.array, Var) and len(f.indices) == 2}


def _times(a: Term, b: Term) -> Term:
    """A product of two that stay two factors, entrywise products of equal axes flattened."""
    parts: list[Term] = []
    for f in (a, b):
        flat = isinstance(f, Mul) and free_indices(a) == free_indices(b)
        parts.extend(f.args if flat and isinstance(f, Mul) else (f,))
    return Mul(tuple(parts))


def _summed(indices: Indices, t: Term) -> Term:
    for k in sorted(indices, key=lambda k: free_of(t).index(k), reverse=True):
        t = Sum(k, t)
    return t
