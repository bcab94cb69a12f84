"""What is done to a program's lines between reading a theorem and printing it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from codegen.lines import Line, Names
from codegen.passes.apart import part
from codegen.passes.dead import live
from codegen.passes.numbered import numbered
from codegen.passes.order import order_contractions
from codegen.passes.shared import share
from codegen.passes.stable import stabilise
from derive.context import Context

Pass = Callable[[list[Line], Mapping[str, str], Context, Names], list[Line]]

#: in this order
PASSES: tuple[Pass, ...] = (part, stabilise, live, order_contractions, share, live, numbered)
