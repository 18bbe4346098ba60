"""The data sets' own names of emotions, and the one order that everything else uses."""

from __future__ import annotations

from edge.samples import EMOTIONS

INDEX = {emotion: number for number, emotion in enumerate(EMOTIONS)}

# label7 of the archives, and the sets' own words. Absent words are dropped: boredom (EmoDB), contempt (FER+).
_WORDS = {
    "neutral": "neutral",
    "calm": "neutral",
    "happy": "happy",
    "happiness": "happy",
    "sad": "sad",
    "sadness": "sad",
    "angry": "angry",
    "anger": "angry",
    "fear": "fearful",
    "fearful": "fearful",
    "disgust": "disgust",
    "surprise": "surprised",
    "surprised": "surprised",
}


def label_index(word: str) -> int | None:
    """Place of a data set's `word` in EMOTIONS, or None when the word is none of the seven."""
    emotion = _WORDS.get(word.strip().lower())
    return None if emotion is None else INDEX[emotion]
