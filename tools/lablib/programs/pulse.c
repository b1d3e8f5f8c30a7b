// Whether a core stands still: on each, a real-time thread that wants to run every 10 ms. Until SIGTERM:
//     pulse FILE
// FILE then has a line for each time that one did not run for 50 ms or longer: core, last run before, first run after (monotonic
// nanoseconds). No other program can keep such a thread from running, nor what the kernel does for one.
#define _GNU_SOURCE
#include "common.h"

#include <pthread.h>
#include <sched.h>

static const int64_t interval = 10 * 1000000LL, stall = 50 * 1000000LL;
static FILE *file;

static void *watch(void *argument) {
    int core = (int)(intptr_t)argument;
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(core, &only);
    struct sched_param priority = {.sched_priority = 50};
    if ((errno = pthread_setaffinity_np(pthread_self(), sizeof only, &only))) fail("pthread_setaffinity_np");
    if ((errno = pthread_setschedparam(pthread_self(), SCHED_FIFO, &priority))) fail("pthread_setschedparam");
    for (int64_t before = now(); !is_ended;) {
        sleep_until(before + interval);
        int64_t at = now();
        if (at - before >= stall) fprintf(file, "%d %lld %lld\n", core, (long long)before, (long long)at);
        before = at;
    }
    return NULL;
}

int main(int count, char **arguments) {
    if (count != 2) {
        fputs("usage: pulse FILE\n", stderr);
        return 2;
    }
    end_by_signal();
    if (!(file = fopen(arguments[1], "w"))) fail(arguments[1]);
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    pthread_t threads[cores];
    for (long core = 0; core < cores; core++) {
        if ((errno = pthread_create(&threads[core], NULL, watch, (void *)(intptr_t)core))) fail("pthread_create");
    }
    say_ready();
    for (long core = 0; core < cores; core++) pthread_join(threads[core], NULL);
    return fclose(file) ? 1 : 0;
}
