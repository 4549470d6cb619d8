"""What the notifier writes, to whom."""
