# SPDX-License-Identifier: GPL-3.0-or-later
"""`diagnose`: each finding where it belongs and nowhere else. `report`: the page; in a browser, too, where one is."""

import contextlib
import html.parser
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import common
import h5py
import numpy as np

from modeseek import checks, convergence, figures, gallery, inference, main, page, report
from modeseek.diagnose import Finding, Subject, describe_points, diagnose
from modeseek.drawing import Drawing, Options
from modeseek.errors import Failure, Refusal
from modeseek.provenance import provenance
from modeseek.settings import vector
from modeseek.style import plt

SHARES = ("short-visits", "biased-shares", "unconverged", "shares")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
HOSTILE = "<script>document.title='taken'</script>"
TARGET = """
target:
  family: gaussian_mixture
  components:
    - {{weight: 0.2, mean: 0, variance: 3}}
    - {{weight: 0.4, mean: {0}, variance: 1}}
    - {{weight: 0.4, mean: -{0}, variance: 1}}
"""


class Folder(unittest.TestCase):
    """A folder for results, removed in the end."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)

    @classmethod
    def run_sweep(cls, name: str, text: str, *options: str) -> str:
        """The results of a sweep; blocks may fail."""
        sweep, results = cls.folder / f"{name}.yaml", cls.folder / f"{name}.h5"
        sweep.write_text(text, encoding="utf-8")
        code = subprocess.run([os.environ["MODESEEK"], "run", "--quiet", str(sweep), "-o", str(results), *options],
                              check=False, capture_output=True).returncode
        assert code in (0, 8), code
        return str(results)


def sweep(mean: float, rest: str, name: str = "test") -> str:
    """A sweep file."""
    return f"name: {name}{TARGET.format(mean)}{rest}"


class Diagnose(Folder):
    def findings(self, path: str) -> dict[str, Finding]:
        """By their codes, without that of a program that is just being worked on."""
        found = {finding.code: finding for finding in diagnose(path)}
        found.pop("changed-program", None)
        return found

    def test_nothing_to_complain_about(self):
        """Exact sampler, no censoring, Assumption 1 met; the seeds are fixed, so this holds always or never."""
        path = self.run_sweep("clean", sweep(0.45, """
sampler: {name: mala, step_size: 0.5}
budget: {iterations: 1e6, chains: 64}
grid: {dimension: [30, 40], seed: [1, 2]}
"""))
        self.assertEqual(self.findings(path), {})
        with mock.patch.object(checks, "ALL", ()):
            code, out, _ = command("diagnose", path)
        self.assertEqual((code, out), (0, f"{path}: no findings\n"))

    def test_discoveries(self):
        """Vanilla in 140 dimensions finds nothing, in 80 a little; patches of one coordinate find late in a pass."""
        path = self.run_sweep("few", sweep(1, """
sampler: {step_size: 0.1, iterations_per_pass: 2000}
budget: {iterations: 2000, chains: 64, stop_when_discovered: false}
discovery: {rules: [ball]}
snapshots: 2000
grid: {dimension: [10, 60, 80, 140], patch_size: [1, full]}
"""))
        found = self.findings(path)
        self.assertEqual(found["nothing-discovered"].points, [{"dimension": 140, "patch_size": "full"}])
        self.assertIn({"dimension": 80, "patch_size": "full"}, found["few-discoveries"].points)
        self.assertIn({"dimension": 60, "patch_size": "full"}, found["censored"].points)
        self.assertIn("budget.iterations=20000 ", found["nothing-discovered"].command)
        self.assertTrue(all(p["patch_size"] == 1 for p in found["few-passes"].points))
        self.assertTrue(any(p["patch_size"] == 1 for p in found["not-exponential"].points))
        self.assertEqual(found["not-exponential"].severity, "serious")
        self.assertIn({"dimension": 140, "patch_size": "full"}, found["one-mode"].points)
        self.assertIn({"dimension": 60, "patch_size": 1}, found["shares"].points)
        self.assertEqual(found["assumption-1"].points, [{"dimension": d} for d in (10, 60, 80, 140)])
        self.assertEqual([f.severity for f in diagnose(path)],
                         sorted((f.severity for f in diagnose(path)), key=("serious", "caution", "note").index))
        code, out, _ = command("diagnose", path, "--json")
        files = json.loads(out)["files"]
        self.assertEqual((code, [file["file"] for file in files]), (0, [path]))
        self.assertEqual({f["code"] for f in files[0]["findings"]} - {"changed-program"}, set(found))

    def test_rules_that_disagree(self):
        """In 60 dimensions chains come near a mode long before it outweighs the spread mode; in 4 there is no such
        difference, and a rule that is alone cannot differ."""
        rest = """
