"""Index form → matrix notation: `Σₙ Xₙⱼ rₙ` is entry j of `Xᵀr`.

`array(indices, body)` gives the array whose entry at `indices` is the scalar `body`, in matrix notation
where there is one; what has none stays an array of entries (`Comp`).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from derive.binders import free_indices, fresh, substitute
from derive.distinct import apart, kinked
from derive.entrywise import entry, product_entry
from derive.gradient.constructors import flat, product, scaled, transposed
from derive.terms import (
    ONE,
    ONE_SIZE,
    Add,
    Call,
    Comp,
    Delta,
    Diag,
    Entry,
    Eye,
    Fn,
    Full,
    Hadamard,
    Index,
    Inverse,
    MatMul,
    Mul,
    Num,
    Pow,
    SqNorm,
    Sum,
    Term,
    Trace,
    Transpose,
    Var,
    term,
)  # fmt: skip

Axes = tuple[Index, ...]
TWO = Num(Fraction(2))


class NoNotation(Exception):
    """There is no matrix notation for this."""


@dataclass(frozen=True)
class Factor:
    """An array whose axes are these indices, in this order."""

    axes: Axes
    term: Term

    def along(self, axes: Axes) -> Term:
        """The array with its axes in this order; missing ones are repeated."""
        if self.axes == axes:
            return self.term
        if len(axes) == 2 and self.axes == axes[::-1]:
            return transposed(self.term)
        shape = tuple(i.size for i in axes)
        if not self.axes:
            return scaled([self.term], Full(ONE, shape))
        if len(axes) == 2 and self.axes == axes[:1]:
            return product(self.term, Transpose(Full(ONE, shape[1:])))
        if len(axes) == 2 and self.axes == axes[1:]:
            return product(Full(ONE, shape[:1]), transposed(self.term))
        raise NoNotation


class Notation:
    """`families` are names whose leading axis is a label: they are written with indices only."""

    def __init__(self, families: frozenset[str] = frozenset()) -> None:
        self.families = families

    def array(self, axes: Axes, body: Term) -> Term:
        """The array with these axes whose entries are `body`."""
        if not axes:
            return self.scalar(body)
        try:
            if len(axes) > 2:
                raise NoNotation
            return flat(self.read(axes, body))
        except NoNotation:
            return Comp(axes, self.scalar(body))

    def of_variable(self, v: Var, t: Term) -> Term:
        """What is of v's shape, in matrix notation; for a family x^{(i)} entry by entry."""
        if v.name not in self.families or not t.shape:
            return self.written(t)
        axes = tuple(fresh(s) for s in t.shape)
        return Comp(axes, self.scalar(entry(t, axes)))

    def written(self, t: Term) -> Term:
        """`t` with every array of entries and every sum in it in matrix notation where it has one."""
        return _outward(self._written(t))

    def _written(self, t: Term) -> Term:
        if isinstance(t, Comp):
            return self.array(t.indices, self._written(t.body))
        if t.children:
            t = t.rebuild(tuple(self._written(c) for c in t.children))
        if isinstance(t, MatMul):
            return product(t.left, t.right)
        if t.shape and isinstance(t, (Add, Mul)):
            return flat(t)
        if isinstance(t, Sum) and not t.shape:
            return self.scalar(t)
        return t

    def scalar(self, body: Term) -> Term:
        """A scalar with its sums in matrix notation where they have one (`Σ aₙbₙ` is `aᵀb`)."""
        if isinstance(body, Sum):
            traced = _trace(body)
            if traced is not None:
                return traced
            try:
                return flat(self.read((), body))
            except NoNotation:
                return Sum(body.index, self.scalar(body.body), body.start)
        if not body.children or isinstance(body, Entry) or body.shape:
            return body
        if isinstance(body, SqNorm) or any(c.shape for c in body.children):
            return body
        return flat(body.rebuild(tuple(self.scalar(c) for c in body.children)))

    # -- entries -------------------------------------------------------------------------------------

    def read(self, axes: Axes, body: Term) -> Term:
        """`body` along `axes`; every axis is free in it or it is repeated."""
        found = self.factor(axes, body)
        return found.along(axes)

    def factor(self, axes: Axes, body: Term) -> Factor:
        """`body` as an array over those of `axes` that occur in it."""
        here = tuple(i for i in axes if i in free_indices(body))
        if not here:
            if any(isinstance(n, Sum) for n in body.walk()):
                return Factor((), self.scalar_strict(body))
            return Factor((), body)
        return Factor(here, self._read(here, body))

    def scalar_strict(self, body: Term) -> Term:
        if isinstance(body, Sum):
            return self._contract((), body)
        return self.scalar(body)

    def _read(self, axes: Axes, body: Term) -> Term:
        match body:
            case Add(args):
                seen = {i for a in args for i in [frozenset(axes) & free_indices(a)]}
                if len(axes) == 2 and frozenset(axes) not in seen and len(seen - {frozenset()}) > 1:
                    raise NoNotation  # aᵢ + bⱼ
                total: Term | None = None
                for a in args:
                    part = self.read(axes, a)
                    total = part if total is None else Add((total, part))
                assert total is not None
                return total
            case Mul() | Sum():
                return self._contract(axes, body)
            case Entry(MatMul() as array, indices) if free_indices(array) or len(indices) > len(set(indices)):
                return self._contract(axes, product_entry(array, indices))
            case Pow(base, exponent) if not free_indices(exponent):
                return Pow(self.read(axes, base), self.scalar(exponent))
            case Fn(name, args):
                return Fn(name, tuple(self.read(axes, a) for a in args))
            case Call(name, args, _, order) if len(args) == 1 and not args[0].shape:
                arg = self.read(axes, args[0])
                return Call(name, (arg,), arg.shape, order)
            case Entry(array, indices):
                return self._entry(axes, array, indices)
            case Delta(i, j) if {i, j} == set(axes):
                return Eye(axes[0].size)
            case Hadamard() | SqNorm():
                raise NoNotation
            case _:
                raise NoNotation

    def _entry(self, axes: Axes, array: Term, indices: tuple[Index | int, ...]) -> Term:
        row = len(indices) == 2 and indices[0] == 1 and array.shape[0] == ONE_SIZE
        if row and not free_indices(array) and indices[1:] == axes:
            return transposed(array)
        if free_indices(array) or any(i not in axes for i in indices) or len(array.shape) != len(indices):
            raise NoNotation
        if isinstance(array, Var) and array.name in self.families:
            raise NoNotation
        if indices == axes:
            return array
        if indices == axes[::-1]:
            return transposed(array)
        raise NoNotation

    # -- contractions ----------------------------------------------------------------------------------

    def _contract(self, axes: Axes, body: Term) -> Term:
        """A product under sums: the bound indices are summed out one by one, matrix by matrix."""
        bound: list[Index] = []
        parts: list[Term] = []
        self._open(body, bound, parts, first=True)
        if any(kinked(p, [pair for q in parts if (pair := apart(q)) is not None]) for p in parts):
            raise NoNotation  # a matrix has every entry
        factors = [self.factor((*axes, *bound), p) for p in parts]
        wide = [f for f in factors if len(f.axes) > 2]
        if wide:
            raise NoNotation
        while bound:
            if not self._traced(bound, factors):
                self._eliminate(bound, factors, axes)
        return self._product(factors, axes)

    def _open(self, body: Term, bound: list[Index], parts: list[Term], first: bool = False) -> None:
        if isinstance(body, Mul):
            for a in body.args:
                self._open(a, bound, parts)
        elif isinstance(body, Entry) and isinstance(body.array, MatMul) and free_indices(body.array):
            self._open(product_entry(body.array, body.indices), bound, parts)
        elif isinstance(body, Sum) and (first or isinstance(body, Sum)):
            if body.start != 1:
                raise NoNotation
            k = fresh(body.index.size)
            bound.append(k)
            self._open(substitute(body.body, {body.index: k}), bound, parts)
        else:
            parts.append(body)

    def _traced(self, bound: list[Index], factors: list[Factor]) -> bool:
        """The last two sums, over all entries of matrices: Σᵢⱼ AᵢⱼBᵢⱼ = tr(AᵀB), Σᵢⱼ Aᵢⱼ = 𝟏ᵀA𝟏."""
        mine = [f for f in factors if not set(bound).isdisjoint(f.axes)]
        if len(bound) != 2 or not mine or any(set(f.axes) != set(bound) for f in mine):
            return False
        first, *rest = sorted(mine, key=lambda f: not isinstance(f.term, (Var, Transpose)))
        turned = Factor(first.axes[::-1], transposed(first.term))
        first = min(first, turned, key=lambda f: sum(isinstance(n, Transpose) for n in f.term.walk()))
        other = self._times([f.along(first.axes) for f in rest])
        i, j = first.axes
        ones = Transpose(Full(ONE, (i.size,))), Full(ONE, (j.size,))
        if other is None:
            whole: Term = MatMul(ones[0], product(first.term, ones[1]))
        else:
            whole = SqNorm(first.term) if other == first.term else Trace(product(transposed(first.term), other))
        bound.clear()
        factors[:] = [f for f in factors if f not in mine] + [Factor((), whole)]
        return True

    def _eliminate(self, bound: list[Index], factors: list[Factor], axes: Axes) -> None:
        """Sums over the bound index that touches the fewest others."""
        best: tuple[int, Index, list[Factor]] | None = None
        for k in bound:
            mine = [f for f in factors if k in f.axes]
            others = {i for f in mine for i in f.axes} - {k}
            rank = len(others)
            if best is None or rank < best[0]:
                best = (rank, k, mine)
        assert best is not None
        rank, k, mine = best
        if rank > 2:
            raise NoNotation
        bound.remove(k)
        for f in mine:
            factors.remove(f)
        if not mine:
            factors.append(Factor((), term(k.size)))
            return
        factors.append(self._summed(k, mine))

    def _summed(self, k: Index, factors: list[Factor]) -> Factor:
        """Σ_k of a product of vectors and matrices."""
        groups: dict[frozenset[Index], list[Factor]] = {}
        for f in factors:
            groups.setdefault(frozenset(f.axes) - {k}, []).append(f)
        vectors = groups.pop(frozenset(), [])
        weight = self._times([f.along((k,)) for f in vectors])
        sides = sorted(groups.items(), key=lambda g: sorted(g[0]))
        if any(len(s) > 1 for s, _ in sides):
            raise NoNotation
        if not sides:
            assert weight is not None
            return Factor((), self._total(vectors, k))
        mats = [(next(iter(s)), self._times([f.along((next(iter(s)), k)) for f in fs])) for s, fs in sides]
        if len(mats) == 1:
            i, m = mats[0]
            assert m is not None
            return Factor((i,), product(m, weight if weight is not None else Full(ONE, (k.size,))))
        (i, a), (j, b) = mats
        assert a is not None and b is not None
        right = transposed(b)
        if weight is not None:
            right = product(Diag(weight), right)
        return Factor((i, j), product(a, right))

    def _total(self, vectors: list[Factor], k: Index) -> Term:
        """Σ_k of a product of vectors: 1ᵀa, aᵀb or ‖a‖²."""
        terms = [f.along((k,)) for f in vectors]
        if len(terms) == 1:
            only = terms[0]
            if isinstance(only, Pow) and only.exponent == TWO:
                return SqNorm(only.base)
            if isinstance(only, Hadamard) and only.left == only.right:
                return SqNorm(only.left)
            return Sum(k, entry(only, (k,)))
        if len(terms) == 2 and terms[0] == terms[1]:
            return SqNorm(terms[0])
        if any(_quotient(t) for t in terms):  # Σₙ aₙ/bₙ
            return Sum(k, flat(Mul(tuple(entry(t, (k,)) for t in terms))))
        first, rest = terms[0], self._times(terms[1:])
        assert rest is not None
        return MatMul(transposed(first), rest)

    def _product(self, factors: list[Factor], axes: Axes) -> Term:
        """What is left after the sums: scalars, vectors along one axis, matrices."""
        scalars = [f.term for f in factors if not f.axes]
        factors = [f for f in factors if f.axes]
        if len(axes) == 2:
            i, j = axes
            rows = self._times([f.term for f in factors if f.axes == (i,)])
            columns = self._times([f.term for f in factors if f.axes == (j,)])
            full = [f.along(axes) for f in factors if len(f.axes) == 2]
            eye = [t for t in full if isinstance(t, Eye)]
            core = self._times([t for t in full if not isinstance(t, Eye)])
            if eye:
                diagonal = [t for t in (rows, columns) if t is not None]
                if core is not None:
                    raise NoNotation
                both = self._times(diagonal)
                return scaled(scalars, Diag(both) if both is not None else eye[0])
            if core is None:
                one = rows if rows is not None else Full(ONE, (i.size,))
                two = columns if columns is not None else Full(ONE, (j.size,))
                return scaled(scalars, MatMul(one, Transpose(two)))
            if rows is not None and columns is not None and not isinstance(core, Var):  # δvᵀ ⊙ f′(U)
                return scaled(scalars, Hadamard(MatMul(rows, Transpose(columns)), core))
            if rows is not None:
                core = product(Diag(rows), core)
            if columns is not None:
                core = product(core, Diag(columns))
            return scaled(scalars, core)
        core = self._times([f.along(axes) for f in factors])
        if core is None:
            core = Full(ONE, tuple(i.size for i in axes)) if axes else ONE
        return scaled(scalars, core)

    @staticmethod
    def _times(arrays: list[Term]) -> Term | None:
        made: Term | None = None
        for a in arrays:
            made = a if made is None else Hadamard(made, a)
        return made


