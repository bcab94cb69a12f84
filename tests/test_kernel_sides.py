"""Side conditions of the laws of the algebra: what each of them would prove without its own."""

import pytest

from derive import kernel
from derive.algebra.atoms import ONE, Atom, Poly, atom_poly, mono, size_poly, total, var
from derive.algebra.facts import Facts, Rule
from derive.algebra.normal import Normalizer
from derive.algebra.patterns import Pattern
from derive.algebra.surely import Signs
from derive.algebra.zero import is_zero
from derive.blackboard import Derivation, gt, sum_
from derive.context import POSITIVE, REAL, Assumption, Context
from derive.homework.document import read_document
from derive.kernel import NotProved, Scene
from derive.props import Implies
from derive.prover import ProofError, prove
from derive.terms import MINUS_ONE, Comp, Entry, Index, Mul, Pow, Size, Sum, Term, Var, size


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


def test_only_a_term_of_the_sum_is_a_share_of_it() -> None:
    D = size("D")
    i, j, k = Index("i", D), Index("j", D), Index("k", D)
    a = Var("a", (D,))

    def quotient(top: Term, below: Term) -> Term:
        return Comp((i,), Mul((top, Pow(below, MINUS_ONE))))

    signs = Signs(Context(), lambda name: POSITIVE)
    assert signs.share(quotient(Entry(a, (i,)), Sum(j, Entry(a, (j,)))))
    for top, below in (
        (Entry(a, (i,)), Sum(j, Entry(a, (j,)), 2)),
        (Entry(a, (k,)), Sum(j, Entry(a, (j,)))),
        (Entry(Var("b", (D,)), (i,)), Sum(j, Entry(a, (j,)))),
        (Mul((Entry(a, (i,)), Entry(a, (i,)))), Sum(j, Entry(a, (j,)))),
        (Entry(a, (i,)), Sum(j, Mul((Entry(a, (i,)), Entry(a, (j,)))))),
    ):
        assert not signs.share(quotient(top, below))
    assert not Signs(Context(), lambda name: REAL).share(quotient(Entry(a, (i,)), Sum(j, Entry(a, (j,)))))


def test_a_theorem_about_one_place_is_known_of_that_place_only() -> None:
    d = Derivation("cut")
    D = d.size("D")
    x, i, j = d.vector("x", D), d.index("i", D), d.index("j", D)
    one = gt(x[i], 0)
    inner = kernel.assuming(d.context, one)
    premise = kernel.order(Scene(inner), gt(2 * x[i], 0))
    outer = kernel.knowing(inner, premise)
    here = kernel.cut(Scene(inner), premise, kernel.order(Scene(outer), gt(4 * x[i], 0)))
    assert kernel.implication(Scene(d.context), Implies(one, gt(4 * x[i], 0)), here).context is d.context
    for elsewhere in (gt(x[j], 0), gt(sum_(j, x[j]), 0)):
        with pytest.raises(NotProved, match="sign of the difference"):
            kernel.order(Scene(outer), elsewhere)
    universal = d.context.child()
    universal.assume(Assumption(one, "every place"))
    wide = kernel.knowing(universal, kernel.order(Scene(universal), gt(2 * x[i], 0)))
    assert kernel.order(Scene(wide), gt(sum_(j, x[j]), 0)).context is wide


# -- documents: an assumption, what follows from it, and what does not ----------------------------------