sampler: {{step_size: 0.1}}
budget: {{iterations: 4000, chains: 128, stop_when_discovered: false}}
snapshots: 4000
discovery: {{rules: {0}}}
grid: {{dimension: [4, {1}], seed: [1, 2]}}
"""
        path = self.run_sweep("rules", sweep(1, rest.format("[ball, switch, dominant]", 60)))
        found = [f for f in diagnose(path) if f.code == "rules-disagree"]
        self.assertEqual([(f.severity, f.points) for f in found], [("caution", [{"dimension": 60}])] * len(found))
        self.assertRegex(found[0].what, r"the rule ball .* up to [\d.]+ times earlier than by the rule switch")
        self.assertIn("by switch when it outweighs the spread mode", found[0].why)
        self.assertIn("shares of chains in each mode at snapshots", found[0].why)
        self.assertIn("summary --shares", found[0].command)
        self.assertNotIn("rules-disagree",
                         self.findings(self.run_sweep("one rule", sweep(1, rest.format("[ball]", 60)))))
        without = rest.format("[switch, ball]", 60).replace("snapshots: 4000", "")
        found = self.findings(self.run_sweep("no snapshots", sweep(1, without)))["rules-disagree"]
        self.assertIn("earlier than by the rule switch", found.what)
        self.assertIn("record snapshots", found.advice)
        self.assertEqual(found.command, "")

    def chained(self, name: str, rest: str) -> str:
        """Results of chained dynamics in 40 dimensions, patches of 10 and more, at snapshots."""
        return self.run_sweep(name, sweep(1, f"""
budget: {{iterations: 8000, chains: 1024, stop_when_discovered: false}}
{rest}
"""))

    def check_command(self, finding: Finding, name: str) -> set[str]:
        """The codes of what is found once its command has been followed."""
        words = [str(self.folder / word) if word.endswith((".yaml", ".h5")) else word for word in shlex.split(
            finding.command.replace("sweep.yaml", f"{name}.yaml"))]
        subprocess.run([os.environ["MODESEEK"], *words[1:], "--quiet"], check=True, capture_output=True)
        return set(self.findings(words[-1]))

    def test_within_passes(self):
        """Snapshots in the middle of passes are told, and not taken for a bias; those asked for instead are right."""
        path = self.chained("within", """
sampler: {step_size: 0.1, iterations_per_pass: 4000}
snapshots: [1000, 2000, 4000, 6000]
grid: {dimension: 40, patch_size: [10, full]}
""")
        found = self.findings(path)
        self.assertEqual(found["within-pass"].points, [{"patch_size": 10}])
        self.assertIn("iteration 1000, 2000, 6000; passes of 4000", found["within-pass"].what)
        self.assertFalse([code for code in SHARES if code in found and {"patch_size": 10} in found[code].points
                          and "up to 0.0" not in found[code].what])
        self.assertNotIn("within-pass", self.check_command(found["within-pass"], "within"))

    def test_passes_of_other_lengths(self):
        """Where each length of passes is a snapshot, a snapshot is for the passes that end there."""
        rest = """
sampler: {{step_size: 0.1}}
snapshots: [{0}]
grid: {{dimension: 40, patch_size: 10, sampler.iterations_per_pass: [400, 1000]}}
"""
        self.assertNotIn("within-pass", self.findings(self.chained("lengths", rest.format("400, 1000"))))
        found = self.findings(self.chained("not lengths", rest.format("400, 600, 1000, 2000")))["within-pass"]
        self.assertEqual(found.points, [{"sampler.iterations_per_pass": 400}, {"sampler.iterations_per_pass": 1000}])

    def test_short_visits(self):
        """100 iterations are too few for a patch of 10, and it stays so after 20 passes: longer ones cure it. Vanilla
        chains move towards the weights."""
        path = self.chained("short", """
sampler: {step_size: 0.1, iterations_per_patch: 100}
snapshots: [2000, 4000, 8000]
grid: {dimension: 40, patch_size: [10, full], seed: [1, 2]}
""")
        found = self.findings(path)
        self.assertEqual(found["short-visits"].points, [{"patch_size": 10}])
        self.assertIn("1.7 relaxation times", found["short-visits"].why)
        self.assertRegex(found["short-visits"].why,
                         r"From iteration 4000 to 8000 no share changes by more than 0.0\d+ ")
        self.assertIn("iterations_per_patch=1000 ", found["short-visits"].command)
        self.assertEqual(found["unconverged"].points, [{"patch_size": "full"}])
        self.assertNotIn("within-pass", found)
        self.assertNotIn("short-visits", self.check_command(found["short-visits"], "short"))

    def test_longer_passes_tell(self):
        """A point with longer passes shows that visits are too short, and one snapshot is enough."""
        path = self.chained("lengths differ", """
