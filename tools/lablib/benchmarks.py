"""The benchmarks' results: what each contender did, as JSON and as a table."""

from dataclasses import dataclass
from statistics import median

from .guest import contenders


@dataclass(frozen=True)
class Benchmark:
    """What a benchmark compares, what is a contender's result, and what of it the table shows: titles and functions of a result."""

    contenders: tuple
    result: object
    columns: tuple


def failover(evidence):
    """Gaps in milliseconds, and what became of the packets; `None` when the stream was not played to its end."""
    figures = evidence.record["notes"].get("figures")
    if not figures:
        return None
    gaps = sorted(figures["gaps"])
    return {**figures, "losses": len(gaps), "medianGapMilliseconds": round(median(gaps), 2), "leastGapMilliseconds": gaps[0],
            "longestGapMilliseconds": gaps[-1], "medianCalmMilliseconds": round(median(figures["calm"]), 2)}


def throughput(evidence):
    """Frames and goodput, and the processor time that a frame took: of all that ran, of the agents."""
    notes = evidence.record["notes"]
    fate, meter, size = notes.get("flood"), notes.get("meter"), evidence.record["options"]["size"]
    if not fate or not fate["received"] or not meter:
        return None
    per_second = fate["received"] * 1e9 / fate["nanoseconds"]
    each = {name: round(used / 1000 / fate["received"], 2) for name, used in meter.items()}
    agents = {name: used for name, used in each.items() if name != "all"}
    return {"size": size, "framesPerSecond": round(per_second), "megabitsPerSecond": round(per_second * size * 8 / 1e6, 2),
            "sent": fate["sent"], "received": fate["received"], "lost": fate["sent"] - fate["received"],
            "processorMicrosecondsPerFrame": each["all"], "agentMicrosecondsPerFrame": agents,
            "trafficMicrosecondsPerFrame": round(fate["processorNanoseconds"] / 1000 / fate["received"], 2),
            **{key: fate[key] for key in ("echoed", "acknowledged", "outOfOrder") if key in fate},
            **{f"iperf3{name.upper()}": notes[name] for name in ("tcp", "udp") if name in notes}}


def peer_of(result):
    """What a result can be compared with: radios of the same kind, and frames protected or not."""
    contender = contenders.CONTENDERS[result["contender"]]
    return contender.radios, contender.is_protected


def injectors(results, key):
    """The plain injector's results by what they are compared with."""
    return {key(each): each for each in results if not contenders.CONTENDERS[each["contender"]].is_relink}


def add_shares(results):
    """How much of the plain injector's frames a second each carried, of the one that it can be compared with, in the same round."""
    def key(each):
        return *peer_of(each), each["round"]

    plain = injectors(results, key)
    for each in results:
        base = plain.get(key(each))
        if base and base is not each:
            each["shareOfInjector"] = round(each["framesPerSecond"] / base["framesPerSecond"], 3)


