"""The law: every rule about energy and money as pure functions over whole numbers.

The text keeps to what both CPython and Numba's nopython mode run: integers, indexable sequences, plain
loops. CPython runs it for one bill; `gridhall.columns.law` compiles the same text for millions. Nothing
here knows a database, a file or a clock.
"""
