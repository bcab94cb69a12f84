"""The kernel: the only place where a `Theorem` is made."""

from __future__ import annotations

from derive.context import Context
from derive.props import Prop

_TOKEN = object()


class Theorem:
    """A proposition that holds in `context` for every size; only this module can make one."""

    __slots__ = ("context", "premises", "prop", "rule", "uses")

    def __init__(
        self,
        token: object,
        prop: Prop,
        context: Context,
        uses: tuple[str, ...],
        rule: str,
        premises: tuple[Theorem, ...] = (),
    ) -> None:
        if token is not _TOKEN:
            raise TypeError("only the kernel's rules make theorems")
        self.prop = prop
        self.context = context
        self.uses = uses
        self.rule = rule
        self.premises = premises
