"""Readers of the data archives, all in the labels of `edge.samples.EMOTIONS`."""
