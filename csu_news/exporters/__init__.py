"""Formats that others read: one module for each."""
