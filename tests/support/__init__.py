"""What tests of several areas share: a bot that runs in a sandbox, and waiting for what must come."""
