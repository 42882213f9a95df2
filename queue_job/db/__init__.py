"""Connections, transactions and the clock of the database."""
