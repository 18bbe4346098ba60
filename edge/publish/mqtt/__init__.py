"""What a device says over MQTT, and what it is told: connection, outbox, topics, a broker of our own."""