sampler: {step_size: 0.1}
snapshots: [8000]
grid: {dimension: 40, patch_size: 10, sampler.iterations_per_pass: [200, 8000]}
""")
        found = self.findings(path)["short-visits"]
        self.assertEqual(found.points, [{"sampler.iterations_per_pass": 200}])
        self.assertIn("Points with longer passes come nearer", found.why)
        self.assertEqual((found.advice, found.command), ("Use the points with longer passes.", ""))

    def test_biased_by_steps(self):
        """Long visits with large steps settle beside the weights: no longer passes are asked for first."""
        path = self.chained("steps of passes", """
sampler: {step_size: 0.8, iterations_per_pass: 1000}
snapshots: [2000, 8000]
grid: {dimension: 40, patch_size: 10}
""")
        found = self.findings(path)
        self.assertIn("smaller step size", found["biased-shares"].advice)
        self.assertNotIn("short-visits", found)

    def test_chains_that_stay(self):
        """Vanilla chains in the mode where they started: another start is asked for only where there is none."""
        rest = """
sampler: {step_size: 0.1}
budget: {iterations: 500, chains: 64, stop_when_discovered: false}
snapshots: [500]
"""
        one = self.findings(self.run_sweep("start", sweep(2, f"{rest}\ngrid: {{dimension: 100}}\n")))["one-mode"]
        self.assertIn("where they started (0)", one.what)
        self.assertIn("Start in another component", one.advice)
        several = self.findings(self.run_sweep("starts", sweep(
            2, f"{rest}\ngrid: {{dimension: 100, start.component: [0, 1]}}\n")))["one-mode"]
        self.assertIn("where they started (0, 1)", several.what)
        self.assertNotIn("Start in another component", several.advice)

    def test_same_chains_of_vanilla(self):
        """The length of passes does nothing without patches; the points are named by it, for each start."""
        path = self.run_sweep("same", sweep(1, """
sampler: {step_size: 0.1}
budget: {iterations: 300, chains: 8}
grid: {dimension: 4, patch_size: [2, full], start.component: [0, 1], sampler.iterations_per_pass: [10, 20]}
"""))
        finding = self.findings(path)["same-chains"]
        self.assertEqual(finding.what, "points that differ only in sampler.iterations_per_pass have the same chains "
                         "(2 times 2 points)")
        self.assertEqual(finding.where, "4 points: patch_size full, start.component 0, 1, "
                         "sampler.iterations_per_pass 10, 20")
        self.assertIn("no effect", finding.why)

    def test_an_exact_sample_has_its_weights(self):
        """Chained with a good sampler and long enough: no finding about shares."""
        path = self.run_sweep("exact", sweep(1, """
sampler: {name: mala, step_size: 1}
budget: {iterations: 3000, chains: 256, stop_when_discovered: false}
snapshots: 3000
grid: {dimension: 4}
"""))
        self.assertFalse({*SHARES, "one-mode", "within-pass"} & set(self.findings(path)))

    def test_step_size(self):
        path = self.run_sweep("steps", sweep(1, """
sampler: {}
budget: {iterations: 300, chains: 16, block: 8}
grid: {dimension: 4, sampler.step_size: [0.01, 0.5, 5, 1e80]}
"""))
        found = self.findings(path)
        self.assertEqual([p["sampler.step_size"] for p in found["unstable"].points], [5, 1e80])
        self.assertEqual([p["sampler.step_size"] for p in found["step-size-bias"].points], [0.5])
        self.assertIn("14 %", found["step-size-bias"].what)  # 0.5 / (4 - 0.5)
        self.assertIn("below 0.19,", found["unstable"].advice)  # 0.19 / (4 - 0.19) = 0.05
        self.assertIn("2 of 8 blocks failed: chain diverged", found["failed-blocks"].what)
        self.assertEqual(found["failed-blocks"].points, [{"sampler.step_size": 1e80}])
        self.assertEqual(found["failed-blocks"].severity, "serious")

    def test_annealed_steps(self):
        """Steps that grow with the noise level are judged at every level: 0.001 (2/0.1)^2 / (2^2 + 1) = 0.08."""
        path = self.run_sweep("annealed", sweep(1, """
