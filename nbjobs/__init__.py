"""Background jobs for IPython and Jupyter."""
