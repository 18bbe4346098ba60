from __future__ import annotations

import logging

from edge.infer.trt_logger import trt_logger
from tests.gpu.stand_in_gpu import StandInGpu


def test_what_tensorrt_says_is_logged_by_its_weight_and_the_last_error_kept(caplog):
    trt = StandInGpu().trt
    logger = trt_logger(trt)
    severity = trt.ILogger.Severity
    with caplog.at_level(logging.DEBUG, "edge.infer.tensorrt"):
        logger.log(severity.INTERNAL_ERROR, "broken inside")
        logger.log(severity.ERROR, "100 % broken")
        logger.log(severity.WARNING, "odd")
        logger.log(severity.INFO, "told")
        logger.log(severity.VERBOSE, "chatter")
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("ERROR", "broken inside"),
        ("ERROR", "100 % broken"),
        ("WARNING", "odd"),
        ("DEBUG", "told"),
    ]
    assert logger.last_error == "100 % broken"


def test_a_process_has_one_per_module():
    one, other = StandInGpu(), StandInGpu()
    assert trt_logger(one.trt) is trt_logger(one.trt)
    assert trt_logger(one.trt) is not trt_logger(other.trt)
