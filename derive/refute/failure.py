"""What an instance says of a proposition: that it fails there, or that it holds there, or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from derive.evaluate import Instance, Number


@dataclass(frozen=True)
class Failure:
    """Where a proposition is false: values of free indices, the entry, both sides.

    `note` is a key of the messages' NOTES that says what the point shows; `params` fill it.
    """

    at: dict[str, int]
    where: tuple[int, ...]
    left: Number | bool
    right: Number | bool
    note: str = ""
    params: dict[str, str] = field(default_factory=dict)
    instance: Instance | None = None  # where it is not the point's own


@dataclass(frozen=True)
class Verdict:
    """What a point says: it fails, or it is evidence, or one side has no value there."""

    failure: Failure | None = None
    evidence: bool = False
    one_sided: str = ""  # "left" or "right": the side that alone has a value


NOTHING = Verdict()
