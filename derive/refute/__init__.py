"""Counterexamples: instances that satisfy all that is declared and assumed and make a claim false."""

from __future__ import annotations

from derive.refute.search import Findings, Search

__all__ = ["Findings", "Search"]
