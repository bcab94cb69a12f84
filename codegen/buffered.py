"""A program in buffers that are kept: every array is written by `out=`, nothing is allocated.

The loops of `codegen.recurrence` print their bodies with this.  A statement may take several lines;
the first carries its equation.  Scalars stay expressions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from codegen.addends import MINUS_ONE, ONE, addends, computed, positive, product, reciprocal, sign, spread
from codegen.code import Code, call
from codegen.emit import Emitter
from codegen.errors import CodegenError
from codegen.forms import minimum_of, without_one
from codegen.products import product as product_code
from codegen.program import (
    Axes,
    Contract,
    Number,
    Pointwise,
    Read,
    Reduce,
    Statement,
    Tensor,
    merged,
)  # fmt: skip
from derive.terms import Index, Size

#: pointwise operation → NumPy's ufunc
UFUNCS = {
    "exp": "np.exp", "expm1": "np.expm1", "log": "np.log", "abs": "np.abs", "tanh": "np.tanh", "sinh": "np.sinh",
    "cosh": "np.cosh", "sin": "np.sin", "cos": "np.cos", "max": "np.maximum",
}  # fmt: skip
#: reduction → NumPy's ufunc, whose `reduce` it is
REDUCERS = {"sum": "np.add", "prod": "np.multiply", "max": "np.maximum"}


@dataclass(frozen=True)
class Buffer:
    """An array that the loop keeps; `ones` is never written to."""

    name: str
    sizes: tuple[Size, ...]
    ones: bool = False


@dataclass
class Buffered:
    """Prints statements into buffers.

    `names` and `sizes` lead to identifiers; `blas` sums products of matrices onto an array in one
    call of `_gemm`, and products of a matrix and a vector (its rows' sums: by 𝟏) in one of `_gemv`.
    """

    names: Mapping[str, str]
    sizes: Mapping[str, str]
    blas: bool = False
    buffers: list[Buffer] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    spare: list[Buffer] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._emitter = _ScalarEmitter(self)
        self._held: list[Buffer] = []  # operands that the next line reads
        self._mark = 0  # those from here on are read by the line in the making
        self._made = max((int(b.name.removeprefix("spare")) for b in self.spare), default=0)

    @property
    def used(self) -> set[str]:
        """Sizes that the lines read."""
        return self._emitter.used & self.sizes.keys()

    # -- statements --------------------------------------------------------------------------------------

    def statement(self, s: Statement) -> list[str]:
        """The lines that compute it; an array gets a buffer of its name."""
        self.lines = []
        if s.axes:
            self.buffers.append(Buffer(self.names[s.name], tuple(i.size for i in s.axes)))
            self._into(s.value, self.names[s.name], s.axes)
        else:
            self.lines.append(f"{self.names[s.name]} = {self._scalar(s.value)}")
        self._release(0)
        return self.lines

    def updates(
        self, steps: Sequence[tuple[str, Statement]], reads: Callable[[Tensor], bool]
    ) -> list[tuple[list[str], list[str]]]:
        """state ← value for all states at once, each in two runs of lines.

        The first runs of all states come before the second of any: there, what `reads` a state is
        computed; only the second change states.  Multiples of a state itself wait: x + cx = (1 + c)x.
        """
        runs, waiting = [], []
        for state, s in steps:
            old, terms = Read(state, s.axes), addends(s.value)
            if sum(term == (old,) for term in terms) != 1:
                raise CodegenError(f"the update of {state} is not the old value plus a step")
            self.lines = []
            own = [x for x in terms if x.count(old) == 1 and not any(y.axes or reads(y) for y in x if y != old)]
            rest = [x for x in terms if x not in own]
            early = [x for x in rest if any(map(reads, x))]
            made = self._scratch(s.axes).name if early else ""
            if early:
                whole = Pointwise("add", tuple(map(product, early))) if early[1:] else product(early[0])
                self._into(whole, made, s.axes)
            kept = [product(tuple(y for y in x if y != old) or (ONE,)) for x in own]
            waiting.append((made, kept, sorted((x for x in rest if x not in early), key=self._last(s.axes))))
            runs.append((self.lines, list[str]()))
        for (state, s), (made, kept, terms), (_, late) in zip(steps, waiting, runs, strict=True):
            self.lines, x = late, self.names[state]
            scale = self._scalar(Pointwise("add", tuple(kept))) if kept[1:] else "1"
            if kept[1:] and not (terms and self._contracts(terms[0], s.axes)):
                self._call(f"np.multiply({x}, {scale}", x)
                scale = "1"
            for term in terms:
                self._accumulate(term, x, s.axes, scale)
                scale = "1"
            if made:
                late.append(f"np.add({x}, {made}, out={x})")
            self._release(0)
        return runs

    def _last(self, axes: Axes) -> Callable[[tuple[Tensor, ...]], bool]:
        """Products of matrices first: their call of BLAS can scale what they are added to."""
        return lambda term: not self._contracts(term, axes)

    # -- arrays ------------------------------------------------------------------------------------------

    def _into(self, t: Tensor, target: str, axes: Axes) -> None:
        """Lines that write t, spread over `axes`, to `target`."""
        outer, self._mark = self._mark, len(self._held)
        self._write(t, target, axes)
        self._release(self._mark)
        self._mark = outer

    def _write(self, t: Tensor, target: str, axes: Axes) -> None:
        match t:
            case _ if not t.axes:
                self.lines.append(f"{target}[...] = {self._scalar(t)}")
            case Pointwise("add"):
                self._sum(t, target, axes)
            case Pointwise("mul"):
                least = minimum_of(t)
                if least is not None:
                    self._chained("np.minimum", least, target, axes)
                else:
                    self._multiplied(t, target, axes)
            case Pointwise("pow", (base, Number(value))) if value in (-1, 2):
                x = self.operand(base, axes, target)
                call = f"np.divide(1, {x}" if value == -1 else f"np.multiply({x}, {x}"
                self._call(call, target)
            case Pointwise("pow", (base, Number(value))) if value == Fraction(1, 2):
                self._call(f"np.sqrt({self.operand(base, axes, target)}", target)
            case Pointwise("pow", (base, exponent)):
                self._call(f"np.power({self.operand(base, axes, target)}, {self.operand(exponent, axes)}", target)
            case Pointwise("max", operands):
                self._chained("np.maximum", operands, target, axes)
            case Pointwise("log", (x,)) if (rest := without_one(x)) is not None:
                self._call(f"np.log1p({self.operand(rest, axes, target)}", target)
            case Pointwise(op, (x,)) if op in UFUNCS:
                self._call(f"{UFUNCS[op]}({self.operand(x, axes, target)}", target)
            case Contract(over, factors) if self._is_product(t, axes):
                self._matmul(over, factors, target, axes)
            case Contract(over, (factor,)) if set(t.axes) == set(axes):
                self._into(Reduce("sum", over, factor), target, axes)
            case Contract(over, factors) if set(t.axes) == set(axes):
                self._einsum(over, factors, target, axes)
            case Reduce(op, over, body, 1, None) if set(t.axes) == set(axes):
                kept = body.axes if tuple(i for i in body.axes if i in axes) == axes else (*axes, *over)
                x = self.operand(body, kept)
                places = tuple(n for n, i in enumerate(kept) if i in over)
                axis = places[0] if len(places) == 1 else places
                self._call(f"{REDUCERS[op]}.reduce({x}, axis={axis}", target)
            case Read() | Contract() | Reduce():
                self.lines.append(f"np.copyto({target}, {self.operand(t, axes)})")
            case _:
                raise CodegenError(f"{type(t).__name__} has no form with a buffer")

    def _chained(self, ufunc: str, operands: tuple[Tensor, ...], target: str, axes: Axes) -> None:
        first, *others = sorted(operands, key=lambda x: not x.axes)
        x = self.operand(first, axes, target)
        for other in others:
            self._call(f"{ufunc}({x}, {self.operand(other, axes)}", target)
            x = target

    def _call(self, start: str, target: str) -> None:
        self.lines.append(f"{start}, out={target})")
        self._release(self._mark)

    def _release(self, since: int) -> None:
        """The operands computed since then have been read: their buffers are free again."""
        self.spare += self._held[since:]
        del self._held[since:]

    def operand(self, t: Tensor, axes: Axes, target: str = "") -> str:
        """Code of t that broadcasts to `axes`; computed first, in `target` or a spare buffer, if need be."""
        if not t.axes:
            return self._scalar(t)
        if isinstance(t, Read):
            return self._view(t, axes)
        own = tuple(i for i in axes if i in t.axes)
        if len(own) != len(t.axes):
            raise CodegenError("an operand has an axis that its result lacks")
        if target and own == axes:
            self._into(t, target, axes)
            return target
        made = self._scratch(own)
        self._held.append(made)
        self._into(t, made.name, own)
        return spread(made.name, own, axes)

    def _view(self, t: Read, axes: Axes) -> str:
        code = self.names[t.name]
        if any(not isinstance(i, Index) for i in t.at):
            picked = ", ".join(":" if isinstance(i, Index) else str(i - 1) for i in t.at)
            code = f"{code}[{picked}]"
        own = tuple(i for i in t.at if isinstance(i, Index))
        if len(set(own)) != len(own):
            raise CodegenError("a diagonal has no form with a buffer")
        wanted = tuple(i for i in axes if i in own)
        if own != wanted:
            if len(own) != 2:
                raise CodegenError("axes of a larger array in another order have no form with a buffer")
            code += ".T"
        return spread(code, wanted, axes)

    def _scratch(self, axes: Axes) -> Buffer:
        sizes = tuple(i.size for i in axes)
        for spare in self.spare:
            if spare.sizes == sizes:
                self.spare.remove(spare)
                return spare
        self._made += 1
        made = Buffer(f"spare{self._made}", sizes)
        self.buffers.append(made)
        return made

    def _ones(self, axes: Axes) -> str:
        (i,) = axes
        made = Buffer("ones", (i.size,), ones=True)
        number = 1
        while any(b.name == made.name and b != made for b in self.buffers):
            number += 1
            made = Buffer(f"ones{number}", made.sizes, ones=True)
        if made not in self.buffers:
            self.buffers.append(made)
        return made.name

    def _is_product(self, t: Contract, axes: Axes) -> bool:
        if len(t.factors) != 2 or len(t.over) != 1 or set(t.axes) != set(axes):
            return False
        a, b = (set(f.axes) for f in t.factors)
        return a & b == set(t.over) and len(a) <= 2 and len(b) <= 2

    def _factors(self, factors: tuple[Tensor, ...], over: Axes, axes: Axes) -> tuple[str, str]:
        """Both factors of a matrix product as code, in the order and orientation of `axes`."""
        left, right = factors
        if (axes and axes[0] in right.axes) or not left.axes[len(over):]:
            left, right = right, left
        rows = tuple(i for i in axes if i in left.axes)
        columns = tuple(i for i in axes if i in right.axes)
        return self.operand(left, (*rows, *over)), self.operand(right, (*over, *columns))

    def _matmul(self, over: Axes, factors: tuple[Tensor, ...], target: str, axes: Axes) -> None:
        a, b = self._factors(factors, over, axes)
        if self.blas and len(axes) == 2:
            self.lines.append(f"_gemm(1, {a}, {b}, 0, {target})")
        else:
            self._call(f"np.matmul({a}, {b}", target)

    def _einsum(self, over: Axes, factors: tuple[Tensor, ...], target: str, axes: Axes) -> None:
        letters = {i: chr(ord("a") + n) for n, i in enumerate(merged(axes, over))}
        words, codes = [], []
        for f in factors:
            own = tuple(i for i in (*axes, *over) if i in f.axes)
            words.append("".join(letters[i] for i in own))
            codes.append(self.operand(f, own))
        result = "".join(letters[i] for i in axes)
        self._call(f'np.einsum("{",".join(words)}->{result}", {", ".join(codes)}', target)

    def _sum(self, t: Pointwise, target: str, axes: Axes) -> None:
        """The widest and costliest addend is written first, the others are added."""
        terms = addends(t)
        terms.sort(key=lambda term: (-len(merged(*(x.axes for x in term))), sign(term) < 0, not computed(term)))
        products = [term for term in terms if self._contracts(term, axes)]
        if products and (before := [term for term in terms if term not in products]):
            rest = Pointwise("add", tuple(map(product, before))) if before[1:] else product(before[0])
            self._into(rest, target, axes)
            return self._rest(products, target, target, axes)
        first, *others = terms
        if sign(first) < 0 and others and not products:
            whole = next((term for term in others if sign(term) > 0), None)
            if whole is not None:  # a − b, not −b + a
                others.remove(whole)
                y = self.operand(product(positive(first)), axes, target)
                self._call(f"np.subtract({self.operand(product(whole), axes)}, {y}", target)
                return self._rest(others, target, target, axes)
        value = product(first)
        if isinstance(value, Read) and others:
            x = self.operand(value, axes)
        else:
            self._into(value, target, axes)
            x = target
        self._rest(others, x, target, axes)

    def _rest(self, terms: list[tuple[Tensor, ...]], x: str, target: str, axes: Axes) -> None:
        """target ← x + the terms."""
        for term in terms:
            if x == target and self._contracts(term, axes):
                self._accumulate(term, target, axes)
                continue
            word = "np.subtract" if sign(term) < 0 else "np.add"
            y = self.operand(product(positive(term)), axes)
            self._call(f"{word}({x}, {y}", target)
            x = target

    def _contracts(self, term: tuple[Tensor, ...], axes: Axes) -> bool:
        array = [x for x in term if x.axes]
        t = array[0] if len(array) == 1 else None
        if not self.blas or not isinstance(t, Contract):
            return False
        if len(axes) == 1 and len(t.over) == len(t.factors) == 1:
            return set(t.factors[0].axes) == {*axes, *t.over}
        wide = any(len(f.axes) == 2 for f in t.factors)
        return len(axes) in (1, 2) and wide and self._is_product(t, axes)

    def _accumulate(self, term: tuple[Tensor, ...], target: str, axes: Axes, kept: str = "1") -> None:
        """target ← kept · target + the product of `term`; with a matrix product one call of BLAS, else `kept` is 1."""
        scalars = tuple(x for x in term if not x.axes)
        if self._contracts(term, axes):
            (array,) = (x for x in term if x.axes)
            assert isinstance(array, Contract)
            if len(array.factors) == 1:
                a, b = self.operand(array.factors[0], (*axes, *array.over)), self._ones(array.over)
            else:
                a, b = self._factors(array.factors, array.over, axes)
            scale = self._scalar(product(scalars)) if scalars else "1"
            word = "_gemm" if len(axes) == 2 else "_gemv"
            self.lines.append(f"{word}({scale}, {a}, {b}, {kept}, {target})")
            return
        word = "np.subtract" if sign(term) < 0 else "np.add"
        self._call(f"{word}({target}, {self.operand(product(positive(term)), axes)}", target)

    def _multiplied(self, t: Pointwise, target: str, axes: Axes) -> None:
        scalars = tuple(x for x in t.operands if not x.axes)
        arrays = [x for x in t.operands if x.axes]
        below = [base for x in arrays if (base := reciprocal(x)) is not None]
        above = sorted(
            (x for x in arrays if reciprocal(x) is None),
            key=lambda x: (-len(x.axes), not isinstance(x, Contract), isinstance(x, Read)),
        )
        if above:
            x = self.operand(above[0], axes, target)
            for factor in above[1:]:
                self._call(f"np.multiply({x}, {self.operand(factor, axes)}", target)
                x = target
        else:
            top = self._scalar(product(scalars)) if scalars else "1"
            self._call(f"np.divide({top}, {self.operand(below.pop(0), axes, target)}", target)
            x, scalars = target, ()
        for base in below:
            self._call(f"np.divide({x}, {self.operand(base, axes)}", target)
            x = target
        if scalars == (MINUS_ONE,):
            self._call(f"np.negative({x}", target)
        elif scalars:
            self._call(f"np.multiply({x}, {self._scalar(product(scalars))}", target)

    def _scalar(self, t: Tensor) -> str:
        """Python code of a scalar; what its sums are taken over is computed first."""
        return self._emitter.exact(t, ()).text


class _ScalarEmitter(Emitter):
    """Scalars as expressions, the arrays below their sums in buffers."""

    def __init__(self, parent: Buffered) -> None:
        super().__init__(parent.names, parent.sizes)
        self.parent = parent

    def contract(self, t: Contract, order: Axes) -> Code:
        scalars = tuple(f for f in t.factors if not f.axes)
        arrays = tuple(f for f in t.factors if f.axes)
        if scalars:
            return product_code(self, (*scalars, Contract(t.over, arrays)), order)
        if len(arrays) == 2 and len(t.over) == 1 and all(isinstance(f, Read) for f in arrays):
            return super().contract(t, order)
        return self._total("sum", arrays[0] if len(arrays) == 1 else Pointwise("mul", arrays))

    def reduce(self, t: Reduce, order: Axes) -> Code:
        if t.start != 1 or t.where is not None:
            raise CodegenError("a sum over a part of an axis has no form with a buffer")
        return self._total(t.op, t.body)

    def _total(self, op: str, body: Tensor) -> Code:
        word = self.parent.operand(body, body.axes)
        return call(f"{REDUCERS[op]}.reduce", word, *(["axis=None"] if len(body.axes) > 1 else []))


__all__ = ["Buffer", "Buffered"]
