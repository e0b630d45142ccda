"""A signal is a flag to wait for, except where breaking off is wanted."""

from __future__ import annotations

import os
import signal

import pytest

from vungxanh.stopping import StopAsked


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_sets_the_flag_and_breaks_nothing_off(number: signal.Signals) -> None:
    with StopAsked() as stop:
        assert not stop.wait(0)
        os.kill(os.getpid(), number)
        assert stop.wait(60)
        assert stop.asked


def test_within_breaking_off_it_interrupts_once() -> None:
    with StopAsked() as stop:
        with pytest.raises(KeyboardInterrupt), stop.breaking_off():
            os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)  # on the way out: nothing more is broken off
        assert stop.asked


def test_asked_before_there_is_nothing_to_begin() -> None:
    with StopAsked() as stop:
        os.kill(os.getpid(), signal.SIGINT)
        begun = False
        with pytest.raises(KeyboardInterrupt), stop.breaking_off():
            begun = True
        assert not begun


def test_afterwards_signals_are_as_before() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with StopAsked():
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before
