/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names in place of numbers, as filters have them: services and network interfaces. */
#include "names.h"

#include <stdio.h>
#include <string.h>

/* getservbyname() would load whatever the host resolves names with. */
unsigned tl_service_port(const char *path, const char *name)
{
	FILE *file = fopen(path, "re");
	char line[512], word[128], protocol[8];
	unsigned port, found = 0;
	int at, n;

	while (file && !found && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "#\n")] = '\0';
		if (sscanf(line, "%127s %5u/%7s%n", word, &port, protocol, &at) != 3 ||
		    strcmp(protocol, "tcp") != 0 || port > UINT16_MAX)
			continue;
		do
			found = strcmp(word, name) ? 0 : port;
		while (!found && sscanf(line + at, "%127s%n", word, &n) == 1 && (at += n));
	}
	if (file)
		fclose(file);
	return found;
}

unsigned tl_interface_index(const char *path, const char *name)
{
	FILE *file = fopen(path, "re");
	char line[128], word[32];
	unsigned index, found = 0;

	while (file && !found && fgets(line, sizeof(line), file))
		if (sscanf(line, "%*s %x %*s %*s %*s %31s", &index, word) == 2 &&
		    !strcmp(word, name))
			found = index;
	if (file)
		fclose(file);
	return found;
}
