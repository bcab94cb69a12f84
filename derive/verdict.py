"""What the checker says of a step."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from derive.kernel import Theorem

VERDICTS = ("proved", "refuted", "unknown", "error")


@dataclass(frozen=True)
class Counterexample:
    """An instance that satisfies every declaration and assumption and makes the claim false.

    `values` are nested lists of numbers by written name (vectors 1-D, matrices 2-D); a number is an
    `int` or `Fraction` where exact, else a `float`.  `functions` tells which concrete function each
    unknown one was taken to be.  `at` are the values of the claim's free indices, `where` the entry
    (1-based) at which two arrays differ.  `lhs`/`rhs` are both sides there (numbers or booleans).
    `note` is a key of the messages' NOTES, such as "left_only", or ""; `note_params` fill it.
    """

    sizes: dict[str, int]
    values: dict[str, Any]
    lhs: int | float | bool | Fraction | str
    rhs: int | float | bool | Fraction | str
    functions: dict[str, str] = field(default_factory=dict)
    at: dict[str, int] = field(default_factory=dict)
    where: tuple[int, ...] = ()
    note: str = ""
    note_params: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Cause:
    """A repair that was itself checked: with it the step is proved.

    `kind` is a key of the messages' CAUSES and `params` (formulas, numbers; no sentences) fill it.
    `fix` is the repaired side, or the missing assumption, in the LaTeX of the homework format: with it
    the step is proved.  `side` tells which side is repaired, "left" or "right"; where the relation itself
    is repaired, the fix begins with it.
    """

    kind: str
    params: dict[str, str] = field(default_factory=dict)
    fix: str = ""
    side: str = "right"


@dataclass(frozen=True)
class Outcome:
    """Verdict on one claim.  `code` is "" for proved, else a Dxyz; `params` fill its message.

    `missing` names the assumption that would decide an `unknown` (code D501) in LaTeX-free text.
    """

    verdict: str
    code: str = ""
    params: dict[str, str] = field(default_factory=dict)
    uses: tuple[str, ...] = ()
    theorem: Theorem | None = None
    counterexample: Counterexample | None = None
    missing: str = ""
    likely_cause: Cause | None = None
    seconds: float = 0.0
