"""Tests of reading the measurements that the lab's kernel made of programs."""

import json
import os
import subprocess
import tempfile
import unittest

from lablib import traffic, usage
from lablib.guest.marks import ACCEPTING, BEGIN, MARK, REPORT

# As preload/meter.c writes it.
METER = """{"nanoseconds": 2000000000, "idleNanoseconds": 500000000, "programs": [
{"programNanoseconds": 500000000, "kernelNanoseconds": 250000000, "calls": {"0": 5112, "228": 660, "307": 345}},
{"programNanoseconds": 400000000, "kernelNanoseconds": 150000000, "calls": {"1": 5073, "228": 828, "96": 2, "511": 1}},
{"programNanoseconds": 0, "kernelNanoseconds": 0, "calls": {}},
{"programNanoseconds": 1000, "kernelNanoseconds": 2000, "calls": {"230": 2082}},
{"programNanoseconds": 0, "kernelNanoseconds": 0, "calls": {}},
{"programNanoseconds": 18108921, "kernelNanoseconds": 19391848, "calls": {"3": 2}}]}
"""
HEADER = """#ifndef _ASM_UNISTD_64_H
#define __NR_read 0
#define __NR_write 1
#define __NR_gettimeofday 96
#define __NR_clock_gettime 228
#define __NR_clock_nanosleep 230
#define __NR_sendmmsg 307
#define __NR_syscalls 308 /* not one */
#endif
"""


class UsageTests(unittest.TestCase):
    def read(self) -> usage.Usage:
        return usage.read(json.loads(METER), usage.call_names(HEADER))

    def test_the_time_that_nobody_ran_is_left_out(self) -> None:
        self.assertEqual(self.read().nanoseconds, 1_500_000_000)

    def test_programs_have_their_names_and_one_that_did_nothing_is_left_out(self) -> None:
        programs = self.read().programs
        self.assertEqual(list(programs), ["a", "b", "receiver"])
        self.assertEqual([programs[name].nanoseconds for name in programs], [750_000_000, 550_000_000, 3000])
        self.assertEqual(programs["a"].program, 500_000_000)

    def test_calls_are_counted_by_their_names_and_clocks_apart(self) -> None:
        a, b = self.read().programs["a"], self.read().programs["b"]
        self.assertEqual(a.calls, {"read": 5112, "clock_gettime": 660, "sendmmsg": 345})
        self.assertEqual((a.call_count, a.clock_reads), (5457, 660))
        # A call without a name is one, too.
        self.assertEqual((b.call_count, b.clock_reads, b.calls["511"]), (5074, 830, 1))

    def test_names_are_those_of_the_header_that_the_compiler_has(self) -> None:
        with open(usage.HEADER) as file:
            names = usage.call_names(file.read())
        self.assertEqual([names[number] for number in (0, 1, 228, 307)], ["read", "write", "clock_gettime", "sendmmsg"])

    def test_a_kernel_that_does_not_measure_leaves_nothing(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            self.assertIsNone(usage.load(folder))
            with open(os.path.join(folder, "meter.json"), "w") as file:
                file.write(METER)
            self.assertEqual(usage.load(folder), usage.read(json.loads(METER), usage.call_names(open_header())))


def open_header() -> str:
    """The text of the header."""
    with open(usage.HEADER) as file:
        return file.read()


# A kernel in small, which runs two programs. One says that it is the sender, and that what accepts next is agent b, and makes the marks; the other
# one accepts, and makes three calls between the marks and some outside of them.
KERNEL = r"""
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t start(void (*program)(void)) {
    pid_t pid = fork();
    if (pid == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        kill(getpid(), SIGSTOP);
        program();
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    ptrace(PTRACE_SETOPTIONS, pid, 0, (void *)PTRACE_O_TRACESYSGOOD);
    return pid;
}

// Lets a program go on until its next call, which is not made.
static void step(pid_t pid) {
    struct user_regs_struct registers;
    int status;
    ptrace(PTRACE_SYSEMU, pid, 0, 0);
    waitpid(pid, &status, 0);
    if (!WIFSTOPPED(status) || WSTOPSIG(status) != (SIGTRAP | 0x80)) exit(3);
    ptrace(PTRACE_GETREGS, pid, 0, &registers);
}

static void agent(void) {
    syscall(SYS_getppid);
    syscall(SYS_accept4, -1, 0, 0, 0);
    for (;;) syscall(SYS_getppid);
}

static void sender(void) {
    syscall(SYS_close, MARK + 2);
    syscall(SYS_close, MARK + ACCEPTING + 1);
    syscall(SYS_close, MARK + BEGIN);
    syscall(SYS_getuid);
    for (;;) syscall(SYS_close, MARK + REPORT);
}

int main(void) {
    pid_t b = start(agent), a = start(sender);
    step(a); step(b); step(a); step(b); step(b); step(a);
    step(b); step(a); step(b); step(b); step(a);
    step(b);
    kill(a, SIGKILL);
    kill(b, SIGKILL);
    return 0;
}
"""


MARKS = (("MARK", MARK), ("ACCEPTING", ACCEPTING), ("BEGIN", BEGIN), ("REPORT", REPORT))


class MeterTests(unittest.TestCase):
    """preload/meter.c itself."""

    def test_programs_are_told_apart_and_their_calls_counted_between_the_marks(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            source = os.path.join(folder, "kernel.c")
            with open(source, "w") as file:
                file.write(KERNEL)
            subprocess.run(["cc", *(f"-D{name}={value}" for name, value in MARKS),
                            "-o", os.path.join(folder, "kernel"), source], check=True)
            subprocess.run([os.path.join(folder, "kernel")], check=True, cwd=folder,
                           env={**os.environ, "LD_PRELOAD": traffic.build_preload(folder)})
            found = usage.load(folder)
        assert found is not None
        self.assertEqual({name: used.calls for name, used in found.programs.items()},
                         {"b": {"getppid": 3}, "sender": {"getuid": 1, "close": 1}})
        for used in found.programs.values():
            self.assertTrue(0 < used.program and 0 < used.kernel and used.nanoseconds < found.nanoseconds, str(found))


if __name__ == "__main__":
    unittest.main()
