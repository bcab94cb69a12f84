"""What codegen says when it cannot compile something."""

from __future__ import annotations

from derive.terms import Term


class CodegenError(Exception):
    """A term that has no program.  `term` is the part that stands in the way, where there is one.

    The message is one short fact; the caller adds the place (file, line, name of the derivation).
    """

    def __init__(self, why: str, term: Term | None = None) -> None:
        super().__init__(why)
        self.term = term