sampler: {step_size: 0.001, step_rule: ncsn, schedule: {type: geometric, noise_level_min: 0.1, levels: 3}}
budget: {iterations: 30, chains: 8}
grid: {dimension: 4, noise_level: 2}
"""))
        self.assertAlmostEqual(checks.stiffness(Subject(path), 0), 0.08)

    def test_dependence_and_costs(self):
        path = self.run_sweep("axes", f"""
name: axes
{TARGET.format(1)}
budget: {{chains: 8, block: 8}}
grid:
  dimension: 4
  budget.iterations: [100, 200]
  sampler: [{{name: mala, step_size: 0.1}}, {{name: hmc, step_size: 0.3, leapfrog_steps: 4}}]
""")
        found = self.findings(path)
        self.assertEqual(len(found["same-chains"].points), 4)
        self.assertIn("1 to 4 evaluations", found["costs"].what)
        self.assertNotIn("step-size-bias", found)

    def test_missing(self):
        path = self.run_sweep("missing", sweep(1, """
sampler: {step_size: 0.1}
budget: {iterations: 300, chains: 16, block: 8}
grid: {dimension: [4, 5]}
"""), "--share", "1/2")
        found = self.findings(path)["missing-blocks"]
        self.assertEqual((found.severity, found.what), ("serious", "2 of 4 blocks are missing"))
        subject = Subject(path)
        subject.__dict__["status"] = {**Subject(path).status, "writer": {"host": "n1"}}
        self.assertEqual(next(checks.check_blocks(subject)).severity, "note")
        subject.__dict__["status"] = {**Subject(path).status, "failed": 1, "quarantined": 1, "missing": 0,
                                      "failures": [{"block": 0, "point": 0, "reason": "killed"}]}
        quarantined, = checks.check_blocks(subject)
        self.assertEqual((quarantined.code, quarantined.points), ("quarantined-blocks", [{"dimension": 4}]))

    def test_seeds(self):
        """Right ones agree; one with three times as long times does not. Chains of four points, three seeds each."""
        path = self.run_sweep("seeds", sweep(1, """
sampler: {step_size: 0.1}
budget: {iterations: 20000, chains: 32}
grid: {dimension: [10, 12, 14, 16], seed: [1, 2, 3]}
"""))
        self.assertNotIn("seeds-disagree", self.findings(path))
        subject = Subject(path)
        time = subject.data.discovery_time.values
        is_wrong = (subject.data.seed.values == 2) & (subject.data.dimension.values == 12)
        time[is_wrong] = np.where(time[is_wrong] > 0, 3 * time[is_wrong], time[is_wrong])
        finding, = checks.check_seeds(subject)
        self.assertEqual({p["dimension"] for p in finding.points}, {12})

    def test_versions(self):
        """A start by another version, and by a program that was built from changed sources."""
        path = self.run_sweep("old", sweep(1, """
sampler: {step_size: 0.1}
budget: {iterations: 30, chains: 8}
grid: {dimension: 4}
"""))
        version = provenance(path).releases[0]
        with h5py.File(path, "r+") as file:
            line = json.loads(file["provenance/start"][0].tobytes().rstrip(b"\0"))
            text = json.dumps({**line, "version": "0.0.9", "git_commit": "abc-dirty"}).encode()
            starts, rows = file["provenance/start"], file["provenance/start"][:]
            for i, start in enumerate((text, b"[" * 1023)):  # the second one is no JSON
                rows[i] = np.frombuffer(start.ljust(1024, b"\0"), dtype="S1")
            starts.id.write(h5py.h5s.ALL, h5py.h5s.ALL, rows, starts.id.get_type())  # as it is, without conversion
        found = {finding.code: finding for finding in diagnose(path)}
        self.assertIn(f"0.0.9, {version}", found["other-version"].what)
        self.assertIn("abc-dirty", found["changed-program"].why)

    def test_holm(self):
        np.testing.assert_allclose(inference.holm([0.04, 0.001, 0.03]), [0.06, 0.003, 0.06])
        self.assertEqual(len(inference.holm([])), 0)

    def test_rare_modes(self):
        """A mode of weight 1 % that none of 500 chains is in happens in 0.7 % of samples, and must not be sure to be
        wrong; 20 % where the weight is 40 % is."""
        values = np.zeros((500, 2))
        values[:100, 1] = 1
        rare, wrong = convergence.t_tests(values, np.array([0.01, 0.4]))
        self.assertGreater(rare, 0.005)
        self.assertLess(wrong, 1e-12)

    def test_points_in_words(self):
        full = {"patch_size": "full"}
        self.assertEqual(describe_points([{"dimension": d, **full} for d in (10, 20, 30, 40)]),
                         "4 points: dimension 10 to 40, patch_size full")
        self.assertEqual(describe_points([{"sampler": "hmc", "rule": "ball"}, {"sampler": "hmc", "rule": "switch"}]),
                         "sampler hmc, rule ball, switch")
        self.assertEqual(describe_points([{"a": 1, "b": 1}, {"a": 2, "b": 2}]), "2 points: a 1, b 1 / a 2, b 2")
        self.assertEqual(describe_points([{"a": i, "b": i} for i in range(9)]), "9 points among: a 0 to 8, b 0 to 8")
        self.assertEqual(describe_points([{"a": 1, "rule": "ball"}, {"a": 2, "rule": "switch"}]),
                         "a 1, rule ball; a 2, rule switch")
        self.assertEqual(describe_points([]), "")

    def test_vectors(self):
        path = self.run_sweep("vectors", """
