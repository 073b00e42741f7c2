"""What has a budget, measured: `python -m benchmarks`; and what others answer: `python -m benchmarks.comparison`."""
