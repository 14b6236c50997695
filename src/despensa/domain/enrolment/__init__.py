"""Enrolment at the desk: one household present, with or without papers, and what they take away."""
