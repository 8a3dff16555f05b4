"""Tests in a real browser; they need the extra `browser`, and a Chromium."""
