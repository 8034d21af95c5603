"""`/settings`: the slash commands by which an admin sees and changes what holds in their server."""
