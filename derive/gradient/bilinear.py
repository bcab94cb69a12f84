"""A matrix of second derivatives as one writes it: Aᵀ (diag(d) + M − a bᵀ) B.

Its entry at (i, j) is taken apart into products; what holds i stands left, what holds j right, and between them

    Σ_k a_ki d_k b_kj      diag(d)
    Σ_kn a_ki b_nj m_kn    M: in matrix notation, or under a name where it has none (m_kn = f(s_k − s_n))
    a_i b_j                an outer product

Nothing here is trusted: the kernel proves that the whole is the derivative.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from derive.binders import canonical, free_indices, fresh, substitute, weight
from derive.entrywise import entry, product_entry
from derive.gradient.alike import Alike
from derive.gradient.constructors import flat, product, scaled, transposed
from derive.gradient.factors import base_and_exponent, factors_of, negative, power_of, times
from derive.gradient.notation import NoNotation, Notation
from derive.gradient.products import (
    Product,
    closed,
    components,
    contracted,
    numbers,
    paired,
    products,
    sides,
    summands,
    turned,
    without,
)  # fmt: skip
from derive.gradient.rational import tidy
from derive.terms import (
    MINUS_ONE,
    ONE,
    ZERO,
    Add,
    Comp,
    Delta,
    Diag,
    Entry,
    Eye,
    Full,
    Index,
    IndexLike,
    MatMul,
    Mul,
    Num,
    Sum,
    Term,
    Transpose,
    Var,
)  # fmt: skip

#: a vector with more to read gets a name where it occurs twice
MOST_READING = 4


@dataclass
class _Block:
    """left(i, u) · [diagonal at u = v, and the full products at (u, v)] · right(v, j)."""

    u: Index
    v: Index
    left: Term | None = None
    right: Term | None = None
    diagonal: list[Product] = field(default_factory=list)
    full: list[Product] = field(default_factory=list)


@dataclass(frozen=True)
class _Named:
    var: Var
    body: Term
    at: tuple[Index, ...]


class Bilinear:
    """`introduce` gives a name to an array of entries; `known` writes what is assumed and defined."""

    def __init__(
        self, alike: Alike, notation: Notation, introduce: Callable[[Term, str], Var], known: Callable[[Term], Term],
        opened: Callable[[str], Alike],
    ) -> None:  # fmt: skip
        self.alike, self.notation, self.introduce, self.known = alike, notation, introduce, known
        self.opened = opened
        self.named: list[_Named] = []
        self.symmetric: list[Var] = []
        self.normalised: list[Var] = []

    def matrix(self, i: Index, j: Index, body: Term) -> Term:
        """The matrix with these entries; raises `NoNotation`."""
        parts: list[Term] = []
        for block in self._blocks(i, j, body):
            parts += self._written(block)
        if not parts:
            return Full(ZERO, (i.size, j.size))
        parts.sort(key=negative)
        return parts[0] if len(parts) == 1 else flat(Add(tuple(parts)))

    # -- taking apart ------------------------------------------------------------------------------------

    def _blocks(self, i: Index, j: Index, body: Term) -> list[_Block]:
        plain = _Block(i, j)
        found: dict[tuple[Term, Term], _Block] = {}
        for p in products(body, frozenset((i, j))):
            p = contracted(p)
            if any(isinstance(f, Delta) and {f.left, f.right} == {i, j} for f in p.factors):
                rest = [f for f in p.factors if not (isinstance(f, Delta) and {f.left, f.right} == {i, j})]
                plain.diagonal.append(Product(p.binders, [substitute(f, {j: i}) for f in rest]))
                continue
            ends = sides(p, i, j)
            if ends is not None and ends[0][1] == ends[1][1] and len(p.binders) == 1:
                found_p = self._normalised(p, i, j)
                if found_p is not None:
                    matrix, c = found_p
                    n = ends[0][1]
                    p = Product(p.binders, [*(entry(matrix, (n, x)) for x in (i, j)), c])
                    ends = sides(p, i, j)
            if ends is None:
                plain.full.append(p)
                continue
            (left, k), (right, n), rest = ends
            u, v = fresh(k.size), fresh(n.size)
            left = substitute(left, {k: u})
            right = substitute(right, {n: v})
            key = canonical(Comp((i, u), left)), canonical(Comp((v, j), right))
            block = found.setdefault(key, _Block(u, v, left, right))
            if k == n:
                inner = Product([b for b in p.binders if b != k], [substitute(f, {k: block.u}) for f in rest])
                block.diagonal.append(inner)
            else:
                names: dict[Index, IndexLike] = {k: block.u, n: block.v}
                binders = [b for b in p.binders if b not in (k, n)]
                block.full.append(Product(binders, [substitute(f, names) for f in rest]))
        blocks = [*found.values(), plain]
        return [b for b in blocks if b.diagonal or b.full]

    # -- writing -----------------------------------------------------------------------------------------

    def _written(self, block: _Block) -> list[Term]:
        """The summands of one block."""
        u, v = block.u, block.v
        outer, linked = self._parted(block)
        matrices = [part for group in linked for part in self._gram(u, v, group) or self._linked(u, v, group)]
        diagonal = self._sum([closed(p) for p in block.diagonal])
        diagonal = self._under_names(diagonal, u)
        parts: list[tuple[list[Term], Term]] = []
        if diagonal != ZERO:
            diagonal, outer = self._shared(diagonal, outer, u, v)
            level = [t for t in summands(diagonal) if u not in free_indices(t)]
            varying = [t for t in summands(diagonal) if u in free_indices(t)]
            if varying and level and block.left is not None:  # Xᵀ diag(1 − d)X: no identity among the samples
                parts.append(([], Diag(self._array((u,), diagonal))))
                level = varying = []
            if varying:
                scalars, rest = without(added(varying), (u,))
                parts.append((scalars, Diag(self._array((u,), rest))))
            if level:
                parts.append(([self.notation.scalar(added(level))], Eye(u.size)))
        parts += matrices
        ends: list[Term | None] = [None, None]
        if block.left is not None and block.right is not None:
            ends = [self._side((other_index(block.left, u), u), block.left),
                    self._side((v, other_index(block.right, v)), block.right)]  # fmt: skip
        for a, b, c in outer:
            one, two = self._array((u,), a), self._array((v,), b)
            if len(parts) + len(outer) == 1 and ends[0] is not None and ends[1] is not None:
                made = product(product(ends[0], one), Transpose(product(transposed(ends[1]), two)))
                return [scaled([self.notation.scalar(c)], made)]
            parts.append(([self.notation.scalar(c)], MatMul(one, Transpose(two))))
        return _joined(parts, ends[0], ends[1])

    def _parted(self, block: _Block) -> tuple[list[tuple[Term, Term, Term]], list[list[Product]]]:
        """Outer products a(u) b(v) with their coefficients, and products with a factor that links u and v: those
        without a sum together, each other one alone."""
        u, v = block.u, block.v
        outer: dict[tuple[Term, Term], tuple[Term, Term, list[Term]]] = {}
        direct: list[Product] = []
        linked: list[list[Product]] = []
        for p in block.full:
            a, b, c, links = components(p, u, v)
            if links:
                if p.binders:
                    linked.append([p])
                else:
                    direct.append(p)
                continue
            a, b = tidy(a), tidy(b)
            number, a, b = numbers(a, b)
            key = canonical(Comp((u,), a)), canonical(Comp((v,), b))
            outer.setdefault(key, (a, b, []))[2].append(tidy(Mul((number, c))))
        sums = [(a, b, self._sum(cs)) for a, b, cs in outer.values()]
        return self._one_square([x for x in sums if x[2] != ZERO], u, v), ([direct] if direct else []) + linked

    def _one_square(
        self, outer: list[tuple[Term, Term, Term]], u: Index, v: Index
    ) -> list[tuple[Term, Term, Term]]:
        """x xᵀ − x aᵀ − a xᵀ + a aᵀ as (x − a)(x − a)ᵀ."""
        if len(outer) != 4 or u.size != v.size:
            return outer
        numbers = [self.alike.times(c, outer[0][2]) for _, _, c in outer]
        vectors = {canonical(Comp((u,), a)): a for a, _, _ in outer}
        table = {
            (canonical(Comp((u,), a)), canonical(Comp((v,), b))): n for (a, b, _), n in zip(outer, numbers)
        }
        if len(vectors) != 2 or None in numbers or {k for pair in table for k in pair} != vectors.keys():
            return outer
        one, two = vectors
        c, mixed, other, last = (table.get(k) for k in ((one, one), (one, two), (two, one), (two, two)))
        if c is None or mixed is None or mixed != other or last is None or c * last != mixed * mixed:
            return outer
        whole = Add((vectors[one], scaled([Num(mixed / c)], vectors[two])))
        return [(whole, substitute(whole, {u: v}), tidy(Mul((Num(c), outer[0][2]))))]

    def _gram(self, u: Index, v: Index, group: list[Product]) -> list[tuple[list[Term], Term]]:
        """Σ_n c_n a_nu a_nv/(Σ_k a_nk)² as Pᵀ diag(c) P."""
        found = self._normalised(group[0], u, v) if len(group) == 1 and len(group[0].binders) == 1 else None
        if found is None:
            return []
        p, rest = found
        n = group[0].binders[0]
        scalars, c = without(tidy(rest), (n,))
        return [(scalars, product(Transpose(p), product(Diag(self._array((n,), c)), p) if c != ONE else p))]

    def _normalised(self, p: Product, u: Index, v: Index) -> tuple[Term, Term] | None:
        """P_nu = a_nu/Σ_k a_nk under a name, and c_n, of Σ_n c_n a_nu a_nv/(Σ_k a_nk)²."""
        factors = [g for f in p.factors for g in factors_of(f)]
        left, right = ([f for f in factors if k in free_indices(f)] for k in (u, v))
        rest = [f for f in factors if f not in left and f not in right]
        n = next((k for k in p.binders if any(k in free_indices(f) for f in left)), None)
        below = next((f for f in rest if base_and_exponent(f)[1] == -2 and n in free_indices(f)), None)
        if n is None or below is None or u.size != v.size or any(f in right for f in left):
            return None
        base, k, row = base_and_exponent(below)[0], fresh(u.size), times(left)
        alike = self.alike.times(substitute(row, {u: v}), times(right)) == 1
        if not alike or self.alike.times(Sum(k, substitute(row, {u: k})), base) != 1:
            return None
        name = self._name(n, u, tidy(Mul((row, power_of(base, Fraction(-1))))), "P")
        if isinstance(name, Var):
            self.normalised.append(name)
        return name, times([f for f in rest if f is not below])

    def _linked(self, u: Index, v: Index, group: list[Product]) -> list[tuple[list[Term], Term]]:
        total = self._sum([closed(p) for p in group])
        if total == ZERO:
            return []
        scalars, rest = without(total, (u, v))
        if self.alike.negative(rest):
            scalars, rest = [MINUS_ONE, *scalars], turned(rest)
        try:
            return [(scalars, self.notation.read((u, v), rest))]
        except NoNotation:
            return [(scalars, self._name(u, v, rest))]

    def _name(self, u: Index, v: Index, body: Term, letters: str = "") -> Term:
        """A matrix of entries under a name, or the transpose of one that has a name."""
        form = self.alike.form(body)
        turned = self.alike.moved(form, {u: v, v: u}) if form is not None and u.size == v.size else None
        for known in self.named:
            names: dict[Index, IndexLike] = dict(zip(known.at, (u, v)))
            other = self.alike.form(substitute(known.body, names))
            if known.at[0].size == u.size and known.at[1].size == v.size and other is not None:
                if self.alike.equal(other, form):
                    return known.var
                if self.alike.equal(other, turned):
                    return Transpose(known.var)
        var = self.introduce(Comp((u, v), body), letters)
        self.named.append(_Named(var, body, (u, v)))
        if self.alike.equal(form, turned):
            self.symmetric.append(var)
        return var

    def _under_names(self, t: Term, u: Index) -> Term:
        """Σ_n c m_un with the matrix under its name, sums of one range taken together; Σ_n c_n m_un one by one."""
        if not self.named or t == ZERO:
            return t
        parts = [times([_opened(f) for f in factors_of(p)]) for p in summands(t)]
        sums = [(p, f) for p in parts for f in factors_of(p) if isinstance(f, Sum) and f.start == 1]
        for known in self.named:
            for pair in (known.at, known.at[::-1]):
                mine = [(p, f) for p, f in sums if f.index.size == pair[1].size and pair[0].size == u.size]
                if not mine:
                    continue
                k = fresh(pair[1].size)
                inside = [
                    Mul((*(g for g in factors_of(p) if g is not f), substitute(f.body, {f.index: k}))) for p, f in mine
                ]
                body = substitute(known.body, {pair[0]: u, pair[1]: k})
                whole = self.alike.form(Add(tuple(inside)) if len(inside) > 1 else inside[0])
                c = self.alike.multiple(whole, self.alike.form(body))
                if c is None:
                    made = self._weighted(known, pair, u, mine)
                    if made:
                        rest = [p for p in parts if all(p is not q for q, _ in mine)]
                        return self._sum([*made, *rest])
                    continue
                at = (u, k) if pair == known.at or known.var in self.symmetric else (k, u)
                rest = [p for p in parts if all(p is not q for q, _ in mine)]
                return self._sum([scaled([Num(c)], Sum(k, Entry(known.var, at))), *rest])
        return t

    def _weighted(
        self, known: _Named, pair: tuple[Index, ...], u: Index, sums: list[tuple[Term, Sum]]
    ) -> list[Term]:
        """Every Σ_n c_n m_un with the matrix under its name, or none."""
        made: list[Term] = []
        for p, f in sums:
            body = substitute(known.body, {pair[0]: u, pair[1]: f.index})
            beside = [g for g in factors_of(p) if g is not f]
            own = [g for g in beside if u in free_indices(g)]
            c = tidy(Mul((*own, f.body, power_of(body, Fraction(-1)))))
            if u in free_indices(c):
                return []
            m = Entry(known.var, (u, f.index) if pair == known.at else (f.index, u))
            made.append(times([*(g for g in beside if g not in own), Sum(f.index, times([c, m]))]))
        return made

    def _shared(
        self, d: Term, outer: list[tuple[Term, Term, Term]], u: Index, v: Index
    ) -> tuple[Term, list[tuple[Term, Term, Term]]]:
        """diag(d) − d dᵀ with d under a name, where it is long."""
        square = Mul((d, substitute(d, {u: v})))
        if isinstance(d, Entry) and isinstance(d.array, Var) and u.size == v.size:
            alike = self.opened(d.array.name)  # a softmax under its name
            for place, (a, b, c) in enumerate(outer):
                ratio = alike.times(Mul((a, b, c)), square)
                if ratio is not None:
                    return d, [*outer[:place], (d, substitute(d, {u: v}), Num(ratio)), *outer[place + 1 :]]
        if weight(d) <= MOST_READING or u.size != v.size or isinstance(d, Entry):
            return d, outer
        for place, (a, b, c) in enumerate(outer):
            ratio = self.alike.times(Mul((a, b, c)), square)
            if ratio is not None:
                name = self.introduce(Comp((u,), d), "")
                new = (Entry(name, (u,)), Entry(name, (v,)), Num(ratio))
                return Entry(name, (u,)), [*outer[:place], new, *outer[place + 1 :]]
        return d, outer

    def _sum(self, terms: Sequence[Term]) -> Term:
        """The sum with like terms together, as one leaves it."""
        parts = [p for t in terms for p in summands(self.known(tidy(t)))]
        terms = self.alike.summed([t for t in parts if t != ZERO])
        if not terms:
            return ZERO
        return self.known(tidy(terms[0] if len(terms) == 1 else flat(Add(tuple(paired(terms))))))

    def _array(self, axes: tuple[Index, ...], body: Term) -> Term:
        return flat(self.notation.read(axes, body)) if body != ONE else Full(ONE, tuple(a.size for a in axes))

    def _side(self, axes: tuple[Index, Index], body: Term) -> Term:
        return flat(self.notation.read(axes, body))


def _opened(t: Term) -> Term:
    """(A b)_u as a sum."""
    return product_entry(t.array, t.indices) if isinstance(t, Entry) and isinstance(t.array, MatMul) else t


def added(terms: list[Term]) -> Term:
    return terms[0] if len(terms) == 1 else Add(tuple(terms))


def other_index(t: Term, k: Index) -> Index:
    """The other index of a side."""
    (i,) = free_indices(t) - {k}
    return i


def _joined(parts: list[tuple[list[Term], Term]], left: Term | None, right: Term | None) -> list[Term]:
    """The summands between the sides, with the factors that all share in front."""
    if left is None and right is None:
        common = [s for s in parts[0][0] if len(parts) > 1 and not isinstance(s, Num)]
        if not any(all(s in scalars for scalars, _ in parts[1:]) for s in common):
            return [scaled(scalars, core) for scalars, core in parts]  # what stands in no brackets
    parts = _same_number(parts)
    shared = [s for s in parts[0][0] if all(s in scalars for scalars, _ in parts[1:])]
    inner = [scaled([s for s in scalars if s not in shared], core) for scalars, core in parts]
    inner.sort(key=negative)
    core = inner[0] if len(inner) == 1 else Add(tuple(inner))
    core = product(core, right) if right is not None else core
    return [scaled(shared, product(left, core) if left is not None else core)]


def _same_number(parts: list[tuple[list[Term], Term]]) -> list[tuple[list[Term], Term]]:
    """2 diag(d) − 2 M with the 2 as a factor of its own, which is then taken out."""
    numbers = [next((s.value for s in scalars if isinstance(s, Num)), Fraction(1)) for scalars, _ in parts]
    size = abs(numbers[0])
    if size == 1 or any(abs(n) != size for n in numbers):
        return parts
    made = []
    for (scalars, core), n in zip(parts, numbers):
        rest = [s for s in scalars if not isinstance(s, Num)]
        made.append(([Num(size), *([MINUS_ONE] if n < 0 else []), *rest], core))
    return made


__all__ = ["Bilinear"]
