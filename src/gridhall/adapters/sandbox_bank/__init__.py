"""A bank on loopback for trying online payments: a real server that signs, calls back, answers queries and refunds,
and misbehaves on command."""
