"""How jobs show themselves to the user: panels, lines at the prompt, tables in text."""
