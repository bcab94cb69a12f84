"""A softmax times what lies above its mean: yₖ(gₖ − Σⱼ gⱼyⱼ), of which a row with one large entry keeps no digit.

    g − Σ g y = (g − m) − Σ (g − m) y,   for any m, as Σ y = 1

With the mean itself for m, the first difference is exact where one entry of y is nearly 1, and the second
mean is small.  The kernel proves each use, for every m.
"""

from __future__ import annotations

from codegen.alike import alike
from codegen.exponential_sums import ANY, Rewriting, softmax
from codegen.justify import holds
from codegen.simplify import negative, number, product, renamed, sum_over, total
from derive.binders import free_indices, substitute
from derive.context import Declaration
from derive.terms import Add, Entry, Index, Mul, Sum, Term, Var


def centred(run: Rewriting, t: Term) -> Term | None:
    """A product with a softmax and a difference from its mean, centred twice."""
    if not isinstance(t, Mul):
        return None
    for y in t.args:
        if not (isinstance(y, Entry) and softmax(run, y)):
            continue
        for place, whole in enumerate(t.args):
            if not isinstance(whole, Add):
                continue
            found = _mean(run, whole, y)
            if found is None:
                continue
            rest, k, at, value = found
            inner = run.context.child()
            inner.declare(Declaration(ANY.name))
            if not holds(inner, whole, _written(rest, k, at, value, ANY)):
                continue
            turned = isinstance(value, Mul) and (number(value.args[0]) or 0) < 0
            if turned:
                rest, value = negative(rest), negative(value)
            first = _other(y, at)
            same = first is not None and alike(substitute(rest, {first: k}), value)
            value, rest = run.rewritten(value), run.rewritten(rest)
            if not isinstance(value, (Entry, Var)):
                value = run.named(value, "what a mean is taken of")
                rest = substitute(value, {k: first}) if same and first is not None else rest
            shift = run.named(Sum(k, product(at, value)), "the mean, so that what lies above it keeps its digits")
            others = [run.rewritten(f) for n, f in enumerate(t.args) if n != place]
            if same and first is not None:
                above = run.named(total(value, negative(shift)), "what lies above the mean")
                made = total(substitute(above, {k: first}), negative(Sum(k, product(at, above))))
            else:
                made = _written(rest, k, at, value, shift)
            return product(*others, negative(made) if turned else made)
    return None


def _written(rest: Term, k: Index, at: Entry, value: Term, m: Term) -> Term:
    below = negative(m)
    return total(rest, below, negative(Sum(k, product(at, total(value, below)))))


def _mean(run: Rewriting, whole: Add, y: Entry) -> tuple[Term, Index, Entry, Term] | None:
    """(r, k, yₖ, gₖ) where `whole` is r − Σₖ yₖ gₖ: the sums of all its terms that are means are one."""
    rest: list[Term] = []
    values: list[Term] = []
    at: Entry | None = None
    for addend in (part for a in whole.args for part in _addends(a)):
        found = _value(run, addend, y)
        if found is None:
            rest.append(addend)
            continue
        f, value = found
        k = _other(f, y)
        if at is None:
            at = f
        first = _other(at, y)
        assert k is not None and first is not None
        values.append(negative(substitute(value, {k: first})))
    if at is None:
        return None
    k = _other(at, y)
    assert k is not None
    return total(*rest), k, at, total(*values)


def _addends(t: Term) -> list[Term]:
    """c Σₖ (aₖ + bₖ) as c Σₖ aₖ and c Σₖ bₖ."""
    factors = t.args if isinstance(t, Mul) else (t,)
    for n, f in enumerate(factors):
        if isinstance(f, Sum) and f.start == 1 and isinstance(f.body, Add):
            inner = renamed(f)
            assert isinstance(inner, Sum) and isinstance(inner.body, Add)
            beside = factors[:n] + factors[n + 1 :]
            return [product(*beside, Sum(inner.index, a)) for a in inner.body.args]
    return [t]


def _value(run: Rewriting, addend: Term, y: Entry) -> tuple[Entry, Term] | None:
    """yₖ and gₖ of an addend that is Σₖ yₖ gₖ."""
    factors = addend.args if isinstance(addend, Mul) else (addend,)
    sums = [f for f in factors if isinstance(f, Sum)]
    if len(sums) != 1:
        return None
    beside = [f for f in factors if f is not sums[0]]
    over, inside = _opened(run, sums[0], y)
    for f in inside:
        k = _other(f, y)
        if k is None or k not in over or not isinstance(f, Entry):
            continue
        value = product(*beside, *(g for g in inside if g is not f))
        for i in over:
            if i != k:
                value = sum_over(i, value)
        return f, value
    return None


def _opened(run: Rewriting, t: Sum, y: Entry) -> tuple[list[Index], list[Term]]:
    """Indices and factors of a sum of products, sums among the factors opened, and names for sums with `y`."""
    made = renamed(t)
    assert isinstance(made, Sum)
    if made.start != 1:
        return [], []
    over, inside = [made.index], []
    for f in made.body.args if isinstance(made.body, Mul) else (made.body,):
        named = run.opened(f) if isinstance(f, (Var, Entry)) else None
        if isinstance(named, Sum) and any(isinstance(n, Entry) and n.array == y.array for n in named.walk()):
            f = named
        if isinstance(f, Sum):
            more, factors = _opened(run, f, y)
            over += more
            inside += factors or [f]
        else:
            inside.append(f)
    return over, inside


def _other(f: Term, y: Entry) -> Index | None:
    """The index of `f` that stands in the place of another one of `y`."""
    if not isinstance(f, Entry) or f.array != y.array:
        return None
    differing = [(a, b) for a, b in zip(f.indices, y.indices) if a != b]
    if len(differing) != 1:
        return None
    mine, its = differing[0]
    return mine if isinstance(mine, Index) and isinstance(its, Index) and its in free_indices(y) else None


__all__ = ["centred"]
