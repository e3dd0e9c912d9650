"""``make bench``: bytes in, answer bytes out, as a ratio to parsing the same bytes; and where the time goes."""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable

import orjson

from baclofen_safety.assessor import Assessor, load_assessor
from baclofen_safety.config import Settings
from baclofen_safety.core.assess import assess
from baclofen_safety.fhir.decoding import decode
from baclofen_safety.fhir.operations import Ask, unpack
from baclofen_safety.fhir.reading import read_chart
from baclofen_safety.fhir.writing import write_answer

from . import over_http
from .patients import AS_OF, patient

SIZES = (10, 100, 1000)
ROUNDS = 7


def once(work: Callable[[], object], seconds: float = 0.25, batch: float = 0.01) -> float:
    """Seconds per call in the least disturbed of many short batches."""
    work()
    calls = max(1, int(batch / max(_seconds(work, 1), 1e-6)))
    return min(_seconds(work, calls) for _ in range(max(1, int(seconds / batch)))) / calls


def _seconds(work: Callable[[], object], calls: int) -> float:
    start = time.perf_counter()
    for _ in range(calls):
        work()
    return time.perf_counter() - start


def answer(assessor: Assessor, body: bytes) -> bytes:
    """What the HTTP door does between the bytes."""
    document = decode(body, max_bytes=assessor.settings.max_bytes)
    ask = unpack(document, {}, max_entries=assessor.settings.max_entries)
    return orjson.dumps(assessor.answer(Ask(ask.content, as_of=AS_OF), AS_OF).bundle)


def steps(assessor: Assessor, body: bytes) -> dict[str, Callable[[], object]]:
    """The same, step by step."""
    document = decode(body, max_bytes=assessor.settings.max_bytes)

    def read() -> object:
        return read_chart(document, as_of=AS_OF, subject=None, terms=assessor.terms)

    chart = read_chart(document, as_of=AS_OF, subject=None, terms=assessor.terms)
    verdict = assess(chart, AS_OF, assessor.book)
    bundle = write_answer(verdict, assessor.book, assessor.letterhead)
    return {
        "decode": lambda: decode(body, max_bytes=assessor.settings.max_bytes),
        "read": read,
        "assess": lambda: assess(chart, AS_OF, assessor.book),
        "write": lambda: write_answer(verdict, assessor.book, assessor.letterhead),
        "dump": lambda: orjson.dumps(bundle),
    }


def main() -> int:
    """Print one table per question."""
    assessor = load_assessor(Settings())
    gc.collect()
    gc.freeze()
    print_answers(assessor)
    print_steps(assessor)
    print_http()
    print_signing()
    return 0


def print_answers(assessor: Assessor) -> None:
    """How long a whole answer takes."""
    print("| resources | KB | findings | parse only, ms | answer, ms | ratio | min | max |")
    print("|---|---|---|---|---|---|---|---|")
    for size in SIZES:
        body = patient(size)
        found = assessor.answer(Ask(orjson.loads(body), as_of=AS_OF), AS_OF).verdict.issues
        pairs = [
            (once(lambda body=body: orjson.loads(body)), once(lambda body=body: answer(assessor, body)))
            for _ in range(ROUNDS)
        ]
        ratios = sorted(ours / parse for parse, ours in pairs)
        parse, ours = (statistics.median(column) * 1000 for column in zip(*pairs, strict=True))
        print(
            f"| {size} | {len(body) / 1024:.0f} | {len(found)} | {parse:.3f} | {ours:.3f} "
            f"| {statistics.median(ratios):.1f} | {ratios[0]:.1f} | {ratios[-1]:.1f} |"
        )


def print_steps(assessor: Assessor) -> None:
    """Where the time goes."""
    print("\n| resources | decode | read | assess | write | dump |  (ratio to parsing)")
    print("|---|---|---|---|---|---|")
    for size in SIZES:
        body = patient(size)
        parse = once(lambda body=body: orjson.loads(body))
        shares = [once(work) / parse for work in steps(assessor, body).values()]
        print(f"| {size} | " + " | ".join(f"{share:.2f}" for share in shares) + " |")


def print_http() -> None:
    """What is left of it over HTTP."""
    print("\n| resources | requests a second | echo | share of the echo | min | max |")
    print("|---|---|---|---|---|---|")
    for size in over_http.SIZES:
        rounds = [(len(ours), len(echo)) for ours, echo in over_http.rounds(over_http.assessment(size))]
        ours, echo = (statistics.median(column) / over_http.SECONDS for column in zip(*rounds, strict=True))
        shares = sorted(one / other for one, other in rounds)
        middle = statistics.median(shares)
        print(f"| {size} | {ours:.0f} | {echo:.0f} | {middle:.2f} | {shares[0]:.2f} | {shares[-1]:.2f} |")


def print_signing() -> None:
    """How long an order-sign takes, beside an echo of the same JSON."""
    columns = (
        "resources",
        "clients",
        "p50, ms",
        "echo",
        "p99, ms",
        "echo",
        "p99 ratio",
        "min",
        "max",
        "a second",
        "echo",
    )
    print(f"\n| {' | '.join(columns)} |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for size in over_http.CDS_SIZES:
        for clients in over_http.CDS_CONNECTIONS:
            rounds = list(over_http.rounds(over_http.signing(size), clients))
            ratios = sorted(at(ours, 99) / at(echo, 99) for ours, echo in rounds)
            ours, echo = ([one for taken in column for one in taken] for column in zip(*rounds, strict=True))
            seconds = over_http.SECONDS * len(rounds)
            print(
                f"| {size} | {clients} | {at(ours, 50) * 1000:.1f} | {at(echo, 50) * 1000:.1f} "
                f"| {at(ours, 99) * 1000:.1f} | {at(echo, 99) * 1000:.1f} "
                f"| {statistics.median(ratios):.1f} | {ratios[0]:.1f} | {ratios[-1]:.1f} "
                f"| {len(ours) / seconds:.0f} | {len(echo) / seconds:.0f} |"
            )


def at(seconds: list[float], percent: int) -> float:
    """The percentile of what requests took."""
    return statistics.quantiles(seconds, n=100)[percent - 1]


if __name__ == "__main__":
    sys.exit(main())
