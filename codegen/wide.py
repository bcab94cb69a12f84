"""Double precision where single loses all digits: Σ_d (x_id − x_jd)² written with Σ_d x_id x_jd.

The form needs no array over i, j and d, but between points that are close it is a small difference of large
numbers: in single precision the distance of a point of length 10⁴ from itself comes out as 8.  So its parts
are taken in double precision, and what is left is brought back.
"""

from __future__ import annotations

from functools import cached_property

from derive.terms import Shape, Term, node


@node
class Wide(Term):
    """The value in double precision at least."""

    body: Term

    @cached_property
    def shape(self) -> Shape:
        return ()


@node
class Narrow(Term):
    """The value in the precision of the arguments."""

    body: Term

    @cached_property
    def shape(self) -> Shape:
        return ()


__all__ = ["Narrow", "Wide"]
