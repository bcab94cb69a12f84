"""Stable forms: every line rewritten by the theorems of `codegen.rules`, a coarse one by the bounded forms first.

The left side of a rule is found in a line, defined names opened on the way; a variable that occurs
on the right only is the shift of a log-sum-exp, and becomes a line of its own: the greatest exponent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from codegen.alike import spelled
from codegen.centred import centred
from codegen.entropies import entropy
from codegen.exponentials import absorbed, cancelled, gathered, logarithm, met, moved_in
from codegen.justify import holds
from codegen.lines import Line, Names
from codegen.masks import masked
from codegen.matching import Match
from codegen.others import apart
from codegen.powers import power_less_one
from codegen.program import Reason
from codegen.quotients import quotient
from codegen.rests import rest, whole
from codegen.rules import Rule, bounded_rules, instantiated, log_rules, program_rules, sized
from codegen.scalars import free_of
from codegen.scales import Scales
from codegen.sigmoids import between
from codegen.signs import nonnegative
from codegen.simplify import decays, number, product, rebuilt, total
from derive.binders import fresh, substitute
from derive.context import Context
from derive.distinct import complement, is_guard
from derive.terms import (
    MINUS_ONE,
    ZERO,
    Add,
    Entry,
    Fn,
    Index,
    Mul,
    Pow,
    Sum,
    Term,
    Var,
)  # fmt: skip


def stabilise(lines: list[Line], outputs: Mapping[str, str], context: Context, names: Names) -> list[Line]:
    run = _Rewriting(lines, context, names)
    scales = Scales(run, lines)
    made: list[Line] = []
    for line in lines:
        run.new, run.applied = [], []
        run.fine = line.fine
        run.forms = (*bounded_rules(), *program_rules()) if line.coarse else program_rules()
        carried = scales.carried(line)
        if carried is not None:
            made.extend(run.new)
            made.extend(replace(x, body=masked(x.body, run.guards)) for x in carried)
            continue
        body = masked(run.rewritten(run.prepared(line.body)), run.guards)
        reason = replace(line.reason, rules=tuple(dict.fromkeys((*line.reason.rules, *run.applied))))
        made.extend(run.new)
        made.append(replace(line, body=body, reason=reason) if run.applied else line)
    return made


class _Rewriting:
    def __init__(self, lines: list[Line], context: Context, names: Names) -> None:
        self.defined = {line.name: line for line in lines}
        self.context = context
        self.names = names
        #: what names stand for
        self.inside: dict[str, Term] = {}
        self.shifts: dict[tuple[str, str | None, int], Line] = {}
        self.new: list[Line] = []
        self.applied: list[str] = []
        self.forms: tuple[Rule, ...] = ()
        self.fine = False

    def opened(self, t: Term) -> Term | None:
        name = t.name if isinstance(t, Var) else ""
        if isinstance(t, Entry) and isinstance(t.array, Var):
            name = t.array.name
        line = self.defined.get(name)
        if line is None or line.over:
            return None
        if name not in self.inside:
            self.inside[name] = line.body
            self.inside[name] = self.unfactored(line.body)
        body = self.inside[name]
        return substitute(body, dict(zip(line.axes, t.indices))) if isinstance(t, Entry) else body

    def unfactored(self, t: Term) -> Term:
        """`t` without exponentials that a factor undoes: what a name stands for is rewritten where it is opened."""
        if t.children:
            t = _rebuilt(t, tuple(self.unfactored(c) for c in t.children))
        made = cancelled(self, t)
        return t if made is None else made

    def rewritten(self, t: Term) -> Term:
        """The first rule that matches at the top, else below.

        What a stable form made is not rewritten again (it may hold its own pattern); a logarithm that
        was taken apart is.
        """
        for rule in self.forms:
            for m in rule.matches(t, self.opened):
                inner = Match(
                    {n: self.rewritten(v) for n, v in m.scalars.items()},
                    {n: replace(f, body=self.rewritten(f.body)) for n, f in m.families.items()},
                    m.indices,
                    m.sizes,
                )
                chosen = self.chosen(rule, inner)
                if chosen is None:
                    continue
                made = rule.result(inner, chosen)
                if rule.conditional and not holds(self.context, t, made):
                    continue
                self.applied.append(rule.label)
                if self.fine and rule.label == "program-forms: log-softmax":
                    made = apart(made)
                if not m.rest:
                    return made
                join = product if isinstance(t, Mul) else total
                return join(made, self.rewritten(join(*m.rest)))
        for rule in log_rules():
            for m in rule.matches(t, self.opened):
                made = rule.result(m, {})
                if rule.conditional and not holds(self.context, t, made):
                    continue
                self.applied.append(rule.label)
                return self.rewritten(made)
        for law in (power_less_one, entropy, rest, logarithm, quotient, centred):
            shifted = law(self, t)
            if shifted is not None:
                self.applied.append(f"exponentials: {law.__name__}")
                return shifted
        if not t.children:
            return t
        return _rebuilt(t, tuple(self.rewritten(c) for c in t.children))

    def prepared(self, t: Term) -> Term:
        """`t` with its exponentials where a shift reaches them."""
        if t.children:
            t = _rebuilt(t, tuple(self.prepared(c) for c in t.children))
        for law in (between, whole, absorbed, moved_in, met, gathered, cancelled):
            made = law(self, t)
            if made is not None:
                self.applied.append(f"exponentials: {law.__name__}")
                return self.prepared(made)
        return t

    def switch(self, t: Term) -> bool:
        """Is the factor 0 or 1?"""
        if complement(t) is not None:
            return True
        name = t.array if isinstance(t, Entry) else t
        declared = self.context.declarations.get(name.name) if isinstance(name, Var) else None
        return declared is not None and declared.domain.values is not None and set(declared.domain.values) == {0, 1}

    def nonnegative(self, t: Term) -> bool:
        """Is it ≥ 0 by how it is written and what is declared?"""
        return nonnegative(t, self.context, self.opened)

    def guards(self, factors: Sequence[Term], exponentials: Sequence[Term]) -> list[Term]:
        """The factors that are 0 where an exponential may overflow: those of which its shift took the greatest."""
        if all(map(decays, exponentials)):
            return []
        switches = [f for f in factors if self.switch(f)]
        read = {n.name for e in exponentials for n in e.walk() if isinstance(n, Var)}
        shifts = [line for line in self.shifts.values() if line.name in read and line.over]
        masks = [line.where for line in shifts if line.where is not None]
        if shifts and not masks:  # none is above 1
            return []
        kinds = {_kind(f) for w in masks for f in (w.args if isinstance(w, Mul) else (w,))}
        return [f for f in switches if _kind(f) in kinds] or switches

    def mask(self, weight: Term) -> Term | None:
        """The factors that are 0 or 1: only where they are 1 does an exponent count."""
        factors = weight.args if isinstance(weight, Mul) else (weight,)
        kept = [f for f in factors if is_guard(f) or self.switch(f)]
        return product(*kept) if kept else None

    # -- shifts ----------------------------------------------------------------------------------------

    def chosen(self, rule: Rule, m: Match) -> dict[str, Term] | None:
        """Values for the variables that occur on the right only; None if no exponent tells one."""
        made: dict[str, Term] = {}
        for name in rule.chosen:
            found: list[tuple[tuple[Index, ...], Term, Term]] = []
            _exponents(rule.right, name, (), (), False, found)
            maxima: list[Term] = []
            for over, exponent, weight in found:
                at = {i: fresh(sized(i.size, m)) for i in over}
                value = instantiated(exponent, m, {}, at)
                mask = self.mask(instantiated(weight, m, {}, at))
                maxima.append(self.greatest(tuple(at.values()), value, mask) if over else value)
            if not maxima:
                return None
            value = maxima[0]
            for other in maxima[1:]:
                value = Fn("max", (value, other))
            made[name] = value
        return made

    def named(self, t: Term, why: str) -> Term:
        """The term that reads `t`, which becomes a line of its own."""
        axes = free_of(t)
        key = spelled(t, axes), None, 0
        line = self.shifts.get(key)
        if line is None:
            line = Line(self.names.new("s"), axes, t, "", Reason("rewriting", why))
            self.shifts[key] = line
            self.new.append(line)
        return line.read(axes)

    def greatest(self, over: tuple[Index, ...], body: Term, where: Term | None) -> Term:
        """The term that reads max over `over` of body, as a line of its own."""
        over = tuple(i for i in over if i in free_of(body))
        if not over:
            return body
        axes = tuple(i for i in free_of(body if where is None else product(body, where)) if i not in over)
        every = (*axes, *over)
        key = spelled(body, every), None if where is None else spelled(where, every), len(over)
        line = self.shifts.get(key)
        if line is None:
            name = self.names.new("m")
            reason = Reason("rewriting", "the greatest exponent, so that no exponential overflows")
            line = Line(name, axes, body, "", reason, over, where)
            self.shifts[key] = line
            self.new.append(line)
        return line.read(axes)


def _kind(mask: Term) -> str:
    """The array of a mask; "" of one that is made of deltas."""
    array = mask.array if isinstance(mask, Entry) else mask
    return array.name if isinstance(array, Var) else ""


def _exponents(
    t: Term,
    name: str,
    over: tuple[Index, ...],
    weights: tuple[Term, ...],
    inside: bool,
    found: list[tuple[tuple[Index, ...], Term, Term]],
) -> None:
    """(sum indices, exponent without the variable, weight) of each exponential under a log or a bar."""
    if isinstance(t, Fn) and t.name == "exp" and inside:
        terms = t.args[0].args if isinstance(t.args[0], Add) else (t.args[0],)
        rest = [a for a in terms if a != product(MINUS_ONE, Var(name))]
        if len(rest) < len(terms):
            found.append((over, total(*rest) if rest else ZERO, product(*weights)))
        return
    if isinstance(t, Sum):
        over = (*over, t.index)
    if isinstance(t, Pow):
        e = number(t.exponent)
        inside = inside or (e is not None and e < 0)
    inside = inside or (isinstance(t, Fn) and t.name == "log")
    for c in t.children:
        beside = [f for f in t.children if f is not c] if isinstance(t, Mul) else []
        _exponents(c, name, over, (*weights, *beside), inside, found)


def _rebuilt(t: Term, children: tuple[Term, ...]) -> Term:
    return t if all(a is b for a, b in zip(children, t.children)) else rebuilt(t, children)
