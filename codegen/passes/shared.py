"""Common subexpressions: what is computed twice gets a line, and what a line computes is read from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from codegen.alike import spelled
from codegen.axes import natural
from codegen.kinks import Kink
from codegen.lines import Line, Names, moved
from codegen.masks import Masked
from codegen.others import Others
from codegen.passes.parts import Part, apart, contracts, near_one, part_of, partial, parts, product_of, worth
from codegen.program import Reason
from codegen.simplify import exp_less_one, exponential, number, product, total
from codegen.tensors import Tensors
from codegen.wide import Narrow, Wide
from derive.binders import free_indices, fresh, substitute, weight
from derive.context import Context
from derive.names import python_of
from derive.terms import MINUS_ONE, Add, Det, Entry, Fn, Index, Mul, Num, Pow, Prod, Sum, Term, Var

#: the name of a new line, by what it computes
WISHES: dict[type[Term], str] = {Add: "r", Sum: "s", Prod: "p", Pow: "q", Det: "det"}


@dataclass(frozen=True)
class _Known:
    """A line, and the part that its body is."""

    line: Line
    part: Part
    axes: tuple[Index, ...]  # of the line, by their names in the part

    def read(self, part: Part) -> Term:
        """What reads the line for another part with its key."""
        to = dict(zip(self.part.axes, part.axes))
        made = self.line.read(tuple(to[i] for i in self.axes))
        return made if part.sign == self.part.sign else Mul((MINUS_ONE, made))


def share(lines: list[Line], outputs: Mapping[str, str], context: Context, names: Names) -> list[Line]:
    lines = _read_lines(lines)
    while True:
        found = _repeated(lines)
        if found is None:
            once = _once(lines, set(outputs.values()))
            if len(once) == len(lines):
                return lines
            lines = _read_lines(once)
            continue
        part, term = found
        name = names.new(_wish(term))
        axes = natural(Tensors().tensor(term))
        fresh_axes = tuple(fresh(i.size) for i in axes)
        body = moved(term, axes, fresh_axes)
        new = Line(name, fresh_axes, body, "", Reason("shared", f"{name} for what is used more than once"))
        known = _Known(new, part, axes)
        changed = [_replaced(line, known) for line in lines]
        at = next(n for n, (old, line) in enumerate(zip(lines, changed)) if old is not line)
        lines = [*changed[:at], new, *changed[at:]]


def _once(lines: list[Line], outputs: set[str]) -> list[Line]:
    """Without new lines that only give another line, or its negative, a second name."""
    second: dict[str, Line] = {}
    greatest: dict[object, Line] = {}

    def read(t: Term) -> Term:
        name = t.array if isinstance(t, Entry) else t
        line = second.get(name.name) if isinstance(name, Var) else None
        if line is not None:
            return substitute(line.body, dict(zip(line.axes, t.indices if isinstance(t, Entry) else ())))
        children = tuple(read(c) for c in t.children)
        return _rebuilt(t, children)

    made = []
    for line in lines:
        line = replace(line, body=read(line.body))
        sign, named = _unsigned(line.body)
        axes = named.indices if isinstance(named, Entry) else ()
        plain = sign in ((), (MINUS_ONE,)) and isinstance(named.array if isinstance(named, Entry) else named, Var)
        if plain and set(axes) == set(line.axes) and len(axes) == len(line.axes) and not line.over and (
            line.name not in outputs and line.reason.kind in ("shared", "rewriting")
        ):  # fmt: skip
            second[line.name] = line
            continue
        if line.over and line.name not in outputs:
            every = (*line.axes, *line.over)
            where = None if line.where is None else spelled(read(line.where), every)
            key = spelled(line.body, every), where, len(line.over)
            first = greatest.setdefault(key, line)
            if first is not line:
                second[line.name] = replace(line, body=first.read(line.axes), over=(), where=None)
                continue
        made.append(line)
    return made


def _repeated(lines: list[Line]) -> tuple[Part, Term] | None:
    """The largest part that occurs twice."""
    counts: Counter[str] = Counter()
    hidden: Counter[str] = Counter()
    first: dict[str, tuple[Part, Term]] = {}
    signs: Counter[str] = Counter()  # of a sum that is not squared: most often it is read as it is
    nodes = [n for line in lines for n in line.body.walk() if isinstance(n, Pow)]
    squared = {id(n.base) for n in nodes if (number(n.exponent) or Fraction(1, 2)) % 2 == 0}
    every = [found for line in lines for found in parts(line.body)]
    for part, t in every:
        counts[part.key] += 1
        signs[part.key] += 0 if id(t) in squared else part.sign
        first.setdefault(part.key, (part, t))
        if isinstance(t, Masked) and worth(t.body):
            hidden[part_of(t.body).key] += 1
    for key in counts.keys() & hidden.keys():  # computed without the mask too
        counts[key] += hidden[key]
    whole = {key for key, (_, t) in first.items() if isinstance(t, (Add, Mul)) and free_indices(t)}
    for _, t in every if whole else ():
        counts.update({part.key for part, _ in partial(t)} & whole)
    twice = [k for k, n in counts.items() if n > 1]
    if not twice:
        return None
    part, t = first[max(twice, key=lambda key: weight(first[key][1]))]
    if part.sign * signs[part.key] >= 0:
        return part, t
    return next((p, other) for p, other in every if p.key == part.key and p.sign != part.sign)


def _replaced(line: Line, new: _Known) -> Line:
    body = _put(line.body, new)
    return line if body is line.body else replace(line, body=body)


def _put(t: Term, new: _Known) -> Term:
    """`t` with the line read where it has its part."""
    scalars, rest = apart(t)
    if worth(t) and not isinstance(scalars, Num):
        part = part_of(t)
        if part.key == new.part.key:
            return new.read(part)
    if scalars is not None:
        before, after = _put(scalars, new), _put(rest, new)
        return t if before is scalars and after is rest else _times(before, after)
    if worth(t):
        for part, left in partial(t):
            if part.key == new.part.key:
                if isinstance(t, Add):
                    return total(new.read(part), _put(total(*left), new))
                return _times(new.read(part), _put(product_of(tuple(left)), new))
    return _over(t, lambda c: _put(c, new))


def _times(*factors: Term) -> Term:
    """The product of products, numbers first."""
    parts = [g for f in factors for g in (f.args if isinstance(f, Mul) else (f,))]
    coefficient = Fraction(1)
    for f in parts:
        coefficient *= f.value if isinstance(f, Num) else 1
    made = tuple(f for f in parts if not isinstance(f, Num))
    return product_of(made if coefficient == 1 and made else (Num(coefficient), *made))


def _unsigned(t: Term) -> tuple[tuple[Term, ...], Term]:
    """A number that multiplies the term, if there is one, and the rest."""
    return (t.args[:1], product_of(t.args[1:])) if isinstance(t, Mul) and isinstance(t.args[0], Num) else ((), t)


def _rebuilt(t: Term, children: tuple[Term, ...]) -> Term:
    """The node with other children, their signs before it."""
    if all(a is b for a, b in zip(children, t.children)):
        return t
    if isinstance(t, Mul):  # groups of factors stay groups
        pairs = [_unsigned(c) for c in children]
        numbers = tuple(n for found, _ in pairs for n in found)
        return _times(*numbers, Mul(tuple(rest for _, rest in pairs))) if numbers else t.rebuild(children)
    numbers, rest = _unsigned(children[0])
    if numbers and isinstance(t, Sum):
        return _times(*numbers, t.rebuild((rest,)))
    even = isinstance(t, Pow) and (number(t.exponent) or Fraction(1, 2)) % 2 == 0
    if numbers == (MINUS_ONE,) and (even or (isinstance(t, Fn) and t.name == "abs")):
        return t.rebuild((rest, *children[1:]))
    return t.rebuild(children)


def _over(t: Term, change: Callable[[Term], Term]) -> Term:
    """`t` with its formed parts changed."""
    if not t.children:
        return t
    if isinstance(t, Others):
        inside = t.whole.rebuild(tuple(change(c) for c in t.whole.children))
        return t if inside == t.whole else Others(inside)
    less = exp_less_one(t)
    if less is not None:
        sign, x = less
        made = change(x)
        return t if made is x else total(Num(Fraction(-sign)), product(Num(Fraction(sign)), exponential(made)))
    if isinstance(t, Fn) and near_one(t):
        inside = _over(t.args[0], change)
        return t if inside is t.args[0] else t.rebuild((inside,))
    if (isinstance(t, Sum) and isinstance(t.body, Sum)) or contracts(t):
        return _rebuilt(t, (_over(t.body, change),))
    if isinstance(t, Masked):
        numbers, body = _unsigned(change(t.body))  # −(a masked x) is read where a masked x is there
        return _times(*numbers, t.rebuild((change(t.mask), body))) if numbers else t.rebuild((change(t.mask), body))
    return _rebuilt(t, tuple(change(c) for c in t.children))


def _read_lines(lines: list[Line]) -> list[Line]:
    """Where a line computes what an earlier one does, it reads it."""
    made: list[Line] = []
    for line in lines:
        for other in made:
            if other.over or not worth(other.body):
                continue
            part = part_of(other.body)
            if set(part.axes) == set(other.axes):
                line = _replaced(line, _Known(other, part, other.axes))
        made.append(line)
    return made


def _wish(t: Term) -> str:
    if isinstance(t, Masked):
        return _wish(t.body)
    if isinstance(t, Kink):
        inner = _spelled(t.body)
        return f"{t.kind}_{inner}" if inner else t.kind
    if isinstance(t, Wide):
        return _spelled(t.body) or "x"
    if isinstance(t, Narrow):
        return _wish(t.body)
    if isinstance(t, Sum) and isinstance(t.body, Mul) and len(t.body.args) == 2:
        a, b = (_spelled(f) for f in t.body.args)
        if a and b and len(a) + len(b) <= 4:  # Xw
            return a + b
    if isinstance(t, Fn):
        inner = _spelled(t.args[0])
        return {"exp": "e", "max": "m", "abs": "a"}.get(t.name, f"{t.name}_{inner}" if inner else t.name[0])
    return WISHES.get(type(t), "t")


def _spelled(t: Term) -> str:
    return python_of(t.array.name) if isinstance(t, Entry) and isinstance(t.array, Var) else ""
