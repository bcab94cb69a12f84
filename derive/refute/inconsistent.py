"""Proofs that assumptions contradict each other."""

from __future__ import annotations

from derive.context import Context


def contradiction(context: Context, deadline: float) -> bool:
    return False
