"""Tellers' systems of banks and agents over TCP: messages of fixed fields in GB18030, as is usual at Chinese banks."""
