"""Jobs kept on disk: what they were, how they ended, what they printed and returned.

A `Journal` subscribes to a manager's events and writes them to one SQLite file per IPython profile,
from a thread of its own; `History` reads that file. Neither imports IPython, and no job waits for
either of them.
"""

NAME = "nbjobs.sqlite"
"""What the file is called in the folder of a profile."""
