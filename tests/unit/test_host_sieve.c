/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The filters of snap, why and watch, and those that are none. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "host_fixture.h"
#include "tcplab/sieve.h"

static struct tl_err err;

static bool passes(const char *filter, const struct tl_sock *s)
{
	char words[128], *word[16];
	struct tl_sieve sieve;
	size_t n = 0;

	strcpy(words, filter);
	for (char *at = strtok(words, " "); at; at = strtok(NULL, " "))
		word[n++] = at;
	cr_assert_eq(tl_sieve_parse(word, n, &sieve, &err), 0, "%s: %s", filter, err.text);
	return tl_sieve_passes(&sieve, s);
}

Test(host, filters)
{
	struct tl_sock s = host_sock("CLOSE_WAIT", "10.1.2.3:40000", "127.0.0.1:6379");
	struct tl_sock six = host_sock("LISTEN", "::1:80", ":::*");
	static const char *const yes[] = {
		"", ":6379", ":40000", "127.0.0.1", "127.0.0.1:6379", "10.0.0.0/8", "10.1.2.2/31",
		"dst 127.0.0.1", "src 10.1.2.3", "dport = :6379", "dport 6379", "sport = 40000",
		"state close-wait", "close-wait", "established close-wait", "not :80",
		"! dst 10.0.0.0/8", ":6379 and src 10.1.2.3", "state all", "0.0.0.0/0",
		"( :6379 or :80 )", ":80 or :6379", "(:80 or (:81 or not :82)) and :6379",
		"dport=:6379", "dport != :80", "sport >= :40000", "sport > 39999 sport le 40000",
		"exclude listen", "state connected", "state big", "CONNECTED", "connected exclude listen",
		"close-wait and :6379", "pid 7 pid 7", "close-wait or last-ack",
		"not not :6379", ":80 :81 or :6379", "! ( :80 || :81 )", "src = 10.1.2.3",
		"dst *", "*:6379", "dport > :0", "not dport = 0", ":80 and :81 or :6379", ":80 or (:6379 and src 10.1.2.3)",
		":6370-6379", "dport = :6379-6400", "sport != :1-39999", "not :https",
	};
	static const char *const no[] = {
		":80", "127.0.0.2", "127.0.0.1:40000", "10.0.0.0/16", "10.1.2.0/31", "src 127.0.0.1",
		"sport = :6379", "state established", "not :6379", "dst 127.0.0.1 :80", "::1",
		"( :6379 or :80 ) :81", "dport != :6379", "sport < :40000", "sport gt 40000",
		"exclude close-wait", "state bucket", ":6379 :80 or :81", "not ( :80 or :6379 )",
		"bound-inactive", "state unconnected", "SYN_RCVD", "src != 10.1.2.3", "dport = :0", "not dst *", ":6380-6400", "sport = :https", ":ssh",
	};

	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		cr_expect(passes(yes[i], &s), "%s", yes[i]);
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		cr_expect(!passes(no[i], &s), "%s", no[i]);
	cr_expect(passes("dport = :0", &six), "the other end of a listener has no port");
	cr_expect(passes("::1", &six));
	cr_expect(passes("[::1]:80", &six));
	cr_expect(!passes("[::1]:81", &six));
	cr_expect(passes("[::1]:80-89", &six));
	cr_expect(passes(":http", &six));
	cr_expect(passes("[::1]:http", &six));
}

/* A row that was pasted, of whichever table, is its two ends; what is nearly one is none. */
Test(host, rows_as_filters)
{
	static const struct {
		const char *row;
		bool four, six, listens; /* is it this one? */
	} cases[] = {
		{ "tcp 1 0 10.1.2.3:40000 127.0.0.1:6379 CLOSE_WAIT", true, false, false },
		{ "tcp 1 0 10.1.2.3:40000 127.0.0.1:6379 ESTABLISHED 4711/redis-cli", true, false, false },
		{ "CLOSE-WAIT 1 0 10.1.2.3:40000 127.0.0.1:6379 users:((\"a\",pid=7,fd=3))", true, false, false },
		{ "ESTAB 7 9 10.1.2.3:40000 127.0.0.1:6379", true, false, false },
		{ "ESTAB 7 9 10.1.2.3:40001 127.0.0.1:6379", false, false, false },
		{ "10.1.2.3:40000 -> 127.0.0.1:6379", true, false, false },
		{ "127.0.0.1:6379 -> 10.1.2.3:40000", false, false, false },
		{ "::1:4000 -> ::1:80", false, true, false },
		{ "tcp6 0 0 ::1:4000 ::1:80 TIME_WAIT", false, true, false },
		{ "ESTAB 0 0 [::1]:4000 [::1]:80", false, true, false },
		{ "tcp6 0 0 :::80 :::* LISTEN", false, false, true },
		{ "LISTEN 0 128 *:80 *:* users:((\"nginx\",pid=7,fd=3))", false, false, true },
	};
	struct tl_sock four = host_sock("CLOSE_WAIT", "10.1.2.3:40000", "127.0.0.1:6379");
	struct tl_sock six = host_sock("CLOSE_WAIT", "::1:4000", "::1:80");
	struct tl_sock listens = host_sock("LISTEN", ":::80", ":::*");
	struct tl_sieve sieve;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		cr_expect_eq(passes(cases[i].row, &four), cases[i].four, "%s", cases[i].row);
		cr_expect_eq(passes(cases[i].row, &six), cases[i].six, "%s", cases[i].row);
		cr_expect_eq(passes(cases[i].row, &listens), cases[i].listens, "%s", cases[i].row);
	}
	cr_expect_eq(tl_sieve_parse((char *[]){ "tcp 1 0 10.1.2.3:x 127.0.0.1:6379 CLOSE_WAIT" }, 1, &sieve, &err),
		     -EINVAL);
	cr_expect_eq(tl_sieve_parse((char *[]){ "tcp 0 0 0.0.0.0:0 0.0.0.0:0 CLOSE" }, 1, &sieve, &err), -EINVAL);
	cr_expect_eq(tl_sieve_parse((char *[]){ "10.1.2.3:1", "->", "127.0.0.1:2", "x" }, 4, &sieve, &err), -EINVAL);
}