def medians(results):
    """Of several rounds, each contender's one with the median of frames a second, the slower one of two, with what all rounds had,
    and what iperf3 got through in the first one, where alone it is asked."""
    told = []
    for name in dict.fromkeys(each["contender"] for each in results):
        rounds = [each for each in results if each["contender"] == name]
        chosen = dict(sorted(rounds, key=lambda each: each["framesPerSecond"])[(len(rounds) - 1) // 2])
        chosen |= {key: value for key, value in rounds[0].items() if key.startswith("iperf3")}
        chosen["passed"] = all(each["passed"] for each in rounds)
        chosen["framesPerSecondOfRounds"] = [each["framesPerSecond"] for each in rounds]
        shares = [each["shareOfInjector"] for each in rounds if "shareOfInjector" in each]
        if shares:
            chosen |= {"shareOfInjector": round(median(shares), 3), "shareOfInjectorOfRounds": shares}
        told.append(chosen)
    return told


def airtime(evidence):
    """What a TCP connection got through links of limited airtime."""
    said = evidence.record["notes"].get("tcp")
    return said and {"megabitsPerSecond": round(said["bitsPerSecond"] / 1e6, 2), "retransmits": said["retransmits"]}


def latency(evidence):
    """How long packets took, in microseconds."""
    measured = evidence.record["notes"].get("latency")
    if not measured:
        return None
    return {"size": evidence.record["options"]["size"], "rate": evidence.record["options"]["rate"], "packets": measured["packets"],
            "medianMicroseconds": measured["median"], "percentile99Microseconds": measured["percentile99"]}


def add_differences(results):
    """What Relink adds to the plain injector that it can be compared with."""
    plain = injectors(results, peer_of)
    for each in results:
        base = plain.get(peer_of(each))
        if base and base is not each:
            for key in ("medianMicroseconds", "percentile99Microseconds"):
                each["added" + key[0].upper() + key[1:]] = round(each[key] - base[key], 1)


def flooded(evidence):
    """What got through in peace, beside a flood to nobody, and under one to the agents, in Mbit/s: the medians of all rounds, and that of
    what each round had under the flood, compared with the others of the same round."""
    measured = evidence.record["notes"].get("bitsPerSecond")
    if not measured:
        return None
    rounds = {name: [round(bits / 1e6, 2) for bits in each] for name, each in measured.items()}
    return {"rounds": len(rounds["under"]), "megabitsPerSecond": {name: round(median(each), 2) for name, each in rounds.items()},
            **{f"shareOf{name.title()}": round(median(under / other for under, other in zip(rounds["under"], rounds[name])), 3)
               for name in ("beside", "peace")},
            "megabitsPerSecondOfRounds": rounds}


def number(value, digits=0, unit=""):
    """A number for people, or a dash."""
    return "–" if value is None else f"{value:,.{digits}f}{unit}"


def iperf(result, name):
    """What iperf3 got through, in Mbit/s."""
    said = result.get(f"iperf3{name}")
    return number(said and said["bitsPerSecond"] / 1e6, 1)


def agents(result):
    """Both agents' processor time for a frame."""
    each = result["agentMicrosecondsPerFrame"]
    return " + ".join(number(each[name], 1) for name in sorted(each)) or "–"


BENCHMARKS = {
    "failover": Benchmark(contenders.FAILOVER, failover, (
        ("losses", lambda r: number(r["losses"])),
        ("gap: median", lambda r: number(r["medianGapMilliseconds"], 1, " ms")),
        ("least", lambda r: number(r["leastGapMilliseconds"], 1, " ms")),
        ("longest", lambda r: number(r["longestGapMilliseconds"], 1, " ms")),
        ("without a loss", lambda r: number(r["medianCalmMilliseconds"], 1, " ms")),
        ("sent", lambda r: number(r["sent"])),
        ("lost", lambda r: number(r["lost"])),
        ("duplicated", lambda r: number(r["duplicated"])),
        ("out of order", lambda r: number(r["outOfOrder"])))),
    "throughput": Benchmark(contenders.SPEED, throughput, (
        ("frames/s", lambda r: number(r["framesPerSecond"])),
        ("Mbit/s", lambda r: number(r["megabitsPerSecond"], 1)),
        ("of the injector", lambda r: number(r.get("shareOfInjector") and 100 * r["shareOfInjector"], 0, "%")),
        ("lost", lambda r: number(r["lost"])),
        ("CPU a frame", lambda r: number(r["processorMicrosecondsPerFrame"], 1, " µs")),
        ("agents' share, µs", agents),
        ("iperf3 TCP, Mbit/s", lambda r: iperf(r, "TCP")),
        ("iperf3 UDP, Mbit/s", lambda r: iperf(r, "UDP")))),
    "airtime": Benchmark(contenders.AIRTIME, airtime, (
        ("iperf3 TCP, Mbit/s", lambda r: number(r["megabitsPerSecond"], 2)),
        ("retransmits", lambda r: number(r["retransmits"])))),
    "flooded": Benchmark(contenders.FLOODED, flooded, (
        ("rounds", lambda r: number(r["rounds"])),
        *((f"{name}, Mbit/s", lambda r, name=name: number(r["megabitsPerSecond"][name], 1)) for name in ("peace", "beside", "under")),
        ("under, of beside", lambda r: number(100 * r["shareOfBeside"], 0, "%")),
        ("under, of peace", lambda r: number(100 * r["shareOfPeace"], 0, "%")))),
    "latency": Benchmark(contenders.SPEED, latency, (
        ("packets", lambda r: number(r["packets"])),
        ("median", lambda r: number(r["medianMicroseconds"], 0, " µs")),
        ("99th percentile", lambda r: number(r["percentile99Microseconds"], 0, " µs")),
        ("added: median", lambda r: number(r.get("addedMedianMicroseconds"), 0, " µs")),
        ("added: 99th percentile", lambda r: number(r.get("addedPercentile99Microseconds"), 0, " µs")))),
}


def results(name, runs):
    """The results of a benchmark's runs; a run that broke off has none."""
    found = []
    for run in runs:
        result = BENCHMARKS[name].result(run.evidence) if run.evidence else None
        if result:
            found.append({"contender": run.contender, "radios": run.acknowledgment, "round": run.number, "passed": run.passed, **result})
    if name == "latency":
        add_differences(found)
    if name == "throughput":
        add_shares(found)
        return medians(found)
    return found


def table(name, found):
    """The results for people."""
    columns = BENCHMARKS[name].columns
    rows = [["", *(title for title, _ in columns)]]
    rows += [[contenders.CONTENDERS[each["contender"]].title, *(show(each) for _, show in columns)] for each in found]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join([row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:]))]).rstrip() for row in rows)
