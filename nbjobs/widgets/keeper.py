"""Still pictures for pages that were loaded while, or after, their job ran."""

from __future__ import annotations

from importlib.resources import files

import anywidget
import traitlets


class Keeper(anywidget.AnyWidget):
    """Has each page of this kernel put a still picture where its notebook shows a panel.

    It is never shown: a page runs its code as soon as it knows of it.

    Args:
        panel: The panel's model.
        still: The picture, as a bundle.
    """

    _esm = (files(__package__) / "static" / "keeper.js").read_text("utf-8")

    panel = traitlets.Unicode().tag(sync=True)
    still = traitlets.Dict().tag(sync=True)

    def __init__(self, panel: str, still: dict[str, str]) -> None:
        super().__init__(panel=panel, still=still)
