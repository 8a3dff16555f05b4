"""Tests of killing, below the level of jobs."""
