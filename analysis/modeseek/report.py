# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of HTML that shows what is in results files."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from . import describe, gallery
from .diagnose import Finding, Subject, diagnose, span
from .drawing import Options, check_folder
from .errors import Failure, Misuse, printable, printable_name
from .gallery import Picture, Refused
from .page import Html, definitions, duration, join, number, page, refresh_tag, table, tag

ROWS_MAX = 2000  # of a table
INTERVALS = ("median", "mean", "restricted_mean")
MARKS = {"no": " !", "untested": " ?"}
PAPER = "https://arxiv.org/abs/2406.02017"
BIBTEX = """@software{{modeseek,
  author  = {{{{The modeseek authors}}}},
  title   = {{modeseek}},
  version = {{{version}}},
  license = {{GPL-3.0-or-later}}
}}
@article{{cheng2024modeseeking,
  author  = {{Cheng, X. and Fu, K. and Farnia, F.}},
  title   = {{On the Mode-Seeking Properties of Langevin Dynamics}},
  journal = {{arXiv:2406.02017}},
  year    = {{2024}},
  note    = {{Later version: On the Hardness of Sampling from Mixture Distributions via Langevin Dynamics}}
}}"""


class Progress:
    """Reports progress on standard error, once a second has passed."""

    def __init__(self) -> None:
        self.start = self.last = time.monotonic()
        self.is_bar = sys.stderr.isatty()
        self.shown = False

    def tell(self, what: str, share: float) -> None:
        """A step begins; `share` of all is done."""
        now = time.monotonic()
        if now - self.start < 1 or (not self.is_bar and self.shown and now - self.last < 10):
            return
        self.last, self.shown = now, True
        line = f"modeseek: report: {share:4.0%}  {what}"
        print(f"\r{line:<60}" if self.is_bar else line, end="" if self.is_bar else "\n", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Clears the line."""
        if self.is_bar and self.shown:
            print(f"\r{'':<60}\r", end="", file=sys.stderr, flush=True)


def section(title: str, *content: object, name: str | None = None) -> Html:
    """A part of the page with its heading; `name` is what links lead to."""
    return tag("section", tag("h2", title), *content, id=name)


def limited(rows: list[list[object]], command: str) -> tuple[list[list[object]], Html]:
    """As many rows as a page may have, and how to get all."""
    if len(rows) <= ROWS_MAX:
        return rows, Html()
    return rows[:ROWS_MAX], tag("p", f"The first {ROWS_MAX} of {len(rows)} rows. All of them: ", tag("code", command))


def show_sweep(subject: Subject, name: str | None) -> Html:
    """What the sweep describes."""
    data = subject.data
    components = describe.components(data)
    return section(
        "The sweep", definitions(describe.sweep_in_words(data)),
        table(["component", "weight", "variance", "mean"], components, "components") if components else "",
        table(["axis", "number", "values"], describe.grid(data), "grid"),
        tag("details", tag("summary", "the sweep file"), tag("pre", data.sweep)), name=name)


def show_done(subject: Subject, name: str | None) -> Html:
    """How much of it has been computed."""
    status = subject.status
    finished = status["done"] + status["failed"]
    words = [f"{status['done']} of {status['blocks']} blocks are done"]
    words += [f"{status[name]} {label}" for name, label in (("failed", "failed"), ("missing", "are missing"))
              if status[name]]
    words += ["a job is computing"] if status["writer"] else []
    axes = [name for name in status["points"][0] if name not in
            ("blocks", "done", "failed", "missing", "running", "chains", "censored")]
    columns = [*axes, "blocks", "done", "failed", "missing", "chains", "censored"]
    every = [[point[name] for name in columns] for point in status["points"]]
    if subject.has_estimators:
        columns = [*axes, "estimator", *columns[len(axes):]]
        every = [[*row[:len(axes)], estimator, *row[len(axes):]]
                 for row, estimator in zip(every, subject.data.point_estimator.values.tolist())]
    rows, rest = limited(every, f"modeseek status --json {subject.shown_path}")
    points = table(columns, rows, "blocks of each point", sortable=True)
    failures = [[failure["block"], span_of_point(subject, int(failure["point"])), failure["reason"]]
                for failure in status["failures"]]
    failed, more = limited(failures, f"modeseek status --json {subject.shown_path}")
    return section(
        "Progress", tag("p", ", ".join(words) + (
            f"; {status['censored']} of {status['chains']} chains did not discover every mode by every rule."
            if not subject.has_estimators else ".")),
        tag("progress", f"{finished} of {status['blocks']}", max=status["blocks"], value=finished,
            aria_label="finished blocks"),
        join([tag("h3", "Failed blocks"), table(["block", "point", "reason"], failed, "failed blocks"), more])
        if failures else "",
        tag("details", tag("summary", f"all {len(status['points'])} points"), points, rest,
            open=len(rows) <= 12), name=name)


def span_of_point(subject: Subject, point: int) -> str:
    """A point in words."""
    return ", ".join(f"{name} {span([value])}" for name, value in subject.name_of_point(point).items())


def show_findings(findings: list[Finding], name: str | None) -> Html:
    """The findings of `modeseek diagnose`."""
    def one(finding: Finding) -> Html:
        return tag("div", tag("strong", f"{finding.severity}: {finding.what}"),
                   tag("p", finding.where, class_="faint small") if finding.where else "",
                   tag("p", f"{finding.why} ", tag("em", finding.advice)),
                   tag("code", finding.command) if finding.command else "", class_=f"finding {finding.severity}")

    return section("Findings", *(map(one, findings) if findings else [tag("p", "None: nothing to object to.")]),
                   name=name)


def show_gallery(drawn: list[Picture | Refused], files: Sequence[str]) -> Html:
    """The figures, and the kinds that are refused."""
    pictures = [gallery.shown(picture, i, len(picture.files) < len(files)) for i, picture in enumerate(drawn)
                if isinstance(picture, Picture)]
    refused = [r for r in drawn if isinstance(r, Refused)]
    kinds = ", ".join(dict.fromkeys(r.kind for r in refused))
    reasons: dict[str, list[str]] = {}
    for r in refused:
        reasons.setdefault(r.reason, []).append(
            r.kind + (f" ({', '.join(r.files)})" if len(r.files) < len(files) else ""))
    why = [tag("li", tag("strong", ", ".join(of)), f": {reason}") for reason, of in reasons.items()]
    return section("Figures", *(pictures or [tag("p", "No figure can be drawn yet.")]),
                   tag("details", tag("summary", f"not drawn: {kinds}"), tag("ul", *why), class_="small",
                       open=any(r.is_bug for r in refused)) if refused else "", name="figures")


def show_means(subject: Subject, name: str | None) -> Html:
    """The mean times of points of any estimators, what their intervals are, and what speaks against them."""
    frame = subject.means
    if frame.empty:
        return section("Discovery times", tag("p", "Nothing has been computed yet."), name=name)
    axes = [column for column in subject.varying if column in frame.columns and column != "seed"]
    rows: list[list[object]] = [
        [*(row[column] for column in axes), row["rule"], row["estimator"], row["chains"],
         tag("td", number(row["mean"]) + (" !" if row["validity"] else ""), class_="number",
             data_value=min(row["mean"], 1e300)),
         f"{number(row['mean_low'])} to {number(row['mean_high'])}" if row["interval"] else "", row["interval"],
         row["validity"]] for row in frame.to_dict("records")]
    rows, rest = limited(rows, f"modeseek summary --pool seed --csv {subject.shown_path}")
    return section(
        "Discovery times", tag("p", "Mean iterations until any mode is discovered, with seeds pooled, and 95 % "
                               "intervals. A stated error is no such interval: nothing in that mean is random. "
                               "Student t: over replicates, whose number stands under chains; bias: what may be left of one "
                               "widens the interval. ! marks means that are not "
                               "to be trusted, or are not there, with the reason."),
        table([*axes, "rule", "estimator", "chains", "mean", "interval", "kind of interval", "objection"], rows,
              "mean discovery times", sortable=True), rest, name=name)


def show_summary(subject: Subject, name: str | None) -> Html:
    """The statistics, in a table that can be sorted and filtered."""
    if subject.has_estimators:
        return show_means(subject, name)
    frame = subject.summary
    if frame.empty:
        return section("Discovery times", tag("p", "No time of discovery has been recorded."), name=name)
    axes = [column for column in subject.varying if column in frame.columns and column != "seed"]
    head = [*axes, "rule", "mode", "chains", "discovered"]
    for column in INTERVALS:
        head += [column.replace("_", " "), "95 % interval"]
    rows: list[list[object]] = []
    for row in frame.to_dict("records"):
        values: list[object] = [row[column] for column in [*axes, "rule", "mode", "chains", "discovered"]]
        for column in INTERVALS:
            value, mark = float(row[column]), MARKS.get(row["exponential"], "") if column == "mean" else ""
            values += [tag("td", number(value) + mark, class_="number", data_value=min(value, 1e300)),
                       f"{number(float(row[column + '_low']))} to {number(float(row[column + '_high']))}"]
        rows.append(values)
    chosen = {"rule": frame["rule"].iloc[0], "mode": "any"}
    choices = [tag("label", f"{column} ", tag("select", tag("option", "all", value=""), *(
        tag("option", value, selected=value == chosen[column]) for value in dict.fromkeys(frame[column])),
        data_column=head.index(column))) for column in chosen]
    rows, rest = limited(rows, f"modeseek summary --pool seed --csv {subject.shown_path}")
    is_start = (frame["restricted_mean"] == 0) & (frame["chains"] > 0)
    at_start = tag("p", f"In {int(is_start.sum())} of {len(frame)} rows all times are 0: chains start in the mode, "
                   "which is no discovery.") if is_start.any() else ""
    return section(
        "Discovery times", tag("p", "In iterations, with seeds pooled. The mean assumes exponential times; ! marks "
                               "means for which a test rejects that law, ? those for which the law cannot be tested. "
                               "The restricted mean is the mean of the time or the budget, whichever is less. ∞: the "
                               "data give no upper limit, only the lower end of the interval. Click a heading to "
                               "sort."),
        at_start, tag("div", *choices, class_="filter", hidden=True),
        table(head, rows, "discovery times", sortable=True), rest,
        name=name)


def ranks_of(starts: Sequence[Mapping[str, str]]) -> str:
    """The numbers of ranks of the runs; "" where they do not say any."""
    return ", ".join(f"{ranks} in {count} of {len(starts)} runs" if count < len(starts) else ranks for ranks, count in
                     Counter(start["ranks"] for start in starts if start.get("ranks")).items())


def show_provenance(subject: Subject, name: str | None) -> Html:
    """By whom, where and with what the file was computed."""
    about, status = subject.provenance, subject.status
    hosts = dict.fromkeys(start.get("host", "") for start in about.starts)
    used = sorted({rank for rank in about.ranks.tolist() if rank >= 0})
    columns = list(dict.fromkeys(name for start in about.starts for name in start))
    columns = [name for name in columns if any(start.get(name) for start in about.starts)]
    starts = [[start.get(name, "") for name in columns] for start in about.starts]
    return section(
        "Provenance", definitions([
            ("file", subject.path), ("digest", subject.digest),
            ("created", about.created_at), ("versions", ", ".join(f"{k} {v}" for k, v in about.versions.items())),
            ("CPU time", duration(status["processor_seconds"])
             + (f", and {duration(status['seconds_lost'])} lost to kills" if status["seconds_lost"] else "")),
            ("hosts", ", ".join(list(hosts)[:20]) + (", ..." if len(hosts) > 20 else "")),
            ("ranks", ranks_of(about.starts) or str(len(used))),
            ("merged from", ", ".join(source.get("file", "") for source in about.sources[:20])
             + (", ..." if len(about.sources) > 20 else ""))]),
        tag("h3", "Runs"), table(columns, starts[:ROWS_MAX], "runs of the program") if starts else "", name=name)


def show_commands(subjects: list[Subject], pictures: list[Picture | Refused]) -> Html:
    """How to reproduce all of it."""
    lines = ["# the numbers depend neither on ranks nor on the machine"]
    for i, subject in enumerate(subjects, 1):
        folder = f"again-{i}" if len(subjects) > 1 else "again"
        lines += [f"modeseek export --sweep {subject.shown_path} -o {folder}    # a new folder: the sweep file and the "
                  "files that it names",
                  f"modeseek run {folder}/sweep.yaml -o {folder}/results.h5    # or mpirun -n 8 modeseek run ...",
                  f"modeseek digest {folder}/results.h5    # "
                  + ("differs from that of the incomplete file" if subject.status["missing"] else subject.digest),
                  f"modeseek verify --recompute 20 {subject.shown_path}"]
    lines += [picture.command for picture in pictures if isinstance(picture, Picture)]
    return section("Reproducing the results", tag("pre", "\n".join(dict.fromkeys(lines))), name="again")


def show_citation(version: str) -> Html:
    """What to cite."""
    return section(
        "Citing", tag("p", "Please cite the software, and the paper whose experiments it reproduces: ",
                      "X. Cheng, K. Fu, F. Farnia, ",
                      tag("cite", "On the Mode-Seeking Properties of Langevin Dynamics"), ", later ",
                      tag("cite", "On the Hardness of Sampling from Mixture Distributions via Langevin Dynamics"), ", ",
                      tag("a", "arXiv:2406.02017", href=PAPER, rel="noreferrer"), "."),
        tag("pre", BIBTEX.format(version=version)), name="citing")


def make(files: Sequence[str], options: Options, refresh: int | None = None) -> tuple[str, bool]:
    """The page, and whether all blocks of all files are finished. Raises Failure where a file cannot be read."""
    progress = Progress()
    try:
        subjects = [Subject(file, options.program) for file in files]
        for subject in subjects:  # a file that is none is noticed before anything is drawn
            subject.data, subject.status
        drawn = gallery.draw_all(files, options, lambda what, share: progress.tell(what, 0.9 * share))
        is_complete = all(subject.status["missing"] == 0 for subject in subjects)
        parts: list[Html] = []
        for i, subject in enumerate(subjects):
            progress.tell("tables", 0.9 + 0.1 * i / len(subjects))
            findings = diagnose(subject.path, options.program)
            if len(subjects) == 1:
                parts += [show_sweep(subject, "sweep"), show_done(subject, "done"), show_findings(findings, "findings"),
                          show_gallery(drawn, files), show_summary(subject, "summary"),
                          show_provenance(subject, "provenance")]
            else:
                parts += [tag("h2", f"{subject.data.attrs['name']} ({subject.path})", class_="file", id=f"file-{i}"),
                          *(show(subject, None) for show in (show_sweep, show_done)), show_findings(findings, None),
                          *(show(subject, None) for show in (show_summary, show_provenance))]
        version = subjects[0].provenance.versions.get("modeseek", subjects[0].data.attrs["version"])
    finally:
        progress.end()
    if len(subjects) > 1:
        parts.insert(0, show_gallery(drawn, files))
    parts += [show_commands(subjects, drawn), show_citation(version)]
    title = ", ".join(dict.fromkeys(subject.data.attrs["name"] for subject in subjects))
    refresh = None if is_complete else refresh
    return page(f"{title}: modeseek report", join([header(title, subjects, refresh), *parts]), refresh), is_complete


def renewed(seconds: int) -> str:
    """What the page says about it."""
    return f" · refreshed every {seconds} s"


def header(title: str, subjects: list[Subject], refresh: int | None) -> Html:
    """Title, and where on the page things are."""
    links = {"sweep": "Sweep", "done": "Progress", "findings": "Findings", "figures": "Figures",
             "summary": "Discovery times", "provenance": "Provenance"}
    if len(subjects) > 1:
        links = {"figures": "Figures", **{f"file-{i}": subject.path for i, subject in enumerate(subjects)}}
    links |= {"again": "Reproducing the results", "citing": "Citing"}
    missing, failed = (sum(subject.status[name] for subject in subjects) for name in ("missing", "failed"))
    state = f"{missing} blocks are missing" if missing else "complete"
    state += f", {failed} blocks failed" if failed else ""
    made = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    return tag("header", tag("h1", title),
               tag("p", f"{', '.join(subject.path for subject in subjects)} · {state} · generated {made}"
                   + (renewed(refresh) if refresh else ""), class_="faint"),
               tag("nav", *(tag("a", text, href=f"#{name}") for name, text in links.items())))


def write(output: str, text: str) -> None:
    """Replaces the page by a new one, at once: who reads it sees one of the two."""
    path = Path(output)
    try:
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~current_umask()
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", dir=path.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
                file.write(text)
            os.chmod(name, mode)
            os.replace(name, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise
    except OSError as error:
        raise Failure(f"cannot write {output}: {error.strerror}") from None


def current_umask() -> int:
    """The permissions that new files do not get."""
    umask = os.umask(0)
    os.umask(umask)
    return umask


def check_output(output: str, files: Sequence[str]) -> None:
    """Raises Failure where the page would replace something else."""
    if Path(output).suffix not in (".html", ".htm"):
        raise Misuse(f"{output}: the page's name must end in .html")
    check_folder(output)
    if os.path.exists(output) and any(os.path.exists(file) and os.path.samefile(output, file) for file in files):
        raise Failure(f"{output} is an input and would be overwritten; choose another name")


def watch(files: Sequence[str], output: str, options: Options, seconds: int) -> None:
    """Rewrites the page until no block is missing. Failures after the first page are reported, and retried."""
    text, is_complete = make(files, options, seconds)
    try:
        write(output, text)
        while not is_complete:
            print(f"modeseek: {printable_name(output)} written; next update in {seconds} s, Ctrl-C to stop",
                  file=sys.stderr)
            time.sleep(seconds)
            while not (page := try_to_make(files, options, seconds)):
                time.sleep(seconds)
            text, is_complete = page
            write(output, text)
    except KeyboardInterrupt:
        with contextlib.suppress(Failure):  # the page that stays must not refresh itself
            write(output, make_still(text, seconds))
        raise


def try_to_make(files: Sequence[str], options: Options, seconds: int) -> tuple[str, bool] | None:
    """The page, and whether no block is missing; None where it cannot be made, which is reported."""
    try:
        return make(files, options, seconds)
    except Failure as failure:
        print(f"modeseek: {printable(failure)}; next attempt in {seconds} s", file=sys.stderr)
        return None


def make_still(text: str, seconds: int) -> str:
    """A page that no longer refreshes itself."""
    return text.replace(refresh_tag(seconds), "", 1).replace(renewed(seconds), "", 1)


def report(files: Sequence[str], output: str, options: Options | None = None, seconds: int | None = None) -> None:
    """Writes the page of these files; again every `seconds`, if given, until they are complete. Raises Failure."""
    options = options or Options()
    tables = [file for file in files if file.endswith(".csv")]
    if tables:
        raise Failure(f"{tables[0]}: a table has no chains; give the results file")
    check_output(output, files)
    if seconds is None:
        write(output, make(files, options)[0])
    else:
        watch(files, output, options, seconds)
