"""Scores videos and images with a reward model: how much they resemble a set of good samples.

    import ganrm

    with ganrm.load() as model:
        print(model.score("clip.mp4").logit)
        print(model.score(frames, layout="TCHW", fps=16).logit)  # NumPy, PyTorch, JAX
        for result in model.score_many(paths):
            print(result.id, result.logit if result else result.error)

Files are scored by processes of the command `ganrm`, frames in memory by the library libganrm in
this one, without the interpreter's lock. What the numbers mean stands in `Score`.

Errors: `MediaError` is an input that cannot be scored, `GanrmError` anything else that ganrm refuses;
arrays that are no frames raise TypeError or ValueError. Messages of the library go to the logger
"ganrm", if it has a handler when the model opens.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ganrm._arrays import Rounding
    from ganrm._column import score_column
    from ganrm._enums import Code, Format, Kind, Matrix, Precision, Range, Sampling
    from ganrm._errors import GanrmError, MediaError
    from ganrm._filter import Filter, FilterSettings
    from ganrm._layout import Layout
    from ganrm._library import version
    from ganrm._model import Model, load
    from ganrm._parts import Parts
    from ganrm._picture import Picture
    from ganrm._ranking import Ranked, Ranking
    from ganrm._result import Result
    from ganrm._results import Results
    from ganrm._score import Score
    from ganrm._training import Head, evaluate, train

__all__ = [
    "Code",
    "Filter",
    "FilterSettings",
    "Format",
    "GanrmError",
    "Head",
    "Kind",
    "Layout",
    "Matrix",
    "MediaError",
    "Model",
    "Parts",
    "Picture",
    "Precision",
    "Range",
    "Ranked",
    "Ranking",
    "Result",
    "Results",
    "Rounding",
    "Sampling",
    "Score",
    "evaluate",
    "load",
    "score_column",
    "train",
    "version",
]

# The modules of the names. One is imported when a name of it is first used: most need NumPy, which takes 0.1 s.
_MODULES = {
    "_arrays": ["Rounding"],
    "_column": ["score_column"],
    "_enums": ["Code", "Format", "Kind", "Matrix", "Precision", "Range", "Sampling"],
    "_errors": ["GanrmError", "MediaError"],
    "_filter": ["Filter", "FilterSettings"],
    "_layout": ["Layout"],
    "_library": ["version"],
    "_model": ["Model", "load"],
    "_parts": ["Parts"],
    "_picture": ["Picture"],
    "_ranking": ["Ranked", "Ranking"],
    "_result": ["Result"],
    "_results": ["Results"],
    "_score": ["Score"],
    "_training": ["Head", "evaluate", "train"],
}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        for module, names in _MODULES.items():
            if name in names:
                value = globals()[name] = getattr(importlib.import_module(f"ganrm.{module}"), name)
                return value
        raise AttributeError(f"module 'ganrm' has no attribute '{name}'")

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
