"""SWIFT statements of a bank: MT940."""
