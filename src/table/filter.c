/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A filter by ports in the kernel's own bytecode. */
#include "diag.h"

/*
 * The kernel runs the program once for each socket. An operation jumps forward by @yes
 * or by @no bytes; who lands on the end exactly is shown, who lands one operation
 * beyond it is not. A port test is two operations long, the second one carries the
 * port in @no. For each port:
 *
 *	local port == p ?   yes: next   no: over the jump
 *	jump to the end
 *	remote port == p ?  yes: next   no: over the jump
 *	jump to the end
 *
 * The last test has no jump behind it: its yes is the end, its no is beyond.
 *
 * The kernel checks before it runs that each target lies on the path of the yeses,
 * which is why a hit needs a jump of its own and cannot go to the end by @yes.
 */
enum { OP = sizeof(struct inet_diag_bc_op) };

static struct inet_diag_bc_op *test(struct inet_diag_bc_op *op, unsigned char code,
				    uint16_t port)
{
	*op++ = (struct inet_diag_bc_op){ .code = code, .yes = 2 * OP, .no = 3 * OP };
	*op++ = (struct inet_diag_bc_op){ .no = port };
	return op;
}

static struct inet_diag_bc_op *jump(struct inet_diag_bc_op *op,
				    const struct inet_diag_bc_op *to)
{
	*op = (struct inet_diag_bc_op){ .code = INET_DIAG_BC_JMP, .yes = OP,
					.no = (to - op) * OP };
	return op + 1;
}

size_t tl_filter_ports(const uint16_t *ports, size_t n, struct inet_diag_bc_op *ops)
{
	const struct inet_diag_bc_op *end = ops + TL_FILTER_OPS(n);
	struct inet_diag_bc_op *op = ops;

	for (size_t i = 0; i < n; i++) {
		op = test(op, INET_DIAG_BC_S_EQ, ports[i]);
		op = jump(op, end);
		op = test(op, INET_DIAG_BC_D_EQ, ports[i]);
		if (i + 1 < n)
			op = jump(op, end);
	}
	return (op - ops) * OP;
}
