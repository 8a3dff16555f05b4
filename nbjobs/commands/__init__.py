"""The `nbjobs` command's verbs for the jobs of other processes, through the journal."""