name: vectors
target:
  family: gaussian_mixture
  components:
    - {weight: 0.2, mean: {pattern: ramp, value: 2}, variance: 3}
    - {weight: 0.2, mean: {pattern: alternating, value: 1}, variance: 1}
    - {weight: 0.2, mean: {pattern: halves, value: 1}, variance: 1}
    - {weight: 0.2, mean: {pattern: repeat, values: [1, 2]}, variance: 1}
    - {weight: 0.2, mean: [1, 2, 3, 4, 5], variance: 1}
sampler: {step_size: 0.1}
budget: {iterations: 3, chains: 8}
grid: {dimension: 5}
""")
        data = Subject(path).data
        means = [vector(data, 0, f"target.components[{i}].mean").tolist() for i in range(5)]
        self.assertEqual(means, [[-2, -1, 0, 1, 2], [1, -1, 1, -1, 1], [1, 1, 1, -1, -1], [1, 2, 1, 2, 1],
                                 [1, 2, 3, 4, 5]])

    def test_vectors_of_the_grid(self):
        """Where the grid gives a pattern its number, the assumption is judged with it."""
        path = self.run_sweep("pattern", """
name: pattern
target:
  family: gaussian_mixture
  components:
    - {weight: 0.5, mean: 0, variance: 3}
    - {weight: 0.5, mean: {pattern: alternating}, variance: 1}
sampler: {step_size: 0.1}
budget: {iterations: 3, chains: 8}
grid: {dimension: 3, "target.components[1].mean.value": [0.1, 2]}
""")
        subject = Subject(path)
        means = [vector(subject.data, i, "target.components[1].mean").tolist() for i in (0, 1)]
        self.assertEqual(sorted(means), [[0.1, -0.1, 0.1], [2, -2, 2]])
        self.assertEqual({checks.assumption_holds(subject, i) for i in (0, 1)}, {True, False})


def command(*words: str) -> tuple[int, str, str]:
    """Exit code and what is printed."""
    out, error = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
        code = main.main(list(words))
    return code, out.getvalue(), error.getvalue()


class Structure(html.parser.HTMLParser):
    """Elements of a page: whether they end, their ids, and what they would load."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: list[str] = []
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.names: list[str] = []
        self.handlers: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.names.append(tag)
        if tag not in page.VOID:
            self.open.append(tag)
        self.ids += [attributes["id"]] if "id" in attributes else []
        self.loaded += [attributes[name] for name in ("src", "srcset") if name in attributes]
        self.links += [attributes["href"]] if "href" in attributes else []
        self.handlers += [name for name in attributes if name.startswith("on") or name == "style"]

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, f"{tag} ends, but does not begin"

    def handle_data(self, data):
        self.text += data if self.open and self.open[-1] not in ("style", "script") else ""


ONE_KIND = mock.patch.object(figures, "KINDS", ("hardness",))  # where all would only take time


