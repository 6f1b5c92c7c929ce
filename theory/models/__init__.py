"""One file a model: parameters, data assumptions and the per-sample loss; nothing of papers, runs or floats."""
