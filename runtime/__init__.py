"""What runs beside requests: features as they declare themselves, their workers, the clock, commands of the shell, health."""
