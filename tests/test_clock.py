"""Limits are counted in seconds of computing, within the real seconds that a user allows."""

from __future__ import annotations

import time

from derive.clock import now, passed, within


def test_waiting_is_not_counted() -> None:
    deadline = now() + 0.05
    time.sleep(0.1)
    assert not passed(deadline)


def test_computing_is_counted() -> None:
    deadline, real = now() + 0.01, time.monotonic() + 60
    while not passed(deadline):
        assert time.monotonic() < real


def test_after_the_real_limit_every_deadline_has_passed() -> None:
    with within(0.01):
        time.sleep(0.02)
        assert passed(now() + 60)
        assert passed(None)
    assert not passed(now() + 60)


def test_an_inner_limit_does_not_lengthen_the_outer_one() -> None:
    with within(0.01), within(60):
        time.sleep(0.02)
        assert passed(now() + 60)
