/*
 * Files, and the programs that make trees of them: the C preprocessor and dtc.
 */
#include <errno.h>
#include <fcntl.h>
#include <libfdt.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/paths.h"
#include "tools/tool.h"

#define FILE_MAX ((size_t)2 << 30)

extern char **environ;

/* Grows by what can be read. Returns 1, 0 at the end, -1 after an error. */
static int read_some(int fd, struct tool_blob *blob, size_t *room)
{
	ssize_t n;

	if (blob->size == *room) {
		size_t larger = *room ? *room * 2 : 65536;
		uint8_t *data = larger > FILE_MAX ? NULL : realloc(blob->data, larger);

		if (!data) {
			errno = EFBIG;
			return -1;
		}
		blob->data = data;
		*room = larger;
	}
	do
		n = read(fd, blob->data + blob->size, *room - blob->size);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		blob->size += (size_t)n;
	return n < 0 ? -1 : n > 0;
}

bool tool_read_file(const char *path, struct tool_blob *blob)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), result = fd < 0 ? -1 : 1;
	size_t room = 0;

	*blob = (struct tool_blob){0};
	while (result > 0)
		result = read_some(fd, blob, &room);
	if (result < 0)
		fprintf(stderr, "bulkhead: %s: %s\n", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	if (result < 0)
		free(blob->data);
	return result == 0;
}

/* Writes what the pipe takes. False when all is written, or nobody reads. */
static bool write_some(int fd, const struct tool_blob *input, size_t *written)
{
	ssize_t n = write(fd, input->data + *written, input->size - *written);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	*written += (size_t)n;
	return *written < input->size;
}

/* Both directions at the same time, so that nobody waits for the other for ever. */
static bool exchange(int to, const struct tool_blob *input, int from, struct tool_blob *output)
{
	struct pollfd fds[] = {{.fd = to, .events = POLLOUT}, {.fd = from, .events = POLLIN}};
	size_t written = 0, room = 0;
	int result = 1;

	if (input->size == 0) {
		close(to);
		fds[0].fd = -1;
	}
	while (fds[0].fd >= 0 || fds[1].fd >= 0) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			break;
		if (fds[0].fd >= 0 && fds[0].revents && !write_some(to, input, &written)) {
			close(to);
			fds[0].fd = -1;
		}
		if (fds[1].fd >= 0 && fds[1].revents) {
			result = read_some(from, output, &room);
			if (result <= 0)
				fds[1].fd = -1;
		}
	}
	return result >= 0;
}

/* Starts a program; *to and *from become our ends of its pipes. Returns 0 or an errno. */
static int start(const char *const *argv, bool captured, int *to, int *from, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	int in[2], out[2] = {-1, -1}, err;

	if (pipe2(in, O_CLOEXEC) != 0)
		return errno;
	if (captured && pipe2(out, O_CLOEXEC) != 0) {
		err = errno;
		close(in[0]);
		close(in[1]);
		return err;
	}
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
	if (captured)
		posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
	/* posix_spawnp() does not change the arguments */
	err = posix_spawnp(pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(in[0]);
	if (captured)
		close(out[1]);
	*to = in[1];
	*from = out[0];
	if (err) {
		close(in[1]);
		if (captured)
			close(out[0]);
	}
	return err;
}

bool tool_run(const char *const *argv, const struct tool_blob *input, struct tool_blob *output)
{
	static const struct tool_blob nothing;
	struct tool_blob ignored = {0};
	int to = -1, from = -1, status = 0, err;
	bool ok;
	pid_t pid = -1;

	fflush(stdout);
	signal(SIGPIPE, SIG_IGN);
	if (output)
		*output = (struct tool_blob){0};
	err = start(argv, output != NULL, &to, &from, &pid);
	if (err) {
		fprintf(stderr, "bulkhead: %s: %s\n", argv[0], strerror(err));
		return false;
	}
	fcntl(to, F_SETFL, O_NONBLOCK);
	ok = exchange(to, input ? input : &nothing, from, output ? output : &ignored);
	if (from >= 0)
		close(from);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return ok && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* ---- Trees ---- */

static bool is_tree(const struct tool_blob *blob)
{
	return blob->size >= sizeof(struct fdt_header) && fdt_magic(blob->data) == FDT_MAGIC;
}

bool tool_preprocess(const struct tool_options *options, const char *path, struct tool_blob *text)
{
	const char *argv[16 + 2 * TOOL_MAX_DIRS] = {"cpp", "-nostdinc", "-undef", "-x",
						    "assembler-with-cpp"};
	char include[PATH_MAX], dts[PATH_MAX];
	unsigned int n = 5;

	for (unsigned int i = 0; i < options->nr_dirs; i++) {
		argv[n++] = "-I";
		argv[n++] = options->dirs[i];
	}
	tool_project_path(dts, "../dts");
	tool_project_path(include, "../dts/include");
	argv[n++] = "-I";
	argv[n++] = include;
	argv[n++] = "-I";
	argv[n++] = dts;
	argv[n++] = path;
	argv[n] = NULL;
	return tool_run(argv, NULL, text);
}

static bool compile(const struct tool_options *options, const char *path, struct tool_blob *tree)
{
	const char *argv[32 + 2 * TOOL_MAX_DIRS] = {"dtc",
						    "-I",
						    "dts",
						    "-O",
						    "dtb",
						    "-Wno-reg_format",
						    "-Wno-avoid_default_addr_size",
						    "-Wno-unit_address_vs_reg",
						    "-Wno-chosen_node_is_root"};
	char build[PATH_MAX], *folder = strdup(path), *slash = folder ? strrchr(folder, '/') : NULL;
	struct tool_blob text = {0};
	unsigned int n = 9;
	bool ok;

	/* /incbin/ is searched for beside the source, in -I, and where make puts guests' images */
	if (slash)
		slash[1] = '\0';
	argv[n++] = "-i";
	argv[n++] = slash ? folder : ".";
	for (unsigned int i = 0; i < options->nr_dirs; i++) {
		argv[n++] = "-i";
		argv[n++] = options->dirs[i];
	}
	tool_project_path(build, ".");
	argv[n++] = "-i";
	argv[n++] = build;
	/* what the machine's tree looks like is not the user's to mend */
	if (path == options->host)
		argv[n++] = "-q";
	argv[n++] = "-";
	argv[n] = NULL;
	*tree = (struct tool_blob){0};
	ok = folder && tool_preprocess(options, path, &text) && tool_run(argv, &text, tree);
	if (ok && !is_tree(tree)) {
		fprintf(stderr, "bulkhead: %s: dtc made no tree of it\n", path);
		ok = false;
	}
	if (!ok) {
		free(tree->data);
		tree->data = NULL;
	}
	free(text.data);
	free(folder);
	return ok;
}

bool tool_read_tree(const struct tool_options *options, const char *path, struct tool_blob *blob,
		    bool *is_source)
{
	size_t len = strlen(path);

	*is_source = len > 4 && strcmp(path + len - 4, ".dts") == 0;
	if (!tool_read_file(path, blob))
		return false;
	if (!*is_source)
		return true; /* if it is no tree, that is the first error */
	free(blob->data);
	return compile(options, path, blob);
}
