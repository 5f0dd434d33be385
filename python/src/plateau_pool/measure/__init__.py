"""Figures of the serving processes, in memory that they share with the supervisor."""
