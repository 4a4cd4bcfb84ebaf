from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

from ganrm._result import Result
from ganrm._table import Table


class Results(Table, Iterator[Result]):
    """The results of `Model.score_many`, one by one as they are known.

    `for result in results` holds a few at a time; `to_pandas`, `to_polars`, `to_arrow`,
    `to_datasets` and `rows` take all that are left.
    """

    def __init__(self, results: Generator[Result, None, None]) -> None:
        self._results = results

    def __next__(self) -> Result:
        return next(self._results)

    def close(self) -> None:
        """Stops; what is being scored is given up."""
        self._results.close()

    def rows(self) -> list[dict[str, Any]]:
        return [result.row() for result in self._results]
