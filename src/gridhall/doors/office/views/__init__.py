"""Screens of the office, one file a subject."""
