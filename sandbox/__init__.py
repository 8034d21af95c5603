"""A Discord-compatible server for loopback, with a chat page. A program of its own."""
