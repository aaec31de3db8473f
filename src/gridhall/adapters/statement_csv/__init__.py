"""Statements as CSV, as online banking gives them out: which column is what, is data (`columns/*.yaml`)."""
