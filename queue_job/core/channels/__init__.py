"""Channels: who may run, and who is next."""
