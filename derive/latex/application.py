"""Application or product: a name in front of a bracket, decided by its declaration."""

from __future__ import annotations

from fractions import Fraction as Rational

from derive.latex.elaborate import ANY_ZERO, Elaborator
from derive.latex.errors import ReadError
from derive.latex.instead import no_function
from derive.latex.naming import (
    Named,
    compose_name,
    find_name,
    index_list,
    index_nodes,
    label_index,
    split_scripts,
    undeclared,
)
from derive.latex.powers import scripts_on
from derive.latex.syntax import Bracket, Node, Scripted, Symbol
from derive.names import latex_of
from derive.terms import (
    MINUS_ONE,
    ZERO,
    Add,
    Call,
    Const,
    Entry,
    Fn,
    Full,
    Mul,
    Num,
    Pow,
    Term,
    Var,
    mul,
    shape_text,
)  # fmt: skip

DENSITY = "𝒩"


def apply_next(e: Elaborator, items: list[Node], position: int) -> tuple[Term, int]:
    """If items[position] is a function and a bracket follows: the application and the number of
    items that it took; else (anything, 0)."""
    head = items[position]
    symbol = split_scripts(head)[0]
    if symbol is None or position + 1 >= len(items):
        return ZERO, 0
    after = items[position + 1]
    group = after.base if isinstance(after, Scripted) else after
    if not isinstance(group, Bracket) or group.kind == "{":
        return ZERO, 0
    named = find_name(e, head)
    if named is None:
        made = _undeclared(e, symbol, head, group)
    elif named.meaning.kind in ("function", "unknown"):
        own = _overload(e, symbol, group)
        made = apply(e, own or named, group)
    else:
        _not_a_function(e, named, group)
        return ZERO, 0
    if made is None:
        return ZERO, 0
    if isinstance(after, Scripted):
        made = scripts_on(e, made, after.sub, after.sup, after)
    if e.scope.readings is not None:
        e.scope.readings.append((Node(head.start, after.end), made))
    return made, 2


def _undeclared(e: Elaborator, symbol: Symbol, head: Node, group: Bracket) -> Term | None:
    """𝒩(y | μ, σ²), p(x) of a declared distribution, p(y | w) defined with its bar."""
    if symbol.base == DENSITY:
        return density(e, group)
    own = _overload(e, symbol, group)
    if own is not None:
        return apply(e, own, group)
    if symbol.base == "p" and len(group.parts) == 1:
        made = _declared_density(e, group)
        if made is not None:
            return made
        raise ReadError("D151", head.start, group.end, name=_argument(group), latex=_argument(group))
    _, sub, label, primes, _ = split_scripts(head)
    if not sub and label is None and not primes and e.scope.is_size(symbol.base):  # N (1 + w), N^2 (1 + w)
        return None
    if symbol.base in ("e", "π", "I", "δ"):
        return None
    if e.is_bound(symbol.base):
        raise ReadError("D165", head.start, head.end, index=symbol.base)
    name = compose_name(head)
    indices = (n.base for n in index_nodes(sub) if isinstance(n, Symbol))
    if any(e.is_bound(i) or i in e.free for i in indices):
        raise undeclared(e, head)
    raise no_function(name, latex_of(name), head.start, head.end)


def signature(group: Bracket) -> str:
    """The parameters of an overloaded name such as p(y | w; x), without blanks."""
    words = [compose_name(p) for p in group.parts]
    return "".join(w + s for w, s in zip(words, [*group.separators, ""]))


def _overload(e: Elaborator, symbol: Symbol, group: Bracket) -> Named | None:
    found = e.scope.find(f"{symbol.base}({signature(group)})", symbol.style)
    return Named(found, None, 0, (), (), group) if found is not None else None


def _not_a_function(e: Elaborator, named: Named, group: Bracket) -> None:
    """`L(w)` where L was defined without `(w)` would silently be a product."""
    if named.meaning.kind != "definition" or group.kind != "(" or len(group.parts) != 1:
        return
    inner = find_name(e, group.parts[0])
    if inner is None or inner.rest or inner.sub or named.sub:
        return
    body = e.scope.context.definitions[named.meaning.name].body
    if inner.meaning.name in e.scope.context.reachable(body):
        name = compose_name(named.node)
        argument = compose_name(group.parts[0])
        raise ReadError("D149", named.node.start, group.end, name=name, argument=argument, latex=latex_of(name))


