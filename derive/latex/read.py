"""Everything that gives the nodes of the syntax tree their meaning, gathered in one place."""

from derive.latex import application, calculus, functions, naming, operations
from derive.latex.elaborate import RULES, Elaborator

__all__ = ["RULES", "Elaborator", "application", "calculus", "functions", "naming", "operations"]
