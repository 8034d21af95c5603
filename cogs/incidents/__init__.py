"""`/incidents` and `/member`: what was recorded, for those who look after a server."""
