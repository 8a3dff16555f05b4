"""Worker processes on this machine: how they are started, spoken to, and ended for certain.

`child` is the kernel's handle of one, `main` is what runs in it, `channel` is how the two speak,
and `guardian` sees to it that none outlives the kernel.
"""
