"""What TensorRT says, in our log."""

from __future__ import annotations

import logging
from typing import Any

_LOG = logging.getLogger("edge.infer.tensorrt")
_LOGGERS: dict[str, Any] = {}


def trt_logger(trt: Any) -> Any:
    """An ILogger of the module `trt`, one per process: TensorRT keeps the first that it is given.

    Errors and warnings are logged as such, information as debug; its `last_error` is the latest error's text.
    """
    if trt.__name__ in _LOGGERS:
        return _LOGGERS[trt.__name__]
    severities = trt.ILogger.Severity
    levels = {
        severities.INTERNAL_ERROR: logging.ERROR,
        severities.ERROR: logging.ERROR,
        severities.WARNING: logging.WARNING,
        severities.INFO: logging.DEBUG,
    }

    class Logger(trt.ILogger):  # type: ignore[misc]  # the module is known at run time only
        def __init__(self) -> None:
            trt.ILogger.__init__(self)
            self.last_error = ""

        def log(self, severity: Any, message: str) -> None:
            """TensorRT calls it from its own threads too."""
            level = levels.get(severity)
            if level is None:
                return
            if level == logging.ERROR:
                self.last_error = message
            _LOG.log(level, "%s", message)

    _LOGGERS[trt.__name__] = Logger()
    return _LOGGERS[trt.__name__]