/* Interface 1 is the loopback, in every network namespace. */
Test(host, zones)
{
	static char *const words[] = { "fe80::1%1", "[fe80::1%1]:80", "[fe80::1]%1:80", "fe80::%1/10" };
	static char *const nowhere[] = { "fe80::1%nosuch9" };
	struct tl_sock s = host_sock("LISTEN", "fe80::1:80", ":::*");
	struct tl_sieve sieve;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		cr_assert_eq(tl_sieve_parse(&words[i], 1, &sieve, &err), 0, "%s", err.text);
		s.interface = 2;
		cr_expect(tl_sieve_passes(&sieve, &s), "not known yet: %s", words[i]);
		cr_assert_eq(tl_sieve_zones(&sieve, &err), 0, "%s", err.text);
		cr_expect(!tl_sieve_passes(&sieve, &s), "%s", words[i]);
		s.interface = 1;
		cr_expect(tl_sieve_passes(&sieve, &s), "%s", words[i]);
	}
	cr_assert_eq(tl_sieve_parse(nowhere, 1, &sieve, &err), 0);
	cr_expect_eq(tl_sieve_zones(&sieve, &err), -EINVAL);
	cr_expect(strstr(err.text, "nosuch9"), "%s", err.text);
}

Test(host, a_column_says_where_a_filter_is_wrong)
{
	static char *const words[] = { "state", "close-wait", "sport = :80 or dport", ":ninety9" };
	static char *const not_this[] = { "not", "established" };
	struct tl_sieve sieve;

	cr_assert_eq(tl_sieve_parse(words, 4, &sieve, &err), -EINVAL);
	cr_expect(strstr(err.text, "column 39 of the filter: \":ninety9\""), "%s", err.text);
	cr_assert_eq(tl_sieve_parse(not_this, 2, &sieve, &err), -EINVAL);
	cr_expect(strstr(err.text, "column 5 of"), "%s", err.text);
}

Test(host, malformed_filters)
{
	static char *const wrong[] = { "clsoe-wait", ":", ":65536", ":80 or :81 and :82", ":80 or :81 dst ::1",
				       ":80 :81 or :82 and not :83", ":80 or :81 or :82 :83", "10.0.0.0/33", "300.1.1.1",
				       "[::1", "state", "pid", "dport", "not", "src",
				       "( :80", ":80 )", "()", "or", ":80 or", "or :80", "exclude",
				       ":80 or state listen", "(state listen)", "not close-wait",
				       "src > 10.0.0.1", "sport = nosuchservice", ":nosuchservice", "sport > :80-90",
				       ":90-80", "10.0.0.1%eth0", "::1%", "[::1]x:80", "::1]", "::1%much-too-long-for-one", "pid 1 or pid 2", "state",
				       "((((((((((((((((((:80))))))))))))))))))", ":80 and",
				       "not exclude listen", "not not exclude listen", "listen or exclude established",
				       "close-wait and listen", "close-wait && state listen", "exclude listen established",
				       "pid 1 pid 2", "1 pid 2", ":80 pid 1 2", "dst port 80" };
	struct tl_sieve sieve;

	static char *const two[] = { "process", "a", "process", "b" };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		cr_expect_eq(tl_sieve_parse(&wrong[i], 1, &sieve, &err), -EINVAL, "%s", wrong[i]);
	cr_expect(strstr(err.text, "\"port\" is not an address in numbers, as "), "%s", err.text);
	cr_expect_eq(tl_sieve_parse(two, 4, &sieve, &err), -EINVAL);
}
