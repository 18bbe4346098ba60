"""From the student's ONNX files to plans for one GPU: parsed, compiled, compared, and only then kept."""
