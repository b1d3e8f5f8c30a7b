/*
 * getrandom(2) for the lab's kernel: User-mode Linux takes the random numbers of its architecture from the host's C library
 * (arch/um/include/asm/archrandom.h). With this library preloaded they are those of a seed, so that the same seed gives the
 * same run. The numbers are SplitMix64's; they are worth nothing as secrets.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

static uint64_t state;
static int seeded;

static uint64_t next(void)
{
	uint64_t z = (state += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

ssize_t getrandom(void *buffer, size_t length, unsigned int flags)
{
	(void)flags;
	if (!seeded) {
		const char *text = getenv("RELINK_LAB_SEED");

		state = text ? strtoull(text, NULL, 10) : 0;
		seeded = 1;
	}
	for (size_t done = 0; done < length; done += 8) {
		uint64_t word = next();

		memcpy((char *)buffer + done, &word, length - done < 8 ? length - done : 8);
	}
	return (ssize_t)length;
}
