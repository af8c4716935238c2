/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A filter for socket(): families that no network namespace bounds, AF_VSOCK first of all, lead to
 * other machines. A program can call by three numbers on a 64-bit x86: its own, that of x32, which
 * has a bit more, and those of 32-bit programs, where one of them has its arguments in memory.
 */
#include "calls.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define NATIVE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define NATIVE AUDIT_ARCH_RISCV64
#endif

#define X32               0x40000000
#define SOCKET_OF_I386     359
#define SOCKETCALL_OF_I386 102
#define SOCKETCALL_SOCKET  1

#define LOAD(field)                                                                            \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offsetof(struct seccomp_data, field))
#define IF(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no)
#define ANSWER(error)      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))
#define ALLOW              BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

/* Seven instructions: what becomes of a socket() whose family is the first argument. */
#define FAMILIES                                                                               \
	LOAD(args[0]), IF(AF_UNIX, 4, 0), IF(AF_INET, 3, 0), IF(AF_INET6, 2, 0),                \
		IF(AF_NETLINK, 1, 0), ANSWER(EAFNOSUPPORT), ALLOW

int calls_forbid(struct tl_err *err)
{
#ifdef NATIVE
	static const struct sock_filter filter[] = {
		LOAD(arch), IF(NATIVE, 0, 13),
		LOAD(nr), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, (uint32_t)~X32),
		IF(SYS_io_uring_setup, 0, 1), ANSWER(ENOSYS),
		IF(SYS_socket, 1, 0), ALLOW, FAMILIES,
		IF(AUDIT_ARCH_I386, 1, 0), ANSWER(ENOSYS),
		LOAD(nr), IF(SYS_io_uring_setup, 0, 1), ANSWER(ENOSYS),
		IF(SOCKETCALL_OF_I386, 0, 3), LOAD(args[0]),
		IF(SOCKETCALL_SOCKET, 0, 9), ANSWER(EAFNOSUPPORT),
		IF(SOCKET_OF_I386, 0, 7), FAMILIES, ALLOW,
	};
	struct sock_fprog program = { sizeof(filter) / sizeof(*filter), (void *)filter };

	/* SPEC_ALLOW: without it older kernels make all that runs under a filter slower. */
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW,
		    &program) &&
	    errno != ENOSYS && errno != EINVAL)
		return tl_err_set(err, errno, "seccomp: %s", strerror(errno));
#endif
	return 0;
}
