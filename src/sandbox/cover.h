/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's directories as copies: their bytes can be read, and nobody is met there. */
#ifndef TCPLAB_SANDBOX_COVER_H
#define TCPLAB_SANDBOX_COVER_H

/*
 * cover_directories - put an overlay of itself over each directory of the host that programs
 * write to
 * @empty: an empty directory that stays in place
 *
 * A unix socket or a named pipe that is found through an overlay is another one, whether it was
 * there before or is made later: nobody listens, nobody reads. To be called in a mount namespace
 * of our own, with its /proc, before harden_files(). Where an overlay cannot be had (before Linux
 * 5.11 in a user namespace, or of some file systems) the directory stays as it is, and so does one
 * with a mount below it, but not the directories in it.
 *
 * Return: 0 or -errno.
 * Source: Documentation/filesystems/overlayfs.rst, "Non-directories" and "Permission model".
 */
int cover_directories(const char *empty);

#endif
