"""`python -m tests.fuzz [TARGET…] [--minutes M]`; needs the extra `fuzz`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.fuzz import driver


def main() -> int:
    """0 nothing found, 1 findings, 2 usage."""
    from tests.fuzz.targets import TARGETS

    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)} (all)")
    parser.add_argument("--minutes", type=float, default=60.0, help="for all targets together (default: 60)")
    parser.add_argument("--replay", type=Path, nargs="+", metavar="FILE", help="run one target on these inputs, once")
    parser.add_argument("--summary", action="store_true", help="add up the runs so far, and nothing else")
    parser.add_argument("--child", metavar="TARGET", help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=int, default=60, help=argparse.SUPPRESS)
    args = parser.parse_args()
    names = args.targets or list(TARGETS)
    if set(names) - set(TARGETS):
        parser.error(f"the targets are {', '.join(TARGETS)}")
    if args.replay:
        driver.clock()
        for path in args.replay:
            for name in names:
                TARGETS[name][0](path.read_bytes())
        return 0
    if not args.summary:
        parts = sum(TARGETS[n][1] for n in names)
        for name in names:
            driver.fuzz(name, args.minutes * 60 * TARGETS[name][1] / parts)
    print("\n".join(driver.summary(n) for n in names))
    return int(any((driver.OUT / n / "findings").exists() for n in names))


if __name__ == "__main__":
    if "--child" in sys.argv:  # nothing of the product may be imported before it is instrumented
        driver.child(sys.argv[sys.argv.index("--child") + 1], int(sys.argv[sys.argv.index("--seconds") + 1]))
    sys.exit(main())
