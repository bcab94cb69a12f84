"""Runs a target under libFuzzer (atheris) in a process that is watched, and started again until the time is up.

In `out/fuzz/TARGET`: `corpus` (what reached something new; kept from run to run), `findings` (one folder per
cause: the input, the traceback), `log`.
"""

from __future__ import annotations

import hashlib
import os
import re
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path
from random import Random
from typing import Any

from tests.random_models import Model

ROOT = Path(__file__).resolve().parents[2]
OUT = Path(os.environ.get("FUZZ_OUT", ROOT / "out" / "fuzz"))
#: seconds of processor time for one input before its stack is written down; then the process is killed
SLOW, STUCK = 45, 75
LONGEST = 4_000
#: a process is replaced after so many seconds: what it has cached is then forgotten
TURN = 1_500
#: the texts that a target starts from, and the longest of them in bytes
SEEDS = {"parse": (3_000, LONGEST), "read": (400, LONGEST), "check": (150, 1_000)}
MEMORY = 3 << 30


def texts() -> list[str]:
    folders = [ROOT / "tests" / "documents", ROOT / "tests" / "models"]
    folders += [up / "shared" / "homework" for up in (ROOT.parent, ROOT.parent.parent)]
    return [p.read_text(encoding="utf-8") for folder in folders if folder.is_dir() for p in sorted(folder.glob("*.md"))]


def started(target: str, known: list[str]) -> list[str]:
    """What a target starts from: few and short texts where one run takes long."""
    count, longest = SEEDS.get(target, (60, 700))
    if target in ("gradient", "codegen"):
        known = [text for text in known if ":=" in text] + [Model(Random(k)).text for k in range(20)]
    fits = [text for text in known if len(text.encode()) <= longest]
    return Random(target).sample(fits, min(count, len(fits)))


# -- the watched process -------------------------------------------------------------------------------------


class Overrun(BaseException):
    """Raised in the middle of what takes too long; nothing in the product catches it."""


def clock() -> None:
    """The time that the product's limits are kept in becomes this process's own: a busy machine then changes no
    verdict, and what is replayed is what was found."""
    time.monotonic = time.perf_counter = time.process_time


def child(target: str, seconds: int) -> None:
    """Never returns: libFuzzer ends the process."""
    import atheris

    clock()
    sys.path.insert(0, str(ROOT))
    with atheris.instrument_imports(include=["derive", "codegen"]):
        from tests.fuzz import targets
    from tests.fuzz.mutator import Mutator, seeds

    folder = OUT / target
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    known = texts()
    made = Mutator(known)
    for text in started(target, made.displays + made.inlines if target == "parse" else seeds(known)):
        (corpus / hashlib.sha1(text.encode()).hexdigest()).write_bytes(text.encode())
    run = targets.TARGETS[target][0]
    current = os.open(folder / "current", os.O_RDWR | os.O_CREAT)
    _bound_memory()
    signal.signal(signal.SIGVTALRM, _overrun)

    def one(data: bytes) -> None:
        os.pwrite(current, data, 0)
        os.ftruncate(current, len(data))
        os.utime(current)
        signal.setitimer(signal.ITIMER_VIRTUAL, SLOW)
        try:
            run(data)
        except (Exception, Overrun) as error:
            keep(target, data, error)
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        rng = Random(seed)
        if rng.random() < 0.04:
            return bytes(atheris.Mutate(data, most))
        for _ in range(4):
            changed = made(data.decode("utf-8", "replace"), rng).encode("utf-8", "replace")
            if len(changed) <= most:
                return changed
        return bytes(atheris.Mutate(data, most))

    options = [
        f"-max_total_time={seconds}", f"-max_len={LONGEST}", "-len_control=0", "-timeout=600", "-rss_limit_mb=0",
        "-print_final_stats=1", "-reload=0", f"-artifact_prefix={folder}/", f"-seed={int(time.time())}",
    ]  # fmt: skip
    atheris.Setup([sys.argv[0], *options, str(corpus)], one, custom_mutator=mutate)
    atheris.Fuzz()


