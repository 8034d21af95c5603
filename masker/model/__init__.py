"""The packaged classifier: loading, tokenising, inference, batching, calibration."""
