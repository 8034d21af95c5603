"""Commands over a server's own terms."""
