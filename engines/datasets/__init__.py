"""Readers of data sets, as archives and as published, all in the labels of `edge.samples.EMOTIONS`."""
