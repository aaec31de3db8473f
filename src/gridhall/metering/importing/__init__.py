"""Files of customers, meters and readings: recognised strictly, read in bounded memory, taken in one transaction."""
