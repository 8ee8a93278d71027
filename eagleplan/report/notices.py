"""A plan's warnings as people read them: what is said of many things alike is said once."""

from __future__ import annotations

from collections.abc import Sequence

from eagleplan.model import Notice


def joined_notices(notices: Sequence[Notice], n_most: int | None = None) -> tuple[Notice, ...]:
    """Notices with the same id and message as one, in the order of the first.

    Of more than `n_most` subjects the rest are counted.
    """
    subjects: dict[tuple[str, str], list[str]] = {}
    for notice in notices:
        subjects.setdefault((notice.notice_id, notice.message), []).append(notice.subject)
    return tuple(
        Notice(notice_id=notice_id, subject=_listed(names, n_most or len(names)), message=message)
        for (notice_id, message), names in subjects.items()
    )


def _listed(names: Sequence[str], n_most: int) -> str:
    more = f" and {len(names) - n_most} more" if len(names) > n_most else ""
    return ", ".join(names[:n_most]) + more
