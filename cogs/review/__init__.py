"""What moderators do with an incident: the alert's buttons, contests, and the deeds behind them, one module each."""
