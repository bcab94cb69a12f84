"""Relations: how they are written, what a display may claim, and what the format does not name."""

from __future__ import annotations

#: relation commands and characters → their symbol
RELATIONS = {
    "=": "=", "<": "<", ">": ">", "\\lt": "<", "\\gt": ">",
    "\\le": "≤", "\\leq": "≤", "\\leqslant": "≤", "\\ge": "≥", "\\geq": "≥", "\\geqslant": "≥",
    "\\ne": "≠", "\\neq": "≠", "\\propto": "∝",
    "\\iff": "⟺", "\\Leftrightarrow": "⟺", "\\Longleftrightarrow": "⟺",
    "\\implies": "⟹", "\\Rightarrow": "⟹", "\\Longrightarrow": "⟹",
    ":=": ":=", "\\coloneqq": ":=", "\\triangleq": ":=",
    "\\in": "∈", "\\sim": "∼", "\\to": "→", "\\rightarrow": "→", ":": ":", "\\colon": ":",
}  # fmt: skip
#: what a display may claim
CLAIMED = {"=", "≤", "≥", "<", ">", "∝", "⟺", "⟹"}
#: relations that the format does not name: an assumption with one cannot be read
FOREIGN = {
    "\\succ", "\\succeq", "\\prec", "\\preceq", "\\approx", "\\simeq", "\\cong", "\\equiv", "\\perp", "\\ll", "\\gg",
    "\\subset", "\\subseteq", "\\notin", "\\leqq", "\\geqq", "\\Longleftarrow", "\\Leftarrow", "\\impliedby",
}  # fmt: skip
