// SPDX-License-Identifier: BSD-2-Clause
/*
 * See explore.h. A run is determined by what is chosen where there is a
 * choice; the choices of a run are a path in a tree, of which explore_all()
 * takes one after the other, depth first.
 */
#include "tests/interleave/explore.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#define STACK_SIZE (64u * 1024)
#define MAX_CHOICES 65536u
#define RANDOM_DEVIATION 12 /* at one point of so many, on average */

/* The linker's: the program's data, and in them what is EXPLORE_KEEP. */
extern char __data_start[], _end[];
extern char __start_explore_keep[], __stop_explore_keep[];

enum thread_state { RUNNABLE, WAITING, RELAXING, OVER };

struct thread {
	ucontext_t context;
	enum thread_state state;
	bool (*ready)(const void *arg);
	const void *arg;
	const char *what;     /* it waits for */
	unsigned int last;    /* its last step */
	unsigned int relaxed; /* the one before it began to poll */
};

struct choice {
	uint8_t taken;
	uint8_t number; /* of alternatives; the first one is no deviation */
};

static const struct explore_program *program EXPLORE_KEEP;
static struct thread threads[EXPLORE_MAX_THREADS] EXPLORE_KEEP;
static void *stacks EXPLORE_KEEP;
static ucontext_t scheduler EXPLORE_KEEP;
static unsigned int current EXPLORE_KEEP;
static bool over EXPLORE_KEEP;
static bool is_quiet EXPLORE_KEEP;
static bool printing EXPLORE_KEEP; /* the run is repeated, for its report */
static unsigned int step EXPLORE_KEEP;
static char *image EXPLORE_KEEP;
static struct explore_result result EXPLORE_KEEP;

/* The schedule */
static struct choice *choices EXPLORE_KEEP;
static unsigned int nr_choices EXPLORE_KEEP; /* made in this run */
static unsigned int nr_fixed EXPLORE_KEEP;   /* of these are to be made again */
static unsigned int deviations EXPLORE_KEEP; /* in this run */
static unsigned int max_deviations EXPLORE_KEEP;
static uint64_t random_state EXPLORE_KEEP; /* 0: no random schedule */

/* xorshift64 */
static uint64_t next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static bool can_run(const struct thread *thread)
{
	switch (thread->state) {
	case RUNNABLE:
		return true;
	case WAITING:
		return thread->ready(thread->arg);
	case RELAXING:
		/* somebody else has made one since */
		return step > thread->relaxed + 1;
	case OVER:
		return false;
	}
	return false;
}

/* Which of the alternatives is taken here. */
static unsigned int choose(unsigned int number)
{
	unsigned int taken = 0;

	if (nr_choices < nr_fixed) {
		taken = choices[nr_choices].taken;
	} else if (random_state != 0) {
		if (next_random() % RANDOM_DEVIATION == 0)
			taken = (unsigned int)(next_random() % number);
	} else if (deviations == max_deviations) {
		number = 1;
	}
	if (nr_choices == MAX_CHOICES)
		explore_fail("too many choices");
	choices[nr_choices++] = (struct choice){(uint8_t)taken, (uint8_t)number};
	deviations += taken != 0;
	return taken;
}

/* Whoever runs next, the current thread first if it can; or -1. */
static int pick(void)
{
	unsigned int able[EXPLORE_MAX_THREADS], number = 0;

	for (unsigned int i = 0; i < program->nr_threads; i++) {
		unsigned int n = (current + i) % program->nr_threads;

		if (can_run(&threads[n]))
			able[number++] = n;
	}
	if (number == 0)
		return -1;
	return (int)able[number == 1 || is_quiet ? 0 : choose(number)];
}

static void end_run(void)
{
	over = true;
	setcontext(&scheduler);
	abort();
}

void explore_done(void)
{
	end_run();
	abort();
}

void explore_fail(const char *fmt, ...)
{
	va_list args;

	if (!result.failed) {
		va_start(args, fmt);
		vsnprintf(result.why, sizeof(result.why), fmt, args);
		va_end(args);
	}
	result.failed = true;
	end_run();
	abort();
}

void explore_note(const char *fmt, ...)
{
	va_list args;

	if (!printing)
		return;
	printf("%5u  %*s", step, (int)(28 * current), "");
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
}

static void say_who_waits(char *text, size_t size)
{
	size_t n = 0;

	for (unsigned int i = 0; i < program->nr_threads && n < size; i++)
		n += (size_t)snprintf(text + n, size - n, "%s%u: %s", i ? ", " : "", i,
				      threads[i].state == OVER ? "over" : threads[i].what);
}

/* Somebody goes on: the caller, or another thread and later the caller. */
static void reschedule(void)
{
	unsigned int self = current;
	int next;

	while ((next = pick()) < 0) {
		char who[160] = "";

		if (program->idle && program->idle()) {
			/* Who polls may look again. */
			step += 2;
			continue;
		}
		say_who_waits(who, sizeof(who));
		explore_fail("nobody can run (%s)", who);
	}
	threads[next].state = RUNNABLE;
	current = (unsigned int)next;
	if (current != self)
		swapcontext(&threads[self].context, &threads[current].context);
}

