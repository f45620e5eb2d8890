// SPDX-License-Identifier: BSD-2-Clause
/*
 * Files, as a whole, and other programs.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/bits.h"
#include "tools/tool.h"

/* libfdt counts with ints; and what is no file (a device) may never end. */
#define FILE_MAX GIB(2)
#define STREAM_MAX MIB(64)

extern char **environ;

/* Grows by what can be read. Returns 1, 0 at the end, -1 after an error. */
static int read_some(int fd, struct tool_blob *blob, size_t *room, uint64_t max)
{
	ssize_t n;

	if (blob->size == *room) {
		size_t larger = *room ? *room * 2 : 65536;
		uint8_t *data = larger > max ? NULL : realloc(blob->data, larger);

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
	uint64_t max = STREAM_MAX;
	struct stat status;
	size_t room = 0;

	*blob = (struct tool_blob){0};
	if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
		max = FILE_MAX;
	while (result > 0)
		result = read_some(fd, blob, &room, max);
	if (result < 0)
		tool_fail(path,
			  errno == EISDIR ? "is a folder: name a file in it" : strerror(errno));
	if (fd >= 0)
		close(fd);
	if (result < 0) {
		free(blob->data);
		*blob = (struct tool_blob){0};
		return false;
	}
	/* of just its size, so that a sanitizer finds what reads beyond it */
	if (blob->size != 0) {
		uint8_t *data = realloc(blob->data, blob->size);

		blob->data = data ? data : blob->data;
	}
	return true;
}

/* ---- Writing ---- */

static bool write_all(int fd, const struct tool_blob *blob)
{
	for (size_t done = 0; done < blob->size;) {
		ssize_t n = write(fd, blob->data + done, blob->size - done);

		if (n < 0 && errno != EINTR)
			return false;
		done += n > 0 ? (size_t)n : 0;
	}
	return true;
}

bool tool_write_fd(const char *name, int fd, const struct tool_blob *blob)
{
	if (write_all(fd, blob))
		return true;
	tool_fail(name, strerror(errno));
	return false;
}

/* A pipe or a terminal cannot be replaced by a file of its name: it is written to. */
static bool write_stream(const char *path, const struct tool_blob *blob)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write_all(fd, blob);

	if (fd >= 0 && close(fd) != 0)
		ok = false;
	return ok;
}

/* Under another name beside it first, so that there is never a part of it. */
static bool replace(const char *path, const struct tool_blob *blob)
{
	char *name = NULL;
	mode_t mask = umask(0);
	bool ok;
	int fd;

	umask(mask);
	if (asprintf(&name, "%s.XXXXXX", path) < 0)
		return false;
	fd = mkstemp(name);
	ok = fd >= 0 && write_all(fd, blob) && fchmod(fd, 0666 & ~mask) == 0;
	if (fd >= 0 && close(fd) != 0)
		ok = false;
	if (ok && rename(name, path) != 0)
		ok = false;
	if (!ok && fd >= 0) {
		int err = errno;

		unlink(name);
		errno = err;
	}
	free(name);
	return ok;
}

bool tool_write_file(const char *path, const struct tool_blob *blob)
{
	struct stat status;
	sigset_t ends, old;
	bool ok;

	/* nobody ends us while there is a file of the other name */
	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGHUP);
	sigprocmask(SIG_BLOCK, &ends, &old);
	if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
		ok = write_stream(path, blob);
	else
		ok = replace(path, blob);
	if (!ok)
		tool_fail(path, strerror(errno));
	sigprocmask(SIG_SETMASK, &old, NULL);
	return ok;
}

/* ---- Programs ---- */

/* Our ends of a program's pipes; -1: there is none */
struct pipes {
	int to, out, err;
};

/* Writes what the pipe takes. False when all is written, or nobody reads. */
static bool write_some(int fd, const struct tool_blob *input, size_t *written)
{
	ssize_t n = write(fd, input->data + *written, input->size - *written);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	*written += (size_t)n;
	return *written < input->size;
}

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* All directions at the same time, so that nobody waits for another for ever. */
static bool exchange(struct pipes *p, const struct tool_streams *streams)
{
	size_t written = 0, out_room = 0, err_room = 0;
	bool ok = true;

	if (!streams->input || streams->input->size == 0)
		close_end(&p->to);
	while (p->to >= 0 || p->out >= 0 || p->err >= 0) {
		struct pollfd fds[] = {{.fd = p->to, .events = POLLOUT},
				       {.fd = p->out, .events = POLLIN},
				       {.fd = p->err, .events = POLLIN}};
		int result;

		if (poll(fds, 3, -1) < 0) {
			if (errno != EINTR)
				return false;
			continue;
		}
		if (fds[0].revents && streams->input &&
		    !write_some(p->to, streams->input, &written))
			close_end(&p->to);
		if (fds[1].revents && streams->output) {
			result = read_some(p->out, streams->output, &out_room, FILE_MAX);
			ok = ok && result >= 0;
			if (result <= 0)
				close_end(&p->out);
		}
		if (fds[2].revents && streams->errors) {
			result = read_some(p->err, streams->errors, &err_room, STREAM_MAX);
			ok = ok && result >= 0;
			if (result <= 0)
				close_end(&p->err);
		}
	}
	return ok;
}

/* Starts a program with these ends of pipes (-1: with our own stream). Returns 0 or an errno. */
static int spawn(const char *const *argv, const char *folder, int in, int out, int err, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t defaults;
	int result;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	if (out >= 0)
		posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	if (err >= 0)
		posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
	if (folder)
		posix_spawn_file_actions_addchdir_np(&actions, folder);
	/* what we ignore is not the program's business */
	posix_spawnattr_init(&attributes);
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	/* posix_spawnp() does not change the arguments */
	result = posix_spawnp(pid, argv[0], &actions, &attributes, (char *const *)(uintptr_t)argv,
			      environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return result;
}

static int start(const char *const *argv, const struct tool_streams *streams, struct pipes *ours,
		 pid_t *pid)
{
	int in[2] = {-1, -1}, out[2] = {-1, -1}, err[2] = {-1, -1}, result = 0;

	if (pipe2(in, O_CLOEXEC) != 0 || (streams->output && pipe2(out, O_CLOEXEC) != 0) ||
	    (streams->errors && pipe2(err, O_CLOEXEC) != 0))
		result = errno;
	if (result == 0)
		result = spawn(argv, streams->folder, in[0], out[1], err[1], pid);
	close_end(&in[0]);
	close_end(&out[1]);
	close_end(&err[1]);
	*ours = (struct pipes){in[1], out[0], err[0]};
	if (result != 0) {
		close_end(&ours->to);
		close_end(&ours->out);
		close_end(&ours->err);
	}
	return result;
}

bool tool_run(const char *const *argv, const struct tool_streams *streams)
{
	struct pipes pipes;
	void (*old)(int);
	int status = 0, err;
	bool ok;
	pid_t pid = -1;

	fflush(stdout);
	/* a program need not read all that we have for it */
	old = signal(SIGPIPE, SIG_IGN);
	if (streams->output)
		*streams->output = (struct tool_blob){0};
	if (streams->errors)
		*streams->errors = (struct tool_blob){0};
	err = start(argv, streams, &pipes, &pid);
	if (err) {
		signal(SIGPIPE, old);
		tool_fail(argv[0], strerror(err));
		return false;
	}
	fcntl(pipes.to, F_SETFL, O_NONBLOCK);
	ok = exchange(&pipes, streams);
	close_end(&pipes.to);
	close_end(&pipes.out);
	close_end(&pipes.err);
	signal(SIGPIPE, old);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return ok && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
