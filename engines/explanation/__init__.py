"""Why the student says what it says about one second of a clip; imports torch and shap, so `extras` comes first."""