static void count_step(void)
{
	threads[current].last = ++step;
	if (step > program->max_steps)
		explore_fail("no end after %u steps", program->max_steps);
	if (program->check)
		program->check();
}

void explore_quiet(bool quiet)
{
	is_quiet = quiet;
}

unsigned int explore_self(void)
{
	return current;
}

void explore_point(const char *what, uint64_t number)
{
	count_step();
	explore_note("%s %llu", what, (unsigned long long)number);
	threads[current].what = what;
	reschedule();
}

void explore_wait(bool (*ready)(const void *arg), const void *arg, const char *what)
{
	struct thread *thread = &threads[current];

	count_step();
	explore_note("waits: %s", what);
	thread->ready = ready;
	thread->arg = arg;
	thread->what = what;
	thread->state = WAITING;
	reschedule();
}

void explore_relax(void)
{
	struct thread *thread = &threads[current];

	thread->relaxed = thread->last;
	thread->what = "polls";
	count_step();
	thread->state = RELAXING;
	reschedule();
}

static void begin_thread(void)
{
	unsigned int alive = 0;

	program->thread(current);
	threads[current].state = OVER;
	for (unsigned int i = 0; i < program->nr_threads; i++)
		alive += threads[i].state != OVER;
	if (alive == 0)
		explore_done();
	count_step();
	reschedule();
}

/* ---- Runs ---- */

static void copy_data(bool back)
{
	size_t before = (size_t)(__start_explore_keep - __data_start);
	size_t skip = (size_t)(__stop_explore_keep - __data_start);
	size_t all = (size_t)(_end - __data_start);

	memcpy(back ? __data_start : image, back ? image : __data_start, before);
	memcpy(back ? __data_start + skip : image + skip, back ? image + skip : __data_start + skip,
	       all - skip);
}

static void prepare(unsigned int n)
{
	struct thread *thread = &threads[n];

	getcontext(&thread->context);
	thread->context.uc_stack.ss_sp = (char *)stacks + (size_t)n * STACK_SIZE;
	thread->context.uc_stack.ss_size = STACK_SIZE;
	thread->context.uc_link = NULL;
	makecontext(&thread->context, begin_thread, 0);
	thread->state = RUNNABLE;
	thread->what = "begins";
	thread->last = 0;
}

static void run(void)
{
	copy_data(true);
	step = 0;
	nr_choices = 0;
	deviations = 0;
	over = false;
	is_quiet = false;
	current = 0;
	for (unsigned int i = 0; i < program->nr_threads; i++)
		prepare(i);
	/* end_run() comes back to here */
	getcontext(&scheduler);
	if (!over)
		setcontext(&threads[0].context);
}

/* The run that failed once more, with its steps. */
static void report(uint64_t seed)
{
	struct explore_result first = result;

	printf("run %llu fails: %s\n", (unsigned long long)first.runs, first.why);
	if (random_state != 0)
		random_state = seed;
	else
		nr_fixed = nr_choices;
	printing = true;
	run();
	printing = false;
	explore_note("%s", result.why);
	printf("that is: %s\n", first.why);
	result = first;
}

/* Returns false after a failure. */
static bool run_once(uint64_t seed)
{
	run();
	result.runs++;
	result.steps += step;
	if (step > result.longest)
		result.longest = step;
	if (result.failed)
		report(seed);
	return !result.failed;
}

static void begin(const struct explore_program *what)
{
	program = what;
	if (!image) {
		image = malloc((size_t)(_end - __data_start));
		choices = malloc(MAX_CHOICES * sizeof(*choices));
		stacks = mmap(NULL, EXPLORE_MAX_THREADS * STACK_SIZE, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (!image || !choices || stacks == MAP_FAILED)
			abort();
		copy_data(false);
	}
	memset(&result, 0, sizeof(result));
	nr_fixed = 0;
	random_state = 0;
}

/* The next path: the last choice that has another alternative takes it. False: there is none. */
static bool next_path(void)
{
	while (nr_choices > 0 &&
	       choices[nr_choices - 1].taken + 1 == choices[nr_choices - 1].number)
		nr_choices--;
	if (nr_choices == 0)
		return false;
	choices[nr_choices - 1].taken++;
	nr_fixed = nr_choices;
	return true;
}

struct explore_result explore_all(const struct explore_program *what, unsigned int bound)
{
	begin(what);
	for (max_deviations = 0; max_deviations <= bound; max_deviations++) {
		nr_fixed = 0;
		do {
			if (!run_once(0))
				return result;
		} while (next_path());
	}
	return result;
}

struct explore_result explore_random(const struct explore_program *what, uint64_t seed,
				     uint64_t runs)
{
	begin(what);
	for (uint64_t i = 1; i <= runs; i++) {
		uint64_t state = (seed + i) * UINT64_C(0x9e3779b97f4a7c15) | 1;

		random_state = state;
		if (!run_once(state))
			break;
	}
	return result;
}
