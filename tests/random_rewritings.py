"""Rewritings of random terms: each keeps the value wherever both sides have one; it may change where they do."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from random import Random

from random_terms import D, N

from derive.binders import free_indices, fresh, substitute
from derive.terms import (
    MINUS_ONE,
    ONE,
    Add,
    Call,
    Comp,
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
    Inverse,
    MatMul,
    Mul,
    Num,
    Pow,
    SizeTerm,
    SqNorm,
    Sum,
    Term,
    Trace,
    Transpose,
    Var,
    add,
)  # fmt: skip

TWO, HALF = Num(Fraction(2)), Num(Fraction(1, 2))
p, q, a, b, s, t = (Var(name) for name in "pqabst")
w, v, r, m, u = (Var(name, (D,)) for name in "wvrmu")
A, X, y = Var("A", (D, D)), Var("X", (N, D)), Var("y", (N,))
i, j = Index("i", D), Index("j", D)
positive: tuple[Term, ...] = (p, q, Fn("exp", (a,)), SizeTerm(N), Add((ONE, Pow(b, TWO))), Pow(p, HALF))


def minus(x: Term) -> Term:
    return Mul((MINUS_ONE, x))


def inverse(x: Term) -> Term:
    return Pow(x, MINUS_ONE)


# -- rewritings: a node → equal ones --------------------------------------------------------------------


def _sums(x: Term, rng: Random) -> Iterator[Term]:
    if isinstance(x, Add):
        args = list(x.args)
        rng.shuffle(args)
        yield Add(tuple(args))
        if len(args) > 2:
            yield Add((args[0], Add(tuple(args[1:]))))
    if isinstance(x, Mul):
        args = list(x.args)
        rng.shuffle(args)
        yield Mul(tuple(args))
        for place, part in enumerate(args):
            if isinstance(part, Add):  # distribute
                rest = tuple(args[:place] + args[place + 1 :])
                yield Add(tuple(Mul((*rest, z)) for z in part.args))
        arrays = [z for z in args if z.shape]
        if arrays and isinstance(arrays[0], (MatMul, Hadamard)):  # c(AB) = (cA)B
            rest = tuple(z for z in args if z is not arrays[0])
            inner = arrays[0]
            yield type(inner)(Mul((*rest, inner.left)), inner.right)
    if isinstance(x, Sum):
        k = fresh(x.index.size)
        yield Sum(k, substitute(x.body, {x.index: k}), x.start)
        if isinstance(x.body, Add):
            yield Add(tuple(Sum(x.index, z, x.start) for z in x.body.args))
        if isinstance(x.body, Mul):
            out = tuple(z for z in x.body.args if x.index not in free_indices(z))
            rest = tuple(z for z in x.body.args if x.index in free_indices(z))
            if out and rest:
                yield Mul((*out, Sum(x.index, Mul(rest), x.start)))
        if isinstance(x.body, Sum) and x.body.index != x.index:
            yield Sum(x.body.index, Sum(x.index, x.body.body, x.start), x.body.start)
        if x.start == 2 and not x.shape:
            yield Add((Sum(x.index, x.body), minus(substitute(x.body, {x.index: 1}))))


def _anywhere(x: Term, rng: Random) -> Iterator[Term]:
    c = rng.choice(positive)
    yield Mul((x, c, inverse(c)))
    yield Mul((HALF, Add((x, x))))
    other = rng.choice((a, b, p, Fn("exp", (b,)), Fn("log", (p,)), SqNorm(w), MatMul(Transpose(w), v)))
    if not x.shape:
        yield Add((x, other, minus(other)))
        yield Trace(Mul((x, Pow(SizeTerm(D), MINUS_ONE), Eye(D))))
        yield Fn("log", (Fn("exp", (x,)),))
        yield Mul((Pow(SizeTerm(D), MINUS_ONE), Sum(fresh(D), x)))
    else:
        k = fresh(x.shape[0])
        yield Add((x, Mul((other, x)), minus(Mul((other, x)))))
        yield MatMul(Eye(x.shape[0]), x)
        if len(x.shape) == 1:
            yield Comp((k,), Entry(x, (k,)))
            yield Hadamard(Full(ONE, x.shape), x)
        yield Transpose(Transpose(x))


def _functions(x: Term, rng: Random) -> Iterator[Term]:
    match x:
        case Fn("exp", (Add(args),)) if not x.shape:
            yield Mul(tuple(Fn("exp", (z,)) for z in args))
        case Fn("exp", (z,)):
            yield Pow(Fn("exp", (Mul((HALF, z)),)), TWO)
        case Fn("log", (Mul((one, two)),)) if not x.shape:
            yield Add((Fn("log", (one,)), Fn("log", (two,))))
        case Fn("tanh", (z,)):
            yield Hadamard(*_parts(z)) if z.shape else Mul(_parts(z))
        case Fn("abs", (z,)):
            yield Fn("sqrt", (Pow(z, TWO),))
            yield Fn("max", (z, minus(z)))
        case Fn("sqrt", (z,)):
            yield Pow(z, HALF)
        case Fn("cosh", (z,)) if not z.shape:
            yield Mul((HALF, Add((Fn("exp", (z,)), Fn("exp", (minus(z),))))))
        case Fn("sin", (z,)):
            yield minus(Fn("sin", (minus(z),)))
        case Pow(z, Num(e)) if e == 2 and not z.shape:
            yield Mul((z, z))
        case Pow(Mul(args), Num(e)) if e == -1 and not x.shape:
            yield Mul(tuple(inverse(z) for z in args))
        case Call("σ", (z,), _, 0) if not z.shape:
            yield inverse(Add((ONE, Fn("exp", (minus(z),)))))
            yield Add((ONE, minus(Call("σ", (minus(z),), (), 0))))
        case Call("σ", (z,), _, 1) if not z.shape:
            yield Mul((Call("σ", (z,)), Add((ONE, minus(Call("σ", (z,)))))))
        case _:
            return


def _parts(z: Term) -> tuple[Term, Term]:
    """tanh z = (e^{2z} − 1) · 1/(e^{2z} + 1)."""
    e = Fn("exp", (Mul((TWO, z)),))
    return add(e, MINUS_ONE), inverse(add(e, ONE))


def _matrices(x: Term, rng: Random) -> Iterator[Term]:
    match x:
        case MatMul(MatMul(one, two), three):
            yield MatMul(one, MatMul(two, three))
        case MatMul(one, MatMul(two, three)):
            yield MatMul(MatMul(one, two), three)
        case MatMul(one, Add(args)):
            yield Add(tuple(MatMul(one, z) for z in args))
        case MatMul(Transpose(one), two) if not x.shape:
            yield MatMul(Transpose(two), one)
            k = fresh(one.shape[0])
            yield Sum(k, Mul((Entry(one, (k,)), Entry(two, (k,)))))
        case Transpose(MatMul(one, two)):
            yield MatMul(Transpose(two), Transpose(one))
        case Transpose(Add(args)):
            yield Add(tuple(Transpose(z) for z in args))
        case Trace(MatMul(one, two)):
            yield Trace(MatMul(two, one))
        case Trace(Transpose(one)):
            yield Trace(one)
        case Trace(one):
            k = fresh(one.shape[0])
            yield Trace(Transpose(one))
            yield Sum(k, Entry(one, (k, k)))
        case SqNorm(z) if len(z.shape) == 1:
            yield MatMul(Transpose(z), z)
        case SqNorm(z) if len(z.shape) == 2:
            yield Trace(MatMul(Transpose(z), z))
        case Hadamard(one, two):
            yield Hadamard(two, one)
            if len(x.shape) == 1:
                yield MatMul(Diag(one), two)
        case Det(MatMul(one, two)) if one.shape == two.shape:
            yield Mul((Det(one), Det(two)))
        case Det(one):
            yield Det(Transpose(one))
        case Inverse(MatMul(one, two)) if one.shape == two.shape:
            yield MatMul(Inverse(two), Inverse(one))
        case Inverse(Transpose(one)):
            yield Transpose(Inverse(one))
        case Entry(MatMul(one, two), indices) if len(one.shape) == 2 and len(indices) == len(x.array.shape):
            k = fresh(one.shape[1])
            right = (k, *indices[1:]) if len(two.shape) == 2 else (k,)
            yield Sum(k, Mul((Entry(one, (indices[0], k)), Entry(two, right))))
        case Entry(Comp(bound, body), indices) if len(bound) == len(indices):
            yield substitute(body, dict(zip(bound, indices, strict=True)))
        case Entry(z, (k,)) if len(z.shape) == 1:
            n = fresh(z.shape[0])
            yield Sum(n, Mul((Delta(k, n), Entry(z, (n,)))))
        case _:
            return


def _derivatives(x: Term, rng: Random) -> Iterator[Term]:
    if not isinstance(x, Diff) or x.body.shape:
        return
    of = x.wrt

    def d(z: Term) -> Term:
        return Diff(z, of)

    match x.body:
        case Add(args):
            yield Add(tuple(d(z) for z in args))
        case Mul((one, two)):
            yield Add((Mul((two, d(one))), Mul((one, d(two)))))
        case Pow(z, Num(e)):
            yield Mul((Num(e), Pow(z, Num(e - 1)), d(z)))
        case Fn("exp", (z,)):
            yield Mul((Fn("exp", (z,)), d(z)))
        case Fn("log", (z,)):
            yield Mul((inverse(z), d(z)))
        case Fn("sin", (z,)):
            yield Mul((Fn("cos", (z,)), d(z)))
        case Fn("tanh", (z,)):
            yield Mul((Add((ONE, minus(Pow(Fn("tanh", (z,)), TWO)))), d(z)))
        case Fn("sqrt", (z,)):
            yield Mul((HALF, inverse(Fn("sqrt", (z,))), d(z)))
        case Call(name, (z,), (), order) if name in ("f", "σ") and not z.shape:
            yield Mul((Call(name, (z,), (), order + 1), d(z)))
        case Sum(index, body, start) if index not in free_indices(of):
            yield Sum(index, d(body), start)
        case _:
            return


RULES = (_sums, _anywhere, _functions, _matrices, _derivatives)
