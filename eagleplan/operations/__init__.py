"""Operations: what happens to plans after they are made. Outcomes, stocks, re-plans, weeks one after another."""
