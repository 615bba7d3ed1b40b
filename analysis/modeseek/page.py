# SPDX-License-Identifier: GPL-3.0-or-later
"""HTML that is put together safely: whatever is no Html is escaped when it becomes part of a page."""

from __future__ import annotations

import base64
import hashlib
import html
import math
from collections.abc import Iterable, Sequence

import numpy as np

from .errors import printable

VOID = {"img", "meta", "source"}  # elements without an end

STYLE = """
:root { color-scheme: light dark; --text: #1b1d21; --faint: #5c6167; --line: #dcdfe3; --paper: #fff; --box: #f5f6f8;
  --accent: #0072b2; --serious: #b00020; --caution: #8a5a00; --done: #009e73; }
@media (prefers-color-scheme: dark) { :root { --text: #f2f2f2; --faint: #b5b5b5; --line: #3a3d43; --paper: #1b1d21;
  --box: #24272c; --accent: #86cdf2; --serious: #ff8a80; --caution: #f0b73a; --done: #2fbf94; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 84rem; padding: 1rem 1.25rem 4rem; background: var(--paper); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: .5rem 0 .25rem; }
h2 { font-size: 1.35rem; margin: 2.5rem 0 .75rem; padding-top: .75rem; border-top: 1px solid var(--line); }
h2.file { font-size: 1.7rem; }
h3 { font-size: 1.05rem; margin: 1.5rem 0 .5rem; }
a { color: var(--accent); }
nav a { margin-right: 1rem; white-space: nowrap; }
code, pre { font: .875rem/1.45 ui-monospace, monospace; }
pre { background: var(--box); border: 1px solid var(--line); border-radius: .4rem; padding: .75rem; margin: .5rem 0;
  overflow-x: auto; overflow-wrap: normal; }
summary { cursor: pointer; color: var(--accent); margin: .5rem 0; }
dl { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: .25rem 1.25rem; margin: .75rem 0; }
dt { color: var(--faint); } dd { margin: 0; }
progress { appearance: none; width: 100%; height: .75rem; border: 0; border-radius: .4rem; overflow: hidden;
  background: var(--line); }
progress::-webkit-progress-bar { background: var(--line); }
progress::-webkit-progress-value { background: var(--done); }
progress::-moz-progress-bar { background: var(--done); }
.scroll { overflow-x: auto; max-height: 34rem; width: fit-content; max-width: 100%; overflow-y: auto;
  border: 1px solid var(--line); border-radius: .4rem;  margin: .75rem 0; }
table { border-collapse: collapse; font-size: .8125rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .4rem; text-align: left; white-space: nowrap; border-bottom: 1px solid var(--line); }
td.long { white-space: normal; min-width: 16rem; }
th { position: sticky; top: 0; background: var(--box); font-weight: 600; }
th.number, td.number { text-align: right; }
th button { all: unset; cursor: pointer; } th button:focus-visible { outline: 2px solid var(--accent); }
th[aria-sort=ascending] button::after { content: " \\2191"; }
th[aria-sort=descending] button::after { content: " \\2193"; }
figure { margin: 1.5rem 0 2.5rem; } figure .scroll { max-height: none; border: 0; margin: 0; }
figure img { display: block; max-width: 100%; height: auto; }
.faint { color: var(--faint); } .small { font-size: .875rem; }
.serious { color: var(--serious); } .caution { color: var(--caution); }
.finding { border-left: .3rem solid var(--line); padding: .1rem 0 .1rem 1rem; margin: 1rem 0; }
.finding.serious { border-color: var(--serious); } .finding.caution { border-color: var(--caution); }
.finding p { margin: .2rem 0; color: var(--text); } .finding code { color: var(--faint); }
.filter label { margin-right: 1.25rem; }
@media (max-width: 40rem) { body { padding: .5rem .75rem 3rem; } nav a { white-space: normal; }
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .6rem; } .scroll::before { content: "\\2192\\a0may be wider than the screen: scroll";
  color: var(--faint); font-size: .875rem; position: sticky; left: 0; } figure img { max-width: none; width: 44rem; } }
@media print { .scroll { max-height: none; overflow: visible; } .filter, nav { display: none; } }
"""

