/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of sockets: their names, and how the kernel is told. */
#include "tcplab/option.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <sys/socket.h>

static const struct {
	const char *key;
	int level;
	int name;
	enum tl_takes takes;
} options[] = {
#define X(id, key, level, name, takes, help) { key, level, name, TL_TAKES_##takes },
	TL_OPTIONS(X)
#undef X
};

const char *tl_option_key(enum tl_option option)
{
	return options[option].key;
}

enum tl_takes tl_option_takes(enum tl_option option)
{
	return options[option].takes;
}

static int apply(enum tl_option option, uint32_t value, int fd, bool connects)
{
	const struct linger linger = { .l_onoff = 1, .l_linger = value };
	int name = options[option].name, number = value;

	if (option == TL_OPTION_LINGER)
		return setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	if (option == TL_OPTION_FAST_OPEN && connects)
		name = TCP_FASTOPEN_CONNECT;
	return setsockopt(fd, options[option].level, name, &number, sizeof(number));
}

int tl_options_apply(const struct tl_options *set, int fd, bool connects)
{
	for (enum tl_option i = 0; i < TL_N_OPTIONS; i++)
		if (set->set & 1u << i && apply(i, set->value[i], fd, connects))
			return -errno;
	return 0;
}
