"""In the caller's transaction: from a call to a stored job."""