def _argument(group: Bracket) -> str:
    return compose_name(group.parts[0])


def apply(e: Elaborator, named: Named, group: Bracket) -> Term:
    """The application of a declared or defined function."""
    meaning = named.meaning
    if named.rest:
        raise ReadError("D189", named.rest[0].start, named.rest[0].end)
    params = meaning.params if meaning.kind == "function" else (Var("", meaning.shape),)
    if len(group.parts) != len(params):
        raise ReadError(
            "D145", group.start, group.end,
            name=compose_name(named.node), count=len(params), found=len(group.parts),
        )  # fmt: skip
    arguments = [_family(e, part, param) or e.term(part) for part, param in zip(group.parts, params)]
    scalar = len(params) == 1 and not params[0].shape
    if named.primes and not scalar:
        raise ReadError("D153", group.start, group.end)
    arguments = [ZERO if a == ANY_ZERO and not p.shape else a for a, p in zip(arguments, params)]
    made: Term
    if meaning.kind == "function" and not meaning.local and not named.primes and arguments == list(params):
        made = meaning.var
    elif scalar:
        argument = arguments[0]
        if argument.shape and meaning.kind == "function" and meaning.shape:
            raise ReadError("D311", group.start, group.end,
                            name=compose_name(named.node), left="scalar", right=e.text(argument))  # fmt: skip
        dims = e.shape(argument) or (meaning.shape if meaning.kind == "function" else ())
        made = Call(meaning.name, (argument,), dims, named.primes)
    else:
        fitted = [_fitted(e, a, p, part, named) for a, p, part in zip(arguments, params, group.parts)]
        made = Call(meaning.name, tuple(fitted), meaning.shape if meaning.kind == "function" else ())
    indices = label_index(e, named) + index_list(e, named.sub)
    if indices:
        if len(indices) not in (len(made.shape), meaning.labels):
            raise ReadError("D163", group.start, group.end, found=len(indices), shape=shape_text(made.shape))
        made = e.entry(made, indices, group)
    return made


def _family(e: Elaborator, part: Node, param: Var) -> Term | None:
    """All members of a family, by its bare name, where the function was defined so: `J(θ)`."""
    found = e.scope.find(compose_name(part) + "^()", "") if isinstance(part, Symbol) else None
    return param if found is not None and found.name == param.name else None


def _fitted(e: Elaborator, argument: Term, param: Var, node: Node, named: Named) -> Term:
    if argument == ANY_ZERO or (argument == ZERO and param.shape):
        return Full(ZERO, param.shape)
    if not e.scope.solver.agree(argument.shape, param.shape):
        raise ReadError(
            "D311", node.start, node.end, name=compose_name(named.node),
            left=shape_text(param.shape), right=e.text(argument),
        )  # fmt: skip
    return e.scope.solver.settle(argument)


# -- the normal distribution -------------------------------------------------------------------------


def normal(x: Term, mean: Term, variance: Term) -> Term:
    """1/√(2πv) · exp(−(x−μ)²/(2v)); the slides' 𝒩(x | μ, v)."""
    two = Num(Rational(2))
    root = Fn("sqrt", (Mul((two, Const("pi"), variance)),))
    square = Pow(Add((x, mul(MINUS_ONE, mean))), two)
    exponent = Mul((MINUS_ONE, square, Pow(Mul((two, variance)), MINUS_ONE)))
    return mul(Pow(root, MINUS_ONE), Fn("exp", (exponent,)))


def density(e: Elaborator, group: Bracket) -> Term:
    if len(group.parts) != 3 or group.separators not in (("|", ","), (";", ",")):
        raise ReadError("D193", group.start, group.end)
    parts: list[Term] = []
    for part in group.parts:
        made = e.term(part)
        if made.shape:
            raise ReadError("D193", part.start, part.end)
        parts.append(ZERO if made == ANY_ZERO else made)
    return normal(*parts)


def _declared_density(e: Elaborator, group: Bracket) -> Term | None:
    x = e.term(group.parts[0])
    base = x.array if isinstance(x, Entry) else x
    if not isinstance(base, Var) or base.name not in e.scope.densities or x.shape:
        return None
    mean, variance = e.scope.densities[base.name]
    return normal(x, mean, variance)
