"""What Discord shows: listeners, reposting, buttons, alerts."""