NAMES = r"Let $A, S \in \mathbb{R}^{D \times D}$, $x, y \in \mathbb{R}^D$, $\alpha, \beta, \gamma \in \mathbb{R}$."
CASES: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "a matrix that is minus its transpose": (
        r"A^\top = -A",
        (r"x^\top A x = 0", r"x^\top A y = -y^\top A x", r"\operatorname{tr}(A) = 0",
         r"\|x + Ax\|^2 = \|x\|^2 + \|Ax\|^2",
         r"x^\top A S A x = -(Ax)^\top S (Ax)"),
        (r"A = 0", r"x^\top A y = y^\top A x", r"x^\top S x = 0", r"\operatorname{tr}(AS) = 0", r"x^\top A A x = 0",
         r"\operatorname{tr}(AA) = 0", r"A x = 0", r"x^\top A S x = 0", r"\|Ax\|^2 = 0"),
    ),
    "a symmetric one beside it": (
        r"A^\top = -A$, $S^\top = S",
        (r"\operatorname{tr}(AS) = 0", r"x^\top (AS + SA) x = 0", r"\operatorname{tr}(ASAS) = \operatorname{tr}(SASA)"),
        (r"AS = 0", r"x^\top A S x = 0", r"AS = SA", r"\operatorname{tr}(ASAS) = 0", r"\operatorname{tr}(S) = 0"),
    ),
    "both at once": (r"A^\top = -A$, $A^\top = A", (r"A = 0",), (r"S = 0",)),
    "one positive member of a sum": (
        "",
        (r"x_i > 0 \implies \|x\|^2 > 0", r"x_1 \neq 0 \implies \|x\|^2 > 0", r"A_{ij} \neq 0 \implies \|A\|_F^2 > 0",
         r"A_{ij} > 0 \implies \sum_k A_{ik}^2 > 0"),
        (r"x_i > 0 \implies \sum_k x_k > 0", r"x_i > 0 \implies \|y\|^2 > 0", r"x_i > 0 \implies \|x\|^2 > x_i^2",
         r"x_i > 0 \implies \sum_{k=2}^D x_k^2 > 0", r"x_i > 0 \implies \sum_{k \neq i} x_k^2 > 0",
         r"A_{ij} > 0 \implies \sum_k A_{jk}^2 > 0", r"x_i > 0 \implies \sum_k x_k^2 y_k^2 > 0"),
    ),
    "a matrix beside its inverse, times a number that is not 0": (
        r"\det(I - \alpha A) \neq 0$, $\alpha > 0",
        (r"\alpha A (I - \alpha A)^{-1} = (I - \alpha A)^{-1} - I",
         r"A (I - \alpha A)^{-1} = \frac{1}{\alpha} ((I - \alpha A)^{-1} - I)",
         r"\frac{\partial}{\partial \alpha} (x^\top (I - \alpha A)^{-1} y)"
         r" = x^\top (I - \alpha A)^{-1} A (I - \alpha A)^{-1} y"),
        (r"A (I - \alpha A)^{-1} = (I - \alpha A)^{-1} - I",
         r"A (I - \beta A)^{-1} = \frac{1}{\beta} ((I - \beta A)^{-1} - I)"),
    ),
    "a power by its exponent": (
        r"0 < \gamma < 2",
        (r"\frac{\partial}{\partial \gamma} (2 - \gamma)^\gamma"
         r" = (2 - \gamma)^\gamma (\log(2 - \gamma) - \frac{\gamma}{2 - \gamma})",),
        (r"\frac{\partial}{\partial \gamma} (2 - \gamma)^\gamma = (2 - \gamma)^\gamma \log(2 - \gamma)",
         r"\frac{\partial}{\partial \beta} (2 - \beta)^\beta"
         r" = |2 - \beta|^\beta (\log|2 - \beta| - \frac{\beta}{2 - \beta})"),
    ),
    "a number that is not the absolute value of another": (
        r"\alpha - |\beta| \neq 0",
        (r"\frac{\alpha - |\beta|}{\alpha - |\beta|} = 1",),
        (r"\frac{\alpha + \beta}{\alpha + \beta} = 1", r"\frac{\alpha - \beta}{\alpha - \beta} = 1",
         r"\frac{\alpha^2 - \beta^2}{\alpha^2 - \beta^2} = 1"),
    ),
    "a number at least the absolute value of another": (
        r"\alpha \geq |\beta|",
        (r"\alpha + \beta \geq 0", r"\alpha - \beta \geq 0", r"\alpha^2 \geq \beta^2"),
        (r"\alpha + \beta > 0", r"\alpha + 2 \beta \geq 0", r"\alpha^2 > \beta^2", r"\beta \geq 0"),
    ),
    "a sum with an absolute value that is not negative": (
        r"\alpha + |\beta| \geq 0", (), (r"\alpha + \beta \geq 0", r"\alpha^2 \geq \beta^2", r"\alpha \geq 0"),
    ),
    "a product that is one": (
        r"\alpha \beta = 1", (r"\beta = \frac{1}{\alpha}",), (r"\beta = \alpha", r"\alpha > 0"),
    ),
    "a sum that is not 0": (
        r"\alpha + \beta \neq 0", (), (r"\frac{\alpha}{\alpha} = 1", r"\frac{\alpha \beta}{\alpha \beta} = 1"),
    ),
    "the tangent of log-sum-exp": (
        r"\alpha > 0",
        (r"\log \sum_k \exp(y_k) \geq \log \sum_k \exp(x_k)"
         r" + \sum_k \frac{\exp(x_k)}{\sum_j \exp(x_j)} (y_k - x_k)",),
        (r"\log \sum_k \exp(y_k) \leq \log \sum_k \exp(x_k)"
         r" + \sum_k \frac{\exp(x_k)}{\sum_j \exp(x_j)} (y_k - x_k)",
         r"\log \sum_k \exp(y_k) \geq \log \sum_k \exp(x_k)"
         r" + 2 \sum_k \frac{\exp(x_k)}{\sum_j \exp(x_j)} (y_k - x_k)"),
    ),
    "a matrix that is twice its transpose": (r"A^\top = 2A", (), (r"\operatorname{tr}(A) = 1", r"A = S")),
}  # fmt: skip


def proved(assumed: str, claim: str) -> bool:
    given = f"Assume ${assumed}$." if assumed else ""
    (made,) = read_document(f"# C\n\n{NAMES}\n\n{given}\n\n$$ {claim} $$\n", "c.md").claims
    assert made.prop is not None, made.error
    try:
        prove(made.context, made.prop)
    except ProofError:
        return False
    return True


@pytest.mark.parametrize("name", CASES)
def test_an_assumption_proves_what_follows_and_no_more(name: str) -> None:
    assumed, follows, fails = CASES[name]
    assert [c for c in follows if not proved(assumed, c)] == []
    assert [c for c in fails if proved(assumed, c)] == []
