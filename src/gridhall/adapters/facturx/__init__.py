"""Factur-X / ZUGFeRD: the invoice of EN 16931 as XML (CII) inside the bill's own PDF/A-3."""
