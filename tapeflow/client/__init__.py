"""The face that tapeflow shows to code written for TensorFlow."""
