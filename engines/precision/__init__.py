"""The student's graphs in other precisions, made of the fp32 ONNX files: half floats, and 8-bit whole numbers."""
