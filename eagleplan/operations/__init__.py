"""Operations: what happens to plans after they are made. Outcomes, stocks, re-plans, weeks one after another."""

PRICE_FRAC = 0.002
"""What a change must bring, of the most that the objective can reach: with it most of a published plan stays, for half
a percent of its value (`benchmarks/replan.py`)."""
