"""A value worked out at first sight, for objects that one thread uses: `functools.cached_property` takes a lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")


class lazy(Generic[T]):  # noqa: N801 - reads as the decorator it is
    """Work a property out once and keep it in the object. Two threads at once would merely work it out twice."""

    def __init__(self, work: Callable[[Any], T]) -> None:
        self._work, self._name, self.__doc__ = work, work.__name__, work.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> lazy[T]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object | None, owner: type) -> T | lazy[T]:
        """Return the value, worked out now: the next look finds it in the object itself."""
        if instance is None:
            return self
        value = instance.__dict__[self._name] = self._work(instance)
        return value
