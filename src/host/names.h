/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names in place of numbers, as filters have them: services and network interfaces. */
#ifndef TCPLAB_HOST_NAMES_H
#define TCPLAB_HOST_NAMES_H

#include <stdint.h>

/*
 * tl_service_port - the TCP port of a service, by its name or another that it has
 * @path: /etc/services, as in services(5)
 *
 * Return: 0 where there is none.
 */
unsigned tl_service_port(const char *path, const char *name);

/*
 * tl_interface_index - the number of a network interface that has an IPv6 address
 * @path: /proc/net/if_inet6, which tells about the network namespace that one is in
 *
 * Asking the kernel by if_nametoindex() would open a socket. Return: 0 where there is none.
 */
unsigned tl_interface_index(const char *path, const char *name);

#endif
