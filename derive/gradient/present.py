"""Derived gradients and Hessians as people read them: text, LaTeX, and a document that can be checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from derive.binders import free_indices, names_in, terms_of
from derive.context import Context, Definition, written
from derive.entrywise import entry, product_entry
from derive.gradient import kinks
from derive.gradient.constructors import named
from derive.gradient.derivation import GradientError, Gradients
from derive.gradient.hessian import Product
from derive.gradient.labels import families
from derive.gradient.rational import tidy
from derive.kernel import Theorem
from derive.names import latex_of
from derive.notation import latex, unicode
from derive.notation.declarations import context_latex, definition_latex
from derive.notation.parts import letters_taken
from derive.props import Prop, Rel
from derive.terms import (
    Call,
    Comp,
    Diff,
    Entry,
    Fn,
    Hadamard,
    Index,
    MatMul,
    Pow,
    Prod,
    SizeTerm,
    SqNorm,
    Sum,
    Term,
    Trace,
    Var,
    term,
)  # fmt: skip

_MOST_HEADINGS = 6


def where(context: Context, t: Term, introduced: Iterable[Var] = ()) -> list[Definition]:
    """The definitions whose names stand in the formula, then those in the derivatives named in them."""
    found: dict[str, Definition] = {}
    new = {v.name for v in introduced}

    def look(term: Term) -> None:
        for name in sorted(names_in(term)):
            d = context.definitions.get(name)
            if d is not None and (not d.local or kinks.introduced(d)) and name not in found:
                found[name] = d
                if name in new:
                    look(d.body)

    look(t)
    return list(found.values())


def excluded(result: Gradients, name: str) -> list[str]:
    """What must not be 0 for ∂scalar/∂name to exist: where it is, the scalar has a kink."""
    right = equation(result.gradients[name]).right
    named = result.context.reachable(right)
    bodies = [result.context.definitions[v.name].body for v in result.new if v.name in named]
    return [f"{unicode(u, result.context)} ≠ 0" for u in kinks.arguments(result.context, [right, *bodies])]


def equation(theorem: Theorem) -> Rel:
    assert isinstance(theorem.prop, Rel)
    return theorem.prop


def claim_latex(claim: Rel, context: Context) -> str:
    """The claim in LaTeX that the reader reads back: entry by entry where there is no other formula."""
    left, right = claim.left, claim.right
    known = families(context)
    of = _subject(left)
    whole = isinstance(of, Var) and of.name in known
    if not _spelled(right, known) and not whole and not _is_row(of, known):
        return latex(claim, context)
    axes = _letters(letters_taken(context), left, right)
    if isinstance(left, Diff) and isinstance(left.wrt, Var) and axes and not left.body.shape:
        left = Diff(left.body, Entry(left.wrt, axes))
    elif isinstance(left, Diff) and isinstance(left.body, Diff) and isinstance(left.wrt, Var) and len(axes) == 2:
        inner = left.body
        left = Diff(Diff(inner.body, Entry(left.wrt, axes[1:])), Entry(left.wrt, axes[:1]))
    elif axes:
        left = Entry(left, axes)
    return latex(Rel("=", left, named(tidy(spelled(right, known, axes)))), context)


def _subject(left: Term) -> Term:
    """By what it is differentiated, or the name itself."""
    return left.wrt if isinstance(left, Diff) else left


def _letters(taken: frozenset[str], *terms: Term) -> tuple[Index, ...]:
    used = taken | {i.name for t in terms for i in free_indices(t)} | {n for t in terms for n in names_in(t)}
    names = iter(c for c in "ijklmnpqrst" if c not in used)
    return tuple(Index(next(names), s) for s in terms[0].shape)


def _spelled(t: Term, families: Mapping[str, int]) -> bool:
    """Has the term a part that the format writes only entry by entry?"""
    return any(
        isinstance(n, Comp) or (isinstance(n, Pow) and bool(n.base.shape)) or _is_row(n, families)
        or (isinstance(n, Fn) and n.name == "abs" and bool(n.shape)) for n in t.walk()
    )


def _is_row(t: Term, families: Mapping[str, int]) -> bool:
    """A row of a matrix, which has no formula; x^{(i)} is a name."""
    return isinstance(t, Entry) and bool(t.shape) and (
        not isinstance(t.array, Var) or families.get(t.array.name, 0) != len(t.indices)
    )


def spelled(t: Term, families: Mapping[str, int], at: tuple[Index | int, ...] = ()) -> Term:
    """Entry `at` of the term with every product and sum over entries written out that has to be."""

    def written(t: Term) -> Term:
        if isinstance(t, Entry) and isinstance(t.array, MatMul) and _spelled(t.array, families):
            return written(product_entry(t.array, t.indices))
        if isinstance(t, MatMul) and not t.shape and _spelled(t, families):
            return written(product_entry(t, ()))
        if isinstance(t, (SqNorm, Trace)) and _spelled(t, families):
            axes = tuple(Index(f"s#{k}", s) for k, s in enumerate(t.arg.shape))
            body = entry(t.arg, axes[:1] * 2) if isinstance(t, Trace) else Pow(entry(t.arg, axes), _two())
            for k in reversed(axes[:1] if isinstance(t, Trace) else axes):
                body = Sum(k, body)
            return written(body)
        if isinstance(t, Entry) and (isinstance(t.array, (Comp, Hadamard)) or _spelled(t.array, families)):
            inside = entry(t.array, t.indices)
            if inside != t:
                return written(inside)
        return t.rebuild(tuple(written(c) for c in t.children)) if t.children else t

    return written(entry(t, at))


def _two() -> Term:
    return term(2)


# -- documents -----------------------------------------------------------------------------------------------


def product_document(result: Product, title: str) -> str:
    """A homework document with the statements that lead to ∂L/∂w, and from there to ∂q/∂w."""
    made, w = result.gradients, result.variable.name
    parts = {made.context.definitions[v.name].body: v for v in made.introduced}

    def folded(t: Term) -> Term:
        return parts.get(t) or (t.rebuild(tuple(folded(c) for c in t.children)) if t.children else t)

    before = [Rel("=", Diff(result.first.scalar, s.of), folded(s.term)) for s in result.first.steps(w)]
    known = {result.form.name, *(v.name for v in result.first.new)}
    made = replace(made, same=tuple((v, t) for v, t in made.same if v.name not in known))
    return document(made, w, title, before=before)


def document(
    result: Gradients, name: str, title: str, more: Sequence[Rel] = (), context: Context | None = None,
    before: Sequence[Rel] = (),
) -> str:  # fmt: skip
    """A homework document with the statements that lead to ∂scalar/∂name, what comes `before` and what comes after
    them (`more`), each a step to check; what `more` holds is defined in `context`, where that is another one."""
    context = context or result.context
    claims = list(before)
    for changed, theorem in result.same:
        claims.append(Rel("=", changed, equation(theorem).left))
    for statement in result.steps(name):
        claims.append(Rel("=", Diff(result.scalar, statement.of), statement.term))
    claims += more
    plain = _needed(context, claims)
    lines = [*_introduced(plain, title, claims)]
    for claim in claims:
        lines += ["$$", claim_latex(claim, plain), "$$", ""]
    return "\n".join(lines).rstrip() + "\n"


def _needed(context: Context, claims: Sequence[Rel]) -> Context:
    """What the claims depend on: the names they reach, and those of assumptions that share a name with them."""
    kept: set[str] = set()
    for claim in claims:
        kept |= context.reachable(claim.left) | context.reachable(claim.right)
    about = [(a, {n for t in terms_of(a.prop) for n in context.reachable(t)}) for a in context.assumptions]
    assumed = [a for a, names in about if names & kept]
    while more := set().union(*(names for a, names in about if a in assumed)) - kept:
        kept |= more
        assumed = [a for a, names in about if names & kept]
    made = context.child()
    made.assumptions[:] = assumed
    for table in (made.declarations, made.functions, made.definitions):
        for name in table.keys() - kept:
            del table[name]
    known = families(made)
    for name, d in made.definitions.items():
        inner = d.body.body if isinstance(d.body, Comp) else d.body
        if not d.params and _spelled(inner, known):
            made.definitions[name] = replace(d, body=_by_entries(d.body, known))
    return made


def _by_entries(body: Term, families: Mapping[str, int]) -> Term:
    if isinstance(body, Comp):
        return Comp(body.indices, named(spelled(body.body, families)))
    axes = _letters(frozenset(), body)
    made = named(spelled(body, families, axes))
    return Comp(axes, made) if axes else made


def _introduced(context: Context, title: str, claims: Sequence[Rel]) -> Iterator[str]:
    """What the context holds, under headings: a name that is written like one before it hides that one, so it is
    introduced under a deeper heading."""
    levels = _levels(context, claims)
    for level in range(max(levels.values(), default=0) + 1):
        yield f"{'#' * (level + 1)} {title}"
        yield ""
        names = {name for name, at in levels.items() if at == level}
        formulas = [f"${f}$" for f in context_latex(context, names)]
        if level == 0:
            formulas = [f"${latex_of(n)} \\in \\mathbb{{N}}$" for n in _sizes(context, claims)] + formulas
        if formulas:
            yield "Let " + ", ".join(formulas) + "."
            yield ""
        for assumption in context.assumptions:
            about = {n for t in terms_of(assumption.prop) for n in names_in(t)} & levels.keys()
            if max((levels[n] for n in about), default=0) == level:
                yield f"Assume ${latex(assumption.prop, context)}$."
                yield ""


def _sizes(context: Context, claims: Sequence[Rel]) -> list[str]:
    """The sizes in formulas that no declared shape tells."""
    terms = [d.body for d in context.definitions.values()] + [t for c in claims for t in (c.left, c.right)]
    terms += [t for a in context.assumptions for t in terms_of(a.prop)]
    found: set[str] = set()
    for node in (n for t in terms for n in t.walk()):
        sizes = [node.size] if isinstance(node, SizeTerm) else []
        sizes += [node.index.size] if isinstance(node, (Sum, Prod)) else []
        found |= {name for size in sizes for name in size.names}
    told = {n for d in context.declarations.values() for s in d.shape for n in s.names}
    told |= {n for f in context.functions.values() for s in f.domain for n in s.names}
    return sorted(found - told)


def _levels(context: Context, claims: Sequence[Rel]) -> dict[str, int]:
    """How deep each name is introduced: below the names that its definition uses, and no use of a name hidden."""
    alike: dict[str, list[str]] = {}
    for name in (*context.declarations, *context.functions, *context.definitions):
        alike.setdefault(written(name), []).append(name)
    levels = {name: k for names in alike.values() for k, name in enumerate(names)}
    uses = {d.name: names_in(d.body) & levels.keys() for d in context.definitions.values()}
    for name, used in uses.items():
        levels[name] = max([levels[name], *(levels[n] for n in used)])
    last = max(levels.values(), default=0)
    claimed = {n for c in claims for t in (c.left, c.right) for n in names_in(t)} & levels.keys()
    formulas = [*((used, levels[name]) for name, used in uses.items()), (frozenset(claimed), last)]
    for used, level in formulas:
        for n in used:
            if any(levels[n] < levels[other] <= level for other in alike[written(n)] if other != n):
                raise GradientError(f"two names are written {written(n)}, and one formula needs both")
    if last >= _MOST_HEADINGS:
        raise GradientError("names that hide each other need more than six headings")
    return levels


def formula(prop: Prop, context: Context, notation: str) -> str:
    if notation == "unicode":
        return unicode(prop, context)
    return claim_latex(prop, context) if isinstance(prop, Rel) and prop.op == "=" else latex(prop, context)


def definition_formula(d: Definition, context: Context, notation: str) -> str:
    if notation == "unicode":
        left = Call(d.name, tuple(d.params), d.body.shape) if d.local and d.params else d.var
        return unicode(Rel("=", left, d.body), context)
    return definition_latex(d, context).replace(":=", "=")


def uses(theorems: Sequence[Theorem]) -> list[str]:
    return sorted({u for t in theorems for u in t.uses})


__all__ = [
    "claim_latex",
    "definition_formula",
    "document",
    "equation",
    "excluded",
    "formula",
    "product_document",
    "spelled",
    "uses",
    "where",
]  # fmt: skip