class Hostile(Folder):
    """A page of a file whose texts would do something if they were taken for more; made once."""

    text = ""

    @classmethod
    def setUpClass(cls):
        if Hostile.text:
            return
        folder = tempfile.TemporaryDirectory()
        unittest.addModuleCleanup(folder.cleanup)
        Hostile.folder = Path(folder.name)
        Hostile.make()

    @classmethod
    def make(cls):
        cls.results = cls.run_sweep("hostile", sweep(1, f"""
# </pre>{HOSTILE}
sampler: {{step_size: 0.1, iterations_per_patch: 20}}
budget: {{iterations: 600, chains: 32, block: 16}}
grid: {{dimension: [4, 8, 16], patch_size: [4, full], seed: [1, 2]}}
""", f'"{HOSTILE} & co"'))
        hostile = cls.folder / "\"><img src=x onerror=alert(1)> '$(touch x).h5"
        shutil.move(cls.results, hostile)
        cls.results = str(hostile)
        cls.output = str(cls.folder / "page.html")
        report.report([cls.results], cls.output)
        cls.text = Path(cls.output).read_text(encoding="utf-8")
        cls.structure = Structure(cls.text)


class Page(Hostile):
    def test_valid_and_whole(self):
        self.assertTrue(self.text.startswith("<!DOCTYPE html>\n<html lang=\"en\">"))
        self.assertEqual(self.structure.open, [])
        self.assertEqual(len(self.structure.ids), len(set(self.structure.ids)))
        anchors = [link for link in self.structure.links if link.startswith("#")]
        self.assertGreater(len(anchors), 5)
        self.assertLessEqual({link[1:] for link in anchors}, set(self.structure.ids))

    def test_nothing_is_loaded(self):
        self.assertGreaterEqual(len(self.structure.loaded), 2)  # light and dark
        self.assertTrue(all(source.startswith("data:image/png;base64,") for source in self.structure.loaded))
        self.assertEqual([link for link in self.structure.links if not link.startswith("#")], [report.PAPER])
        self.assertIn("default-src 'none'", self.text)
        self.assertLess(len(self.text), 5e6)

    def test_hostile_texts_are_texts(self):
        self.assertEqual(self.structure.names.count("script"), 1)
        self.assertEqual(self.structure.names.count("img"), self.structure.names.count("source"))
        self.assertEqual(self.structure.handlers, [])
        self.assertIn(f"{HOSTILE} & co", self.structure.text)
        self.assertIn(f"</pre>{HOSTILE}", self.structure.text)

    def test_commands_work(self):
        """As they are printed, in an empty folder; the digest is the one beside its command."""
        text = self.text[self.text.index("Reproducing the results</h2>"):]
        lines = html.unescape(text[text.index("<pre>") + 5:text.index("</pre>")]).splitlines()
        words = ("export --sweep ", "run again/sweep.yaml ", "digest again/",
                 f"verify --recompute 20 {shlex.quote(self.results)}")
        chosen = [next(line for line in lines if line.startswith(f"modeseek {word}")) for word in words]
        with tempfile.TemporaryDirectory() as folder:
            script = 'set -e\nmodeseek() { "$MODESEEK" "$@"; }\n' + "\n".join(chosen)
            done = subprocess.run(["bash", "-c", script], cwd=folder, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"{chosen[2].rpartition('# ')[2]}  again/results.h5", done.stdout)

    def test_reasons_are_texts(self):
        subject = Subject(self.results)
        subject.__dict__["status"] = {**subject.status, "failed": 1, "failures": [
            {"block": 0, "point": 0, "reason": f"{HOSTILE}\u202e\x1b[2J\udc80"}]}
        text = report.show_done(subject, "done")
        self.assertNotIn("<script", text)
        self.assertIn("&lt;script&gt;", text)
        self.assertFalse(re.search("[\u202e\x1b\udc80]", text))

    def test_what_stands_on_it(self):
        for word in ("20 of 20 blocks are done", "Langevin dynamics, step size δ = 0.1", "20 iterations per patch",
                     Subject(self.results).digest, "Citing", "On the Mode-Seeking Properties of Langevin Dynamics",
                     "On the Hardness of Sampling from Mixture Distributions via Langevin Dynamics", "modeseek plot"):
            self.assertIn(word, self.structure.text)
        for finding in diagnose(self.results):
            self.assertIn(finding.what, self.structure.text)

    def test_citation_is_that_of_the_project(self):
        cited = (common.HERE.parent.parent / "CITATION.cff").read_text(encoding="utf-8")
        for text in ("On the Mode-Seeking Properties of Langevin Dynamics", "arXiv:2406.02017", "The modeseek authors"):
            self.assertIn(text, cited)
            self.assertIn(text, report.BIBTEX)

    @ONE_KIND
    def test_several_files(self):
        other = self.run_sweep("other", sweep(1, """
sampler: {step_size: 0.1}
budget: {iterations: 300, chains: 8}
grid: {dimension: 4}
"""))
        text, is_complete = report.make([self.results, other], Options())
        structure = Structure(text)
        self.assertTrue(is_complete)
        self.assertEqual((structure.open, len(structure.ids)), ([], len(set(structure.ids))))
        self.assertIn(Subject(other).digest, structure.text)

    @ONE_KIND
    def test_refused_and_failing_figures(self):
        """A kind that refuses, or is wrong, is named with the reason, and the page is there."""
        with mock.patch.object(figures.kind("hardness"), "draw", side_effect=Failure("<b>no</b>")):
            text = report.make([self.results], Options())[0]
        self.assertIn("&lt;b&gt;no&lt;/b&gt;", text)
        self.assertIn("<details class=\"small\"><summary>not drawn: hardness</summary>", text)
        with mock.patch.object(figures.kind("hardness"), "draw", side_effect=ZeroDivisionError("x")):
            drawn = [d for d in gallery.draw_all([self.results], Options(), lambda what, share: None)
                     if d.kind == "hardness"]
        self.assertIn("ZeroDivisionError", drawn[0].reason)

    def test_of_one_dimension(self):
        """A kind that is refused of all dimensions is drawn of the middle one."""
        def draw(sources, options):
            if not options.select:
                raise Refusal("too many")
            return Drawing(plt.figure(), warnings=[f"{source.data.sizes['point']} points" for source in sources])

        with ONE_KIND, mock.patch.object(figures.kind("hardness"), "draw", draw):
            picture, = gallery.draw_all([self.results], Options(), lambda what, share: None)
        self.assertEqual((picture.select, picture.warnings), ((("dimension", "8"),), ("4 points",)))
        self.assertIn("--select dimension=8 ", picture.command)
        self.assertIn("Only dimension 8.", gallery.shown(picture, 0))

    def test_durations(self):
        for seconds, text in ((0, "0 s"), (0.0123, "12.3 ms"), (6.8, "6.8 s"), (119, "119 s"), (720, "12 min"),
                              (20000, "5.56 h"), (1e6, "11.6 days")):
            self.assertEqual(page.duration(seconds), text)

    def test_ranks(self):
        for ranks, told in ((["2", "1", "1"], "2 in 1 of 3 runs, 1 in 2 of 3 runs"), (["2", "2"], "2"), ([""], "")):
            self.assertEqual(report.ranks_of([{"ranks": number} for number in ranks]), told)

    def test_headings(self):
        """A figure of one file among several says of which."""
        picture = gallery.Picture("cost", "what", ("a.h5",), (), b"", b"", 1, 1, ())
        self.assertIn("<h3>cost of a.h5</h3>", gallery.shown(picture, 0, True))
        self.assertIn("<h3>cost</h3>", gallery.shown(picture, 0))

    def test_bad_names(self):
        for output, word, expected in (("page.pdf", "must end in .html", 2),
                                       (f"{self.folder}/none/page.html", "cannot write", 1)):
            code, _, error = command("report", f"{self.folder}/none.h5", "-o", output)  # noticed before it is read
            self.assertEqual(code, expected)
            self.assertIn(word, error)
        self.assertEqual(command("report", f"{self.folder}/none.h5", f"--output={self.folder}/x.html")[0], 1)
        self.assertFalse((self.folder / "x.html").exists())
        self.assertEqual(command("report", self.results, "--watch=0", f"--output={self.folder}/x.html")[0], 2)

    def test_whole_or_not_at_all(self):
        before = sorted(os.listdir(self.folder))
        with mock.patch("os.replace", side_effect=OSError(28, "No space left on device")):
            with self.assertRaisesRegex(Failure, "No space left"):
                report.write(self.output, "other")
        self.assertEqual(Path(self.output).read_text(encoding="utf-8"), self.text)
        self.assertEqual(sorted(os.listdir(self.folder)), before)


