"""Benchmarks: each measures one promise beside a named baseline of the same run."""
