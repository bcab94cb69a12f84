"""`derive hessian FILE.md L w`: the second derivative in closed form, and convexity where it is proved."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from derive.commands import gradient
from derive.commands.gradient import add_arguments
from derive.commands.limits import limited
from derive.messages import word
from derive.messages.reasons import reason

if TYPE_CHECKING:
    from derive.checking.limited import Tell

__all__ = ["add_arguments", "run"]


def run(args: argparse.Namespace) -> int:
    """0 derived and proved, 1 not, 2 an unreadable file or an unknown name."""
    return limited(args, answer)


def answer(tell: Tell, args: argparse.Namespace) -> int:
    from derive.gradient.derivation import GradientError
    from derive.gradient.hessian import hessian
    from derive.gradient.present import definition_formula, document, equation, formula, uses, where

    tell(None)
    found = gradient.asked(args)
    if isinstance(found, int):
        return found
    subject, w = found
    what = f"the Hessian of {args.scalar} by {args.variable}"
    tell((what, gradient.place_of(args, subject)))
    try:
        result = hessian(subject.context, subject.scalar, w)
        context, rel = result.theorem.context, equation(result.theorem)
        if args.steps or args.format == "markdown":
            title = word("hessian_title", args.lang, scalar=args.scalar, variable=args.variable)
            print(document(result.gradient, w.name, title, [rel], context), end="")
            return 0
    except GradientError as failure:
        return gradient.refused(args, subject, what, str(failure))
    named = where(context, rel.right, result.gradient.introduced)
    convex = f"{args.scalar} is convex in {args.variable}" if result.convex is not None else ""
    used = uses([result.theorem])
    conditions = uses([result.convex]) if result.convex is not None else []
    if args.json:
        both = ("unicode", "latex")
        print(json.dumps({
            "schema": 1, "file": str(args.file), "scalar": args.scalar, "variable": args.variable,
            **{n: formula(rel, context, n) for n in both},
            "where": [{n: definition_formula(d, context, n) for n in both} for d in named],
            "convex": result.convex is not None, "uses": used, "convex_uses": conditions,
        }, ensure_ascii=False))  # fmt: skip
        return 0
    notations = ("latex",) if args.format == "latex" else ("unicode", "latex")
    print("\n".join(formula(rel, context, n) for n in notations))
    for d in named:
        print(f"  {word('where', args.lang)} " + definition_formula(d, context, notations[0]))
    print("\n" + gradient.proved_line(used, args.lang))
    if convex:
        print(reason(convex + (f", where {', '.join(conditions)}" if conditions else ""), args.lang))
    return 0