@ONE_KIND
class Watch(Folder):
    def setUp(self):
        text = sweep(1, """
sampler: {step_size: 0.1}
budget: {iterations: 300, chains: 16, block: 8}
grid: {dimension: [4, 5]}
""")
        self.name = self.id().rpartition(".")[2]
        self.results = self.run_sweep(self.name, text, "--share", "1/2")
        self.output = str(self.folder / f"{self.name}.html")

    def watch(self, *events) -> tuple[int, str]:
        """Each pause is one of these events instead."""
        steps = iter(events)
        with mock.patch("time.sleep", side_effect=lambda seconds: next(steps)()):
            code, _, error = command("report", self.results, f"--output={self.output}", "--watch=7")
        self.assertRaises(StopIteration, lambda: next(steps))
        return code, error

    def page(self) -> str:
        return Path(self.output).read_text(encoding="utf-8")

    def test_until_it_is_complete(self):
        def meanwhile():
            self.assertIn('<meta http-equiv="refresh" content="7">', self.page())
            self.assertIn("2 of 4 blocks are done", self.page())
            os.rename(self.results, f"{self.results}.gone")

        def again():
            os.rename(f"{self.results}.gone", self.results)
            common.modeseek("run", "--quiet", str(self.folder / f"{self.name}.yaml"), "-o", self.results)

        code, error = self.watch(meanwhile, again)
        self.assertEqual(code, 0)
        self.assertIn("No such file or directory; next attempt in 7 s", error)
        self.assertNotIn("http-equiv=\"refresh\"", self.page())
        self.assertIn("4 of 4 blocks are done", self.page())

    def test_interrupted(self):
        def interrupt():
            raise KeyboardInterrupt

        self.assertEqual(self.watch(interrupt)[0], 130)
        self.assertIn("2 of 4 blocks are done", self.page())
        self.assertNotIn("http-equiv=\"refresh\"", self.page())
        self.assertNotIn("refreshed", self.page())


