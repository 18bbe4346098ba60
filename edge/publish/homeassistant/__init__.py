"""How this device introduces itself to Home Assistant: one retained message, and an ear for its birth message."""
