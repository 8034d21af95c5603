"""`/report`: pictures, files and thresholds drawn from a server's incidents, and what is posted regularly."""
