"""A scale for each line of a chain of sums of exponentials.

    x = e^c h:   e^u = e^u · 1            (e^c h)^q = e^{qc} h^q          e^c h · e^d g = e^{c + d} h g
                 Σⱼ e^{cⱼ} hⱼ = e^m Σⱼ e^{cⱼ − m} hⱼ,   for any m         log(e^c h) = c + log h

The lines of a chain (`codegen.chains`) carry a logarithm c beside a number h of moderate size, and only what is asked
for is put together.  A program without a chain is not touched.

The kernel proves each line, with every m any number, from what the lines before it are.  Where it does not, the line
stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Protocol

from codegen.alike import alike, spelled
from codegen.centred import centred
from codegen.chains import chains, is_wild, name_of
from codegen.exponential_sums import Rewriting, factors_of, is_exp
from codegen.justify import holds
from codegen.lines import Line, Names
from codegen.masks import unmasked
from codegen.program import Reason
from codegen.rules import log_rules, program_rules
from codegen.scalars import free_of
from codegen.simplify import exponential, negative, number, power, product, rebuilt, renamed, sum_over, total
from derive.binders import free_indices, substitute
from derive.context import Context
from derive.terms import MINUS_ONE, ONE, ZERO, Add, Entry, Fn, Index, IndexLike, Mul, Num, Pow, Prod, Sum, Term, Var

RULE = "exponentials: scaled"
#: after as many lines that are not proved no other is tried
MOST_FAILED = 3
WHY = "the logarithm of its size, so that neither it nor what it multiplies leaves the range"


class Carrying(Rewriting, Protocol):
    """What chains ask of the pass beyond the laws."""

    names: Names
    new: list[Line]
    shifts: dict[tuple[str, str | None, int], Line]

    def prepared(self, t: Term) -> Term: ...


@dataclass(frozen=True)
class Scaled:
    """e^exponent · mantissa"""

    exponent: Term
    mantissa: Term

    def value(self) -> Term:
        return product(exponential(self.exponent), self.mantissa)


class Scales:
    """What has become of the lines of chains."""

    def __init__(self, run: Carrying, lines: Sequence[Line]) -> None:
        self.run = run
        self.context: Context = run.context
        self.fine = run.fine
        self.chains = chains(run, lines)
        #: line → its axes, its scale and its number
        self.parts: dict[str, tuple[tuple[Index, ...], Term, Term]] = {}
        #: lines for factors that are shifted by themselves
        self.inside: dict[str, Line] = {}
        #: what a law made of a term
        self.stages: dict[Term, Term] = {}
        #: lines for which there was no proof
        self.failed = 0
        #: scale → the place of the index over which its greatest value is 0
        self.peaks: dict[str, int] = {}

    def carried(self, line: Line) -> list[Line] | None:
        """The lines in the place of one of a chain; None where it stays."""
        if line.name not in self.chains.of or line.over:
            return None
        if self.failed >= MOST_FAILED or (not self._reads(line.body) and not is_wild(line.body, self.chains.wild)):
            return None
        self.fine = line.fine
        return self._carried(line, line.name in self.chains.asked)

    def _carried(self, line: Line, asked: bool) -> list[Line] | None:
        run, known, shifts = self.run, len(self.run.new), dict(self.run.shifts)
        found = self.scaled(line.body)
        if found is None or not self._proved(line.body, found.value()):
            self.failed += 1
            del run.new[known:]
            run.shifts.clear()
            run.shifts.update(shifts)
            return None
        reason = replace(line.reason, rules=tuple(dict.fromkeys((*line.reason.rules, RULE))))
        if found.exponent == ZERO or not asked:
            return [replace(line, body=found.value(), reason=reason)]
        made: list[Line] = []
        scale = self._line(line, "c", found.exponent, made)
        self.parts[line.name] = (line.axes, scale, self._line(line, "h", found.mantissa, made))
        return [*made, replace(line, body=self.read(line.name, line.axes).value(), reason=reason)]

    def _line(self, line: Line, wish: str, body: Term, made: list[Line]) -> Term:
        """A line for a part, with the axes that it has; none for a number."""
        factors = [f for f in factors_of(body) if not isinstance(f, Num)]
        if not factors or (len(factors) == 1 and isinstance(factors[0], (Var, Entry))):
            return body
        axes = tuple(i for i in line.axes if i in free_indices(body))
        reason = replace(line.reason, kind="rewriting", text=WHY if wish == "c" else "what is left without its size")
        made.append(Line(self.run.names.new(wish), axes, body, "", reason))
        if wish == "c":
            self._peak(made[-1])
        return made[-1].read()

    def _peak(self, line: Line) -> None:
        """Is the scale x − max x?"""
        for a in _addends(line.body):
            read = _times(MINUS_ONE, a)
            found = [x for x in self.run.new if x.name == name_of(read) and len(x.over) == 1 and x.where is None]
            whole = total(*(b for b in _addends(line.body) if b is not a))
            for shift in found:
                to = dict(zip(shift.axes, read.indices if isinstance(read, Entry) else ()))
                for n, k in enumerate(line.axes):
                    if alike(substitute(shift.body, {**to, shift.over[0]: k}), whole):
                        self.peaks[line.name] = n

    def read(self, name: str, at: Sequence[IndexLike]) -> Scaled:
        axes, scale, rest = self.parts[name]
        to = dict(zip(axes, at))
        return Scaled(substitute(scale, to), substitute(rest, to))

    def _proved(self, old: Term, new: Term) -> bool:
        return holds(self.run.context, unmasked(self._spelled(old)), unmasked(self._spelled(new)))

    def _spelled(self, t: Term) -> Term:
        """`t` with what its lines stand for."""
        t = self.stages.get(t, t)
        name = name_of(t)
        at = t.indices if isinstance(t, Entry) else ()
        if name in self.parts:
            return self.read(name, at).value()
        if name in self.inside:
            line = self.inside[name]
            return renamed(substitute(line.body, dict(zip(line.axes, at))))
        if not t.children:
            return t
        children = tuple(self._spelled(c) for c in t.children)
        return t if all(a is b for a, b in zip(children, t.children)) else rebuilt(t, children)

    # -- what the law of the mean asks ------------------------------------------------------------------------

    def opened(self, t: Term) -> Term | None:
        return self.run.opened(t)

    def greatest(self, over: tuple[Index, ...], body: Term, where: Term | None) -> Term:
        return self.run.greatest(over, body, where)

    def mask(self, weight: Term) -> Term | None:
        return self.run.mask(weight)

    def nonnegative(self, t: Term) -> bool:
        return self.run.nonnegative(t)

    def rewritten(self, t: Term) -> Term:
        return t

    def named(self, t: Term, why: str) -> Term:
        """A line of its own, with a scale."""
        axes = free_of(t)
        line = Line(self.run.names.new("s"), axes, t, "", Reason("rewriting", why))
        for made in self._carried(line, True) or [line]:
            self.run.new.append(made)
        return line.read(axes)

    # -- terms --------------------------------------------------------------------------------------------

    def scaled(self, t: Term) -> Scaled:
        """`t` as e^exponent · mantissa."""
        if not self._reads(t) and not is_wild(t, self.chains.wild):
            return Scaled(ZERO, self.run.rewritten(self.run.prepared(t)) if t.children else t)
        if isinstance(t, (Var, Entry)):
            if name_of(t) in self.parts:
                return self.read(name_of(t), t.indices if isinstance(t, Entry) else ())
            return Scaled(ZERO, t)
        if isinstance(t, Fn):
            return self._fn(t)
        if (known := self._known(t)) is not None:
            return known
        if isinstance(t, Mul):
            above = centred(self, t)
            if above is not None:
                self.stages[t] = above
            found = [self.scaled(f) for f in factors_of(above or t)]
            return Scaled(_exponents(*(f.exponent for f in found)), product(*(f.mantissa for f in found)))
        if isinstance(t, Pow):
            base = self.scaled(t.base)
            q = self.scaled(t.exponent).value()
            return Scaled(_times(q, base.exponent), power(base.mantissa, q))
        if isinstance(t, Add):
            return self._add([self.scaled(a) for a in t.args])
        if isinstance(t, Sum) and t.start == 1:
            return self._sum(t)
        if isinstance(t, Prod) and t.start == 1:
            inner = self.scaled(t.body)
            return Scaled(sum_over(t.index, inner.exponent), rebuilt(t, (inner.mantissa,)))
        return Scaled(ZERO, t)

    def _reads(self, t: Term) -> bool:
        return any(name_of(n) in self.parts for n in t.walk())

    def _fn(self, t: Fn) -> Scaled:
        if t.name == "log":
            made = self.run.rewritten(self.run.prepared(t))
            if made != t and not self._reads(made):
                self.stages[t] = made
                return Scaled(ZERO, made)
            for rule in log_rules():
                for m in rule.matches(t, self.run.opened):
                    made = rule.result(m, {})
                    if holds(self.run.context, t, made):
                        self.stages[t] = made
                        return self.scaled(made)
        inside = [self.scaled(a) for a in t.args]
        if is_exp(t):
            return Scaled(inside[0].value(), ONE)
        if t.name == "log":
            return Scaled(ZERO, total(inside[0].exponent, Fn("log", (inside[0].mantissa,))))
        return Scaled(ZERO, rebuilt(t, tuple(x.value() for x in inside)))

    def _known(self, t: Term) -> Scaled | None:
        """σ(z), and what it leaves to 1 without a difference."""
        for rule in program_rules() if isinstance(t, (Mul, Pow, Add)) else ():
            for m in rule.matches(t, self.run.opened) if not rule.chosen and not rule.conditional else ():
                made = rule.result(m, {})
                if m.rest or self._reads(made):
                    continue
                self.stages[t] = made
                inside = [f.args[0] for f in factors_of(made) if isinstance(f, Fn) and is_exp(f)]
                return Scaled(total(*inside), product(*(f for f in factors_of(made) if not is_exp(f))))
        return None

    def _add(self, found: list[Scaled]) -> Scaled:
        """e^c h + e^d g = e^m (e^{c − m} h + e^{d − m} g); what all exponents have stays outside."""
        terms = [list(_addends(f.exponent)) for f in found]
        common = [a for a in terms[0] if all(a in other for other in terms[1:])]
        for a in common:
            for other in terms:
                other.remove(a)
        rests = [total(*other) for other in terms]
        if all(r == ZERO for r in rests):
            return Scaled(total(*common), total(*(f.mantissa for f in found)))
        least = ZERO in rests
        greatest, *others = dict.fromkeys(r for r in rests if not (least and r != ZERO and self._at_most_zero(r)))
        for r in others:
            greatest = Fn("max", (greatest, r))
        m = greatest
        if others or (m != ZERO and not isinstance(m, (Var, Entry))):
            m = self.run.named(greatest, "the greatest exponent, so that no exponential overflows")
        made = (product(exponential(_exponents(r, negative(m))), f.mantissa) for r, f in zip(rests, found))
        return Scaled(_exponents(*common, m), total(*made))

    def _sum(self, t: Sum) -> Scaled:
        """Σⱼ e^{cⱼ} hⱼ = e^m Σⱼ e^{cⱼ − m} hⱼ"""
        spread = self._spread(t)
        if spread is not None:
            return self.scaled(spread)
        k = t.index
        inner = self.scaled(t.body)
        outside = [a for a in _addends(inner.exponent) if k not in free_indices(a)]
        within = [a for a in _addends(inner.exponent) if k in free_indices(a)]
        if not within:
            return Scaled(inner.exponent, sum_over(k, inner.mantissa))
        shifts: list[Term] = []
        factors: list[Term] = []
        groups = _groups(within)
        for group in groups:
            exponent = total(*group)
            mask = self.run.mask(inner.mantissa) if len(groups) == 1 else None
            m = ZERO if mask is None and self._peaks(exponent, k) else self.run.greatest((k,), exponent, mask)
            e = exponential(_exponents(exponent, negative(m)))
            shifts.append(m)
            factors.append(e if len(groups) == 1 else self._kept(e))
        return Scaled(_exponents(*outside, *shifts), sum_over(k, product(*factors, inner.mantissa)))

    def _at_most_zero(self, t: Term) -> bool:
        return name_of(t) in self.peaks or self.run.nonnegative(_times(MINUS_ONE, t))

    def _peaks(self, t: Term, k: Index) -> bool:
        """Is 0 its greatest value over the index?"""
        at = self.peaks.get(name_of(t))
        return at is not None and isinstance(t, Entry) and t.indices[at] == k and t.indices.count(k) == 1

    def _kept(self, e: Term) -> Term:
        """A line for an exponential that is not put into the exponent of another, which has other axes."""
        made = self.run.named(e, "one factor of a product of matrices, shifted by itself")
        line = next((x for x in self.run.new if x.name == name_of(made)), None)
        if line is not None:
            self.inside[line.name] = line
        return made

    def _spread(self, t: Sum) -> Term | None:
        """Σ x (a + b) as Σ x a + Σ x b, where a greatest exponent of a and b would be a larger array than each."""
        factors = factors_of(t.body)
        for n, f in enumerate(factors):
            if not isinstance(f, Add) or not is_wild(f, self.chains.wild):
                continue
            axes = [free_indices(a) for a in f.args]
            if all(a != free_indices(f) for a in axes):
                rest = factors[:n] + factors[n + 1 :]
                return total(*(renamed(Sum(t.index, product(*rest, a))) for a in f.args))
        return None


def _groups(exponents: Iterable[Term]) -> list[list[Term]]:
    """Addends together as long as their sum is no larger an array than one of them."""
    made: list[tuple[set[Index], list[Term]]] = []
    for e in sorted(exponents, key=lambda e: -len(free_indices(e))):
        axes = set(free_indices(e))
        for known, group in made:
            if axes <= known:
                group.append(e)
                break
        else:
            made.append((axes, [e]))
    return [group for _, group in made]


def _addends(t: Term) -> tuple[Term, ...]:
    if t == ZERO:
        return ()
    return t.args if isinstance(t, Add) else (t,)


def _exponents(*terms: Term) -> Term:
    """A sum in which what cancels is not there: m − 2m = −m."""
    made: dict[str, tuple[Fraction, Term]] = {}
    for a in (a for t in terms for a in _addends(t)):
        factors = factors_of(a)
        c = number(factors[0]) if len(factors) > 1 else None
        rest = product(*factors[1:]) if c is not None else a
        key = spelled(rest)
        made[key] = made.get(key, (Fraction(0), rest))[0] + (c if c is not None else 1), rest
    return total(*(product(Num(c), rest) for c, rest in made.values() if c))


def _times(c: Term, t: Term) -> Term:
    return total(*(product(c, a) for a in _addends(t)))


__all__ = ["Scales"]
