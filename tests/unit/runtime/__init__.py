"""The runtime's small parts."""
