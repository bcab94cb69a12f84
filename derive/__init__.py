"""Checks derivations step by step, for every size.

    >>> import derive
    >>> derive.check_document("Let $a \\\\in \\\\mathbb{R}$.\\n\\n$$ a + a = 2 a $$").summary
    {'proved': 1, 'refuted': 0, 'unknown': 0, 'error': 0}

What is named here is imported when it is first used: importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from derive.blackboard import Derivation
    from derive.checking.documents import check_document
    from derive.report import Report, StepReport

#: public name → the module that has it
_HOMES = {
    "Derivation": "derive.blackboard",
    "Report": "derive.report",
    "StepReport": "derive.report",
    "check_document": "derive.checking.documents",
}

__all__ = ["Derivation", "Report", "StepReport", "check_document"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'derive' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
