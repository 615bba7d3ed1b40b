# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading, fitting and drawing what modeseek has measured.

    import modeseek

    data = modeseek.open("results.h5")                     # xarray.Dataset
    table = modeseek.summary("results.h5", "--pool", "seed")   # pandas.DataFrame, the program's statistics
    means = modeseek.means("results.h5")                   # of any estimator, a row for each point and rule
    modeseek.plot("survival", ["results.h5"]).save("survival.png")

`modeseek plot`, `report` and `diagnose` of the program start this package.
"""
# Before all else: it sees to it that Matplotlib, which others import too, executes nothing of the current folder.
from . import style  # noqa: F401  isort: skip

from .drawing import Drawing, Options
from .errors import Failure, Refusal
from .estimators import means, replicates
from .figures import plot
from .program import summary
from .results import Extent, chains, open, to_arviz  # noqa: A004

__version__ = "0.1.0"  # of the program, too: CMakeLists.txt

__all__ = ["Drawing", "Extent", "Failure", "Options", "Refusal", "chains", "means", "open", "plot",
           "replicates", "summary", "to_arviz"]
