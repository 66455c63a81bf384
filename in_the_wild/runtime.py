"""onnxruntime, kept from telling its maker how it is used.

From 1.29 on its packages note events in the user's cache, under a number for the machine, to send them over the
network; importing them begins it. Whoever needs it asks here, so that this is switched off before.
"""

from __future__ import annotations

import os
from types import ModuleType

from in_the_wild.plugins import back_end


def onnxruntime(*, install: str = "onnxruntime") -> ModuleType:
    """Import onnxruntime with its telemetry off.

    Args:
        install: What pip is asked for where it is missing.

    Raises:
        PluginError: it is not installed.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # looked at when it is imported
    runtime = back_end("onnxruntime", install=install)
    runtime.disable_telemetry_events()
    return runtime
