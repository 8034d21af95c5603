"""The process: settings, wiring, policy, storage and the command line."""
