"""Reports: a guild's incidents as a picture, a few sentences and a file, and thresholds drawn from verdicts."""
