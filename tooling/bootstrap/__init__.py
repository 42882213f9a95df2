"""What has to run before anything is fetched: the command lines, the cache, Debian's
packages, Odoo, the Python packages.

Standard library only: it works with the bare ``python3`` of a fresh Debian 12. What it
fetches goes to a cache outside the checkout (see :mod:`tooling.bootstrap.cache`).
"""
