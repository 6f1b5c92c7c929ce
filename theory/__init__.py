"""What a model does: update maps, fixed points, invariants and Hessians, derived with SymPy from the loss alone."""
