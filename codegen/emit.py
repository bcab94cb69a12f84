"""NumPy expressions for tensor expressions: axes become positions, sums become `@`, `np.sum`, ….

`Emitter.exact(t, order)` is an array with exactly the axes `order`; `framed(t, frame)` one that
broadcasts where the frame's axes are expected.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from string import ascii_lowercase

from codegen.axes import expanded, natural, turned
from codegen.code import ATOM, POWER, PRODUCT, SIGN, SUM, Code, call, number, product_of, sum_of
from codegen.errors import CodegenError
from codegen.forms import HALF, MINUS, minimum_of, quotient, without_one
from codegen.products import product
from codegen.program import (
    Axes,
    Constant,
    Contract,
    Determinant,
    Extent,
    Inverted,
    Matrix,
    Number,
    Pointwise,
    Read,
    Reduce,
    Same,
    Solve,
    Tensor,
    merged,
)  # fmt: skip
from derive.terms import Index, Size

#: pointwise functions → (on arrays, on Python scalars that depend on no argument)
FUNCTIONS = {
    "exp": ("np.exp", "math.exp"), "log": ("np.log", "math.log"), "abs": ("np.abs", "abs"),
    "tanh": ("np.tanh", "math.tanh"), "sinh": ("np.sinh", "math.sinh"), "cosh": ("np.cosh", "math.cosh"),
    "sin": ("np.sin", "math.sin"), "cos": ("np.cos", "math.cos"), "max": ("np.maximum", "max"),
    "sign": ("np.sign", "np.sign"), "sqrt": ("np.sqrt", "math.sqrt"), "expm1": ("np.expm1", "math.expm1"),
    "log1p": ("np.log1p", "math.log1p"),
}  # fmt: skip


class Emitter:
    """`names` leads from names to identifiers, `sizes` from sizes to identifiers or None if unknown."""

    def __init__(self, names: Mapping[str, str], sizes: Mapping[str, str]) -> None:
        self.names = names
        self.sizes = sizes
        self.used: set[str] = set()  # sizes, "dtype", "math", "scipy" that the source needs

    # -- scalars ---------------------------------------------------------------------------------------

    def size(self, s: Size) -> Code:
        parts = []
        for name, count in s.parts:
            if name not in self.sizes:
                raise CodegenError(f"no argument has an axis that tells the size {name}")
            self.used.add(name)
            word = Code(self.sizes[name])
            parts.append((False, word if count == 1 else Code(f"{count} * {word.text}", PRODUCT)))
        if s.const or not parts:
            parts.append((s.const < 0, Code(str(abs(s.const)))))
        return sum_of(parts)

    def constant(self, t: Tensor) -> bool:
        """A Python number: it depends on no argument's entries."""
        return not any(isinstance(n, (Read, Same)) for n in t.walk())

    # -- arrays ----------------------------------------------------------------------------------------

    def exact(self, t: Tensor, order: Axes) -> Code:
        match t:
            case Number(value):
                return number(value)
            case Constant(name):
                self.used.add("math")
                return Code(f"math.{name}")
            case Extent(s):
                return self.size(s)
            case Read():
                return self.read(t, order)
            case Same():
                return self.same(t, order)
            case Pointwise():
                return self.pointwise(t, order)
            case Contract():
                return self.contract(t, order)
            case Reduce():
                return self.reduce(t, order)
            case Solve():
                return self.solve(t, order)
            case Inverted():
                return self.inverse(t, order)
            case Determinant():
                return self.determinant(t)
            case _:
                raise CodegenError(f"no code for {type(t).__name__}")

    def framed(self, t: Tensor, frame: Axes) -> Code:
        own = tuple(i for i in frame if i in t.axes)
        return expanded(self.exact(t, own), own, frame)

    # -- leaves ----------------------------------------------------------------------------------------

    def read(self, t: Read, order: Axes) -> Code:
        text = self.names[t.name]
        if any(isinstance(i, int) for i in t.at):
            marks = [str(i - 1) if isinstance(i, int) else ":" for i in t.at]
            while marks and marks[-1] == ":":
                marks.pop()
            text += f"[{', '.join(marks)}]"
        have = tuple(i for i in t.at if isinstance(i, Index))
        if len(set(have)) == len(have):
            return turned(Code(text), have, order)
        if len(have) == 2:
            return Code(f"np.diagonal({text})")
        letters = dict(zip(merged(have), ascii_lowercase))
        spec = "".join(letters[i] for i in have) + "->" + "".join(letters[i] for i in order)
        return Code(f'np.einsum("{spec}", {text})')

    def same(self, t: Same, order: Axes) -> Code:
        self.used.add("dtype")
        if len(order) == 2:
            return call("np.eye", self.size(order[0].size).text, "dtype=dtype")
        literal = t.left if isinstance(t.left, int) else t.right
        assert isinstance(literal, int)
        n = self.size(order[0].size).text
        return Code(f"np.eye(1, {n}, {literal - 1}, dtype=dtype)[0]")

    # -- pointwise -------------------------------------------------------------------------------------

    def pointwise(self, t: Pointwise, order: Axes) -> Code:
        if t.op == "add":
            return sum_of([self.signed(a, order) for a in t.operands])
        if t.op == "mul":
            least = minimum_of(t)
            if least is not None:
                return call("np.minimum", *(self.framed(a, order).text for a in least))
            return product(self, t.operands, order)
        if t.op == "pow":
            return self.power(t.operands[0], t.operands[1], order)
        if t.op == "step":
            return call("np.heaviside", self.framed(t.operands[0], order).text, "0.0")
        if t.op == "masked":
            return self.masked(t, order)
        if t.op in ("wide", "narrow"):
            self.used.add("dtype")
            kind = "dtype" if t.op == "narrow" else "np.result_type(dtype, np.float64)"
            return Code(f"{self.framed(t.operands[0], order).at(ATOM)}.astype({kind}, copy=False)")
        if t.op == "log":
            rest = without_one(t.operands[0])
            if rest is not None:
                return self.apply("log1p", (rest,), order)
        return self.apply(t.op, t.operands, order)

    def apply(self, op: str, operands: tuple[Tensor, ...], order: Axes) -> Code:
        arrays, scalars = FUNCTIONS[op]
        plain = all(self.constant(a) for a in operands)
        if plain and scalars.startswith("math."):
            self.used.add("math")
        return call(scalars if plain else arrays, *(self.framed(a, order).text for a in operands))

    def masked(self, t: Pointwise, order: Axes) -> Code:
        mask, body = t.operands
        if not (isinstance(body, Pointwise) and body.op == "exp"):
            return call("np.where", self.mask(mask, order).text, self.framed(body, order).text, "0")
        (exponent,) = body.operands
        where = call("np.where", self.mask(mask, order).text, self.framed(exponent, order).text, "-np.inf")
        return call("np.exp", where.text)

    def mask(self, t: Tensor, order: Axes) -> Code:
        """A mask as booleans."""
        same = without_one(t)
        if isinstance(same, Pointwise) and same.op == "mul" and same.operands[0] == Number(MINUS):
            (delta,) = same.operands[1:]
            if isinstance(delta, Same) and len(delta.axes) == 2:
                own = tuple(i for i in order if i in delta.axes)
                eye = call("np.eye", self.size(own[0].size).text, "dtype=bool")
                return Code("~" + expanded(eye, own, order).text, SIGN)
        return Code(f"{self.framed(t, order).at(SUM)} != 0", 0)

    def signed(self, t: Tensor, order: Axes) -> tuple[bool, Code]:
        """(negative?, code of the absolute value) of a term of a sum."""
        if isinstance(t, Number):
            return t.value < 0, number(abs(t.value))
        if isinstance(t, Pointwise) and t.op == "mul":
            c = t.operands[0]
            if isinstance(c, Number) and c.value < 0:
                rest = t.operands[1:]
                if c.value != MINUS:
                    rest = (Number(-c.value), *rest)
                whole = rest[0] if len(rest) == 1 else Pointwise("mul", rest)
                return True, self.framed(whole, order)
        return False, self.framed(t, order)

    def power(self, base: Tensor, exponent: Tensor, order: Axes) -> Code:
        if isinstance(exponent, Number):
            e = exponent.value
            if e < 0:
                _, _, below = quotient((Pointwise("pow", (base, exponent)),))
                return product_of([], [self.framed(b, order) for b in below])
            if e == HALF:
                return self.apply("sqrt", (base,), order)
        under = self.framed(base, order)
        return Code(f"{under.at(ATOM)}**{self.framed(exponent, order).at(ATOM)}", POWER)

    # -- sums ------------------------------------------------------------------------------------------

    def contract(self, t: Contract, order: Axes) -> Code:
        scalars = tuple(f for f in t.factors if not f.axes)
        tensors = tuple(f for f in t.factors if f.axes)
        if scalars:
            return product(self, (*scalars, Contract(t.over, tensors)), order)
        while len(tensors) > 2:  # X.T @ (q * r): what has no axis of its own is multiplied first
            pairs = [(a, b) for b in tensors for a in tensors if a is not b and set(a.axes) <= set(b.axes)]
            if not pairs:
                break
            a, b = min(pairs, key=lambda pair: len(pair[1].axes))
            rest = tuple(f for f in tensors if f is not a and f is not b)
            tensors = (Pointwise("mul", (b, a)), *rest)
        if len(tensors) == 1:
            return self.summed("np.sum", t.over, tensors[0], order)
        if len(tensors) == 2:
            code = self.pair(t.over, tensors[0], tensors[1], order)
            if len(order) == 2 and order != (own := natural(t)):
                other = self.pair(t.over, tensors[0], tensors[1], own)
                if other is not None and (code is None or other.text.count(".T") + 2 < code.text.count(".T")):
                    return turned(other, own, order)
            if code is not None:
                return code
        return self.einsum(tensors, order)

    def pair(self, over: Axes, a: Tensor, b: Tensor, order: Axes) -> Code | None:
        shared = [i for i in a.axes if i in b.axes]
        batch = tuple(i for i in order if i in shared)
        inner = tuple(i for i in over if i in shared)
        left = tuple(i for i in order if i in a.axes and i not in shared)
        right = tuple(i for i in order if i in b.axes and i not in shared)
        if len(inner) != len(over):
            return None
        if not batch and len(inner) == 1:
            if (left and right and order[: len(right)] == right) or (right and not left):
                a, b, left, right = b, a, right, left
            if order == left + right and len(right) <= 1:
                return self.matmul(a, left + inner, b, inner + right)
            return None
        if not left and not right:
            whole = Pointwise("pow", (a, Number(Fraction(2)))) if a == b else Pointwise("mul", (a, b))
            return self.summed("np.sum", over, whole, order)
        if batch and len(inner) == 1 and order == batch + left + right and len(left) == len(right) == 1:
            return self.matmul(a, batch + left + inner, b, batch + inner + right)
        return None

    def matmul(self, a: Tensor, first: Axes, b: Tensor, second: Axes) -> Code:
        x, y = self.exact(a, first), self.exact(b, second)
        left = x.text if x.is_matmul else x.at(SIGN)  # a @ b @ c is (a @ b) @ c
        return Code(f"{left} @ {y.at(SIGN)}", PRODUCT, is_matmul=True)

    def einsum(self, factors: tuple[Tensor, ...], order: Axes) -> Code:
        axes = [natural(f) for f in factors]
        letters = dict(zip(merged(*axes), ascii_lowercase))
        spec = ",".join("".join(letters[i] for i in a) for a in axes)
        spec += "->" + "".join(letters[i] for i in order)
        codes = [self.exact(f, a).text for f, a in zip(factors, axes)]
        return call("np.einsum", f'"{spec}"', *codes, "optimize=True")

    def summed(self, function: str, over: Axes, body: Tensor, order: Axes, *more: str) -> Code:
        """np.sum (or np.prod, np.max) of the body over its axes `over`."""
        have = natural(body)
        if tuple(i for i in have if i not in over) != order:
            have = order + over
        code = self.exact(body, have).text
        if not order:
            return call(function, code, *more)
        at = [have.index(i) for i in over]
        axis = str(at[0]) if len(at) == 1 else str(tuple(sorted(at)))
        return call(function, code, f"axis={axis}", *more)

    def reduce(self, t: Reduce, order: Axes) -> Code:
        if t.op == "others":  # all but the greatest, which stands last
            last = self.exact(t.body, order + t.over)
            others = f"np.partition({last.text}, -1)[{'..., ' if order else ''}:-1]"
            return call("np.sum", others, *(("axis=-1",) if order else ()))
        function = {"sum": "np.sum", "prod": "np.prod", "max": "np.max"}[t.op]
        if t.start == 1 and t.where is None:
            return self.summed(function, t.over, t.body, order)
        if t.start == 1 and t.where is not None:
            have = natural(t.body)
            if tuple(i for i in have if i not in t.over) != order:
                have = order + t.over
            mask = self.mask(t.where, have).text
            if set(t.body.axes) == set(have):
                return self.summed(function, t.over, t.body, order, f"where={mask}", "initial=-np.inf")
            at = tuple(have.index(i) for i in t.over)
            chosen = call("np.where", mask, self.framed(t.body, have).text, "-np.inf").text
            return call(function, chosen, f"axis={at[0] if len(at) == 1 else at}")
        (index,) = t.over
        have = (index, *order)
        code = self.exact(t.body, have)
        return call(function, f"{code.at(ATOM)}[{t.start - 1}:]", "axis=0")

    # -- matrices --------------------------------------------------------------------------------------

    def square(self, m: Matrix) -> Code:
        axes = {m.row, m.column}
        if set(m.body.axes) != axes:
            raise CodegenError("a square matrix with equal rows or columns is singular")
        return self.exact(m.body, (m.row, m.column))

    def solve(self, t: Solve, order: Axes) -> Code:
        rest = tuple(i for i in order if i != t.row)
        if len(rest) > 1:
            raise CodegenError("a system of equations with more than one axis on the right")
        right = self.exact(t.right, (t.along, *rest)).text
        matrix = self.square(t.matrix).text
        if t.matrix.definite:
            self.used.add("scipy")
            code = call("linalg.cho_solve", f"linalg.cho_factor({matrix})", right)
        else:
            code = call("np.linalg.solve", matrix, right)
        return turned(code, (t.row, *rest), order)

    def inverse(self, t: Inverted, order: Axes) -> Code:
        code = call("np.linalg.inv", self.square(t.matrix).text)
        at = (t.row, t.column)
        marks = [str(i - 1) if isinstance(i, int) else ":" for i in at]
        have = tuple(i for i in at if isinstance(i, Index))
        if len(have) < 2:
            return Code(f"{code.text}[{', '.join(marks)}]")
        return call("np.diagonal", code.text) if have[0] == have[1] else turned(code, have, order)

    def determinant(self, t: Determinant) -> Code:
        matrix = self.square(t.matrix).text
        if t.log:
            return Code(f"np.linalg.slogdet({matrix})[1]")
        return call("np.linalg.det", matrix)
