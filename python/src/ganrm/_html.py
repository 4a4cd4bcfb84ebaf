"""What notebooks show: HTML without scripts or styles of its own."""

from __future__ import annotations

import base64
import html
import io
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ganrm._ranking import Ranked
    from ganrm._score import Score


def score_html(score: Score) -> str:
    parts = score.parts
    rows = [
        ("score", f"{score.score:.4f}"),
        ("logit", _number(score.logit)),
        ("logit spread", _number(score.logit_spread)),
        ("better than generated samples", _number(score.percentile_generated, " %", 1)),
        ("better than proxy samples", _number(score.percentile_proxy, " %", 1)),
        ("realism", _number(None if parts is None else parts.realism)),
        ("damage", _number(None if parts is None else parts.damage)),
        ("unfamiliar", _number(score.unfamiliar, " %", 2)),
        ("degenerate", score.degenerate or ""),
        ("precision", score.precision or ""),
        ("model", score.fingerprint or ""),
    ]
    return _table((), ([name, html.escape(value)] for name, value in rows if value))


def ranking_html(rows: Iterable[Ranked]) -> str:
    header = ("", "group", "rank", "candidate", "score", "logit", "margin", "")
    return _table(header, (_ranked_cells(row) for row in rows))


def _ranked_cells(row: Ranked) -> list[str]:
    score = row.score
    return [
        _thumbnail(row.media),
        html.escape(row.group),
        "" if row.rank is None else str(row.rank),
        html.escape(str(row.id)),
        "" if score is None else f"{score.score:.4f}",
        "" if score is None else _number(score.logit),
        _number(row.margin),
        html.escape(row.error or row.excluded or ""),
    ]


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [_row("th", header)] if header else []
    return "<table>" + "".join([*lines, *(_row("td", row) for row in rows)]) + "</table>"


def _row(tag: str, cells: Sequence[str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in cells) + "</tr>"


def _number(value: float | None, unit: str = "", digits: int = 3) -> str:
    return "" if value is None else f"{value:.{digits}f}{unit}"


def _thumbnail(media: Any) -> str:
    """A small image of a candidate in memory, if Pillow is loaded; files are not decoded for it."""
    from ganrm._frames import thumbnail_pixels

    image_module = sys.modules.get("PIL.Image")
    pixels = thumbnail_pixels(media) if image_module else None
    if image_module is None or pixels is None:
        return ""
    buffer = io.BytesIO()
    image = image_module.fromarray(pixels)
    image.thumbnail((160, 96))
    image.save(buffer, "PNG")
    return f'<img src="data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}">'