def _overrun(*_: Any) -> None:
    raise Overrun


def _bound_memory() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def keep(target: str, data: bytes, error: BaseException) -> None:
    """The input and the traceback, under the place where it was raised; the shortest input of each."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if str(ROOT) in f.filename]
    where = "-".join(f"{Path(f.filename).stem}.{f.name}" for f in frames[-2:])
    kind = str(getattr(error, "kind", type(error).__name__))
    extra = ""
    if kind not in ("slow", "MemoryError", "RecursionError") and hasattr(error, "kind"):
        extra = "-" + hashlib.sha1(str(error).encode()).hexdigest()[:5]
    name = re.sub(r"[^\w.-]+", "_", f"{kind}-{where}{extra}")[:110]
    folder = OUT / target / "findings" / name
    folder.mkdir(parents=True, exist_ok=True)
    text = folder / "input.md"
    if not text.exists() or len(data) < text.stat().st_size:
        text.write_bytes(data)
        shown = "".join(traceback.format_exception(error))
        (folder / "what.txt").write_text(shown[-12_000:], encoding="utf-8")


# -- the watcher ---------------------------------------------------------------------------------------------


def fuzz(target: str, seconds: float) -> None:
    """Fuzzes for so long; a process that hangs or dies leaves its input among the findings."""
    folder = OUT / target
    folder.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 10:
        command = [sys.executable, "-m", "tests.fuzz", "--child", target, "--seconds", str(int(min(left, TURN)))]
        with (folder / "log").open("ab") as log:
            process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
            hung, spent = _watch(process, folder / "current")
            log.write(f"\nprocessor time: {spent:.0f} s\n".encode())
        if hung or process.returncode not in (0, None):
            data = (folder / "current").read_bytes() if (folder / "current").exists() else b""
            reason = "hang" if hung else f"exit{process.returncode}"
            keep(target, data, RuntimeError(reason)) if not data else _died(target, data, reason)


def _died(target: str, data: bytes, reason: str) -> None:
    folder = OUT / target / "findings" / f"{reason}-{hashlib.sha1(data).hexdigest()[:8]}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "input.md").write_bytes(data)


def _watch(process: subprocess.Popen[bytes], current: Path) -> tuple[bool, float]:
    """Waits for the process: whether it had to be killed on one input, and its processor time in seconds."""
    seen, since, now = 0.0, 0.0, 0.0
    while True:
        try:
            process.wait(timeout=2)
            return False, now
        except subprocess.TimeoutExpired:
            pass
        stamp = current.stat().st_mtime if current.exists() else 0.0
        now = _processor_time(process.pid)
        if stamp != seen:
            seen, since = stamp, now
        elif stamp and now - since > STUCK:
            process.kill()
            process.wait()
            return True, now


def _processor_time(pid: int) -> float:
    try:
        parts = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (OSError, IndexError):
        return 0.0
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def summary(target: str) -> str:
    """Executions, coverage and findings, from all runs whose log is there."""
    folder = OUT / target
    log = (folder / "log").read_text(errors="replace") if (folder / "log").exists() else ""
    runs = sum(map(int, re.findall(r"stat::number_of_executed_units:\s*(\d+)", log)))
    covered = [int(n) for n in re.findall(r"\bcov: (\d+)", log)]
    features = [int(n) for n in re.findall(r"\bft: (\d+)", log)]
    seconds = sum(map(int, re.findall(r"processor time: (\d+) s", log)))
    found = len(list((folder / "findings").glob("*"))) if (folder / "findings").exists() else 0
    corpus = len(list((folder / "corpus").glob("*"))) if (folder / "corpus").exists() else 0
    return (
        f"{target}: {runs} runs in {seconds / 60:.1f} min of processor time, {max(covered, default=0)} edges, "
        f"{max(features, default=0)} features, {corpus} inputs kept, {found} findings"
    )


__all__ = ["child", "fuzz", "summary", "texts"]
