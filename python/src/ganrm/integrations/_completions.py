from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from ganrm._errors import GanrmError

Render = Callable[[Any], Any]


def media_of(
    completions: Sequence[Any],
    columns: Mapping[str, Any],
    column: str | None,
    render: Render | None,
) -> list[Any]:
    """The media of completions: of a column of the data, or the completions themselves, rendered.

    Raises:
        GanrmError: The column is missing, or has another length than the completions.
    """
    if column is None:
        found = [_content(completion) for completion in completions]
    elif column not in columns:
        raise GanrmError(f"there is no column '{column}'; there are {', '.join(sorted(columns))}")
    else:
        found = list(columns[column])
        if len(found) != len(completions):
            raise GanrmError(
                f"column '{column}' has {len(found)} values for {len(completions)} completions"
            )
    return found if render is None else [render(medium) for medium in found]


def _content(completion: Any) -> Any:
    """What a completion says: that of its last message, and of its parts the last image or video."""
    messages: Any = completion
    if not isinstance(completion, list) or not messages or not isinstance(messages[-1], dict):
        return messages
    content: Any = cast(dict[str, Any], messages[-1]).get("content")
    if not isinstance(content, list):
        return content
    parts = cast(list[dict[str, Any]], content)
    for part in reversed(parts):
        if part.get("type") in ("image", "video"):
            return part[part["type"]]
    return "".join(part["text"] for part in parts if part.get("type") == "text")
