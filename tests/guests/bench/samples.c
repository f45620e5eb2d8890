// SPDX-License-Identifier: BSD-2-Clause
/*
 * Samples of one operation and what is printed of them. The median is the
 * figure: a timer tick of some host in the midst of a sample does not change it.
 */
#include "tests/guests/bench/bench.h"

static uint64_t samples[NR_SAMPLES];
static unsigned int nr_samples;

void samples_begin(void)
{
	nr_samples = 0;
}

void samples_add(uint64_t value)
{
	if (nr_samples < NR_SAMPLES)
		samples[nr_samples++] = value;
}

static void sort(void)
{
	for (unsigned int n = 1; n < nr_samples; n++) {
		uint64_t value = samples[n];
		unsigned int i;

		for (i = n; i > 0 && samples[i - 1] > value; i--)
			samples[i] = samples[i - 1];
		samples[i] = value;
	}
}

void samples_report(const char *name)
{
	sort();
	print("BENCH %s %llu %llu %llu %u\n", name, (unsigned long long)samples[nr_samples / 2],
	      (unsigned long long)samples[0], (unsigned long long)samples[nr_samples - 1],
	      nr_samples);
}

bool bench_operation(const char *name, const void *op, uint64_t a, uint64_t b)
{
	struct fault fault;

	CATCH(fault, bench_time(op, a, b, NULL));
	if (fault.count != 0) {
		print("BENCH-NONE %s: exception, ESR %#llx\n", name, (unsigned long long)fault.esr);
		return false;
	}
	samples_begin();
	for (unsigned int i = 0; i < NR_SAMPLES; i++) {
		struct span span = bench_time(op, a, b, NULL);

		samples_add(span.end - span.start);
	}
	samples_report(name);
	return true;
}
