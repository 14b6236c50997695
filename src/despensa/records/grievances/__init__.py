"""Grievances: appeals against decisions, and who had a hand in those."""
