"""The rooms of the office: each module reads, calls one use case at most, and fills one page."""