def _trace(t: Sum) -> Term | None:
    """Σₙ c Aₙₙ as c tr(A)."""
    factors = t.body.args if isinstance(t.body, Mul) else (t.body,)
    scalars = [f for f in factors if t.index not in free_indices(f)]
    rest = [f for f in factors if t.index in free_indices(f)]
    if t.start != 1 or len(rest) != 1 or not isinstance(rest[0], Entry) or rest[0].indices != (t.index, t.index):
        return None
    array = rest[0].array
    return None if free_indices(array) else scaled(scalars, Trace(array))


def _quotient(t: Term) -> bool:
    if isinstance(t, Hadamard):
        return _quotient(t.left) or _quotient(t.right)
    return isinstance(t, Pow) and isinstance(t.exponent, Num) and t.exponent.value < 0


def _outward(t: Term) -> Term:
    """(Aᵀ)⁻¹ as (A⁻¹)ᵀ."""
    if t.children:
        t = t.rebuild(tuple(_outward(c) for c in t.children))
    return Transpose(Inverse(t.arg.arg)) if isinstance(t, Inverse) and isinstance(t.arg, Transpose) else t


def array_of(axes: Axes, body: Term) -> Term:
    """The array with these entries; `A` itself for the entries of A."""
    if not axes:
        return body
    if isinstance(body, Entry) and body.indices == axes and not free_indices(body.array):
        return body.array
    return Comp(axes, body)


__all__ = ["NoNotation", "Notation", "array_of"]
