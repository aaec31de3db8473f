"""ISO 20022 statements of a bank: camt.053."""
