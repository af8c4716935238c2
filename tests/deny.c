/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Run a command under a seccomp filter, as container engines and systemd do:
 *
 *	deny WHAT[,WHAT...] COMMAND [ARGUMENT...]
 *
 * clone (with any new namespace), fork (with none), unshare and mount answer EPERM; netfilter
 * and sock_diag (a netlink socket of that protocol) answer EPROTONOSUPPORT, as a kernel without
 * them does. clone:EAGAIN answers that instead; so do ENOMEM, EMFILE and ENFILE. clone3 has its
 * flags in memory, where a filter cannot look: it answers ENOSYS, and glibc asks clone.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NAMESPACES                                                                             \
	(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC |            \
	 CLONE_NEWUTS | CLONE_NEWCGROUP)

#define LOAD(field)                                                                            \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offsetof(struct seccomp_data, field))
#define UNLESS(value, skip)    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip)
#define UNLESS_ANY(bits, skip) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, 0, skip)
#define ANSWER(error)	       BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))

/* Where a part does not apply it jumps to its end; the low half of an argument is enough. */
#define CALL(number)                                                                           \
	{                                                                                      \
		LOAD(nr), UNLESS(number, 1), ANSWER(EPERM)                                     \
	}
#define NETLINK(protocol)                                                                      \
	{                                                                                      \
		LOAD(nr), UNLESS(SYS_socket, 5), LOAD(args[0]), UNLESS(AF_NETLINK, 3),         \
			LOAD(args[2]), UNLESS(protocol, 1), ANSWER(EPROTONOSUPPORT)            \
	}

static const struct part {
	const char *name;
	unsigned short n;
	struct sock_filter filter[7];
} parts[] = {
	{"clone",
	 5,
	 {LOAD(nr), UNLESS(SYS_clone, 3), LOAD(args[0]), UNLESS_ANY(NAMESPACES, 1),
	  ANSWER(EPERM)}},
	{"fork",
	 5,
	 {LOAD(nr), UNLESS(SYS_clone, 3), LOAD(args[0]),
	  BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, NAMESPACES, 1, 0), ANSWER(EPERM)}},
	{"unshare", 3, CALL(SYS_unshare)},
	{"mount", 3, CALL(SYS_mount)},
	{"netfilter", 7, NETLINK(NETLINK_NETFILTER)},
	{"sock_diag", 7, NETLINK(NETLINK_SOCK_DIAG)},
};

enum { PARTS = sizeof(parts) / sizeof(*parts) };

static const struct {
	const char *name;
	int code;
} errors[] = {
	{":EAGAIN", EAGAIN}, {":ENOMEM", ENOMEM}, {":EMFILE", EMFILE}, {":ENFILE", ENFILE},
};

/* What a part answers, as its name in the list has it behind it. */
static void choose_answer(struct sock_filter *answer, const char *behind)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if (!strncmp(behind, errors[i].name, strlen(errors[i].name)))
			answer->k = SECCOMP_RET_ERRNO | errors[i].code;
}

static int deny(const char *names)
{
	static const struct sock_filter ending[] = {
		LOAD(nr), UNLESS(SYS_clone3, 1), ANSWER(ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_filter filter[PARTS * 7 + sizeof(ending) / sizeof(*ending)];
	struct sock_fprog program = {.filter = filter};

	for (size_t i = 0; i < PARTS; i++) {
		const char *name = strstr(names, parts[i].name);

		if (!name)
			continue;
		memcpy(filter + program.len, parts[i].filter, parts[i].n * sizeof(*filter));
		program.len += parts[i].n;
		choose_answer(&filter[program.len - 1], name + strlen(parts[i].name));
	}
	if (!program.len)
		return -1;
	memcpy(filter + program.len, ending, sizeof(ending));
	program.len += sizeof(ending) / sizeof(*ending);
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

int main(int argc, char **argv)
{
	if (argc < 3 || deny(argv[1])) {
		fprintf(stderr, "deny: no filter for %s\n", argc < 2 ? "nothing" : argv[1]);
		return 125;
	}
	execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 127;
}
