"""The law over columns: the text of `gridhall.rules`, compiled by Numba and run over arrays."""
