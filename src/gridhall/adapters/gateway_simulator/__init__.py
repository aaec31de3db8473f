"""Payment services on loopback, for tests and for trying out: they sign with real keys and misbehave on command."""
