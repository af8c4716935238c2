/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 0, core: a part of the kernel is missing, and how to get it. */
#ifndef TCPLAB_MODULE_H
#define TCPLAB_MODULE_H

#include "tcplab/err.h"

/*
 * tl_module_missing - fill @err: @what is not there, and loading a module would add it
 * @module: as modprobe(8) takes it
 * @what: a sentence's beginning: "this kernel has no ..."
 *
 * Linux loads most modules itself when they are asked for. One that is missing all the
 * same is not installed, kept away, or too late: kernel.modules_disabled = 1 lets none in
 * until the next boot, and is then named.
 *
 * Return: -EOPNOTSUPP.
 */
int tl_module_missing(struct tl_err *err, const char *module, const char *what);

#endif
