"""A pytest plugin that puts our manager in the place of upstream's, in upstream's own module."""

from IPython.lib import backgroundjobs

from nbjobs import JobManager

backgroundjobs.BackgroundJobManager = JobManager
