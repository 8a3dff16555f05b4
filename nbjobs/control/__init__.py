"""A way into a running kernel for its own user: a socket of this machine, never of a network.

A kernel opens it with its first job, in Jupyter's runtime directory, for its owner only. What comes
in is served by a thread that sleeps until then.
"""
