"""`python -m engines.cli`, and what torchrun starts."""

from __future__ import annotations

import sys

from engines.cli import main

if __name__ == "__main__":
    sys.exit(main())
