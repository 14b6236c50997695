"""The keeper: owns every key. `in_process.open_keeper` is the form a demo and tests use."""
