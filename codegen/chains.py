"""Chains of sums of exponentials: which lines of a program are made of sums of which a factor is a sum itself.

The laws for one sum see the exponents of its terms; of a term that is a sum itself, as in the forward algorithm of a
hidden Markov model or Sinkhorn's iterations, they see none, and its value leaves the range where that of the whole
does not.  The lines of such a chain, and those that read them, get a scale (`codegen.scales`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from codegen.exponential_sums import Rewriting, factors_of, has_exp, softmax
from codegen.lines import Line
from codegen.simplify import number
from derive.terms import Add, Entry, Fn, Mul, Pow, Prod, Sum, Term, Var


def name_of(t: Term) -> str:
    """The name of a line that is read; "" of anything else."""
    array = t.array if isinstance(t, Entry) else t
    return array.name if isinstance(array, Var) else ""


@dataclass(frozen=True)
class Chains:
    """`of`: the lines of chains and those that read them; `asked`: those whose size is asked for.

    `wild`: lines with an exponential for a factor of a term.
    """

    of: frozenset[str]
    asked: frozenset[str]
    wild: frozenset[str]


def chains(run: Rewriting, lines: Sequence[Line]) -> Chains:
    """The chains under a logarithm or a bar, or beside another exponential."""
    found = _Search(run, lines)
    of = found.touched(found.seeds())
    return Chains(frozenset(of), frozenset(found.asked(of)), frozenset(found.wild))


def is_wild(t: Term, wild: frozenset[str] | set[str]) -> bool:
    """Has it an exponential for a factor of a term?"""
    if isinstance(t, Fn):
        return t.name == "exp"
    if isinstance(t, (Var, Entry)):
        return name_of(t) in wild
    if isinstance(t, Pow):
        return is_wild(t.base, wild)
    return isinstance(t, (Mul, Add, Sum, Prod)) and any(is_wild(c, wild) for c in t.children)


class _Search:
    def __init__(self, run: Rewriting, lines: Sequence[Line]) -> None:
        self.run = run
        self.lines = lines
        self.defined = {line.name: line for line in lines}
        self.wild: set[str] = set()
        for line in lines:
            if not line.over and self._wild(line.body):
                self.wild.add(line.name)

    def _wild(self, t: Term) -> bool:
        return is_wild(t, self.wild)

    def seeds(self) -> set[str]:
        """The lines that chains under a logarithm or a bar are made of."""
        found: set[str] = set()
        for line in self.lines:
            for t in line.body.walk():
                below = t.args[0] if isinstance(t, Fn) and t.name == "log" else None
                if isinstance(t, Pow) and (number(t.exponent) or 0) < 0:
                    below = t.base
                if self._fed(t) or (below is not None and self._chained(below, False)):
                    found |= {name_of(n) for n in t.walk()} & self.wild
        for line in reversed(self.lines):
            if line.name in found:
                found |= {name_of(n) for n in line.body.walk()} & self.wild
        return found

    def _chained(self, t: Term, summed: bool) -> bool:
        """Has a term of a sum a sum of exponentials for a factor, beside another exponential or under a name?"""
        if isinstance(t, (Var, Entry)):
            line = self.defined.get(name_of(t))
            if line is None or line.name not in self.wild or softmax(self.run, t):
                return False
            return self._sums(line.body) if summed else self._chained(line.body, False)
        if isinstance(t, Sum):
            body: Term = t
            while isinstance(body, Sum):
                body = body.body
            return self._chained(body, True)
        if isinstance(t, Mul):
            if summed and sum(map(self._wild, t.args)) > 1 and any(
                isinstance(f, Sum) and self._wild(f) for f in t.args
            ):
                return True
            return any(self._chained(f, summed) for f in t.args)
        if isinstance(t, Add):
            wild = [factors_of(a) for a in t.args if self._wild(a)]  # of a difference nothing is left by a scale
            mixed = len(wild) > 1 and not any((number(a[0]) or 0) < 0 for a in wild)
            return (mixed and any(map(self._share, chain(*wild)))) or any(self._chained(a, summed) for a in t.args)
        return isinstance(t, Pow) and self._chained(t.base, summed)

    def _share(self, t: Term) -> bool:
        """Is it a name for a quotient by exponentials, of which only the name is added?"""
        line = self.defined.get(name_of(t))
        return line is not None and line.name in self.wild and any(
            isinstance(f, Pow) and (number(f.exponent) or 0) < 0 and self._wild(f.base) for f in factors_of(line.body)
        )

    def _fed(self, t: Term) -> bool:
        """Does an exponential multiply a sum of products of exponentials?"""
        if not isinstance(t, Mul) or not any(has_exp(self.run, f) for f in t.args):
            return False
        for b in (f.body for f in t.args if isinstance(f, Sum) and isinstance(f.body, Mul)):
            wild = [f for f in b.children if self._wild(f)]
            if len(wild) > 1 and any(isinstance(f, (Var, Entry)) and not has_exp(self.run, f) for f in wild):
                return True
        return False

    def _sums(self, t: Term) -> bool:
        """Is a factor a sum of exponentials, or an inverse of one?"""
        for f in factors_of(t):
            if isinstance(f, Pow):
                f = f.base
            if isinstance(f, (Var, Entry)) and not softmax(self.run, f):
                line = self.defined.get(name_of(f))
                if line is not None and line.name in self.wild and self._sums(line.body):
                    return True
            if isinstance(f, Sum) and self._wild(f):
                return True
        return False

    def touched(self, seeds: set[str]) -> set[str]:
        """With the lines that read them."""
        made = set(seeds)
        for line in self.lines if seeds else ():
            if any(name_of(n) in made and name_of(n) in self.wild for n in line.body.walk()):
                made.add(line.name)
        return made

    def asked(self, of: set[str]) -> set[str]:
        """The lines whose size is asked for: factors beside an exponential, divisors, and the terms of such."""
        asked: set[str] = set()
        for line in reversed(self.lines):
            if line.name in of:
                self._ask(line.body, line.name in asked, asked)
        return asked & self.wild & of

    def _ask(self, t: Term, sized: bool, asked: set[str]) -> None:
        if isinstance(t, (Var, Entry)):
            if sized:
                asked.add(name_of(t))
            return
        if isinstance(t, Mul):
            wild = [f for f in t.args if self._wild(f)]
            for f in t.args:
                self._ask(f, sized or len(wild) > 1, asked)
            return
        if isinstance(t, Pow) or (isinstance(t, Fn) and t.name in ("log", "exp")):
            sized = True
        for c in t.children:
            self._ask(c, sized, asked)


__all__ = ["Chains", "chains", "is_wild", "name_of"]
