"""The gateway: sessions that hear the world's events, and the sockets that carry them."""
