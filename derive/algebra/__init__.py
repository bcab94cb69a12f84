"""The index-normal form: scalar expressions with indices, decided for every size.

What a normal form is, and the operations on it
    atoms       what a normal form is made of: atoms, monomials, polynomials
    normal      the normaliser: every operation returns a normal form
    sums        bound sums and products
    cases       deltas and variables with two values; apart: what stands under i ≠ j; kinks: slopes of |u| and max
    patterns    matching a monomial inside a bound sum
    powers      powers, exponentials, logarithms and other functions
    matrices    inverses, determinants, unknown functions of arrays
    factors     factors over the rationals
    calculus    derivatives

From a term in its context
    facts       the hypotheses in the shape that the normaliser uses, and which of them were used
    hypotheses  from declarations and assumptions to facts
    entries     from terms to normal forms (scopes: what names stand for; exponents: what a power needs)
    conditions  where a term has a value (defined: the same for what a search found)

Questions
    zero        is it 0?  (exchanged: double sums made symmetric)
    signs       is it positive, not negative, not 0?  (ranges: intervals; surely: signs as written; probe: a cheap look)
    squares, quadratic, members, tangents   the ways to see that it is not negative
"""
