"""Parts of a formula that have a name: what a definition says written by its name, a softmax given one.

`(O − Y) ⊙ (AV)` is `(O − Y) ⊙ O` where O := AV.  The statement that is written so is proved with those
definitions open, so nothing rests on what is found here.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from derive.binders import canonical, free_indices, fresh, substitute, weight
from derive.entrywise import entry
from derive.gradient.constructors import product, scaled, transposed
from derive.gradient.factors import factors_of, times
from derive.gradient.notation import Notation, array_of
from derive.gradient.rational import tidy
from derive.gradient.together import together
from derive.terms import (
    MINUS_ONE,
    Add,
    Comp,
    Diag,
    Entry,
    Fn,
    Full,
    Hadamard,
    Index,
    MatMul,
    Mul,
    Num,
    Pow,
    Sum,
    Term,
    Transpose,
    Var,
    matmul_factors,
)  # fmt: skip

#: what reads no better under a name
SHORTEST = 3


class Parts:
    """The names of formulas; `introduce` gives one to a softmax that has none."""

    def __init__(self, notation: Notation, introduce: Callable[[Term], Var]) -> None:
        self.notation = notation
        self.introduce = introduce
        self.names: dict[object, Term] = {}
        self.softmaxes: dict[Term, Var] = {}

    def learn(self, name: Var, body: Term) -> None:
        if isinstance(body, Comp) and len(body.indices) <= 2 and body.shape == name.shape:
            self.softmaxes.setdefault(_entries(body), name)
        written = together(self.notation.written(body))
        if written.shape != name.shape or not name.shape or weight(written) < SHORTEST or _plain(written):
            return
        self.names.setdefault(key(written), name)
        if len(name.shape) == 2:
            self.names.setdefault(key(together(transposed(written))), Transpose(name))

    def known(self, t: Term, of: Var) -> tuple[Term, frozenset[str]]:
        """`t` with the names of its parts, and these names."""
        found: dict[str, None] = {}
        made = self._known(t, of, found)
        return made, frozenset(found)

    def _known(self, t: Term, of: Var, found: dict[str, None]) -> Term:
        if not t.children:
            return t
        name = self._name(t, of, found)
        if name is not None:
            return name
        if isinstance(t, MatMul) and t.shape:
            return self._chain(matmul_factors(t), of, found)
        return t.rebuild(tuple(self._known(c, of, found) for c in t.children))

    def _name(self, t: Term, of: Var, found: dict[str, None]) -> Term | None:
        name = self.names.get(key(t)) if t.shape else None
        var = name.arg if isinstance(name, Transpose) else name
        if not isinstance(var, Var) or var == of:
            return None
        found[var.name] = None
        return name

    def _chain(self, factors: list[Term], of: Var, found: dict[str, None]) -> Term:
        """A product of matrices: neighbours that are what a name stands for are written by it, longest first."""
        for length in range(len(factors) - 1, 1, -1):
            for start in range(len(factors) - length + 1):
                run = factors[start : start + length]
                if all(len(f.shape) == 2 for f in run[:-1]):
                    name = self._name(_product(run), of, found)
                    if name is not None:
                        return self._chain([*factors[:start], name, *factors[start + length :]], of, found)
        return _product([self._known(f, of, found) for f in factors])

    # -- entries ---------------------------------------------------------------------------------------------------

    def shares(self, t: Term) -> tuple[Term, frozenset[str]]:
        """An array with exp(Sᵢⱼ)/Σₖ exp(Sᵢₖ) in its entries written Pᵢⱼ, and the names of these."""
        found: dict[str, None] = {}
        axes = tuple(fresh(s) for s in t.shape)
        body = entry(t, axes)
        made = self._shares(body, found)
        return (array_of(axes, tidy(made)), frozenset(found)) if found else (t, frozenset())

    def _shares(self, t: Term, found: dict[str, None]) -> Term:
        if not t.children:
            return t
        if isinstance(t, Mul):
            t = self._divided(list(t.args), found)
            if not isinstance(t, Mul):
                return self._shares(t, found)
        return t.rebuild(tuple(self._shares(c, found) for c in t.children))

    def _divided(self, factors: list[Term], found: dict[str, None]) -> Term:
        """A product with what is divided by the sum of it written as one share; distributed where that shows one."""
        for below in factors:
            share = self._share(below, [f for f in factors if f is not below])
            if share is not None:
                name, rest, sign = share
                found[name.array.name] = None  # type: ignore[attr-defined]  # the array is a name
                return self._divided([Num(sign), name, *rest], found)
        for whole in factors:
            divided = [a for a in whole.args if _sums(a)] if isinstance(whole, Add) else []
            if divided and all(self._within(a, factors, whole) for a in divided):
                rest = [f for f in factors if f is not whole]
                return Add(tuple(self._divided([*rest, *factors_of(a)], found) for a in whole.children))
        return times(factors)

    def _within(self, a: Term, factors: list[Term], whole: Term) -> bool:
        rest = [f for f in factors if f is not whole]
        return any(self._shared(f, [*rest, *(g for g in factors_of(a) if g is not f)]) for f in _sums(a))

    def _share(self, below: Term, others: list[Term]) -> tuple[Entry, list[Term], Fraction] | None:
        """The share Pᵢⱼ, the factors that are left, and a sign."""
        match = self._shared(below, others)
        if match is None:
            return None
        above, rest, sign = match
        free = free_indices(times(above))
        at = [i for f in above for n in f.walk() if isinstance(n, Entry) for i in n.indices if i in free]
        axes = tuple(dict.fromkeys(i for i in at if isinstance(i, Index)))
        if set(axes) != set(free) or not 0 < len(axes) <= 2:
            return None
        body = Comp(axes, Mul((*above, below)))
        name = self.softmaxes.get(_entries(body))
        if name is None:
            name = self.softmaxes[_entries(body)] = self.introduce(body)
        return Entry(name, axes), rest, sign

    @staticmethod
    def _shared(below: Term, others: list[Term]) -> tuple[list[Term], list[Term], Fraction] | None:
        """What is summed below among the other factors, up to its sign."""
        if not _total(below):
            return None
        k, summand = below.base.index, below.base.body  # type: ignore[attr-defined]  # it is 1/Σ
        for c in sorted({i for f in others for i in free_indices(f) if i.size == k.size}):
            above, rest, sign = list(factors_of(substitute(summand, {k: c}))), list(others), Fraction(1)
            for f in above:
                same, turned = key(f), key(_turned(f))
                at = next((g for g in rest if key(g) in (same, turned)), None)
                if at is None:
                    break
                rest.remove(at)
                sign = sign if key(at) == same else -sign
            else:
                return above, rest, sign
        return None


def _total(t: Term) -> bool:
    """1/Σ of something with an exponential."""
    return isinstance(t, Pow) and t.exponent == MINUS_ONE and isinstance(t.base, Sum) and t.base.start == 1 and any(
        _exponential(f) for f in factors_of(t.base.body)
    )  # fmt: skip


def _sums(t: Term) -> list[Term]:
    return [f for f in factors_of(t) if _total(f)]


def _turned(t: Term) -> Term:
    return Add(tuple(scaled([MINUS_ONE], a) for a in t.args)) if isinstance(t, Add) else t


def _exponential(t: Term) -> bool:
    return isinstance(t, Fn) and t.name == "exp"


def _factors(t: Term) -> list[Term]:
    return [*_factors(t.left), *_factors(t.right)] if isinstance(t, Hadamard) else [t]


def _entries(t: Comp) -> Term:
    """The same for arrays with the same entries, as far as `tidy` sees it."""
    axes = tuple(fresh(i.size) for i in t.indices)
    return canonical(Comp(axes, tidy(entry(t, axes))))


def _product(factors: list[Term]) -> Term:
    made = factors[-1]
    for f in reversed(factors[:-1]):
        made = product(f, made)
    return made


def _plain(t: Term) -> bool:
    """A formula as easy to read as its name: scalars and one array, or with an exponential, which keeps its digits
    only beside what it is divided by."""
    if any(_exponential(n) for n in t.walk()):
        return True
    core = t.args[-1] if isinstance(t, Mul) else t
    return not core.children or isinstance(core, (Transpose, Diag, Full))


def key(t: Term) -> object:
    """The same for terms that differ in the order of summands and factors and in the brackets of products."""
    if isinstance(t, Add):
        return ("+", frozenset(key(a) for a in t.args))
    if isinstance(t, Hadamard):
        return ("⊙", tuple(sorted((key(f) for f in _factors(t)), key=repr)))
    if isinstance(t, MatMul):
        return ("·", *(key(f) for f in matmul_factors(t)))
    if isinstance(t, Mul):
        return ("c", frozenset(key(a) for a in t.args))
    return canonical(t)


__all__ = ["Parts", "key"]
