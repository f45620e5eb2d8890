/*
 * Reads a system description as boot does, on the build machine:
 *
 *	check DESCRIPTION.dtb HOST.dtb [VM-NUMBER GUEST.dtb]
 *
 * Prints the diagnostics, and nothing else; with a VM's number, writes the
 * device tree that this VM would get. Exits with 2 after errors.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fdt/diag.h"
#include "fdt/guest.h"
#include "fdt/place.h"
#include "lib/bits.h"

#define ARENA_SIZE (256 * 1024)
#define GUEST_DTB_SIZE (64 * 1024)

static void emit(struct diag *diag, enum diag_severity severity, const char *line)
{
	(void)diag;
	(void)severity;
	puts(line);
}

/* The whole file, in memory of just its size, so that reading beyond it is found. */
static void *read_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	void *data;
	long length;

	if (!file || fseek(file, 0, SEEK_END) != 0 || (length = ftell(file)) < 0) {
		perror(path);
		exit(1);
	}
	rewind(file);
	*size = (size_t)length;
	data = malloc(*size ? *size : 1);
	if (!data || fread(data, 1, *size, file) != *size) {
		perror(path);
		exit(1);
	}
	fclose(file);
	return data;
}

/* The trees of all VMs; writes that of one to a file. */
static int write_guests(const struct system_config *config, const struct host *host, long number,
			const char *path, struct diag *diag)
{
	static uint8_t tree[GUEST_DTB_SIZE] __attribute__((aligned(8)));

	for (unsigned int i = 0; i < config->nr_vms; i++) {
		int size = guest_dtb_write(&config->vms[i], host, tree, sizeof(tree), diag);
		FILE *file;

		if (size < 0)
			return 2;
		if (number != i + 1)
			continue;
		file = fopen(path, "wb");
		if (!file || fwrite(tree, 1, (size_t)size, file) != (size_t)size || fclose(file))
			return 1;
	}
	return number > (long)config->nr_vms ? 1 : 0;
}

int main(int argc, char **argv)
{
	static uint8_t memory[ARENA_SIZE] __attribute__((aligned(16)));
	struct diag diag = {.emit = emit};
	struct system_config config;
	struct arena arena;
	struct host host;
	size_t host_size, size;
	void *host_dtb, *blob;
	int result = 0;

	if (argc != 3 && argc != 5) {
		fprintf(stderr, "usage: check DESCRIPTION.dtb HOST.dtb [VM-NUMBER GUEST.dtb]\n");
		return 1;
	}
	blob = read_file(argv[1], &size);
	host_dtb = read_file(argv[2], &host_size);
	arena_init(&arena, memory, sizeof(memory));
	if (host_parse(&host, host_dtb, &arena, &diag) ||
	    system_parse(&config, blob, size, &host, &arena, &diag) ||
	    place_memory(&config, &host, NULL, 0, &arena, &diag))
		result = 2;
	else
		result = write_guests(&config, &host, argc == 5 ? strtol(argv[3], NULL, 10) : 0,
				      argv[4], &diag);
	free(host_dtb);
	free(blob);
	return result;
}
