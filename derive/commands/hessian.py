"""`derive hessian FILE.md L w`: the second derivative in closed form, and convexity where it is proved.

For a matrix, and where no closed form is found, the product of the Hessian with a direction.
"""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from derive.commands import gradient
from derive.commands.limits import limited
from derive.messages import word
from derive.messages.reasons import reason

if TYPE_CHECKING:
    from derive.checking.limited import Tell
    from derive.gradient.hessian import Hessian, Product
    from derive.gradient.subject import Subject

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    gradient.add_arguments(parser)
    parser.add_argument("--product", action="store_true", help="its product with a direction")


def run(args: argparse.Namespace) -> int:
    """0 derived and proved, 1 not, 2 an unreadable file or an unknown name."""
    return limited(args, answer)


def answer(tell: Tell, args: argparse.Namespace) -> int:
    from derive.gradient.derivation import GradientError
    from derive.gradient.hessian import Hessian, product, second

    tell(None)
    found = gradient.asked(args)
    if isinstance(found, int):
        return found
    subject, w = found
    what = f"the Hessian of {args.scalar} by {args.variable}"
    tell((what, gradient.place_of(args, subject)))
    try:
        made = (product if args.product else second)(subject.context, subject.scalar, w)
        return _closed(args, made) if isinstance(made, Hessian) else _product(args, subject, what, made)
    except GradientError as failure:
        return gradient.refused(args, subject, what, str(failure))


def _closed(args: argparse.Namespace, result: Hessian) -> int:
    from derive.gradient.present import document, equation, uses, where

    context, rel = result.theorem.context, equation(result.theorem)
    if args.steps or args.format == "markdown":
        title = word("hessian_title", args.lang, scalar=args.scalar, variable=args.variable)
        print(document(result.gradient, result.variable.name, title, [rel], context), end="")
        return 0
    named = where(context, rel.right, result.gradient.new)
    shape = result.convex or result.concave
    conditions = sorted({*uses([shape]), *result.region}) if shape is not None else []
    if args.json:
        made = gradient.stated_json(args, result.theorem, named, [])
        kinds = {"convex": result.convex is not None, "concave": result.concave is not None}
        used = {"convex_uses" if result.concave is None else "concave_uses": conditions}
        print(json.dumps({**made, **kinds, **used}, ensure_ascii=False))
        return 0
    print("\n".join(gradient.stated(result.theorem, named, [], args.format, args.lang)))
    print("\n" + gradient.proved_line(uses([result.theorem]), args.lang))
    if shape is not None:
        kind = "convex" if result.convex is not None else "concave"
        convex = f"{args.scalar} is {kind} in {args.variable}"
        print(reason(convex + (f", where {', '.join(conditions)}" if conditions else ""), args.lang))
    return 0


def _product(args: argparse.Namespace, subject: Subject, what: str, result: Product) -> int:
    from derive.context import written
    from derive.gradient.present import equation, product_document, uses, where

    w, theorem = result.variable, result.theorem
    if theorem is None:
        why = f"∂{args.scalar}/∂{args.variable} does not depend on {args.variable}; the second derivative is 0"
        return gradient.refused(args, subject, what, why)
    direction, form = written(result.direction.name), written(result.form.name)
    title = word(
        "hessian_product", args.lang, scalar=args.scalar, variable=args.variable, direction=direction, form=form
    )
    if args.steps or args.format == "markdown":
        print(product_document(result, title), end="")
        return 0
    context = theorem.context
    new = (*result.first.new, *result.gradients.new)
    named = {d.name: d for d in (context.definitions[result.form.name], *where(context, equation(theorem).right, new))}
    for d in where(context, context.definitions[result.form.name].body, new):
        named.setdefault(d.name, d)
    claims = [*gradient.steps(result.first, w), *gradient.steps(result.gradients, w)]
    if args.json:
        made = gradient.stated_json(args, theorem, list(named.values()), claims)
        print(json.dumps({**made, "direction": direction, "form": form}, ensure_ascii=False))
        return 0
    if args.format == "text":
        print(title)
    print("\n".join(gradient.stated(theorem, list(named.values()), claims, args.format, args.lang)))
    print("\n" + gradient.proved_line(uses([theorem]), args.lang))
    return 0
