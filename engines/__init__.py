"""The workshop: reads data sets, trains, exports and judges the student. `edge` never imports it."""
