"""Constants of the active speaker, fitted on real talking faces, and what they reach on people left out."""
