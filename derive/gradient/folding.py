"""A definition's own value put back into its derivative, and assumed equations used as rewritings.

With y := σ(u) the derivative is written y ⊙ (1 − y), and for σ itself σ′(z) = σ(z)(1 − σ(z)): the body is
solved for the one part in which it is a quotient of linear forms (an exponential, mostly), and that part
is replaced by its solution.
"""

from __future__ import annotations

from fractions import Fraction

from derive.binders import canonical, free_indices, fresh, names_in, substitute, unify, weight
from derive.context import Context, Definition
from derive.entrywise import entry
from derive.gradient import kinks
from derive.gradient.constructors import flat, scaled
from derive.gradient.rational import tidy
from derive.props import And, Prop, Rel
from derive.terms import (
    MINUS_ONE,
    ONE,
    Add,
    Call,
    Comp,
    Diff,
    Entry,
    Fn,
    Full,
    Index,
    Inverse,
    Mul,
    Num,
    Pow,
    Sum,
    Term,
    TermError,
    Transpose,
    Var,
)  # fmt: skip

Rule = tuple[Term, frozenset[Index], Term]


class Folding:
    def __init__(self, context: Context) -> None:
        self.context = context
        self._derivatives: dict[str, tuple[Var, Term]] = {}
        self._units: set[str] = set()
        self._rules = [rule for a in context.assumptions for rule in _equations(a.prop)]

    # -- assumptions -------------------------------------------------------------------------------------

    def known(self, t: Term) -> Term:
        """`t` with the left sides of assumed equations replaced by their right sides."""
        if self._units:
            t = self._split(t)
        return rewritten(t, self._rules) if self._rules else t

    def _split(self, t: Term) -> Term:
        """Σ_k p_k (1 + a_k) as 1 + Σ_k p_k a_k, where Σ_k p_k = 1."""
        if t.children:
            t = t.rebuild(tuple(self._split(c) for c in t.children))
        if not isinstance(t, Sum) or not isinstance(t.body, Mul) or t.start != 1:
            return t
        names = {f.array.name for f in t.body.args if isinstance(f, Entry) and isinstance(f.array, Var)}
        sums = [f for f in t.body.args if isinstance(f, Add)]
        if len(sums) != 1 or names.isdisjoint(self._units):
            return t
        rest = [f for f in t.body.args if f is not sums[0]]
        parts = [tidy(Sum(t.index, flat(Mul((*rest, a))))) for a in sums[0].args]
        made = [rewritten(part, self._rules) for part in parts]
        if made == parts:
            return t
        return flat(Add(tuple(made)))

    def learn(self, name: Var, body: Term) -> None:
        """That a defined softmax sums to 1: p_k := a_k / Σ_j a_j gives Σ_k p_k = 1."""
        axes = tuple(fresh(s) for s in name.shape)
        whole = entry(body, axes) if axes else ONE
        factors = whole.args if isinstance(whole, Mul) else ()
        for below in factors:
            if isinstance(below, Pow) and below.exponent == MINUS_ONE and isinstance(below.base, Sum):
                above = tuple(f for f in factors if f is not below)
                for k in axes:
                    sum_ = Sum(k, above[0] if len(above) == 1 else Mul(above))
                    if below.base.start == 1 and canonical(sum_) == canonical(below.base):
                        left = Sum(k, Entry(name, axes))
                        self._rules.append((left, free_indices(left), ONE))
                        self._units.add(name.name)

    # -- calls -------------------------------------------------------------------------------------------

    def inlined(self, t: Call) -> Term:
        """The body of the function at its arguments."""
        definition = self.context.definitions[t.name]
        if t.order:
            (arg,) = t.args
            z, body = self.derivative(t.name, t.order)
            return _at(body, z, arg)
        body = self.closed(definition)
        if len(definition.params) == 1 and not definition.params[0].shape:
            return _at(body, definition.params[0], t.args[0])
        return substitute(body, {}, dict(zip(definition.params, t.args)))

    def closed(self, definition: Definition) -> Term:
        """The body without names whose values depend on the parameters: of s(a) := a σ, where σ := 1/(1 + e⁻ᵃ)."""
        if definition.local:
            return definition.body
        return self._opened(definition.body, frozenset(p.name for p in definition.params))

    def _opened(self, t: Term, names: frozenset[str]) -> Term:
        if t.children:
            t = t.rebuild(tuple(self._opened(c, names) for c in t.children))
        definition = self.context.definitions.get(t.name) if isinstance(t, (Var, Call)) else None
        if definition is None:
            return t
        own = {p.name for p in definition.params} if isinstance(t, Call) else set()
        if names.isdisjoint(self.context.reachable(definition.body) - own):
            return t
        return self._opened(self.inlined(t) if isinstance(t, Call) else definition.body, names)

    def derivative(self, name: str, order: int = 1) -> tuple[Var, Term]:
        """(z, f′(z)) of a defined function of a scalar, written with f(z) or another function if it can be."""
        key = name + "'" * order
        found = self._derivatives.get(key)
        if found is None:
            found = self._derivatives[key] = self._derivative(name, order)
        return found

    def _derivative(self, name: str, order: int) -> tuple[Var, Term]:
        from derive.gradient.pullback import Pullback

        definition = self.context.definitions[name]
        z = definition.params[0]
        if order > 1:
            _, body = self.derivative(name, order - 1)
        else:
            body = self.closed(definition)
        pull = Pullback(self.context, frozenset({z.name}), self)
        pull.of(body, ONE)
        made = pull.gradient(z.name)
        if made is None:
            return z, Num(Fraction(0))
        made = tidy(made)
        best = made
        for other in self.context.definitions.values():
            if len(other.params) != 1 or other.params[0].shape or other.body.shape:
                continue
            if kinks.kind(other) or other.name.endswith("#"):
                continue
            call = Call(other.name, (z,), ())
            body_at_z = substitute(other.body, {}, {other.params[0]: z})
            folded = fold(made, call, body_at_z)
            if folded is not None and _reading(folded) < _reading(best):
                best = folded
        return z, best

    # -- definitions ---------------------------------------------------------------------------------------

    def folded(self, t: Term, definition: Definition) -> Term:
        """`t` with what `definition` says put back under its name, where that makes it shorter."""
        axes = tuple(fresh(s) for s in definition.body.shape)
        name: Term = definition.var if not axes else Entry(definition.var, axes)
        made = fold(t, name, entry(definition.body, axes))
        return made if made is not None and _reading(made) <= _reading(t) else t

    # -- derivatives inside a formula ------------------------------------------------------------------------

    def differentiated(self, t: Diff) -> Term:
        """A derivative that stands in a formula, carried out."""
        from derive.gradient.chain import plain_gradient

        return plain_gradient(self.context, t)


