# SPDX-License-Identifier: GPL-3.0-or-later
"""Every figure that makes sense for some files, as parts of a page."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import matplotlib.pyplot as plt

from . import figures
from .drawing import Drawing, Options, Source
from .errors import Failure
from .page import Html, tag
from .program import shell_word

DPI = 100


Select = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Picture:
    """A figure on white paper and on a dark page, as PNG; `select`: of which points alone."""

    kind: str
    purpose: str
    files: tuple[str, ...]
    select: Select
    light: bytes
    dark: bytes
    width: int
    height: int
    warnings: tuple[str, ...]

    @property
    def command(self) -> str:
        """What draws it."""
        select = f" --select {','.join(map('='.join, self.select))}" if self.select else ""
        return f"modeseek plot {self.kind} -o {self.kind}.pdf{select} {' '.join(map(shell_word, self.files))}"


@dataclass(frozen=True)
class Refused:
    """A figure that was refused, and why."""

    kind: str
    files: tuple[str, ...]
    reason: str
    is_bug: bool = False


def rendered(drawing: Drawing) -> bytes:
    """A PNG of a figure, which is then closed."""
    file = io.BytesIO()
    try:
        drawing.figure.savefig(file, format="png", dpi=DPI, bbox_inches="tight", pad_inches=0.2)
    finally:
        plt.close(drawing.figure)
    return file.getvalue()


class Gallery:
    """Figures of some files, each of which is read once for each look and choice of points."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.sources: dict[tuple[str, bool, Select], Source] = {}

    def source(self, file: str, options: Options) -> Source:
        """A file to be drawn."""
        key = file, options.dark, options.select
        if key not in self.sources:
            self.sources[key] = Source(file, options)
        return self.sources[key]

    def middle(self, files: Sequence[str]) -> Select:
        """The choice of one dimension alone, of those in the middle; of all points where there is but one."""
        of_files = [self.source(file, self.options).data.dimension.values.tolist() for file in files]
        dimensions = sorted({dimension for of_file in of_files for dimension in of_file})
        return (("dimension", str(dimensions[len(dimensions) // 2])),) if len(dimensions) > 1 else ()

    def draw_chosen(self, kind: str, files: Sequence[str], select: Select) -> Picture:
        """One kind of figure, drawn twice. Raises Failure."""
        module, pictures, warnings = figures.kind(kind), [], []
        for is_dark in (False, True):
            options = replace(self.options, dark=is_dark, select=select)
            with options.look.applied():
                drawing = module.draw([self.source(file, options) for file in files], options)
                pictures.append(rendered(drawing))
                warnings = drawing.warnings
        width, height = (int.from_bytes(pictures[0][at:at + 4], "big") for at in (16, 20))
        return Picture(kind, module.PURPOSE, tuple(files), select, pictures[0], pictures[1], width, height,
                       tuple(warnings))

    def draw(self, kind: str, files: Sequence[str]) -> Picture | Refused:
        """One kind of figure; of one dimension where it is refused of all. A kind that fails in whatever way must not
        cost the page."""
        reason, is_bug = "", False
        try:
            for select in dict.fromkeys((self.options.select, self.middle(files))):
                try:
                    return self.draw_chosen(kind, files, select)
                except Failure as failure:
                    reason = reason or str(failure)
        except Exception as error:  # noqa: BLE001
            is_bug = True
            reason = f"it could not be drawn; please report this bug ({type(error).__name__}: {error})"
        plt.close("all")
        return Refused(kind, tuple(files), reason, is_bug)


def draw_all(files: Sequence[str], options: Options, tell: Callable[[str, float], None]) -> list[Picture | Refused]:
    """All kinds, of all files together; where that is refused, of each file. `tell` hears what is done, and what share
    of all."""
    result: list[Picture | Refused] = []
    gallery = Gallery(options)
    for i, kind in enumerate(figures.KINDS):
        tell(f"figure {kind}", i / len(figures.KINDS))
        together = gallery.draw(kind, files)
        if isinstance(together, Picture) or len(files) == 1:
            result.append(together)
        else:
            result += [gallery.draw(kind, [file]) for file in files]
    return result


def data_uri(png: bytes) -> Html:
    """A picture as the address that it has within a page."""
    return Html(f"data:image/png;base64,{base64.b64encode(png).decode()}")


def shown(picture: Picture, place: int, is_one_of_several: bool = False) -> Html:
    """A figure with what it shows, its warnings, and the command that draws it; the heading names the file where there
    are several of a kind."""
    purpose = f"{picture.purpose[:1].upper()}{picture.purpose[1:]}."
    chosen = ", ".join(f"{name} {value}" for name, value in picture.select)
    image = tag("picture", tag("source", media="(prefers-color-scheme: dark)", srcset=data_uri(picture.dark)),
                tag("img", src=data_uri(picture.light), alt=purpose, width=picture.width, height=picture.height))
    return tag("figure", tag("h3", picture.kind, f" of {', '.join(picture.files)}" if is_one_of_several else ""),
               tag("figcaption", purpose, f" Only {chosen}." if chosen else ""),
               *(tag("p", f"Warning: {warning}", class_="small caution") for warning in picture.warnings),
               tag("div", image, class_="scroll", tabindex="0", role="region", aria_label=f"figure {picture.kind}"),
               tag("div", tag("code", picture.command), class_="faint small"), id=f"figure-{place}")
