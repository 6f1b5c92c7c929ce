"""Goals with roots, exponentials, logarithms, sines and cosines."""
