"""The table of edits: a term → the terms that are one slip away from it.

Each edit is named by its kind.  The same table serves both ways: an edit of a true line is a mutant,
which must not be proved, and an edit of a false line that makes it provable is its likely cause.
Edits are total: what does not fit (a shape, an index) is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import partial, reduce
from itertools import product

from derive.binders import bound, free_indices, substitute
from derive.context import Context
from derive.repair.around import Around, Edit, Made, Rule
from derive.repair.inverted import inverted, matrix_factors
from derive.terms import (
    MINUS_ONE,
    ONE,
    Add,
    Call,
    Comp,
    Delta,
    Diff,
    Entry,
    Fn,
    Full,
    Hadamard,
    Index,
    IndexLike,
    MatMul,
    Mul,
    Num,
    Pow,
    Prod,
    Shape,
    SizeTerm,
    SqNorm,
    Sum,
    Term,
    TermError,
    Transpose,
    Var,
    add,
    mul,
)  # fmt: skip

TWO, HALF = Num(Fraction(2)), Num(Fraction(1, 2))


def _sign(t: Term, a: Around) -> Iterator[Made]:
    """t → −t, of the whole, of a summand, or of an exponent."""
    if a.top and not a.argument:
        yield partial(negated, t), t


def _argument(t: Term, a: Around) -> Iterator[Made]:
    """f(t) → f(−t)."""
    if a.argument:
        yield partial(negated, t), t


def negated(t: Term) -> Term:
    if isinstance(t, Mul) and t.args[0] == MINUS_ONE and len(t.args) > 1:
        return _product(t.args[1:])
    if isinstance(t, Num):
        return Num(-t.value)
    return mul(MINUS_ONE, t)


def _factor(t: Term, a: Around) -> Iterator[Made]:
    """t → 2t, t/2; a rational factor of t → 1."""
    if isinstance(t, Mul):
        for i, x in enumerate(t.args):
            if isinstance(x, Num) and x.value not in (1, -1) and len(t.args) > 1:
                yield partial(_product, _without(t.args, i)), x
    if a.top and not isinstance(t, Num):
        yield partial(mul, TWO, t), TWO
        yield partial(mul, HALF, t), HALF


def _size(t: Term, a: Around) -> Iterator[Made]:
    """t → t/N, N t; 1/N in t → 1."""
    if isinstance(t, Mul):
        for i, x in enumerate(t.args):
            plain = x.base if isinstance(x, Pow) else x
            if isinstance(plain, SizeTerm) and len(t.args) > 1:
                yield partial(_product, _without(t.args, i)), x
    if a.top and not isinstance(t, Num):
        for n in a.sizes:
            yield partial(mul, t, one_over(n)), one_over(n)
            yield partial(mul, t, n), n


def _transpose(t: Term, a: Around) -> Iterator[Made]:
    """Aᵀ → A, and A → Aᵀ; of one factor of a product or of both."""
    if isinstance(t, (Transpose, Var, Entry, Call)) and t.shape:
        yield partial(_turned, t), t
    if isinstance(t, MatMul):
        yield (lambda: MatMul(_turned(t.left), t.right)), t.left
        yield (lambda: MatMul(t.left, _turned(t.right))), t.right
        yield (lambda: MatMul(_turned(t.left), _turned(t.right))), t


def _turned(t: Term) -> Term:
    return t.arg if isinstance(t, Transpose) else Transpose(t)


def _order(t: Term, a: Around) -> Iterator[Made]:
    """AB → BA, and with transposes where only these fit."""
    if isinstance(t, MatMul):
        yield (lambda: MatMul(t.right, t.left)), t
        yield (lambda: MatMul(_turned(t.right), t.left)), t
        yield (lambda: MatMul(t.right, _turned(t.left))), t
        yield (lambda: MatMul(_turned(t.right), _turned(t.left))), t
        chain = _chain(t)
        for k in range(1, len(chain) - 1):  # the last two that a bracket to the left keeps apart
            swapped = [*chain[:k], chain[k + 1], chain[k], *chain[k + 2 :]]
            yield partial(reduce, MatMul, swapped), t


def _chain(t: Term) -> list[Term]:
    """The factors of ((A B) C) D."""
    return [*_chain(t.left), t.right] if isinstance(t, MatMul) else [t]


def _index(t: Term, a: Around) -> Iterator[Made]:
    """a_ij → a_ji; an index → another one in scope, or 1."""
    if isinstance(t, Entry):
        if len(t.indices) == 2 and t.indices[0] != t.indices[1]:
            yield partial(Entry, t.array, t.indices[::-1]), t
        others: tuple[IndexLike, ...] = (*a.indices, 1)
        for k, i in enumerate(t.indices):
            for j in others:
                if j != i:
                    yield partial(Entry, t.array, (*t.indices[:k], j, *t.indices[k + 1 :])), t
    if isinstance(t, Delta):
        for one, other in ((t.left, t.right), (t.right, t.left)):
            for j in a.indices:
                if j not in (one, other) and isinstance(one, Index) and j.size == one.size:
                    yield partial(Delta, j, other), t


def _sum(t: Term, a: Around) -> Iterator[Made]:
    """Σ_k f(k) → f(j) for an index j in scope; Σ_k f(n, k) → Σ_n f(n, j); t → Σ_k t."""
    if isinstance(t, Sum):
        for j in a.indices:
            if j.size == t.index.size:
                yield partial(substitute, t.body, {t.index: j}), t
        if t.index not in free_indices(t.body):
            yield partial(_same, t.body), t
        for i, j in product(sorted(free_indices(t.body) - {t.index}), a.indices):
            if j.size == t.index.size and j != i:
                yield partial(_summed_over, t, i, j), None
    else:
        for i in sorted(free_indices(t)):
            if a.top or i in a.loose:
                yield partial(Sum, i, t), None


def _summed_over(t: Sum, i: Index, j: Index) -> Term:
    """Σ_i of the body, whose own index is j."""
    if j != t.index and j in free_indices(t.body):
        raise TermError("the index has another meaning in the sum")
    return Sum(i, substitute(t.body, {t.index: j}))


def one_over(t: Term) -> Term:
    return Pow(t, MINUS_ONE)


def _same(t: Term) -> Term:
    return t


def _term(t: Term, a: Around) -> Iterator[Made]:
    """A summand dropped, or one of another line added or taken away."""
    if isinstance(t, Add):
        for i, x in enumerate(t.args):
            rest = _without(t.args, i)
            yield (partial(Add, rest) if len(rest) > 1 else partial(_same, rest[0])), x
    if a.top and not a.summand:
        own = t.args if isinstance(t, Add) else (t,)
        for x in a.summands:
            if x.shape == t.shape and x not in own:
                yield partial(Add, (*own, x)), x
                yield partial(Add, (*own, negated(x))), x
    elif isinstance(t, Add):
        for x in _named(a, t.shape):
            if x not in t.args:
                yield partial(Add, (*t.args, x)), x
                yield partial(Add, (*t.args, negated(x))), x


def _named(a: Around, shape: Shape) -> Iterator[Term]:
    """The names of the claim that have this shape, or an entry of it at the indices in scope."""
    for v in a.names:
        if v.shape == shape:
            yield v
        elif v.shape and not shape:
            for at in product(*([i for i in a.indices if i.size == axis] for axis in v.shape)):
                yield Entry(v, at)


def _part(t: Term, a: Around) -> Iterator[Made]:
    """A factor dropped, or one of another line multiplied in or divided out."""
    if isinstance(t, Mul):
        for i, x in enumerate(t.args):
            plain = x.base if isinstance(x, Pow) else x
            if not isinstance(plain, (Num, SizeTerm)) and len(t.args) > 1:
                yield partial(_product, _without(t.args, i)), x
    if isinstance(t, Hadamard):
        yield partial(_same, t.left), t.right
        yield partial(_same, t.right), t.left
    if isinstance(t, MatMul):
        yield from matrix_factors(t, a)
    arrays = _named(a, t.shape) if t.shape else ()
    for x in dict.fromkeys((*a.factors, *_named(a, ()), *arrays)) if a.top else ():
        if x.shape and x.shape == t.shape:
            yield partial(Hadamard, x, t), x
        else:
            yield partial(mul, t, x), x
        if not x.shape:
            yield partial(mul, t, one_over(x)), one_over(x)


def _scope(t: Term, a: Around) -> Iterator[Made]:
    """Π_k f g → (Π_k f) g: what stands after a product was meant to be outside of it."""
    if isinstance(t, Prod) and isinstance(t.body, Mul):
        for cut in range(1, len(t.body.args)):
            inside, outside = _product(t.body.args[:cut]), _product(t.body.args[cut:])
            if t.index not in free_indices(outside):
                yield partial(_apart, t, inside, outside), t


def _apart(t: Prod, inside: Term, outside: Term) -> Term:
    return mul(Prod(t.index, inside), outside)


def _prime(t: Term, a: Around) -> Iterator[Made]:
    """f → f′, and f′ → f."""
    if isinstance(t, Call) and len(t.args) == 1:
        if t.order:
            yield partial(replace, t, order=t.order - 1), t
        elif _scalar_function(a.context, t.name):
            yield partial(replace, t, order=1), t


def _scalar_function(context: Context, name: str) -> bool:
    function, definition = context.functions.get(name), context.definitions.get(name)
    if function is not None:
        return not function.domain
    return definition is not None and len(definition.params) == 1 and not definition.params[0].shape


def _complement(t: Term, a: Around) -> Iterator[Made]:
    """y → 1 − y, and 1 − y → y; y² → y (1 − y)."""
    if isinstance(t, (Var, Entry, Call)) or (isinstance(t, Pow) and t.exponent == TWO):
        yield (lambda: add(ONE, mul(MINUS_ONE, t))), t
    if isinstance(t, Pow) and t.exponent == TWO:
        yield (lambda: mul(t.base, add(ONE, mul(MINUS_ONE, t.base)))), t
    if isinstance(t, Hadamard) and t.left == t.right:
        yield (lambda: Hadamard(t.left, add(ONE, mul(MINUS_ONE, t.left)))), t
    if isinstance(t, Add) and len(t.args) == 2 and _is_one(t.args[0]):
        yield partial(negated, t.args[1]), negated(t.args[1])


def _is_one(t: Term) -> bool:
    return t == ONE or (isinstance(t, Full) and t.value == ONE)


def _power(t: Term, a: Around) -> Iterator[Made]:
    """xⁿ → x, xⁿ⁻¹, xⁿ⁺¹, x⁻ⁿ, √xⁿ; x → x²; ‖v‖ → ‖v‖², and back; AA → A, and back; v → v ⊙ v."""
    if isinstance(t, Pow) and isinstance(t.exponent, Num):
        n = t.exponent.value
        yield partial(_same, t.base), t
        for other in (n - 1, n + 1, -n):
            yield partial(Pow, t.base, Num(other)), t
        yield (lambda: Pow(Fn("sqrt", (t.base,)), t.exponent)), t
    elif isinstance(t, SqNorm):
        yield partial(Fn, "sqrt", (t,)), t
    elif isinstance(t, Fn) and t.name == "sqrt":
        yield partial(_same, t.args[0]), t
    elif isinstance(t, MatMul) and t.left == t.right:
        yield partial(_same, t.left), t
    elif len(t.shape) == 2 and t.shape[0] == t.shape[1] and isinstance(t, (Var, Call)):
        yield partial(MatMul, t, t), t
    elif isinstance(t, (Var, Entry, Call, Fn, Add)) and not t.shape:
        yield partial(Pow, t, TWO), t
    elif isinstance(t, (Var, Call, Fn)) and len(t.shape) == 1:
        yield partial(Hadamard, t, t), t


def _name(t: Term, a: Around) -> Iterator[Made]:
    """A name → another one of its shape."""
    if isinstance(t, Var):
        for other in names(a.context, t.shape):
            if other != t:
                yield partial(_same, other), other


def _without(args: tuple[Term, ...], i: int) -> tuple[Term, ...]:
    return args[:i] + args[i + 1 :]


def _product(args: tuple[Term, ...]) -> Term:
    return args[0] if len(args) == 1 else Mul(args)


#: kind → its edits; a sign, a factor, … in the order in which causes are looked for
RULES: dict[str, Rule] = {
    "sign": _sign,
    "factor": _factor,
    "size": _size,
    "transpose": _transpose,
    "order": _order,
    "index": _index,
    "sum": _sum,
    "inverse": inverted,
    "term": _term,
    "part": _part,
    "scope": _scope,
    "prime": _prime,
    "complement": _complement,
    "argument": _argument,
    "power": _power,
    "name": _name,
}


def edits(t: Term, around: Around) -> Iterator[Edit]:
    """Every edit of t that has its shape; each resulting term once."""
    seen: set[Term] = {t}
    for kind, rule in RULES.items():
        for made, place, edited, what in _everywhere(rule, t, around):
            if made.shape == t.shape and made not in seen:
                seen.add(made)
                yield Edit(kind, made, place, edited, what)


def _everywhere(rule: Rule, t: Term, a: Around) -> Iterator[tuple[Term, Term, Term, Term | None]]:
    """(whole, place, edited place, part) for each place in t."""
    for build, what in rule(t, a):
        try:
            made = build()
        except TermError:
            continue
        yield made, t, made, what
    inner = replace(
        a,
        indices=(*a.indices, *(i for i in bound(t) if i not in a.indices)),
        top=isinstance(t, (Add, Call, Fn)) or (a.scaled and isinstance(t, (Comp, Sum))),
        scaled=isinstance(t, (Add, Call, Fn)) or (a.scaled and isinstance(t, (Comp, Sum, Mul))),
        argument=isinstance(t, Call) or (isinstance(t, Fn) and t.name not in ("exp", "log", "sqrt")),
        summand=isinstance(t, Add),
    )
    children = t.children
    for i, child in enumerate(children):
        if isinstance(t, Diff) and child is t.wrt:
            continue
        for made, place, edited, what in _everywhere(rule, child, inner):
            if isinstance(t, Call) and made.shape != child.shape:
                continue  # a call's own shape was settled with that of its argument
            try:
                whole = t.rebuild((*children[:i], made, *children[i + 1 :]))
            except TermError:
                continue
            yield whole, place, edited, what


def names(context: Context, shape: Shape) -> tuple[Var, ...]:
    """Declared and defined names of a shape, by name."""
    found = [d.var for d in context.declarations.values() if d.shape == shape]
    found += [d.var for d in context.definitions.values() if d.body.shape == shape and not d.local]
    return tuple(sorted(found, key=lambda v: v.name))
