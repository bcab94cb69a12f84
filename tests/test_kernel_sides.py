"""Side conditions of the laws of the algebra: what each of them would prove without its own."""

from derive.algebra.atoms import ONE, Atom, Poly, atom_poly, mono, size_poly, total, var
from derive.algebra.facts import Facts, Rule
from derive.algebra.normal import Normalizer
from derive.algebra.patterns import Pattern
from derive.algebra.zero import is_zero
from derive.terms import Index, Size, size


def unaided() -> Normalizer:
    """A normaliser that looks at no numbers before it tries its laws, since an equation is assumed."""
    return Normalizer(Facts(rules=[Rule(Pattern((), (), ((Atom("var", "q"), 1),)), ONE, frozenset())]))


def shares(s: Size) -> Poly:
    """Σ 1/(1 + x) + Σ x/(1 + x) over a range, not put together yet: the length of the range."""
    k = Index("#1.0", s)
    x = Atom("var", "x", (k,))
    base = Atom("base", args=(var("x", (k,)) + ONE,))
    parts = (Poly({mono(factors): 1}) for factors in ({base: -1}, {base: -1, x: 1}))
    return total(atom_poly(Atom("sum", binders=(k,), args=(part,))) for part in parts)


def test_only_the_size_of_a_range_counts_it() -> None:
    N = size("N")
    assert is_zero(unaided(), shares(N) - size_poly(N))
    for other in (N + N, N + 1):
        assert not is_zero(unaided(), shares(other) - size_poly(N))
