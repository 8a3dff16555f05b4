"""Ending a thread from outside: see `gate` for the protocol."""
