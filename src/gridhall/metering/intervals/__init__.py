"""Interval data of meters: files read, loads into the store, gaps, and what the store says of a register."""
