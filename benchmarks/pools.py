"""Maps, waits, chains and downloads, beside what else there is, as ratios of one run.

Usage: python benchmarks/pools.py

Peers that are not installed are left out: joblib, aiohttp, ipyparallel, distributed.
"""

from __future__ import annotations

import asyncio
import gc
import http.client
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from multiprocessing.pool import ThreadPool

from nbjobs import JobManager

ITEMS = 20_000
WORKERS = 8
PAGES = 1_000
LATENCY = 0.05
AT_ONCE = 50


def nothing(item: object) -> object:
    """The work that costs nothing."""
    return item


def best(call: Callable[[], object], times: int = 5) -> float:
    """The shortest time of several calls, in seconds: the one least disturbed by others."""
    took = []
    for _ in range(times):
        gc.collect()
        began = time.perf_counter()
        call()
        took.append(time.perf_counter() - began)
    return min(took)


def maps(jobs: JobManager) -> None:
    """A map of many items that cost nothing."""

    def ours() -> None:
        group = jobs.map(nothing, range(ITEMS), workers=WORKERS)
        assert len(group.get()) == ITEMS
        jobs.discard(group)

    def iterated(items: Iterable[int]) -> None:
        group = jobs.map(nothing, items, workers=WORKERS)
        assert sum(1 for _ in group) == ITEMS
        jobs.discard(group)

    def futures() -> None:
        with ThreadPoolExecutor(WORKERS) as pool:
            assert sum(1 for _ in pool.map(nothing, range(ITEMS))) == ITEMS

    def pool() -> None:
        with ThreadPool(WORKERS) as threads:
            assert sum(1 for _ in threads.imap_unordered(nothing, range(ITEMS))) == ITEMS

    peers = {"ThreadPoolExecutor.map": best(futures), "ThreadPool.imap_unordered": best(pool)}
    if find_spec("joblib"):
        from joblib import Parallel, delayed

        calls = [delayed(nothing)(n) for n in range(ITEMS)]
        parallel = Parallel(WORKERS, backend="threading")
        peers["joblib, threading"] = best(lambda: parallel(calls), 2)
    if find_spec("distributed"):
        peers["Dask, local threads (1/10 of the items, times 10)"] = _dask()
    if find_spec("ipyparallel"):
        peers["ipyparallel, 2 engines (1/40 of the items, times 40)"] = _ipyparallel()
    for name, own in (
        ("of a range", best(ours)),
        ("of a range, iterated", best(lambda: iterated(range(ITEMS)))),
        ("of a generator, iterated", best(lambda: iterated(iter(range(ITEMS))))),
    ):
        print(f"map of {ITEMS:,} items {name}: {own * 1e3:.0f} ms, {ITEMS / own:,.0f} items/s")
        for peer, time_ in peers.items():
            print(f"    {own / time_:.2g} x the time of {peer} ({time_ * 1e3:.0f} ms)")


def _dask() -> float:
    from distributed import Client

    with Client(
        processes=False, n_workers=1, threads_per_worker=WORKERS, dashboard_address=None
    ) as c:
        return 10 * best(lambda: c.gather(c.map(nothing, range(ITEMS // 10), pure=False)), 1)


def _ipyparallel() -> float:
    import ipyparallel

    with ipyparallel.Cluster(n=2, log_level=40) as engines:
        view = engines.load_balanced_view()
        return 40 * best(lambda: view.map_sync(nothing, range(ITEMS // 40)), 2)


def waits(jobs: JobManager) -> None:
    """Items that wait for 20 ms each, 50 at a time."""
    took = best(lambda: jobs.map(lambda _: time.sleep(0.02), range(1_000), workers=50).get())
    print(f"1,000 waits of 20 ms, 50 at a time: {took:.3f} s, {took / 0.4:.3f} x the ideal")


def chains(jobs: JobManager) -> None:
    """A thousand jobs that wait for each other, and a thousand that do not."""

    def independent() -> None:
        jobs.wait(*[jobs.submit(nothing, 1) for _ in range(1_000)])

    def chain() -> None:
        job = jobs.submit(nothing, 1)
        for _ in range(999):
            job = jobs.submit(nothing, job)
        job.wait()

    alone, chained = best(independent), best(chain)
    print(
        f"a chain of 1,000 jobs: {chained * 1e3:.0f} ms, "
        f"{chained / alone:.2f} x the time of 1,000 independent ones"
    )


def memory(jobs: JobManager) -> None:
    """What an item costs that is kept, one that is handed on, and a job."""
    count = 100_000

    def held(call: Callable[[], object]) -> float:
        gc.collect()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        kept = call()
        gc.collect()
        after = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        assert kept
        return after - before

    def finished() -> object:
        group = jobs.map(bool, range(count), workers=WORKERS)
        group.wait()
        return group

    def handed_on() -> object:
        group = jobs.map(bool, iter(range(count)), workers=WORKERS, ahead=100)
        assert sum(1 for _ in group) == count
        return group

    def one_by_one() -> object:
        return [jobs.submit(bool, n) for n in range(2_000)]

    print(f"memory an item, results kept: {held(finished) / count:.0f} bytes")
    print(f"memory an item, results handed on: {held(handed_on) / count:.2f} bytes")
    made = held(lambda: (one_by_one(), jobs.wait())[0])
    print(f"memory a job that has ended: {made / 2_000:,.0f} bytes")


def downloads(jobs: JobManager) -> None:
    """Pages from a server that takes 50 ms for each."""
    server = subprocess.Popen(
        [sys.executable, __file__, "serve"], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    port = int(server.stdout.readline())
    local = threading.local()

    def fetch(number: int) -> int:
        # A connection for each thread, as everybody's session does it.
        if not hasattr(local, "connection"):
            local.connection = http.client.HTTPConnection("127.0.0.1", port)
        local.connection.request("GET", f"/{number}")
        return len(local.connection.getresponse().read())

    def with_futures() -> None:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            assert all(pool.map(fetch, range(PAGES)))

    try:
        ours = best(lambda: jobs.map(fetch, range(PAGES), workers=AT_ONCE).get(), 3)
        peers = {"ThreadPoolExecutor": best(with_futures, 3)}
        if find_spec("aiohttp"):
            peers["aiohttp"] = best(lambda: asyncio.run(_aiohttp(port)), 3)
    finally:
        server.terminate()
        server.wait()
    ideal = PAGES * LATENCY / AT_ONCE
    print(f"{PAGES:,} pages of {LATENCY * 1e3:.0f} ms, {AT_ONCE} at a time: {ours:.2f} s", end="")
    print(f", {ours / ideal:.2f} x the ideal")
    for peer, took in peers.items():
        print(f"    {ours / took:.2f} x the time of {peer} ({took:.2f} s)")


async def _aiohttp(port: int) -> None:
    import aiohttp

    connector = aiohttp.TCPConnector(limit=AT_ONCE)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def fetch(number: int) -> int:
            async with session.get(f"http://127.0.0.1:{port}/{number}") as response:
                return len(await response.read())

        assert all(await asyncio.gather(*[fetch(number) for number in range(PAGES)]))


async def serve() -> None:
    """A server that takes its time; prints its port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        body = b"<html><title>page</title></html>"
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                await asyncio.sleep(LATENCY)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=1_000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    """Run all of them."""
    print(f"Python {sys.version.split()[0]}")
    for measure in (maps, waits, chains, memory, downloads):
        with JobManager() as jobs:
            measure(jobs)


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        asyncio.run(serve())
    else:
        main()