def _reading(t: Term) -> int:
    """How hard a term is to read: an exponential weighs more than a name for it."""
    return weight(t) + 3 * sum(isinstance(n, Fn) for n in t.walk())


def _at(body: Term, z: Var, arg: Term) -> Term:
    if not arg.shape:
        return substitute(body, {}, {z: arg})
    axes = tuple(fresh(s) for s in arg.shape)
    return Comp(axes, substitute(body, {}, {z: entry(arg, axes)}))


def _equations(prop: Prop) -> list[Rule]:
    if isinstance(prop, And):
        return [rule for part in prop.parts for rule in _equations(part)]
    if not isinstance(prop, Rel) or prop.op != "=":
        return []
    left, right = prop.left, prop.right
    if isinstance(right, Var) and isinstance(left, (Num, Transpose)):
        left, right = right, left
    if isinstance(left, Var) and right == Transpose(left):  # A = Aᵀ: the transpose is dropped
        back = Inverse(left) if len(set(left.shape)) == 1 else left
        return [(right, frozenset(), left), (Transpose(back), frozenset(), back)]
    if isinstance(left, (Num, Full)) or weight(right) > weight(left):
        left, right = right, left
    if isinstance(left, (Num, Full, Var)) or left.shape:
        return []
    return [(tidy(left), free_indices(left), right)]


def rewritten(t: Term, rules: list[Rule]) -> Term:
    """Every part that is an instance of a left side replaced, from the leaves up."""
    if t.children:
        t = t.rebuild(tuple(rewritten(c, rules) for c in t.children))
    for left, free, right in rules:
        found = unify(left, t, free, {})
        if found is not None:
            return substitute(right, dict(found))
    return t


