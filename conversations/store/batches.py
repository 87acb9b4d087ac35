"""Batches: what is asked for while others are under way waits a moment and then goes together."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

A = TypeVar("A")
R = TypeVar("R")


class Batches(Generic[A, R]):
    """Runs things together that would cost nearly as much alone.

    ``run`` does some of them, at most ``size``, and gives a result for each; an exception among the results is raised
    where that thing was asked for, one that it raises itself everywhere. ``side_by_side`` batches run at a time; what
    comes meanwhile is in the next one.
    """

    def __init__(
        self, run: Callable[[Sequence[A]], Awaitable[Sequence[R | BaseException]]], *, size: int, side_by_side: int = 1
    ) -> None:
        self._run = run
        self._size = size
        self._side_by_side = side_by_side
        self._waiting: deque[tuple[A, asyncio.Future[R]]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._running = 0

    async def add(self, one: A) -> R:
        """Has one thing done with the next batch."""
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((one, future))
        if self._running < self._side_by_side:
            self._running += 1
            task = asyncio.create_task(self._drain(), name="batches")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await future

    async def close(self) -> None:
        """Waits for what is under way."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _drain(self) -> None:
        try:
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(self._size, len(self._waiting)))]
                await self._together([one for one, _ in batch], [future for _, future in batch])
        finally:
            self._running -= 1

    async def _together(self, things: Sequence[A], futures: Sequence[asyncio.Future[R]]) -> None:
        results: Sequence[R | BaseException]
        try:
            results = await self._run(things)
        except asyncio.CancelledError:
            for future in futures:
                future.cancel()
            raise
        except Exception as error:
            results = [error] * len(things)
        for future, result in zip(futures, results, strict=True):
            if future.done():
                continue
            if isinstance(result, BaseException):
                future.set_exception(result)
            else:
                future.set_result(result)
