"""From terms to normal forms: the entry of each kind of node, and where it is defined.

`Entries` reads a term in a context and gives the normal form of any of its entries; `where`
collects what must hold for the term to have a value.  The laws stand beside the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from derive.algebra import apart, exponents, kinks, sums
from derive.algebra.atoms import (
    NOTHING,
    ONE,
    Atom,
    Poly,
    Unsupported,
    atom_poly,
    fresh,
    number,
    size_poly,
    total,
    var,
)  # fmt: skip
from derive.algebra.calculus import derivative
from derive.algebra.conditions import Conditions
from derive.algebra.normal import Normalizer
from derive.algebra.scopes import At, Binding, Scope, bind, index_in, swapping, two, without_indices
from derive.algebra.surely import Signs
from derive.context import Context, Domain
from derive.distinct import guards as guards_of
from derive.distinct import is_guard
from derive.terms import (
    ELEMENTARY,
    Add,
    Call,
    Comp,
    Const,
    Delta,
    Det,
    Diag,
    Diff,
    Entry,
    Eye,
    Fn,
    Full,
    Hadamard,
    Index,
    IndexLike,
    Inverse,
    MatMul,
    Mul,
    Num,
    Pow,
    Prod,
    Size,
    SizeTerm,
    SqNorm,
    Sum,
    Term,
    Trace,
    Transpose,
    Var,
    as_matrix,
)  # fmt: skip


class Entries:
    """Reads terms of one context; what must hold for them to have values is collected in `where`."""

    def __init__(self, context: Context, normal: Normalizer, smooth: int = 0) -> None:
        self.context = context
        self.n = normal
        self.where = Conditions(smooth)
        self._opaque: frozenset[str] = frozenset()
        self._markers = 0
        self._own: frozenset[str] = frozenset()  # names in a scope that still have their own values

    # -- entry points ------------------------------------------------------------------------------------

    def entry(self, t: Term, at: At = ()) -> Poly:
        """The entry of `t` at indices `at`, one for each axis."""
        if len(at) != len(t.shape):
            raise Unsupported("as many indices as axes are needed")
        return self._read(t, at, {})

    def _total(self, index: Index, start: int, inside: Callable[[Index], Poly]) -> Poly:
        """Σ from `start`: the whole sum, less its first terms."""
        literal = index.size.literal
        if literal is not None:
            start = min(start, literal + 1)
        elif start - 1 > self._shortest(index.size):
            raise Unsupported("a sum that may begin after its end")
        k = fresh(index)
        with self.where.under(k), self.where.guarded(*self._late(k, start)):
            body = inside(k)
        result = sums.sum_many(self.n, (k,), body)
        return result - total(self.n.rename(body, {k: v}) for v in range(1, start))

    def _late(self, k: Index, start: int) -> list[Poly]:
        """0 where k is below the start."""
        return [ONE - self.n.delta(k, v) for v in range(1, start)]

    def _shortest(self, s: Size) -> int:
        """The least value of a size: its names are positive, and axes with literal indices longer."""
        parts = s.const + sum(count for _, count in s.parts)
        return parts if s.literal is not None else max(parts, self.context.least.get(s, 1))

    def _literal(self, i: IndexLike, j: IndexLike) -> None:
        """A literal index in a delta must be one that the other index can take."""
        for value, index in ((i, j), (j, i)):
            if isinstance(value, int) and isinstance(index, Index) and value > self._shortest(index.size):
                raise Unsupported("a literal index beyond an axis that may be shorter")

    # -- one rule per node -------------------------------------------------------------------------------

    def _read(self, t: Term, at: At, scope: Scope) -> Poly:
        n = self.n
        match t:
            case Num(value):
                return number(value)
            case Const(name):
                return n.exp(ONE) if name == "e" else atom_poly(Atom("const", name))
            case SizeTerm(s):
                return size_poly(s)
            case Var(name):
                return self._name(name, at, scope)
            case Eye():  # I_ij = δ_ij
                return n.delta(*at)
            case Full(value):
                return self._read(value, (), scope)
            case Delta(i, j):
                self._literal(i, j)
                return n.delta(index_in(i, scope), index_in(j, scope))
            case Entry(array, indices):
                return self._read(array, (*(index_in(i, scope) for i in indices), *at), scope)
            case Comp(indices, body):
                inner = bind(scope, dict(zip(indices, at)))
                return self._read(body, at[len(indices) :], inner)
            case Sum(index, body, start):
                return self._total(
                    index, start, lambda k: self._read(body, at, bind(scope, {index: k}))
                )
            case Prod(index, body, start):
                return self._product(index, body, start, scope)
            case Add(args):
                return total(self._read(a, at, scope) for a in args)
            case Mul(args):
                return self._multiple(args, at, scope)
            case Hadamard(left, right):  # (A ⊙ B)_ij = A_ij B_ij
                return n.mul(self._read(left, at, scope), self._read(right, at, scope))
            case MatMul(left, right):
                return self._matmul(left, right, at, scope)
            case Transpose(arg):
                row, column = two(t, at)
                return self._matrix(arg, column, row, scope)
            case Trace(arg):  # tr A = Σ_i A_ii
                return self._total(
                    Index("i", arg.shape[0]), 1, lambda k: self._read(arg, (k, k), scope)
                )
            case Diag(arg):  # diag(a)_ij = δ_ij a_i
                return n.mul(n.delta(*at), self._read(arg, (at[0],), scope))
            case SqNorm(arg):  # ‖a‖² = Σ a_i…²
                return self._squares(arg, (), scope)
            case Inverse(arg):
                binders, inside = self._square(arg, scope)
                self.where.need("≠", n.det(binders, inside))
                return n.inverse(binders, inside, *at)
            case Det(arg):
                binders, inside = self._square(arg, scope)
                return n.det(binders, inside)
            case Pow(base, exponent):
                return self._power(base, exponent, at, scope)
            case Fn(name, args):
                read = tuple(self._read(a, at, scope) for a in args)
                if name in ("log", "sqrt") and self._sign(args[0], scope) == ">":
                    return self.n.fn(name, read)
                return self._function(name, read)
            case Call():
                return self._call(t, at, scope)
            case Diff(body, wrt):
                return self._diff(body, wrt, at, scope)
            case _:
                raise Unsupported(f"no entries for {type(t).__name__}")

    def _name(self, name: str, at: At, scope: Scope) -> Poly:
        if name in scope:
            return scope[name](at)
        definition = self.context.definitions.get(name)
        if definition is not None and name not in self._opaque:
            return self._read(definition.body, at, without_indices(scope))
        if name not in self.context.declarations and not name.endswith("#"):  # the kernel's own names do
            raise Unsupported(f"{name} is not declared")  # in a wider context it may be a function of others
        return self.n.var(name, at)

    def _multiple(self, args: tuple[Term, ...], at: At, scope: Scope) -> Poly:
        guards = [self._read(a, (), scope) for a in guards_of(args)]
        if not all(guards):
            return NOTHING
        with self.where.guarded(*guards):
            others = [self._read(a, at if a.shape else (), scope) for a in args if not is_guard(a)]
        return self.n.mul(*guards, *others)

    def _matrix(self, t: Term, i: IndexLike, j: IndexLike, scope: Scope) -> Poly:
        """Entry (i, j) of a term read as a matrix: a vector is one column."""
        return self._read(t, (i, j)[: len(t.shape)], scope)

    def _matmul(self, left: Term, right: Term, at: At, scope: Scope) -> Poly:
        """(AB)_ij = Σ_k A_ik B_kj; of a diagonal matrix one term is left."""
        middle = as_matrix(left.shape)[1]
        i, j = two(MatMul(left, right), at)
        if isinstance(left, Diag):
            return self.n.mul(self._read(left.arg, (i,), scope), self._matrix(right, i, j, scope))
        if isinstance(right, Diag):
            return self.n.mul(self._matrix(left, i, j, scope), self._read(right.arg, (j,), scope))

        def inside(k: Index) -> Poly:
            a = self._matrix(left, i, k, scope)
            return self.n.mul(a, self._matrix(right, k, j, scope))

        return self._total(Index("k", middle), 1, inside)

    def _squares(self, t: Term, at: At, scope: Scope) -> Poly:
        if len(at) == len(t.shape):
            made = kinks.power(self, t, kinks.TWO, at, scope)
            return made if made is not None else self.n.power(self._read(t, at, scope), 2)
        axis = Index("i", t.shape[len(at)])
        return self._total(axis, 1, lambda k: self._squares(t, (*at, k), scope))

    def _square(self, t: Term, scope: Scope) -> tuple[tuple[Index, Index], Poly]:
        i, j = fresh(Index("i", t.shape[0])), fresh(Index("j", t.shape[1]))
        with self.where.under(i, j):
            return (i, j), self._read(t, (i, j), scope)

    def _product(self, index: Index, body: Term, start: int, scope: Scope) -> Poly:
        k = fresh(index)
        with self.where.under(k), self.where.guarded(*self._late(k, start)):
            inside = self._read(body, (), bind(scope, {index: k}))
        for first in range(1, start):  # Π from `start`: the first factors become 1
            d = self.n.delta(k, first)
            inside = self.n.mul(ONE - d, inside) + d
        return self.n.prod_over(k, inside)

    def _power(self, base: Term, exponent: Term, at: At, scope: Scope) -> Poly:
        made = kinks.power(self, base, exponent, at, scope)
        if made is not None:
            return made
        p, q = self._read(base, at, scope), self._read(exponent, (), scope)
        c = q.constant
        if isinstance(c, int) and isinstance(exponent, Num):
            if c < 0 and self._sign(base, scope) != ">":
                self.where.need("≠", p)
            return self._regular(self.n.power(p, c))
        if self._sign(base, scope) != ">":
            exponents.based(self.n, self.where, p, q, exponents.varying(self.context, exponent, set(scope) - self._own))
        return self._regular(self.n.power_by(p, q))

    def _regular(self, p: Poly) -> Poly:
        """p as it may be read under the guards in force, by which it will be multiplied."""
        return apart.regular(self.n, p, self.where.guards)

    def _sign(self, t: Term, scope: Scope) -> str:
        """The sign that the term shows as it is written, by the domains in force."""

        def domain(name: str) -> Domain | None:
            return self.n.facts.domain(name) if name not in scope or name in self._own else None

        return Signs(self.context, domain).sign(t)

    def _function(self, name: str, args: tuple[Poly, ...]) -> Poly:
        if name == "log":
            self.where.need(">", args[0])
        elif name == "sqrt":
            self.where.need("≥", args[0])
        elif name == "abs":
            self.where.smooth(self.n, args[0])
        elif name == "max":
            self.where.smooth(self.n, args[0] - args[1], args)
        return self._regular(self.n.fn(name, args))

    def _call(self, t: Call, at: At, scope: Scope) -> Poly:
        function = self.context.functions.get(t.name)
        if function is not None:
            if function.domain:
                return self._field(t, scope)
            name = f"{t.name}()" if t.name in ELEMENTARY else t.name  # `abs : ℝ → ℝ` is unknown all the same
            return self.n.fn(name, (self._read(t.args[0], at, scope),), t.order)
        definition = self.context.definitions[t.name]
        if len(definition.params) != len(t.args):
            raise Unsupported(f"{t.name} takes {len(definition.params)} arguments")
        scalar = len(definition.params) == 1 and not definition.params[0].shape
        outer = without_indices(scope)
        if scalar and (t.args[0].shape or t.order):
            value = self._read(t.args[0], at if t.args[0].shape else (), scope)
            body_at = () if t.args[0].shape else at
            return self._entrywise(definition.body, definition.params[0].name, value, t.order, outer, body_at)
        if any(param.shape != arg.shape for param, arg in zip(definition.params, t.args)):
            raise Unsupported(f"{t.name} of an array of another shape")
        inner: dict[str, Binding] = dict(outer)
        for param, arg in zip(definition.params, t.args):
            inner[param.name] = self._argument(arg, scope)
        kept, self._own = self._own, self._own - {param.name for param in definition.params}
        try:
            return self._read(definition.body, at, inner)
        finally:
            self._own = kept

    def _argument(self, arg: Term, scope: Scope) -> Binding:
        return lambda at: self._read(arg, at, scope)

    def _entrywise(self, body: Term, param: str, value: Poly, order: int, scope: Scope, at: At) -> Poly:
        """The entry `at` of g^{(order)} at `value`, for g(param) := body."""
        with self._at_home(param, False):
            return self._derived(body, param, value, order, scope, at)

    def _derived(self, body: Term, param: str, value: Poly, order: int, scope: Scope, at: At) -> Poly:
        if not order:
            return self._read(body, at, {**scope, param: lambda at: value})
        marker = self._marker(param)
        with self.where.differentiating(marker, self.where.outer(value), times=order):
            first = len(self.where.found)
            p = self._read(body, at, {**scope, param: lambda at: var(marker)})
            self.where.invertible(p, marker)
            for _ in range(order):
                p = derivative(self.n, p, marker, ())
        swap = self._swap(marker, lambda at: value)
        self.where.change(first, lambda q: self.n.replace(q, swap))
        return self._regular(self.n.replace(p, swap))

    def _field(self, t: Call, scope: Scope) -> Poly:
        if t.order:
            raise Unsupported("primes on a function of an array")
        (arg,) = t.args
        if arg.shape != self.context.functions[t.name].domain:
            raise Unsupported(f"{t.name} of an array of another shape")
        binders = tuple(fresh(Index("i", s)) for s in arg.shape)
        with self.where.under(*binders):
            body = self._read(arg, binders, scope)
        return self.n.field(t.name, binders, body, ())

    # -- derivatives -------------------------------------------------------------------------------------

    def _diff(self, body: Term, wrt: Term, at: At, scope: Scope) -> Poly:
        variable = wrt.array if isinstance(wrt, Entry) else wrt
        if not isinstance(variable, Var):
            raise Unsupported("a derivative by something that is not a name")
        width = len(body.shape)
        fixed = tuple(index_in(i, scope) for i in wrt.indices) if isinstance(wrt, Entry) else ()
        slot = (*fixed, *at[width:])
        name = variable.name
        marker = self._marker(name)
        outside = scope.get(name)
        below = self.where.outer(NOTHING if outside is None and name not in self.context.definitions else None)
        with self.where.differentiating(marker, below, slot), self._at_home(name, outside is None or name in self._own):
            first = len(self.where.found)
            inner = {**scope, name: lambda i: var(marker, i)}
            p = self._read(body, at[:width], inner)
            self.where.invertible(p, marker)
            made = derivative(self.n, p, marker, slot)

        def value(i: At) -> Poly:
            return outside(i) if outside is not None else self._name(name, i, without_indices(scope))

        swap = self._swap(marker, value)
        self.where.change(first, lambda q: self.n.replace(q, swap))
        return self.n.replace(made, swap)

    def _swap(self, marker: str, value: Binding) -> Callable[[Atom], Poly | None]:
        """Gives the variable its own values again."""
        swap = swapping(marker, value)
        return swap if self.where.times() else kinks.opened(self.n, swap)

    def inside(self, t: Term, at: At, scope: Scope, params: frozenset[str]) -> Poly:
        """The entry of a part of a function's body, whose `params` have other values."""
        kept, self._own = self._own, self._own - params
        try:
            return self._read(t, at, scope)
        finally:
            self._own = kept

    def opens(self, name: str) -> bool:
        """Does the name stand for its definition here?"""
        return name in self.context.definitions and name not in self._opaque

    def _marker(self, name: str) -> str:
        """The variable while it is independent: a name that nothing is known of."""
        self._markers += 1
        return f"{name}∂{self._markers}"

    @contextmanager
    def _at_home(self, name: str, own: bool) -> Iterator[None]:
        """While it is differentiated by, a name still has its own values, unless a call gave it others."""
        outer, self._own = self._own, self._own | {name} if own else self._own - {name}
        try:
            yield
        finally:
            self._own = outer
