from __future__ import annotations

import importlib
from typing import Any


class Table:
    """Rows of plain values that other packages take; they are imported when they are asked for."""

    def rows(self) -> list[dict[str, Any]]:
        """A dict for each row, all with the same keys."""
        raise NotImplementedError

    def to_pandas(self) -> Any:
        """A `pandas.DataFrame`."""
        return importlib.import_module("pandas").DataFrame(self._uniform_rows())

    def to_polars(self) -> Any:
        """A `polars.DataFrame`."""
        rows = self._uniform_rows()
        return importlib.import_module("polars").DataFrame(rows, infer_schema_length=None)

    def to_arrow(self) -> Any:
        """A `pyarrow.Table`."""
        return importlib.import_module("pyarrow").Table.from_pylist(self._uniform_rows())

    def to_datasets(self) -> Any:
        """A `datasets.Dataset` of Hugging Face."""
        return importlib.import_module("datasets").Dataset(self.to_arrow())

    def _uniform_rows(self) -> list[dict[str, Any]]:
        """Rows whose `id` is of one type, as columns are."""
        rows = self.rows()
        if not all(isinstance(row["id"], str) for row in rows) and not all(
            type(row["id"]) is int for row in rows
        ):
            rows = [{**row, "id": str(row["id"])} for row in rows]
        return rows
