"""How fast a study goes, and how long it still takes."""

from __future__ import annotations

from collections import deque

from eagleplan.study.run import Standing

WINDOW_S = 120.0
"""The pace is that of so long, since the first cells fill the cache and the later ones find it full."""


class Pace:
    """Cells per second over the last two minutes."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def add(self, standing: Standing) -> None:
        """Notes how far the run is."""
        self._seen.append((standing.elapsed_s, standing.n_run))
        while len(self._seen) > 2 and standing.elapsed_s - self._seen[1][0] > WINDOW_S:
            self._seen.popleft()

    @property
    def cells_per_s(self) -> float | None:
        """None before the first cell has come."""
        if len(self._seen) < 2:
            return None
        (first_s, n_first), (last_s, n_last) = self._seen[0], self._seen[-1]
        return (n_last - n_first) / (last_s - first_s) if n_last > n_first and last_s > first_s else None

    def left_s(self, standing: Standing) -> float | None:
        """Seconds until the last cell, None while nobody can say."""
        pace = self.cells_per_s
        return None if pace is None else (standing.n_to_run - standing.n_run) / pace


def duration(seconds: float) -> str:
    """Seconds as people say them: 45 s, 12 min, 3 h 20 min, 2 d 4 h."""
    total = round(seconds)
    if total < 90:
        return f"{total} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes:02d} min"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h"


def pace_line(standing: Standing, pace: Pace) -> str:
    """Where the run is, in a line."""
    parts = [f"{standing.n_known:,} of {standing.n_cells:,} cells"]
    if (rate := pace.cells_per_s) is not None:
        parts.append(f"{rate:.2g} a second" if rate >= 0.1 else f"{duration(1 / rate)} a cell")
    if (left_s := pace.left_s(standing)) is not None and standing.n_run < standing.n_to_run:
        parts.append(f"{duration(left_s)} left")
    if standing.n_failed:
        parts.append(f"{standing.n_failed:,} failed")
    return ", ".join(parts)
