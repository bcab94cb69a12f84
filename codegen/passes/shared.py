"""Common subexpressions: what is computed twice gets a line, and what a line computes is read from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from typing import TypeGuard

from codegen.alike import arranged, fingerprint
from codegen.kinks import Kink
from codegen.lines import Line, Names, abstracted, moved
from codegen.masks import Masked
from codegen.others import Others
from codegen.program import Reason
from codegen.simplify import exp_less_one, exponential, product, total
from codegen.wide import Narrow, Wide
from derive.binders import free_indices, fresh, substitute, weight
from derive.context import Context
from derive.names import python_of
from derive.terms import ONE, Add, Det, Entry, Fn, Index, Inverse, Mul, Num, Pow, Prod, Sum, Term, Var

#: in a sum of more terms than this no part is looked for
ADDENDS = 6
#: the name of a new line, by what it computes
WISHES: dict[type[Term], str] = {Add: "r", Sum: "s", Prod: "p", Pow: "q", Det: "det"}


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
        key, term, axes = found
        name = names.new(_wish(term))
        fresh_axes = tuple(fresh(i.size) for i in axes)
        body = moved(term, axes, fresh_axes)
        new = Line(name, fresh_axes, body, "", Reason("shared", f"{name} for what is used more than once"))
        changed = [_replaced(line, key, new) for line in lines]
        at = next(n for n, (old, line) in enumerate(zip(lines, changed)) if old is not line)
        lines = [*changed[:at], new, *changed[at:]]


def _once(lines: list[Line], outputs: set[str]) -> list[Line]:
    """Without new lines that only give another line a second name."""
    second: dict[str, Line] = {}
    greatest: dict[object, Line] = {}

    def read(t: Term) -> Term:
        name = t.array if isinstance(t, Entry) else t
        line = second.get(name.name) if isinstance(name, Var) else None
        if line is not None:
            return substitute(line.body, dict(zip(line.axes, t.indices if isinstance(t, Entry) else ())))
        children = tuple(read(c) for c in t.children)
        return t if all(a is b for a, b in zip(children, t.children)) else t.rebuild(children)

    made = []
    for line in lines:
        line = replace(line, body=read(line.body))
        axes = line.body.indices if isinstance(line.body, Entry) else ()
        plain = isinstance(line.body.array if isinstance(line.body, Entry) else line.body, Var)
        if plain and set(axes) == set(line.axes) and len(axes) == len(line.axes) and not line.over and (
            line.name not in outputs and line.reason.kind in ("shared", "rewriting")
        ):  # fmt: skip
            second[line.name] = line
            continue
        if line.over and line.name not in outputs:
            where = None if line.where is None else abstracted(read(line.where), (*line.axes, *line.over))
            key = arranged(abstracted(line.body, (*line.axes, *line.over))), where, len(line.over)
            first = greatest.setdefault(key, line)
            if first is not line:
                second[line.name] = replace(line, body=first.read(line.axes), over=(), where=None)
                continue
        made.append(line)
    return made


def worth(t: Term) -> bool:
    """Whether a name for the term saves work."""
    match t:
        case Fn() | Sum() | Prod() | Det() | Masked() | Kink() | Wide() | Narrow():
            return True
        case Entry(array=Inverse()):
            return True
        case Add():
            return sum(1 for a in t.args if not isinstance(a, Num)) > 1 or any(worth(a) for a in t.args)
        case Mul():
            return sum(1 for a in t.args if free_indices(a)) > 1
        case Pow(base=base, exponent=e):
            return worth(base) or not (isinstance(e, Num) and e.value.denominator == 1)
        case _:
            return False


def _parts(line: Line) -> Iterator[tuple[Term, Term, tuple[Index, ...]]]:
    """(key, term, its axes) of every part of a line that is worth a name, outermost first."""
    yield from _inside(line.body)


def _inside(
    t: Term, within: frozenset[Term] = frozenset()
) -> Iterator[tuple[Term, Term, tuple[Index, ...]]]:
    """A part that is worth no more than its whole (as in a + (q − q)b) is no second occurrence of it."""
    if isinstance(t, Mul) and isinstance(t.args[0], Num):  # 2xy and −xy have xy
        yield from _inside(product(*t.args[1:]), within)
        return
    if worth(t):
        key, axes = fingerprint(t)
        if key not in within:
            yield key, t, axes
        within |= {key}
    for c in _below(t):
        yield from _inside(c, within)


def _below(t: Term) -> tuple[Term, ...]:
    """The parts that are formed when `t` is computed: the product under a sum is not."""
    while isinstance(t, Sum) and isinstance(t.body, Sum):
        t = t.body
    if isinstance(t, Masked):  # its exponential may overflow where the mask is 0
        return (t.mask, *t.body.children)
    if _near_one(t):
        return t.children[0].children
    if isinstance(t, Others):
        return t.whole.children
    less = exp_less_one(t)
    if less is not None:
        return (less[1],)
    return t.body.children if _contracts(t) else t.children


def _partial(t: Term) -> Iterator[tuple[Term, Term, list[Term]]]:
    """(key, sum, what is left) of the sums of some of the terms of a sum, over all of its axes."""
    if not isinstance(t, Add) or not 2 < len(t.args) <= ADDENDS:
        return
    axes = free_indices(t)
    for n in range(len(t.args) - 1, 1, -1):
        for chosen in combinations(range(len(t.args)), n):
            part = total(*(t.args[i] for i in chosen))
            if free_indices(part) == axes:
                yield fingerprint(part)[0], part, [a for i, a in enumerate(t.args) if i not in chosen]


def _near_one(t: Term) -> bool:
    """log(1 + x), which is computed from x: of a small x, 1 + x has few digits."""
    if not isinstance(t, Fn) or t.name != "log" or exp_less_one(t.args[0]) is not None:
        return False
    return isinstance(t.args[0], Add) and ONE in t.args[0].args


def _contracts(t: Term) -> TypeGuard[Sum]:
    """A sum of products that is a matrix product or an inner product: its terms are not formed."""
    if not isinstance(t, Sum) or not isinstance(t.body, Mul):
        return False
    axes = [free_indices(f) for f in t.body.args if free_indices(f)]
    return any(a != axes[0] for a in axes) or len(axes[0]) == 1


def _repeated(lines: list[Line]) -> tuple[Term, Term, tuple[Index, ...]] | None:
    """The largest part that occurs twice."""
    counts: Counter[Term] = Counter()
    hidden: Counter[Term] = Counter()
    first: dict[Term, tuple[Term, tuple[Index, ...]]] = {}
    for line in lines:
        for key, t, axes in _parts(line):
            counts[key] += 1
            first.setdefault(key, (t, axes))
            if isinstance(t, Masked) and worth(t.body):
                hidden[fingerprint(t.body)[0]] += 1
    for key in counts.keys() & hidden.keys():  # computed without the mask too
        counts[key] += hidden[key]
    whole = {key for key, (t, _) in first.items() if isinstance(t, Add) and free_indices(t)}
    for line in lines if whole else ():
        for _, t, _ in _parts(line):
            counts.update({key for key, _, _ in _partial(t) if key in whole})
    twice = [k for k, n in counts.items() if n > 1]
    if not twice:
        return None
    best = max(twice, key=weight)
    return best, *first[best]


def _replaced(line: Line, key: Term, new: Line) -> Line:
    body = _put(line.body, key, new)
    return line if body is line.body else replace(line, body=body)


def _put(t: Term, key: Term, new: Line) -> Term:
    if isinstance(t, Mul) and isinstance(t.args[0], Num):
        whole = product(*t.args[1:])
        put = _put(whole, key, new)
        return t if put is whole else product(t.args[0], put)
    if worth(t):
        found, axes = fingerprint(t)
        if found == key:
            return new.read(axes)
        for other, part, rest in _partial(t):
            if other == key:
                return total(new.read(fingerprint(part)[1]), _put(total(*rest), key, new))
    return _over(t, lambda c: _put(c, key, new))


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
    if isinstance(t, Fn) and _near_one(t):
        inside = _over(t.args[0], change)
        return t if inside is t.args[0] else t.rebuild((inside,))
    if (isinstance(t, Sum) and isinstance(t.body, Sum)) or _contracts(t):
        body = _over(t.body, change)
        return t if body is t.body else t.rebuild((body,))
    if isinstance(t, Masked):
        children: tuple[Term, ...] = (change(t.mask), change(t.body))
    else:
        children = tuple(change(c) for c in t.children)
    return t if all(a is b for a, b in zip(children, t.children)) else t.rebuild(children)


def _read_lines(lines: list[Line]) -> list[Line]:
    """Where a line computes what an earlier one does, it reads it."""
    made: list[Line] = []
    for line in lines:
        for other in made:
            key, axes = fingerprint(other.body)
            if other.over or set(axes) != set(other.axes) or not worth(other.body):
                continue
            body = _read(line.body, key, other, axes)
            if body is not line.body:
                line = replace(line, body=body)
        made.append(line)
    return made


def _read(t: Term, key: Term, other: Line, order: tuple[Index, ...]) -> Term:
    if worth(t):
        found, axes = fingerprint(t)
        if found == key:
            to = dict(zip(order, axes))
            return other.read(tuple(to[i] for i in other.axes))
    return _over(t, lambda c: _read(c, key, other, order))


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
