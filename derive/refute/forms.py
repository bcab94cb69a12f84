"""Functions of a variable in a form whose convexity can be read off.

A `Form` is  quadratic polynomial + Σ c log(exponential sum) + Σ c log(affine) + exponential sum,  where an
exponential sum is Σ c exp(a·w + b); a `Ratio` is a quotient of two exponential sums.  The evaluator
computes with them as it does with numbers; what leaves the form raises `NoForm`.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from derive.evaluate import Number, is_exact
from derive.evaluate.numbers import UNDEFINED, Dual, Reals

#: a monomial: the (at most two) numbers of the variable's entries, in order
Monomial = tuple[int, ...]
#: a·w + b as (a, b): exact
Exponent = tuple[tuple[Fraction, ...], Fraction]
#: exponent → coefficient
Sum = tuple[tuple[Exponent, Number], ...]


class NoForm(Exception):
    """The function is not of a form whose convexity is known here."""


def _merged(one: Mapping[object, Number], two: Mapping[object, Number]) -> dict[object, Number]:
    made = dict(one)
    for k, c in two.items():
        made[k] = made[k] + c if k in made else c
        if not made[k]:
            del made[k]
    return made


def _times(one: Sum, two: Sum) -> Sum:
    made: dict[object, Number] = {}
    for (a, b), c in one:
        for (p, q), d in two:
            key = (tuple(x + y for x, y in zip(a, p)), b + q)
            made = _merged(made, {key: c * d})
    return _sorted(made)


def _sorted(terms: Mapping[object, Number]) -> Sum:
    return tuple(sorted(((k, c) for k, c in terms.items() if c), key=lambda item: item[0]))  # type: ignore[misc]


class Form:
    """A sum of parts by key: `poly` by monomial, `logs` by exponential sum, `lines` by affine, `exps`."""

    __slots__ = ("exps", "lines", "logs", "poly", "width")

    def __init__(
        self,
        width: int,
        poly: Mapping[object, Number] | None = None,
        logs: Mapping[object, Number] | None = None,
        lines: Mapping[object, Number] | None = None,
        exps: Mapping[object, Number] | None = None,
    ) -> None:
        self.width = width
        self.poly = dict(poly or {})
        self.logs = dict(logs or {})
        self.lines = dict(lines or {})
        self.exps = dict(exps or {})

    @property
    def polynomial(self) -> bool:
        return not (self.logs or self.lines or self.exps)

    @property
    def constant(self) -> Number | None:
        if self.polynomial and all(not m for m in self.poly):
            return self.poly.get((), 0)
        return None

    def lifted(self, x: Number) -> Form:
        if isinstance(x, Form):
            return x
        if isinstance(x, Ratio):
            return x.form()
        return Form(self.width, {(): x} if x else {})

    def __add__(self, other: Number) -> Number:
        if isinstance(other, Dual) or other is UNDEFINED:
            return NotImplemented
        if isinstance(other, Ratio) and other.bottom != other.one():
            return other + self
        o = self.lifted(other)
        return Form(
            self.width, _merged(self.poly, o.poly), _merged(self.logs, o.logs), _merged(self.lines, o.lines),
            _merged(self.exps, o.exps),
        )  # fmt: skip

    __radd__ = __add__

    def __neg__(self) -> Number:
        return self._scaled(-1)

    def _scaled(self, c: Number) -> Form:
        if not c:
            return Form(self.width)
        parts = ({k: c * v for k, v in p.items()} for p in (self.poly, self.logs, self.lines, self.exps))
        return Form(self.width, *parts)

    def __mul__(self, other: Number) -> Number:
        if isinstance(other, Dual) or other is UNDEFINED:
            return NotImplemented
        if isinstance(other, Ratio):
            c = self.constant
            return other * c if c is not None else self * other.form()
        if not isinstance(other, Form):
            return self._scaled(other)
        for one, two in ((self, other), (other, self)):
            c = two.constant
            if c is not None:
                return one._scaled(c)
        if self.polynomial and other.polynomial:
            made: dict[object, Number] = {}
            for m, c in self.poly.items():
                for k, d in other.poly.items():
                    key = tuple(sorted((*m, *k)))  # type: ignore[misc]
                    if len(key) > 2:
                        raise NoForm("of a degree above two")
                    made = _merged(made, {key: c * d})
            return Form(self.width, made)
        return self.ratio() * other.ratio()

    __rmul__ = __mul__

    def affine(self) -> Exponent | None:
        """(a, b) where this is a·w + b with exact numbers."""
        if not self.polynomial or any(len(m) > 1 or not is_exact(c) for m, c in self.poly.items()):  # type: ignore[arg-type]
            return None
        a = tuple(Fraction(self.poly.get((k,), 0)) for k in range(self.width))
        return a, Fraction(self.poly.get((), 0))

    def ratio(self) -> Ratio:
        """This as an exponential sum, where it is one."""
        if self.logs or self.lines or any(m for m in self.poly):
            raise NoForm("a product of unlike parts")
        zero = (tuple([Fraction(0)] * self.width), Fraction(0))
        terms = _merged(self.exps, {zero: self.poly[()]} if () in self.poly else {})
        return Ratio(self.width, _sorted(terms), ((zero, 1),))


class Ratio:
    """top / bottom, two exponential sums."""

    __slots__ = ("bottom", "top", "width")

    def __init__(self, width: int, top: Sum, bottom: Sum) -> None:
        self.width = width
        if len(bottom) == 1:  # e^a in the denominator goes to the top
            ((a, b), c) = bottom[0]
            if is_exact(c):
                inverse = ((tuple(-x for x in a), -b), Fraction(1) / c)
                top = _times(top, (inverse,))
                bottom = self._one(width)
        self.top = top
        self.bottom = bottom

    @staticmethod
    def _one(width: int) -> Sum:
        return (((tuple([Fraction(0)] * width), Fraction(0)), 1),)

    def one(self) -> Sum:
        return self._one(self.width)

    def lifted(self, x: Number) -> Ratio:
        if isinstance(x, Ratio):
            return x
        if isinstance(x, Form):
            return x.ratio()
        return Ratio(self.width, tuple((k, x) for k, _ in self.one()) if x else (), self.one())

    def form(self) -> Form:
        """As a sum of exponentials, where nothing stands below."""
        if self.bottom != self.one():
            raise NoForm("a quotient")
        zero = self.one()[0][0]
        terms = dict(self.top)
        constant = terms.pop(zero, 0)
        return Form(self.width, {(): constant} if constant else {}, exps=terms)  # type: ignore[arg-type]

    def __add__(self, other: Number) -> Number:
        if isinstance(other, Dual) or other is UNDEFINED:
            return NotImplemented
        if isinstance(other, Form) and self.bottom == self.one():
            return self.form() + other
        o = self.lifted(other)
        if o.bottom == self.bottom:
            return Ratio(self.width, _sorted(_merged(dict(self.top), dict(o.top))), self.bottom)
        top = _merged(dict(_times(self.top, o.bottom)), dict(_times(o.top, self.bottom)))
        return Ratio(self.width, _sorted(top), _times(self.bottom, o.bottom))

    __radd__ = __add__

    def __neg__(self) -> Number:
        return Ratio(self.width, tuple((k, -c) for k, c in self.top), self.bottom)

    def __mul__(self, other: Number) -> Number:
        if isinstance(other, Dual) or other is UNDEFINED:
            return NotImplemented
        if isinstance(other, Form):
            return other * self
        o = self.lifted(other)
        return Ratio(self.width, _times(self.top, o.top), _times(self.bottom, o.bottom))

    __rmul__ = __mul__


class FormReals(Reals):
    """The elementary functions on forms; on plain numbers as always."""

    def total(self, terms: list[Number]) -> Number:
        if not any(isinstance(t, (Form, Ratio)) for t in terms):
            return super().total(terms)
        result: Number = 0
        for t in terms:
            result = result + t
        return result

    def bounded(self, x: Number) -> Number:
        return x if isinstance(x, (Form, Ratio)) else super().bounded(x)

    def reciprocal(self, x: Number) -> Number:
        if isinstance(x, Form):
            c = x.constant
            if c is not None:
                return super().reciprocal(c)
            x = x.ratio()
        if isinstance(x, Ratio):
            if not x.top:
                return UNDEFINED
            return Ratio(x.width, x.bottom, x.top)
        return super().reciprocal(x)

    def integer_power(self, x: Number, n: int) -> Number:
        if not isinstance(x, (Form, Ratio)):
            return super().integer_power(x, n)
        if n < 0:
            return self.reciprocal(self.integer_power(x, -n))
        if n > 8:
            raise NoForm("a high power")
        made: Number = 1
        for _ in range(n):
            made = made * x
        return made

    def fixed_power(self, x: Number, q: Number) -> Number:
        if isinstance(x, (Form, Ratio)):
            if isinstance(q, (int, Fraction)) and q == int(q):
                return self.integer_power(x, int(q))
            raise NoForm("a power")
        return super().fixed_power(x, q)

    def varying_power(self, x: Number, q: Number) -> Number:
        if isinstance(x, (Form, Ratio)) or isinstance(q, (Form, Ratio)):
            raise NoForm("a power")
        return super().varying_power(x, q)

    def exp(self, x: Number) -> Number:
        if isinstance(x, Form):
            line = x.affine()
            if line is None:
                raise NoForm("the exponential of what is not affine")
            return Ratio(x.width, ((line, 1),), Ratio._one(x.width))
        return self._plain("exp", x)

    def log(self, x: Number) -> Number:
        if isinstance(x, Form):
            line = x.affine()
            c = x.constant
            if c is not None:
                return super().log(c)
            if line is not None:
                return Form(x.width, lines={line: 1})
            x = x.ratio()
        if isinstance(x, Ratio):
            return self._log_sum(x.width, x.top) + -self._log_sum(x.width, x.bottom)
        return super().log(x)

    def _log_sum(self, width: int, terms: Sum) -> Form:
        if not terms or any(c <= 0 for _, c in terms):
            raise NoForm("the log of a sum that may be negative")
        if len(terms) > 1:
            return Form(width, logs={terms: 1})
        ((a, b), c) = terms[0]
        poly: dict[object, Number] = {(k,): x for k, x in enumerate(a) if x}
        constant = super().log(c) + b
        return Form(width, _merged(poly, {(): constant} if constant else {}))

    def _plain(self, name: str, x: Number) -> Number:
        if isinstance(x, (Form, Ratio)):
            raise NoForm(f"{name} of what varies")
        found: Number = getattr(Reals, name)(self, x)
        return found

    def sqrt(self, x: Number) -> Number:
        return self._plain("sqrt", x)

    def abs(self, x: Number) -> Number:
        return self._plain("abs", x)

    def max(self, x: Number, y: Number) -> Number:
        if isinstance(x, (Form, Ratio)) or isinstance(y, (Form, Ratio)):
            raise NoForm("max of what varies")
        return super().max(x, y)

    def tanh(self, x: Number) -> Number:
        return self._plain("tanh", x)

    def sinh(self, x: Number) -> Number:
        return self._plain("sinh", x)

    def cosh(self, x: Number) -> Number:
        return self._plain("cosh", x)

    def sin(self, x: Number) -> Number:
        return self._plain("sin", x)

    def cos(self, x: Number) -> Number:
        return self._plain("cos", x)
