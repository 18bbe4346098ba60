"""What sync reaches on real talking faces whose lag, drift and speaker are known: python -m tests.sync_bench --help."""
