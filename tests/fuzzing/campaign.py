"""One target and many inputs in this process: limits on time and memory, what was refused, and what must not happen.

An input that is refused in a way not seen before, by the lines of code that its refusal came through, joins the pool
that further inputs are made from; so the campaign works its way inwards without instruments in the code.
"""

from __future__ import annotations

import hashlib
import random
import resource
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType, TracebackType

import msgspec

from tests.fuzzing.mutation import mutated
from tests.fuzzing.targets import Target

SECONDS_AN_INPUT = 5.0
"""Of processor time, so that a busy machine makes no findings; who waits without working is for the runner to end."""
LONGEST = 48 * 1024
"""Bytes of an input; seeds may be longer."""
LARGEST_POOL = 1000
MOST_FINDINGS = 100
MEBIBYTE = 1024 * 1024
ADDRESS_SPACE = 1024 * MEBIBYTE
"""What a campaign may take beyond what the process has when it begins."""
MOST_GROWTH = 256
"""Mebibytes by which the resident memory may grow over a campaign."""

Watch = Callable[[bytes], None]


class TooSlow(BaseException):
    """An input took longer than it may; no ``except Exception`` of the code under test swallows it."""


class Finding(msgspec.Struct, frozen=True):
    """An input that raised what no document promises, or took too long: what, where, and the input itself."""

    fault: str
    where: str
    data: bytes

    @property
    def name(self) -> str:
        """A file name for the input."""
        return f"{hashlib.new('sm3', self.data).hexdigest()[:16]}.bin"


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a campaign."""

    target: str
    seed: int
    inputs: int
    accepted: int
    refused: int
    pool: int
    """Inputs kept because they were refused in a way of their own, the corpus included."""
    seconds: float
    growth: int
    """Mebibytes by which the peak of the resident memory grew after the corpus had been run."""
    findings: tuple[Finding, ...]

    @property
    def rate(self) -> float:
        """Inputs a second."""
        return self.inputs / self.seconds if self.seconds else 0.0


def limit_memory() -> None:
    """From here on the process gets only so much more address space: greed raises MemoryError."""
    with open("/proc/self/statm", encoding="ascii") as stream:
        held = int(stream.read().split()[0]) * resource.getpagesize()
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (held + ADDRESS_SPACE, hard))


def run(
    name: str, target: Target, corpus: Sequence[bytes], inputs: int, seed: int, watch: Watch = lambda data: None
) -> Figures:
    """Run the corpus and then mutations of it, ``inputs`` in all; ``watch`` is told each input before it is run."""
    chance = random.Random(seed)
    pool, ways, findings = list(corpus), set[tuple[object, ...]](), list[Finding]()
    refused = 0
    accepted, started, before = 0, time.monotonic(), 0
    with _alarm():
        for number in range(inputs):
            known = number < len(corpus)
            if number == len(corpus):
                before = _peak()
            data = corpus[number] if known else mutated(chance, chance.choice(pool), pool, target.TOKENS, LONGEST)
            watch(data)
            outcome = tried(target, data)
            if isinstance(outcome, Finding):
                if len(findings) < MOST_FINDINGS:
                    findings.append(outcome)
                continue
            accepted += outcome == ()
            refused += outcome != ()
            if outcome not in ways and len(pool) < LARGEST_POOL:
                ways.add(outcome)
                if not known:
                    pool.append(data)
    growth = _peak() - before if inputs > len(corpus) else 0
    if growth > MOST_GROWTH:
        findings.append(Finding("memory grows", f"{growth} MiB over {inputs} inputs", b""))
    return Figures(
        target=name,
        seed=seed,
        inputs=inputs,
        accepted=accepted,
        refused=refused,
        pool=len(pool),
        seconds=time.monotonic() - started,
        growth=growth,
        findings=tuple(findings),
    )


def tried(target: Target, data: bytes) -> tuple[object, ...] | Finding:
    """Run one input: nothing where it was accepted, the way of its refusal, or what must not happen."""
    signal.setitimer(signal.ITIMER_PROF, SECONDS_AN_INPUT)
    try:
        target.target(data)
    except target.REFUSALS as refusal:
        return (type(refusal), frozenset(_lines(refusal.__traceback__)), frozenset(_lines(_before(refusal))))
    except (Exception, TooSlow) as fault:
        last = traceback.extract_tb(fault.__traceback__)[-1]
        return Finding(f"{type(fault).__name__}: {fault}"[:200], f"{last.filename}:{last.lineno}", data)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return ()


def _before(refusal: BaseException) -> TracebackType | None:
    return refusal.__context__.__traceback__ if refusal.__context__ else None


def _lines(trace: TracebackType | None) -> Iterator[tuple[str, int]]:
    while trace is not None:
        yield trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next


@contextmanager
def _alarm() -> Iterator[None]:
    def ring(number: int, frame: FrameType | None) -> None:
        raise TooSlow(f"no answer within {SECONDS_AN_INPUT:g} s")

    former = signal.signal(signal.SIGPROF, ring)
    try:
        yield
    finally:
        signal.signal(signal.SIGPROF, former)


def _peak() -> int:
    """The most resident memory of this process so far, in mebibytes."""
    # Not getrusage: its figure starts with the peak of the process that started this one.
    with open("/proc/self/status", encoding="ascii") as stream:
        peak = next(line for line in stream if line.startswith("VmHWM:"))
    return int(peak.split()[1]) // 1024
