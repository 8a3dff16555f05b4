"""Widgets; the only place that imports ipywidgets and anywidget."""
