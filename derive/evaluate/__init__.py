"""The independent evaluator: terms and propositions at concrete sizes and values.

    evaluator = Evaluator(context)
    point = evaluator.at(Instance.of({"N": 2, "D": 1}, X=[[1], [2]], w=[1], y=[0, 1]))
    point.value(term)            # a number, an Array, or UNDEFINED
    point.truth(proposition)     # True, False or None

It shares no code with the prover.  Numbers are exact while they are rational; derivatives are exact
by forward mode through the graph of definitions, to any order.
"""

from __future__ import annotations

from derive.evaluate.environment import EvaluationError
from derive.evaluate.evaluator import Evaluator, Point, terms_of
from derive.evaluate.functions import FIELDS, UNIVARIATE, Field, Univariate
from derive.evaluate.instance import Array, Instance
from derive.evaluate.numbers import UNDEFINED, Number, ResourceLimit, is_exact
from derive.evaluate.truth import compare, simple

__all__ = [
    "FIELDS", "UNDEFINED", "UNIVARIATE", "Array", "EvaluationError", "Evaluator", "Field", "Instance",
    "Number", "Point", "ResourceLimit", "Univariate", "compare", "is_exact", "simple", "terms_of",
]  # fmt: skip
