"""Which contacts still go together with those that are taken: for rules that take one after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from eagleplan.schedule.formulation import Formulation


class Room:
    """Starts empty; `take` a contact and it says which others are shut out by it for good."""

    def __init__(self, formulation: Formulation) -> None:
        self.candidates = formulation.network.candidates
        self._cliques = formulation.programme.cliques
        n = len(self.candidates)
        self._cliques_of: list[list[int]] = [[] for _ in range(n)]
        for number, clique in enumerate(self._cliques):
            for index in clique:
                self._cliques_of[index].append(number)
        index_of = {candidate.contact_id: index for index, candidate in enumerate(self.candidates)}
        self._left = [limit.most for limit in formulation.problem.limits]
        self._amounts: list[list[tuple[int, int]]] = [[] for _ in range(n)]
        self._members: list[list[tuple[int, int]]] = []
        for number, limit in enumerate(formulation.problem.limits):
            members = [(index_of[name], amount) for name, amount in limit.amounts.items() if name in index_of]
            self._members.append(members)
            for index, amount in members:
                self._amounts[index].append((number, amount))
        self._max_nights = formulation.problem.max_nights
        self._nights: Counter[str] = Counter()
        self._open: set[tuple[str, str]] = set()
        self._by_site: dict[str, list[int]] = {}
        for index, candidate in enumerate(self.candidates):
            if candidate.site_id in self._max_nights:
                self._by_site.setdefault(candidate.site_id, []).append(index)
        self.taken: list[int] = []
        self.shut: set[int] = {i for i in range(n) if any(a > self._left[k] for k, a in self._amounts[i])}
        for site_id, members_of_site in self._by_site.items():
            if self._max_nights[site_id] == 0:
                self.shut.update(members_of_site)

    def has_room(self, index: int) -> bool:
        return index not in self.shut

    def take(self, index: int) -> Collection[int]:
        """Take a contact for which there is room; returns those that there is none for now, itself included."""
        news = {index}
        for clique in self._cliques_of[index]:
            news.update(self._cliques[clique])
        for number, amount in self._amounts[index]:
            self._left[number] -= amount
            news.update(other for other, its in self._members[number] if its > self._left[number])
        news.update(self._staffed(index))
        news -= self.shut
        self.shut |= news
        self.taken.append(index)
        return news

    def _staffed(self, index: int) -> Iterable[int]:
        """Contacts for whose night the station has no staff left."""
        this = self.candidates[index]
        if this.site_id not in self._max_nights or (this.site_id, this.night) in self._open:
            return ()
        self._open.add((this.site_id, this.night))
        self._nights[this.site_id] += 1
        if self._nights[this.site_id] < self._max_nights[this.site_id]:
            return ()
        own = self._by_site[this.site_id]
        return [other for other in own if (this.site_id, self.candidates[other].night) not in self._open]
