"""What the machine gives: the wall clock, files that outlast a power cut, the log."""
