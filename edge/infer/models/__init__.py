"""The shipped student: two ONNX files and their card."""
