/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How to get a part of the kernel that is missing. */
#include "tcplab/module.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

static bool no_more_modules(void)
{
	FILE *file = fopen("/proc/sys/kernel/modules_disabled", "re");
	int c = file ? fgetc(file) : '0';

	if (file)
		fclose(file);
	return c == '1';
}

int tl_module_missing(struct tl_err *err, const char *module, const char *what)
{
	if (no_more_modules())
		return tl_err_set(
			err, EOPNOTSUPP,
			"%s, and kernel.modules_disabled is 1, so that none can be loaded "
			"until the next boot; name %s in /etc/modules-load.d and boot",
			what, module);
	return tl_err_set(err, EOPNOTSUPP, "%s; as root, load its module: modprobe %s", what,
			  module);
}
