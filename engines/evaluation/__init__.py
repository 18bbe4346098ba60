"""Judges models on people and pictures that they were not trained on, through the device's own features."""

from engines.evaluation.fer2013 import evaluate_fer2013
from engines.evaluation.filmed import evaluate_av
from engines.evaluation.judge import HeadInput, Judge, Model, pictures_only
from engines.evaluation.speech import evaluate_speech
from engines.evaluation.suite import evaluate, evaluate_model

__all__ = [
    "HeadInput",
    "Judge",
    "Model",
    "evaluate",
    "evaluate_av",
    "evaluate_fer2013",
    "evaluate_model",
    "evaluate_speech",
    "pictures_only",
]
