"""data-juicer: a filter of videos by their reward, in an operator file.

    custom_operator_paths:
      - …/ganrm_video_filter.py     # what `operator_file()` returns
    process:
      - ganrm_video_filter:
          min_value: 0.5

Source: data-juicer 1.6.1, data_juicer/ops/base_op.py (Filter) and data_juicer/config/config.py, which
names the module of an operator file after the file, so that this folder's name would not do.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["operator_file"]


def operator_file() -> str:
    """The path for `custom_operator_paths`, or `--custom-operator-paths`."""
    return str(Path(__file__).with_name("ganrm_video_filter.py"))
