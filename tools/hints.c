// SPDX-License-Identifier: BSD-2-Clause
/*
 * Which file has what a source lacks: a macro, or a label of a board.
 */
#include "tools/hints.h"

#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "fdt/check.h"

/* Folders in folders that are looked into, and how many files: somebody waits for the message. */
#define MAX_DEPTH 4
#define MAX_FILES 4000

struct search {
	const char *name;
	bool (*has)(const char *text, const char *name);
	const char *suffix; /* of the files' names */
	unsigned int files;
	char *found; /* HINT_MAX bytes: relative to the folder of -I */
};

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* "#define NAME" */
static bool defines(const char *text, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = text; (at = strstr(at, "define")); at++) {
		const char *word = at + strlen("define"), *before = at;

		while (before > text && (before[-1] == ' ' || before[-1] == '\t'))
			before--;
		word += strspn(word, " \t");
		if (before > text && before[-1] == '#' && strncmp(word, name, len) == 0 &&
		    !is_word(word[len]))
			return true;
	}
	return false;
}

/* "NAME:" */
static bool has_label(const char *text, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = text; (at = strstr(at, name)); at++)
		if ((at == text || !is_word(at[-1])) && at[len] == ':')
			return true;
	return false;
}

static bool search_file(struct search *search, const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;
	bool found;

	if (!file)
		return false;
	/* to the first zero, of which a text has none */
	found = getdelim(&text, &size, '\0', file) > 0 && search->has(text, search->name);
	free(text);
	fclose(file);
	return found;
}

/* `base` is how much of the path is the folder of -I, with its '/'. */
static bool search_folder(struct search *search, const char *path, size_t base, unsigned int depth)
{
	DIR *folder = depth < MAX_DEPTH ? opendir(path) : NULL;
	struct dirent *entry;
	bool found = false;

	while (folder && !found && (entry = readdir(folder)) && search->files < MAX_FILES) {
		size_t len = strlen(entry->d_name), suffix = strlen(search->suffix);
		char name[PATH_MAX];

		if (*entry->d_name == '.' ||
		    snprintf(name, sizeof(name), "%s/%s", path, entry->d_name) >= PATH_MAX)
			continue;
		if (entry->d_type == DT_DIR) {
			found = search_folder(search, name, base, depth + 1);
		} else if (len > suffix &&
			   strcmp(entry->d_name + len - suffix, search->suffix) == 0) {
			search->files++;
			found = search_file(search, name);
			if (found)
				snprintf(search->found, HINT_MAX, "%s", name + base);
		}
	}
	if (folder)
		closedir(folder);
	return found;
}

static bool search_all(const struct tool_options *options, struct search *search, const char *own)
{
	char path[PATH_MAX];

	tool_path(path, own);
	if (search_folder(search, path, strlen(path) + 1, 0))
		return true;
	for (unsigned int i = 0; i < options->nr_dirs; i++)
		if (search_folder(search, options->dirs[i], strlen(options->dirs[i]) + 1, 0))
			return true;
	return false;
}

bool hint_macro(const struct tool_options *options, const char *name, char header[HINT_MAX])
{
	struct search search = {.name = name, .has = defines, .suffix = ".h", .found = header};

	return search_all(options, &search, "dts/include");
}

bool hint_label(const struct tool_options *options, const char *name, char file[HINT_MAX])
{
	struct search search = {.name = name, .has = has_label, .suffix = ".dtsi", .found = file};

	return search_all(options, &search, "dts");
}

/* Of the same length, with one letter that differs. */
static bool is_close(const char *a, const char *b)
{
	unsigned int differ = 0;

	if (strlen(a) != strlen(b))
		return false;
	for (size_t i = 0; a[i]; i++)
		differ += a[i] != b[i];
	return differ == 1;
}

char *hint_similar_label(const struct tool_blob *text, const char *name)
{
	const char *start = (const char *)text->data, *labels[2] = {NULL, NULL};
	char label[64], *similar = NULL;

	for (const char *at = start; at < start + text->size; at++) {
		const char *from = at;
		bool close;

		if (*at != ':')
			continue;
		while (from > start && is_word(from[-1]))
			from--;
		if (from == at || (size_t)(at - from) >= sizeof(label))
			continue;
		snprintf(label, sizeof(label), "%.*s", (int)(at - from), from);
		labels[0] = label;
		close = is_close(label, name);
		if (!close && (similar || !check_similar(name, labels)))
			continue;
		free(similar);
		similar = strdup(label);
		if (close)
			break;
	}
	return similar;
}
