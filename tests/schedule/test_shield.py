"""What libraries print while a solver runs stays out of standard output."""

from __future__ import annotations

import ctypes
import os

import pytest

from eagleplan.schedule.shield import clean_stdout


def test_noise_goes_to_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    print("before")
    with clean_stdout():
        os.write(1, b"raw\n")
        ctypes.CDLL("ucrtbase" if os.name == "nt" else None).puts(b"buffered by C")
    print("after")
    out, err = capfd.readouterr()
    assert out == "before\nafter\n"
    assert err == "raw\nbuffered by C\n"


def test_standard_output_comes_back_after_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ArithmeticError), clean_stdout():
        raise ArithmeticError
    os.write(1, b"here\n")
    assert capfd.readouterr().out == "here\n"
