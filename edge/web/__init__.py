"""Results and health of one device over HTTP: a reader of the broker's messages, without camera, microphone or GPU."""
