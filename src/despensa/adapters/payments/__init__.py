"""Statements and answers of banks and providers, read line by line and never trusted."""
