/*
 * Measures the processor time of each program of the lab's kernel, and counts its system calls by kind. User-mode Linux runs a program by
 * ptrace(2): it lets it go on, and gets it back with each system call, page fault and tick. With this library preloaded the time from one
 * to the other is added up for the program, and the time until another one goes on for what the kernel did for it. The guest's own
 * accounts count in ticks of 10 ms, and a program that is woken by a tick and ends before the next one takes nothing of them.
 *
 * A program of the guest says what it wants by closing a file that nobody has open, which fails and does no more. MARK + label: it has this
 * label. MARK + ACCEPTING + label: that has the label which accepts a connection next. MARK + BEGIN: all counters are zero. MARK + REPORT:
 * meter.json is written into the kernel's working directory.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum { LABELS = 8, CALLS = 512, MARK = 0x52450000, ACCEPTING = 8, BEGIN = 16, REPORT = 17 };
/* Where the registers are in what PTRACE_GETREGS fills in (struct user_regs_struct). */
enum { RDI = 14, ORIG_RAX = 15 };
/* PTRACE_OLDSETOPTIONS, which 6.1 calls. */
enum { OLD_SETOPTIONS = 21 };

struct account {
	pid_t pid;
	uint64_t program, kernel, calls[CALLS];
};

/* The last one is of all programs without a label. */
static struct account accounts[LABELS + 1];
static struct account *current = &accounts[LABELS];
static struct account *accepting;
static pid_t running;
static uint64_t since, begun, idle;

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static struct account *account_of(pid_t pid)
{
	for (int i = 0; i < LABELS; i++)
		if (accounts[i].pid == pid)
			return &accounts[i];
	return &accounts[LABELS];
}

static void begin(void)
{
	for (int i = 0; i <= LABELS; i++)
		accounts[i] = (struct account){.pid = accounts[i].pid};
	begun = since;
	idle = 0;
}

static void print(int file, const char *format, ...)
{
	static char text[256];
	va_list arguments;

	va_start(arguments, format);
	int n = vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	if (write(file, text, (size_t)n) != n)
		_exit(1);
}

static void report(void)
{
	int file = open("meter.json", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (file < 0)
		return;
	print(file, "{\"nanoseconds\": %llu, \"idleNanoseconds\": %llu, \"programs\": [", (unsigned long long)(since - begun), (unsigned long long)idle);
	for (int i = 0; i <= LABELS; i++) {
		const char *comma = "";

		print(file, "%s\n{\"programNanoseconds\": %llu, \"kernelNanoseconds\": %llu, \"calls\": {", i ? "," : "",
		      (unsigned long long)accounts[i].program, (unsigned long long)accounts[i].kernel);
		for (int call = 0; call < CALLS; call++) {
			if (!accounts[i].calls[call])
				continue;
			print(file, "%s\"%d\": %llu", comma, call, (unsigned long long)accounts[i].calls[call]);
			comma = ", ";
		}
		print(file, "}}");
	}
	print(file, "]}\n");
	close(file);
}

static void set_label(struct account *account, pid_t pid)
{
	*account = (struct account){.pid = pid};
	current = account;
}

static void note_call(const unsigned long *registers, pid_t pid)
{
	long call = (long)registers[ORIG_RAX], mark = (long)registers[RDI] - MARK;

	/* A stop that is no system call has none. */
	if (call < 0 || call >= CALLS)
		return;
	current->calls[call]++;
	if (accepting && (call == SYS_accept || call == SYS_accept4)) {
		set_label(accepting, pid);
		accepting = NULL;
	}
	if (call != SYS_close || mark < 0 || mark > REPORT)
		return;
	if (mark < LABELS)
		set_label(&accounts[mark], pid);
	else if (mark < ACCEPTING + LABELS)
		accepting = &accounts[mark - ACCEPTING];
	else if (mark == BEGIN)
		begin();
	else
		report();
}

long ptrace(enum __ptrace_request request, ...)
{
	static long (*real)(enum __ptrace_request, ...);
	va_list arguments;

	if (!real)
		real = (long (*)(enum __ptrace_request, ...))dlsym(RTLD_NEXT, "ptrace");
	va_start(arguments, request);
	pid_t pid = va_arg(arguments, pid_t);
	void *address = va_arg(arguments, void *), *data = va_arg(arguments, void *);
	va_end(arguments);

	uint64_t at = now();
	long result;

	switch ((int)request) {
	case PTRACE_SETOPTIONS:
	case OLD_SETOPTIONS:
		/* A program ends with its kernel: on its own it would go on as a process of this machine. */
		return real(PTRACE_SETOPTIONS, pid, address, (char *)data + PTRACE_O_EXITKILL);
	case PTRACE_SYSEMU:
	case PTRACE_SYSEMU_SINGLESTEP:
		current->kernel += at - since;
		since = at;
		current = account_of(pid);
		running = pid;
		break;
	case PTRACE_GETREGS:
		if (pid != running)
			break;
		running = 0;
		current->program += at - since;
		since = at;
		result = real(request, pid, address, data);
		if (result == 0)
			note_call(data, pid);
		return result;
	}
	return real(request, pid, address, data);
}

int sigsuspend(const sigset_t *set)
{
	static int (*real)(const sigset_t *);
	uint64_t at = now();

	if (!real)
		real = (int (*)(const sigset_t *))dlsym(RTLD_NEXT, "sigsuspend");
	current->kernel += at - since;
	int result = real(set);

	since = now();
	idle += since - at;
	current = &accounts[LABELS];
	return result;
}
