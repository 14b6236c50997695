"""Payments, the lists they were ordered in, and what statements say of them."""
