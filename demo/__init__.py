"""A demo shop: raw data of any size, the same for the same arguments. Run `python -m demo --out DIR`."""
