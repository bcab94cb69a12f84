"""`python -m benchmarks [NAME…]` runs the measurements one after the other."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import benchmarks


def main() -> int:
    """Exit code 0, or 2 for a name that is no measurement."""
    known = sorted(m.name for m in pkgutil.iter_modules(benchmarks.__path__) if m.name[0] != "_" and m.name != "timing")
    names = sys.argv[1:] or known
    for name in names:
        if name not in known:
            print(f"benchmarks: no measurement is called {name}; there are {', '.join(known)}", file=sys.stderr)
            return 2
    for name in names:
        print(f"== {name}", flush=True)
        sys.argv[1:] = []  # a measurement's own options are those of `python -m benchmarks.NAME`
        importlib.import_module(f"benchmarks.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
