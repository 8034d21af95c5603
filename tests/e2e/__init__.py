"""End to end: the programs as a stranger meets them, over real sockets, as processes of their own."""
