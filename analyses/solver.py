"""HiGHS without its greeting: a program that reads our JSON from standard output must not find a line of the solver there."""

from __future__ import annotations

import highspy


class QuietSolver(highspy.Highs):
    """A HiGHS solver that prints nothing.

    HiGHS 1.16 greets while it sets up callbacks, before any option can forbid it. Callbacks are not used here, so that step of
    its Python layer is left out.
    """

    def __init__(self) -> None:
        super(highspy.Highs, self).__init__()
        self.setOptionValue("output_flag", False)
