"""Identities between matrices."""
