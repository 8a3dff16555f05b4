"""Upstream's own tests of its job manager, run with ours in its place."""
