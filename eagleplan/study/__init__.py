"""Many plans: weeks of a year, axes over any key of a scenario, sets of stations; in this process or on a cluster."""
