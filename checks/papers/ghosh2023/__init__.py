"""The effect of SGD batch size on autoencoder learning (2023): 120 claims on the single-neuron autoencoder."""
