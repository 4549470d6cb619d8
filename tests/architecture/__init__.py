"""What holds for the whole program: who imports whom, which routes exist, what a fresh database looks like."""
