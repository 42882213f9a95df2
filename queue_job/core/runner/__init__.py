"""What the runner decides, without a database."""
