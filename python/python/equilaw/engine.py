"""Where tasks run: on processes of their own, or on an engine that is given; each answer as soon as it is there."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import active_children, get_context
from queue import SimpleQueue
from typing import Any

# The number of each task that is answered, and what the function returned of it, or the error that kept it from returning.
Answers = Generator[tuple[int, Any], None, None]

# The arguments of the function, of each task.
Tasks = Sequence[tuple[Any, ...]]


def answers(function: Callable[..., Any], tasks: Tasks, client: Any, processes: int | None) -> Answers:
    """What a function returns of each of some arguments, in the order in which it does. What still runs is ended where the iterator is closed."""
    if client is None:
        return _on_processes(function, tasks, processes or os.cpu_count() or 1)
    if hasattr(client, "submit"):
        return _submitted(client, function, tasks)
    if callable(getattr(client, "remote", None)) and callable(getattr(client, "get", None)):
        return _remote(client, function, tasks)
    raise TypeError(f"{client!r} has neither submit, as executors have, nor remote and get, as Ray has")


def _submitted(client: Any, function: Callable[..., Any], tasks: Tasks) -> Answers:
    """On an executor, or a client of Dask."""
    futures: dict[int, Any] = {}
    try:
        done: SimpleQueue[int] = SimpleQueue()
        for number, task in enumerate(tasks):
            futures[number] = future = client.submit(function, *task)
            future.add_done_callback(lambda _, number=number: done.put(number))
        for _ in tasks:
            number = done.get()
            yield number, _outcome(futures.pop(number).result)
    finally:
        for future in futures.values():
            future.cancel()


def _remote(ray: Any, function: Callable[..., Any], tasks: Tasks) -> Answers:
    """On Ray, where tasks are remote functions, which are called and whose answers are gotten."""
    remote = ray.remote(function)
    numbers = {remote.remote(*task): number for number, task in enumerate(tasks)}
    try:
        while numbers:
            (reference, *_), _ = ray.wait(list(numbers), num_returns=1)
            yield numbers.pop(reference), _outcome(lambda: ray.get(reference))  # noqa: B023 - called at once
    finally:
        for reference in numbers:
            ray.cancel(reference)


def _outcome(result: Callable[[], Any]) -> Any:
    try:
        return result()
    except Exception as error:  # noqa: BLE001 - what keeps one task from answering is its answer
        return error


def _on_processes(function: Callable[..., Any], tasks: Tasks, processes: int) -> Answers:
    """On processes. Where one ends before its answer, all that run end with it, and which task ended it is not told: those that may have
    been running are asked one by one."""
    for task in tasks[:1]:
        try:
            pickle.dumps((function, task))
        except Exception as error:
            raise TypeError(
                f"processes cannot be sent what is asked, give a client of threads instead: {error}"
            ) from error
    left = list(range(len(tasks)))
    while left:
        yield from _in_pool(function, tasks, left, min(processes, len(left)))
        # Tasks are taken in order, one more than there are processes ahead.
        suspects, left = left[: 2 * processes + 1], left[2 * processes + 1 :]
        for number in suspects:
            alone = [number]
            yield from _in_pool(function, tasks, alone, 1)
            if alone:
                yield number, RuntimeError("the process that asked it ended without an answer")


def _in_pool(function: Callable[..., Any], tasks: Tasks, left: list[int], processes: int) -> Answers:
    """What one pool of processes answers, whose tasks are taken from those that are left."""
    others = active_children()
    # Started anew: threads of the library do not survive a fork.
    pool = ProcessPoolExecutor(processes, get_context("spawn"))
    try:
        try:
            pool.submit(os.getpid).result()
        except BrokenProcessPool:
            raise RuntimeError(
                'no process starts: a script that asks for some does it behind `if __name__ == "__main__":`'
            ) from None
        done: SimpleQueue[Future[Any]] = SimpleQueue()
        numbers: dict[Future[Any], int] = {}
        for number in left:
            try:
                future = pool.submit(function, *tasks[number])
            except BrokenProcessPool:
                break
            numbers[future] = number
            future.add_done_callback(done.put)
        for _ in range(len(numbers)):
            future = done.get()
            outcome = _outcome(future.result)
            if not isinstance(outcome, BrokenProcessPool):
                left.remove(numbers[future])
                yield numbers[future], outcome
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in active_children():
            if process not in others:
                process.terminate()
        raise
    pool.shutdown()
