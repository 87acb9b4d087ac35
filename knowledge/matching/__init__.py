"""Matching: which topic a message is about, and how sure that is."""