LOOK = """<script>
const images = [...document.images], root = document.documentElement;
const heads = [...document.querySelectorAll("#summary th button")], rows = () =>
  [...document.querySelectorAll("#summary tbody tr")].filter(row => !row.hidden);
const column = i => rows().map(row => row.cells[i].dataset.value ?? row.cells[i].textContent);
const at = heads.findIndex(head => head.textContent === "median");
const shown = rows().length;
heads[at].click(); const up = column(at); heads[at].click(); const down = column(at);
root.dataset.look = JSON.stringify({
  loaded: images.map(image => image.naturalWidth), light: images.every(image => image.currentSrc === image.src),
  width: innerWidth, scroll: root.scrollWidth, title: document.title, shown, up, down,
  background: getComputedStyle(document.body).backgroundColor});
</script>"""


@unittest.skipUnless(CHROMIUM, "there is no Chromium")
class Browser(Hostile):
    """The page in a browser."""

    def chromium(self, path: Path, *options: str) -> tuple[str, str]:
        """The document as the browser has it in the end, and what it logs."""
        result = subprocess.run([CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                                 "--no-first-run", f"--user-data-dir={self.folder}/browser",
                                 "--virtual-time-budget=5000",
                                 "--enable-logging=stderr", *options, "--dump-dom", path.as_uri()],
                                check=False, capture_output=True, text=True, timeout=120)
        return result.stdout, result.stderr

    def look(self, *options: str) -> dict:
        """What a script of ours sees in a copy of the page that lets it."""
        copy = self.folder / "copy.html"
        text = re.sub("script-src '[^']*'", "script-src 'unsafe-inline'", self.text, count=1)
        copy.write_text(text.replace("</body>", f"{LOOK}</body>"), encoding="utf-8")
        document, _ = self.chromium(copy, *options)
        found = re.search('data-look="([^"]*)"', document)
        self.assertTrue(found, document[-500:])
        return json.loads(html.unescape(found.group(1)))

    def test_console_is_silent(self):
        document, log = self.chromium(Path(self.output))
        self.assertIn("</html>", document)
        self.assertEqual([line for line in log.splitlines() if "CONSOLE" in line], [])

    def test_phone(self):
        look = self.look("--window-size=390,844")
        self.assertLessEqual(look["width"], 600)  # the browser may insist on some
        self.assertLessEqual(look["scroll"], look["width"])
        self.assertTrue(look["loaded"] and all(width > 0 for width in look["loaded"]), look["loaded"])
        self.assertTrue(look["light"])
        self.assertEqual(look["background"], "rgb(255, 255, 255)")
        self.assertIn(HOSTILE, look["title"])
        self.assertEqual(look["shown"], 5)  # points, of one rule and mode
        numbers = [float(value) for value in look["up"]]
        self.assertEqual(numbers, sorted(numbers))
        self.assertEqual(look["down"], sorted(look["down"], key=float, reverse=True))

    def test_dark(self):
        look = self.look("--window-size=1280,900", "--blink-settings=preferredColorScheme=0")
        self.assertTrue(all(width > 0 for width in look["loaded"]))
        self.assertFalse(look["light"])
        self.assertNotEqual(look["background"], "rgb(255, 255, 255)")


if __name__ == "__main__":
    unittest.main()
