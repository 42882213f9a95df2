# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A set whose smallest item is at hand."""

import heapq
from collections.abc import Hashable, Iterator
from typing import Any, Generic, TypeVar

Item = TypeVar("Item", bound=Hashable)


class PriorityQueue(Generic[Item]):
    """A set of items of which the one with the smallest key is at hand.

    Removing only forgets the item: its heap entry is skipped when it surfaces, so
    every operation takes logarithmic time. When forgotten entries outnumber the
    living, the heap is built anew.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[Any, int, Item]] = []
        self._ticket_by_item: dict[Item, int] = {}
        self._ticket = 0

    def __len__(self) -> int:
        return len(self._ticket_by_item)

    def __contains__(self, item: object) -> bool:
        return item in self._ticket_by_item

    def __iter__(self) -> Iterator[Item]:
        """In no order."""
        return iter(self._ticket_by_item)

    def add(self, item: Item, key: Any = None) -> None:
        """Add an item, or give it another key.

        :param key: what it is ordered by; ``None`` = the item itself
        """
        self._ticket += 1
        self._ticket_by_item[item] = self._ticket
        entry = (item if key is None else key, self._ticket, item)
        heapq.heappush(self._heap, entry)
        self._compact()

    def remove(self, item: Item) -> None:
        """Forget an item, if it is there."""
        if self._ticket_by_item.pop(item, None) is not None:
            self._compact()

    def first(self) -> Item | None:
        """Return the item with the smallest key; it stays."""
        self._drop_forgotten()
        return self._heap[0][2] if self._heap else None

    def first_key(self) -> Any:
        """Return the smallest key, ``None`` when the queue is empty."""
        self._drop_forgotten()
        return self._heap[0][0] if self._heap else None

    def pop(self) -> Item | None:
        """Take the item with the smallest key."""
        item = self.first()
        if item is not None:
            heapq.heappop(self._heap)
            del self._ticket_by_item[item]
        return item

    # An entry is forgotten when its item has another ticket by now, or none. Both
    # methods are called often, so neither asks a third one.

    def _drop_forgotten(self) -> None:
        heap, tickets = self._heap, self._ticket_by_item
        while heap and tickets.get(heap[0][2]) != heap[0][1]:
            heapq.heappop(heap)

    def _compact(self) -> None:
        heap, tickets = self._heap, self._ticket_by_item
        if len(heap) > 2 * len(tickets) + 64:
            self._heap = [entry for entry in heap if tickets.get(entry[2]) == entry[1]]
            heapq.heapify(self._heap)
