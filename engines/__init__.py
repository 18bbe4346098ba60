"""The workshop: reads data sets, trains the student, exports and judges it. Imports `edge`; `edge` never imports this."""