SCRIPT = """
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0], heads = [...table.tHead.rows[0].cells];
  const text = (row, i) => row.cells[i].dataset.value ?? row.cells[i].textContent;
  heads.forEach((head, i) => head.firstElementChild?.addEventListener("click", () => {
    const sign = head.ariaSort === "ascending" ? -1 : 1;
    const rows = [...body.rows].sort((a, b) => {
      const x = text(a, i), y = text(b, i);
      return sign * (isNaN(x) || isNaN(y) ? x.localeCompare(y) : x - y);
    });
    for (const other of heads) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
    body.append(...rows);
  }));
  const filter = table.closest("section").querySelector(".filter");
  if (!filter) continue;
  const choices = [...filter.querySelectorAll("select")];
  const apply = () => { for (const row of body.rows) row.hidden =
    choices.some(choice => choice.value && choice.value !== row.cells[choice.dataset.column].textContent); };
  for (const choice of choices) choice.addEventListener("change", apply);
  filter.hidden = false;
  apply();
}
"""


class Html(str):
    """Text that is HTML already."""


def escaped(content: object) -> Html:
    """A part of a page: Html as it is, all else as text."""
    return content if isinstance(content, Html) else Html(html.escape(printable(content)))


def join(parts: Iterable[object]) -> Html:
    """Parts one after the other."""
    return Html("".join(escaped(part) for part in parts))


def tag(element: str, /, *content: object, **attributes: object) -> Html:
    """An element. `class_` is the attribute class, `data_value` is data-value; True: an attribute without a value,
    None: none."""
    words = "".join(f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escaped(value)}"')
                    for key, value in attributes.items() if value is not None and value is not False)
    return Html(f"<{element}{words}>" + ("" if element in VOID else f"{join(content)}</{element}>"))


def number(value: float, digits: int = 4) -> str:
    """A number for a table."""
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞"
    return f"{value:.{digits}g}" if value and not 1e-3 <= abs(value) < 1e6 else f"{float(f'{value:.{digits}g}'):.12g}"


def duration(seconds: float) -> str:
    """A time in the unit that suits it."""
    units = (("days", 86400.0), ("h", 3600.0), ("min", 60.0), ("s", 1.0), ("ms", 1e-3))
    name, unit = next(((name, unit) for name, unit in units if seconds >= (2 if unit > 1 else 1) * unit), ("s", 1.0))
    return f"{number(seconds / unit, 3)} {name}"


def cell(value: object) -> Html:
    """A cell of a table: numbers to the right, and long texts in several lines."""
    if isinstance(value, Html):
        return value
    if isinstance(value, (int, float, np.number)) and not isinstance(value, bool):
        shown = str(value) if isinstance(value, (int, np.integer)) else number(float(value))
        return tag("td", shown, class_="number", data_value=repr(float(value)).replace("inf", "1e999"))
    return tag("td", value, class_="long" if len(str(value)) > 60 else None)


def table(head: Sequence[str], rows: Sequence[Sequence[object]], label: str, sortable: bool = False) -> Html:
    """A table in a box of its own, in which it scrolls where the page is narrow."""
    is_number = [bool(rows) and 'class="number"' in cell(value) for value in rows[0]] if rows else [False] * len(head)
    heads = [tag("th", tag("button", name, type="button") if sortable else name, scope="col",
                 class_="number" if right else None) for name, right in zip(head, is_number)]
    body = [tag("tr", *map(cell, row)) for row in rows]
    content = tag("table", tag("thead", tag("tr", *heads)), tag("tbody", *body),
                  class_="sortable" if sortable else None)
    return tag("div", content, class_="scroll", tabindex="0", role="region", aria_label=label)


def definitions(pairs: Iterable[tuple[str, object]]) -> Html:
    """Terms and what is said of them."""
    return tag("dl", *(join([tag("dt", term), tag("dd", text)]) for term, text in pairs if text))


def refresh_tag(seconds: int) -> Html:
    """What makes a browser load the page again and again."""
    return tag("meta", http_equiv="refresh", content=seconds)


def page(title: str, body: Html, refresh: int | None = None) -> str:
    """The whole document, which nothing but itself may touch: no network, no script or style but these."""
    def own(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    policy = (f"default-src 'none'; img-src data:; style-src {own(STYLE)}; script-src {own(SCRIPT)}; base-uri 'none'; "
              "form-action 'none'")
    head = [tag("meta", charset="utf-8"), tag("meta", http_equiv="Content-Security-Policy", content=Html(policy)),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("meta", name="referrer", content="no-referrer"),
            refresh_tag(refresh) if refresh else "",
            tag("title", title), tag("style", Html(STYLE))]
    return "<!DOCTYPE html>\n" + tag("html", tag("head", *head), "\n", tag("body", body, tag("script", Html(SCRIPT))),
                                     lang="en") + "\n"
