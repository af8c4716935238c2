/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The backlogs of processors, in a file that is like the kernel's softnet_stat. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../src/engine/backlog.h"

enum { CPUS = 3 };

static struct backlog backlog;
static struct tl_err err;
static char path[] = "/tmp/softnet_stat.XXXXXX";

static void set_up(void)
{
	int fd = mkstemp(path);

	cr_assert_geq(fd, 0);
	close(fd);
	cr_assert_eq(backlog_open(&backlog, path, &err), 0, "%s", err.text);
}

static void clean_up(void)
{
	backlog_close(&backlog);
	unlink(path);
}

TestSuite(backlog, .init = set_up, .fini = clean_up);

/* Of each processor: how many it has dealt with, and how many are still to come. */
static void stat_is(const uint32_t (*cpus)[2], size_t n)
{
	FILE *file = fopen(path, "w");

	cr_assert_not_null(file);
	for (size_t i = 0; i < n; i++)
		fprintf(file, "%08x 00000007 00000009 00000000 00000000 00000000 00000000 00000000 "
			      "00000000 00000000 00000000 %08x %08x 00000000 00000000\n",
			cpus[i][0], cpus[i][1], (unsigned)i);
	fclose(file);
}

Test(backlog, with_nothing_in_it_is_done)
{
	const uint32_t cpus[CPUS][2] = { { 10, 0 }, { 0, 0 }, { 30, 0 } };

	cr_expect(backlog_is_done(&backlog), "before anything was noted");
	stat_is(cpus, CPUS);
	cr_assert_eq(backlog_note(&backlog, &err), 0);
	cr_expect(backlog_is_done(&backlog));
}

Test(backlog, is_done_when_each_processor_has_dealt_with_its_own)
{
	const uint32_t noted[CPUS][2] = { { 10, 2 }, { 5, 0 }, { 30, 1 } };
	const uint32_t one_less[CPUS][2] = { { 11, 1 }, { 500, 0 }, { 31, 0 } };
	const uint32_t other_not[CPUS][2] = { { 12, 0 }, { 500, 0 }, { 30, 1 } };
	const uint32_t all[CPUS][2] = { { 12, 0 }, { 5, 0 }, { 31, 0 } };

	stat_is(noted, CPUS);
	cr_assert_eq(backlog_note(&backlog, &err), 0);
	cr_expect(!backlog_is_done(&backlog), "nothing has been dealt with");
	stat_is(one_less, CPUS);
	cr_expect(!backlog_is_done(&backlog), "one of two");
	stat_is(other_not, CPUS);
	cr_expect(!backlog_is_done(&backlog), "what one has done is none of the other's");
	stat_is(all, CPUS);
	cr_expect(backlog_is_done(&backlog));
}

Test(backlog, does_not_wait_for_what_came_later)
{
	const uint32_t noted[1][2] = { { 10, 2 } };
	const uint32_t later[1][2] = { { 12, 9 } };

	stat_is(noted, 1);
	cr_assert_eq(backlog_note(&backlog, &err), 0);
	stat_is(later, 1);
	cr_expect(backlog_is_done(&backlog));
	cr_assert_eq(backlog_note(&backlog, &err), 0);
	cr_expect(!backlog_is_done(&backlog), "noted anew");
}

Test(backlog, counts_past_the_end_of_32_bits)
{
	const uint32_t noted[1][2] = { { UINT32_MAX, 2 } };
	const uint32_t between[1][2] = { { 0, 1 } };
	const uint32_t done[1][2] = { { 1, 0 } };

	stat_is(noted, 1);
	cr_assert_eq(backlog_note(&backlog, &err), 0);
	cr_expect(!backlog_is_done(&backlog));
	stat_is(between, 1);
	cr_expect(!backlog_is_done(&backlog));
	stat_is(done, 1);
	cr_expect(backlog_is_done(&backlog));
}

Test(backlog, of_a_processor_that_went_away_is_done)
{
	const uint32_t noted[2][2] = { { 10, 0 }, { 20, 5 } };

	stat_is(noted, 2);
	cr_assert_eq(backlog_note(&backlog, &err), 0);
	stat_is(noted, 1);
	cr_expect(backlog_is_done(&backlog));
}

Test(backlog, is_not_known_before_linux_5_10)
{
	FILE *file = fopen(path, "w");

	cr_assert_not_null(file);
	fputs("0000000a 00000000 00000003 00000000 00000000 00000000 00000000 00000000 00000000 "
	      "00000000 00000000\n", file);
	fclose(file);
	cr_assert_eq(backlog_note(&backlog, &err), 0);
	cr_expect(backlog_is_done(&backlog));
}

Test(backlog, has_lines_on_this_host)
{
	struct backlog real;

	cr_assert_eq(backlog_open(&real, "/proc/net/softnet_stat", &err), 0);
	cr_assert_eq(backlog_note(&real, &err), 0);
	cr_expect_gt(real.n, 0);
	backlog_close(&real);
}

Test(backlog, without_a_file_is_done)
{
	struct backlog none;

	cr_assert_eq(backlog_open(&none, "/proc/net/no-such-file", &err), 0);
	cr_expect_eq(backlog_note(&none, &err), 0);
	cr_expect(backlog_is_done(&none));
	backlog_close(&none);
}
