"""Tokens for keypad meters: the Standard Transfer Specification (IEC 62055-41), and the module that keeps its keys."""