def fold(t: Term, name: Term, body: Term) -> Term | None:
    """`t` in terms of `name`, which stands for the scalar `body`; None where the body cannot be solved."""
    body = tidy(body)
    whole = rewritten(t, [(body, free_indices(name), name)])
    if not isinstance(body, (Add, Mul, Pow)) and weight(body) > 2:
        return tidy(whole)
    leaf = _main_leaf(body)
    if leaf is None:
        return tidy(whole)
    solved = _solved(body, leaf, name)
    if solved is None:
        return tidy(whole)
    # what else the body is made of must stay as it is while the leaf is replaced
    hide: list[Rule] = []
    show: list[Rule] = []
    for part in _leaves(body):
        if part == leaf or isinstance(part, Num):
            continue
        if not any(isinstance(n, (Fn, Call)) for n in part.walk()):
            if not free_indices(part) <= frozenset() or names_in(part) & names_in(solved):
                return tidy(whole)
            continue
        axes = tuple(sorted(free_indices(part)))
        mark = Var(f"kept#{len(hide)}", tuple(i.size for i in axes))
        shown: Term = Entry(mark, axes) if axes else mark
        hide.append((part, frozenset(axes), shown))
        show.append((shown, frozenset(axes), part))
    hidden = tidy(rewritten(whole, hide))
    solved = rewritten(solved, hide)
    if any(isinstance(n, Add) and any(m.startswith("kept#") for m in names_in(n)) for n in solved.walk()):
        return tidy(whole)  # the name less another part reads worse, and may be 0
    rules: list[Rule] = [(leaf, free_indices(name), solved)]
    if isinstance(leaf, Fn) and leaf.name == "exp":  # e^−z as well as e^z
        turned = Fn("exp", (flat(scaled([MINUS_ONE], leaf.args[0])),))
        rules.append((turned, free_indices(name), tidy(Pow(solved, MINUS_ONE))))
    made = tidy(rewritten(hidden, rules))
    return tidy(rewritten(made, show))


def _leaves(t: Term) -> list[Term]:
    """What cannot be taken apart in a quotient of polynomials."""
    if isinstance(t, (Add, Mul)):
        return [leaf for a in t.args for leaf in _leaves(a)]
    if isinstance(t, Pow) and isinstance(t.exponent, Num):
        return _leaves(t.base)
    return [t]


def _main_leaf(body: Term) -> Term | None:
    """The function to solve for: the only one, or the only exponential."""
    found: dict[Term, Term] = {}
    for leaf in _leaves(body):
        if isinstance(leaf, (Fn, Call)):
            found.setdefault(canonical(leaf), leaf)
    if any(isinstance(t, Fn) and t.name == "sqrt" for t in found.values()):
        return None  # √(1 + z²) cancels with 1 + z², a name for it less 1 does not
    if len(found) == 1:
        return next(iter(found.values()))
    exps = [t for t in found.values() if isinstance(t, Fn) and t.name == "exp"]
    return exps[0] if len(exps) == 1 else None


def _solved(body: Term, leaf: Term, name: Term) -> Term | None:
    """leaf = … name …, where body = (a leaf + b) / (c leaf + d)."""
    from sympy import Poly, PolynomialError, Rational, Symbol, cancel, fraction

    symbols: dict[Term, Symbol] = {}

    def read(t: Term):  # type: ignore[no-untyped-def]  # SymPy has no types
        if isinstance(t, Num):
            return Rational(t.value.numerator, t.value.denominator)
        if isinstance(t, Add):
            return sum(read(a) for a in t.args)
        if isinstance(t, Mul):
            made = Rational(1)
            for a in t.args:
                made *= read(a)
            return made
        if isinstance(t, Pow) and isinstance(t.exponent, Num) and t.exponent.value.denominator == 1:
            return read(t.base) ** int(t.exponent.value)
        return symbols.setdefault(canonical(t), Symbol(f"s{len(symbols)}", positive=True))

    e = read(leaf)
    back = {s: t for t, s in symbols.items()}
    y = Symbol("y", positive=True)
    try:
        top, bottom = fraction(cancel(read(body)))
        p, q = Poly(top, e), Poly(bottom, e)
    except PolynomialError:
        return None
    if p.degree() > 1 or q.degree() > 1:
        return None
    a, b, c, d = p.coeff_monomial(e), p.coeff_monomial(1), q.coeff_monomial(e), q.coeff_monomial(1)
    below = a - c * y
    if below == 0:
        return None
    made = cancel((d * y - b) / below)
    back = {s: t for t, s in symbols.items()}
    back[y] = name

    def write(x) -> Term:  # type: ignore[no-untyped-def]
        if x.is_Rational:
            return Num(Fraction(int(x.p), int(x.q)))
        if x.is_Symbol:
            return back[x]
        if x.is_Pow:
            return Pow(write(x.base), Num(Fraction(int(x.exp))))
        parts = tuple(write(a) for a in x.args)
        return Add(parts) if x.is_Add else Mul(parts)

    try:
        return write(made)
    except (TermError, AttributeError, TypeError):
        return None


__all__ = ["Folding", "fold", "rewritten"]
