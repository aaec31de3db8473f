"""Gridhall: the customer platform of an electricity supplier."""

__version__ = "0.1.0"
