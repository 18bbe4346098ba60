"""The AsyncAPI document: all topics, their schemas, and how they are sent, for people and code generators."""
