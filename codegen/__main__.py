"""The command line of `codegen`: the lecture's five modules, or a homework document."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from derive.output import while_read

if TYPE_CHECKING:
    from derive.checking.limited import Tell

GENERATED = Path(__file__).resolve().parent.parent / "generated"


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0, 1 (`--check`: the files differ) or 2 (usage, files, a step that is not proved)."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if any(argument.endswith(".md") for argument in given):
        return while_read(lambda: _document(given))
    options = _parser().parse_args(given)
    return while_read(lambda: _modules(options.names, options.out, options.check))


def _modules(names: list[str], out: Path, check: bool) -> int:
    import codegen
    from codegen.errors import CodegenError
    from codegen.proofs import NotProvable

    known = codegen.names()
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"codegen: no module is called {unknown[0]!r}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    try:
        files = codegen.generate(names)
    except (NotProvable, CodegenError) as failure:
        print(f"codegen: {failure}", file=sys.stderr)
        return 2
    if check:
        return _compare(files, names, out)
    try:
        changed = codegen.write(files, out)
    except OSError as error:
        print(f"codegen: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    for name in sorted(files):
        print(f"{'wrote' if name in changed else 'same '} {out / name}")
    return 0


def _compare(files: dict[str, str], names: list[str], out: Path) -> int:
    import codegen

    difference = codegen.difference(files, out, whole=not names)
    if not difference:
        print(f"{out}: as generated")
        return 0
    print(difference, end="")
    command = " ".join(["python -m codegen", *names, *([] if out == GENERATED else ["--out", str(out)])])
    print(f"codegen: {out} is not what the theorems give; run `{command}`", file=sys.stderr)
    return 1


def _document(arguments: Sequence[str]) -> int:
    """`codegen FILE.md --out FILE.py`: 0 written, 1 refused, 2 usage or a file that can't be read."""
    from derive.commands.limits import add_limits, limits_of
    from derive.messages import LANGUAGES, word
    from derive.messages.reasons import reason

    parser = argparse.ArgumentParser(
        prog="codegen", description="Write a document's definitions and proved gradients as a NumPy module."
    )
    parser.add_argument("file", type=Path, metavar="FILE.md", help="a document in the homework format")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.py", help="the module to write")
    parser.add_argument("--gradients", choices=["claimed", "all"], default="claimed",
                        help="what the document claims, or derived for every scalar (default: claimed)")  # fmt: skip
    parser.add_argument("--section", metavar="HEADING", help="compile what is under this heading")
    parser.add_argument("--tests", action="store_true", help="write test_FILE.py beside it")
    parser.add_argument("--hessians", action="store_true", help="Hessians and their products with a vector")
    parser.add_argument("--over", metavar="NAMES", type=_names,
                        help="derivatives by these variables only (w,b), and the Hessian's product by all of them")
    parser.add_argument("--lang", choices=list(LANGUAGES), default="en", help="language of the messages")
    add_limits(parser, 60.0, "for each definition with its gradients, and each Hessian")
    options = parser.parse_args(arguments)

    from derive.checking.limited import Exceeded, within
    from derive.files import write_text

    limits = limits_of(options)
    try:
        files, said, code = within(limits, _compiled, options)
    except Exceeded as failure:
        why = reason(failure.text(limits), options.lang)
        if failure.where is None:
            print(f"codegen: {options.file}: {word('cannot_read', options.lang, why=why)}", file=sys.stderr)
            return 2
        at, name = failure.where
        said = reason(f"{name} cannot be compiled", options.lang)
        print(f"{word('error', options.lang)}: {said}\n  --> {at}\n   = {why}", file=sys.stderr)
        return 1
    if said:
        print(said, file=sys.stderr)
        return code
    try:
        for path, text in files.items():
            write_text(path, text)
    except OSError as error:
        print(f"codegen: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    for path in files:
        print(word("wrote", options.lang, file=path))
    return 0


def _names(text: str) -> list[str]:
    return [name for part in text.split(",") if (name := part.strip())]


def _compiled(tell: Tell, options: argparse.Namespace) -> tuple[dict[Path, str], str, int]:
    """The files to write, or what is said instead and the exit code; in a process of its own."""
    from codegen.checks import tests_of
    from codegen.document import Refused, compile_document
    from derive.files import Unreadable, why_unread
    from derive.homework.place import Place
    from derive.messages import word

    def told(place: Place | None, name: str) -> None:
        tell((f"{options.file}:{place.line}:{place.column}" if place is not None else str(options.file), name))

    tell(None)
    try:
        module = compile_document(
            options.file, every_gradient=bool(options.gradients == "all" or options.hessians or options.over),
            section=options.section, hessians=options.hessians, by=options.over, tell=told,
        )  # fmt: skip
    except (OSError, Unreadable) as error:
        why = word("cannot_read", options.lang, why=why_unread(error, options.lang))
        return {}, f"codegen: {options.file}: {why}", 2
    except Refused as refused:
        return {}, "\n".join(refusal.text(str(options.file), options.lang) for refusal in refused.refusals), 1
    files = {options.out: module.source}
    if options.tests:
        files[options.out.with_name(f"test_{options.out.name}")] = tests_of(module, options.out.stem)
    return files, "", 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="codegen",
        description="Write NumPy modules from proved theorems: the lecture's, or those of FILE.md "
        "(see `codegen FILE.md --help`).",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="modules to write (all)")
    parser.add_argument("--out", type=Path, default=GENERATED, metavar="DIR", help="folder (generated/)")
    parser.add_argument("--check", action="store_true", help="write nothing; print how the files differ")
    return parser


if __name__ == "__main__":
    sys.exit(main())
