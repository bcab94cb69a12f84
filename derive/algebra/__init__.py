"""The index-normal form: scalar expressions with indices, decided for every size.

    atoms     what a normal form is made of: atoms, monomials, polynomials
    patterns  matching a monomial inside a bound sum
    signs     ranges of normal forms under the declared domains and assumptions
    facts     the hypotheses in the shape that the normaliser uses, and which of them were used
    normal    the normaliser: every operation returns a normal form
    calculus  derivatives of normal forms
    entries   from terms to normal forms, with the conditions under which they are defined
    zero      the zero test
"""
