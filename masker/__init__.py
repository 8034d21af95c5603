"""Find hate speech and profanity in Korean and mixed English, and mask it in place. Knows nothing of Discord."""
