"""The parts that live in an IPython shell, in a real one."""
