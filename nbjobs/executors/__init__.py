"""What runs jobs, one module each; none knows of another."""
