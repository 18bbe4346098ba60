"""What this machine is: facts of a Jetson, or of a PC with NVIDIA's graphics, read from files."""

from __future__ import annotations

from edge.board.board import Board, board
from edge.board.clocks import Clock, Clocks
from edge.board.graphics import Graphics
from edge.board.memory import Memory
from edge.board.model import Model

__all__ = ["Board", "Clock", "Clocks", "Graphics", "Memory", "Model", "board"]
