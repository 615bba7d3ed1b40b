# SPDX-License-Identifier: GPL-3.0-or-later
"""Every figure that makes sense of some files, as parts of a page."""

from __future__ import annotations

import base64
import io
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import matplotlib.pyplot as plt

from . import figures
from .drawing import Drawing, Options, Source
from .errors import Failure
from .page import Html, tag

DPI = 100


@dataclass(frozen=True)
class Picture:
    """A figure on white paper and on a dark page, as PNG."""

    kind: str
    purpose: str
    files: tuple[str, ...]
    light: bytes
    dark: bytes
    width: int
    height: int
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Refused:
    """A figure that there is not, and why."""

    kind: str
    files: tuple[str, ...]
    reason: str


def rendered(drawing: Drawing) -> bytes:
    """A PNG of a figure, which is then closed."""
    file = io.BytesIO()
    try:
        drawing.figure.savefig(file, format="png", dpi=DPI, bbox_inches="tight", pad_inches=0.2)
    finally:
        plt.close(drawing.figure)
    return file.getvalue()


def draw(kind: str, sources: dict[bool, list[Source]], options: Options) -> Picture | Refused:
    """One kind of figure, drawn twice; a kind that fails in whatever way must not cost the page."""
    files = tuple(source.path for source in sources[False])
    pictures, drawing = {}, None
    try:
        module = figures.kind(kind)
        for is_dark in (False, True):
            of_look = replace(options, dark=is_dark)
            with of_look.look.applied():
                drawing = module.draw(sources[is_dark], of_look)
                pictures[is_dark] = rendered(drawing)
    except Failure as failure:
        return Refused(kind, files, str(failure))
    except Exception as error:  # noqa: BLE001  an error of the program, which is said, too
        plt.close("all")
        return Refused(kind, files, f"it could not be drawn, please report that ({type(error).__name__}: {error})")
    assert drawing
    width, height = (int.from_bytes(pictures[False][at:at + 4], "big") for at in (16, 20))
    return Picture(kind, module.PURPOSE, files, pictures[False], pictures[True], width, height, tuple(drawing.warnings))


def draw_all(files: Sequence[str], options: Options, tell: Callable[[str, float], None]) -> list[Picture | Refused]:
    """All kinds, of all files together; where that is refused, of each file. `tell` hears what is done, and what share
    of all."""
    result: list[Picture | Refused] = []
    sources = {is_dark: [Source(file, replace(options, dark=is_dark)) for file in files] for is_dark in (False, True)}
    for i, kind in enumerate(figures.KINDS):
        tell(f"figure {kind}", i / len(figures.KINDS))
        together = draw(kind, sources, options)
        if isinstance(together, Picture) or len(files) == 1:
            result.append(together)
            continue
        result += [draw(kind, {is_dark: [of_look[j]] for is_dark, of_look in sources.items()}, options)
                   for j in range(len(files))]
    return result


def data_uri(png: bytes) -> Html:
    """A picture as the address that it has within a page."""
    return Html(f"data:image/png;base64,{base64.b64encode(png).decode()}")


def shown(picture: Picture, place: int) -> Html:
    """A figure with what it shows, its warnings, and the command that draws it."""
    purpose = f"{picture.purpose[:1].upper()}{picture.purpose[1:]}."
    image = tag("picture", tag("source", media="(prefers-color-scheme: dark)", srcset=data_uri(picture.dark)),
                tag("img", src=data_uri(picture.light), alt=purpose, width=picture.width, height=picture.height))
    command = f"modeseek plot {picture.kind} -o {picture.kind}.pdf {' '.join(map(word, picture.files))}"
    return tag("figure", tag("h3", picture.kind), tag("figcaption", purpose),
               *(tag("p", f"Warning: {warning}", class_="small caution") for warning in picture.warnings),
               tag("div", image, class_="scroll", tabindex="0", role="region", aria_label=f"figure {picture.kind}"),
               tag("div", tag("code", command), class_="faint small"), id=f"figure-{place}")


def word(path: str) -> str:
    """A path as a word of a command for the shell."""
    return shlex.quote(path if not path.startswith("-") else f"./{path}")
