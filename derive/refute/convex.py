"""Minima of convex objectives made of logarithms of sums of exponentials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.evaluate import Point
from derive.refute.instances import Finder
from derive.terms import Index

if TYPE_CHECKING:
    from derive.refute.optimum import Problem


def convex_solution(finder: Finder, point: Point, problem: Problem, at: dict[Index, int]) -> Point | None:
    return None
