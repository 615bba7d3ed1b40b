# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs of docs/readers.md, run as they stand there, give what `modeseek export` and `summary` print.

usage: test_readers.py r|octave     exit code 77: the language or its library for HDF5 is not installed
"""

import csv
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import common

ROOT = common.PACKAGE.parent
# what is run, how it is seen whether it is there, and what writes the table and each point's median
LANGUAGES = {
    "r": (["Rscript", "--vanilla"], "library(ncdf4)", """
write.csv(chains, "chains.csv", row.names = FALSE, na = "")
for (one in unique(chains$point)) {
  some <- chains[chains$point == one, ]
  table <- kaplan_meier(some$ball_1, some$observed)
  cat(one, table$time[table$survival <= 0.5 + 1e-12][1], sum(table$discovered), "\\n", file = "medians", append = TRUE)
}
"""),
    "octave": (["octave-cli", "--no-init-file", "--quiet"], "pkg load netcdf", """
out = fopen("chains.csv", "w");
names = fieldnames(chains);
fprintf(out, "%s\\n", strjoin(names', ","));
for i = 1:numel(chains.point)
  row = cell(1, numel(names));
  for j = 1:numel(names)
    value = chains.(names{j})(i);
    if iscell(value), row{j} = value{1}; elseif isnan(value), row{j} = ""; else row{j} = sprintf("%.17g", value); end
  end
  fprintf(out, "%s\\n", strjoin(row, ","));
end
fclose(out);
out = fopen("medians", "w");
for one = unique(chains.point)'
  table = kaplan_meier(chains.ball_1(chains.point == one), chains.observed(chains.point == one));
  below = [table(table(:, 4) <= 0.5 + 1e-12, 1); NaN];
  fprintf(out, "%d %.17g %d\\n", one, below(1), sum(table(:, 3)));
end
fclose(out);
"""),
}


def equal(one: str, other: str) -> bool:
    """Texts, or the same number."""
    try:
        return one == other or float(one) == float(other)
    except ValueError:
        return False


def check(run: list[str], text: str, results: Path, folder: Path):
    """Runs the text in a folder, and compares what it writes."""
    (folder / "results.h5").symlink_to(results)
    (folder / "program").write_text(text, encoding="utf-8")
    subprocess.run([*run, "program"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    with open(folder / "chains.csv", encoding="utf-8", newline="") as file:
        drawn = list(csv.DictReader(file))
    told = list(csv.DictReader(common.modeseek("export", str(results)).splitlines()))
    assert len(drawn) == len(told) > 0, (len(drawn), len(told))
    for one, other in zip(drawn, told):
        assert set(other) <= set(one), (set(other), set(one))
        for name in other:
            assert equal(one[name], other[name]), (name, one, other)
    medians = [line.split() for line in (folder / "medians").read_text().splitlines()]
    rows = common.summary(results, "--rule", "ball", "--mode", "1")
    assert len(medians) == len(rows) > 0
    for (_, median, discovered), row in zip(medians, rows):
        assert discovered == row["discovered"], (discovered, row)
        assert equal(median.replace("NA", "inf").replace("NaN", "inf"), row["median"]), (median, row)


def main(language: str) -> int:
    run, probe, ending = LANGUAGES[language]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "probe").write_text(probe, encoding="utf-8")
        try:
            subprocess.run([*run, "probe"], cwd=folder, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            print(f"{language}, or its library for HDF5, is not installed")
            return 77
        blocks = re.findall(rf"```{language}\n(.*?)```", (ROOT / "docs" / "readers.md").read_text(), re.DOTALL)
        assert len(blocks) == 2
        sweep = (ROOT / "tests" / "cli" / "input" / "samplers.yaml").read_text()
        samplers = common.write_sweep(folder, "samplers", sweep)  # words on an axis, one mode of two components
        for results in (ROOT / "tests" / "cli" / "golden" / "format-2-half.h5", samplers):
            (folder / results.stem).mkdir()
            check(run, "\n".join([*blocks, ending]), results, folder / results.stem)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
