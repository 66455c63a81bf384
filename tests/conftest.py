"""What all tests share."""

import hypothesis
import pytest
import torch

torch.set_num_threads(1)  # tests run beside each other; small networks gain nothing from more
# Time on a shared machine says nothing about the code; the same examples every time make a failure repeatable.
hypothesis.settings.register_profile("pose3d", deadline=None, derandomize=True)
hypothesis.settings.load_profile("pose3d")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--fuzz-seconds",
        type=float,
        help="how long tests/test_fuzz.py damages files, in all; the same few hundred cases per group without it",
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The lines that tests leave under "told", such as the counts of the fuzz test."""
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, told in getattr(report, "user_properties", []):
                if name == "told" and report.when == "call":
                    terminalreporter.write_line(told)
