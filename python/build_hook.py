"""Adds the command, the library and the default reward model to the wheel, for scripts/build-wheel."""

import os
import pathlib
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class NativeFiles(BuildHookInterface[Any]):
    """Files below GANRM_NATIVE become `ganrm/_native`, and the tag is that of GANRM_PLATFORM."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return  # Uses the command in PATH.
        native = os.environ.get("GANRM_NATIVE")
        platform = os.environ.get("GANRM_PLATFORM")
        if not native or not platform:
            raise RuntimeError("the wheel is built by scripts/build-wheel, which knows its files")
        # Code without CPython's interface, for any version; not pure, or auditwheel refuses it.
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{platform}"
        root = pathlib.Path(native)
        for path in sorted(root.rglob("*")):
            if path.is_file():
                build_data["force_include"][str(path)] = f"ganrm/_native/{path.relative_to(root)}"
        scripts = pathlib.Path(self.root) / "scripts"
        build_data["shared_scripts"][str(scripts / "ganrm")] = "ganrm"
