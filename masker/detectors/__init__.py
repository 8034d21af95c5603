"""Detectors: each turns a text into findings."""
