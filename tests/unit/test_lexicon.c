/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lexicon: each entry is whole, each spelling leads to one, slips find what was meant. */
#include <criterion/criterion.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tcplab/leads.h"
#include "tcplab/lexicon.h"
#include "tcplab/near.h"

/* A sentence ends in a full stop or a question mark, before a blank or the end. */
static int sentences(const char *text)
{
	int n = 0;

	for (; *text; text++)
		if ((*text == '.' || *text == '?') && (!text[1] || text[1] == ' '))
			n++;
	return n;
}

Test(lexicon, every_entry_is_whole)
{
	size_t n;
	const struct tl_entry *entries = tl_lexicon(&n);

	for (size_t i = 0; i < n; i++) {
		const struct tl_entry *e = &entries[i];

		cr_assert(e->name && e->also && e->gist && e->more && e->ss && e->find && e->runs &&
			  e->source, "entry %zu lacks something", i);
		cr_expect(*e->ss && *e->source, "%s", e->name);
		cr_expect(!*e->find != !e->own, "%s", e->name);
		cr_expect(!e->row != !e->netstat, "%s", e->name);
		cr_expect_eq(sentences(e->gist), 1, "%s says %d", e->name, sentences(e->gist));
		cr_expect_eq(sentences(e->more), 2, "%s says %d", e->name, sentences(e->more));
		cr_expect_eq(!e->message, e->topic != TL_TOPIC_ERROR, "%s", e->name);
		cr_expect_eq(!e->preset, e->topic != TL_TOPIC_SETTING, "%s", e->name);
		cr_expect(e->topic != TL_TOPIC_STATE || tl_state_info(e->state), "%s", e->name);
		/* a piece of the figure belongs to each; UDP has no states */
		cr_expect(e->state || e->arcs || !strcmp(e->name, "UDP"), "%s", e->name);
	}
}

Test(lexicon, words_stand_in_prose)
{
	static const struct {
		const char *text, *word, *name;
	} cases[] = {
		{ "The MSL is two minutes.", "MSL", "MSL" },
		{ "SYN cookies are sent", "SYN cookies", "SYN cookies" },
		{ "it fails with \"connection reset by peer\".", "connection reset by peer", "ECONNRESET" },
		{ "a row in TIME_WAIT stays", "TIME_WAIT", "TIME_WAIT" },
		{ "two orphans", "orphans", "orphan" },
		{ "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_fin_timeout" },
		{ "they listen, close and send data", NULL, NULL },
		{ "AMSLB", NULL, NULL },
		{ "", NULL, NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t at, len;
		const struct tl_entry *entry = tl_lexicon_next(cases[i].text, &at, &len);

		if (!cases[i].word) {
			cr_expect_null(entry, "%s", cases[i].text);
			continue;
		}
		cr_assert_not_null(entry, "%s", cases[i].text);
		cr_expect_str_eq(entry->name, cases[i].name);
		cr_expect_eq(len, strlen(cases[i].word), "%s", cases[i].text);
		cr_expect_eq(strncmp(cases[i].text + at, cases[i].word, len), 0, "%s", cases[i].text);
	}
}

Test(lexicon, what_an_entry_names_is_there)
{
	size_t n;
	const struct tl_entry *entries = tl_lexicon(&n);
	char path[160];

	for (size_t i = 0; i < n; i++)
		for (const char *const *run = entries[i].runs; *run; run++) {
			snprintf(path, sizeof(path), "scenarios/%s.yaml", *run);
			cr_expect(!access(path, R_OK), "%s: no %s", entries[i].name, path);
		}
}

Test(lexicon, every_scenario_is_about_a_word)
{
	glob_t files;

	cr_assert_eq(glob("scenarios/*/*.yaml", 0, NULL, &files), 0);
	cr_expect(files.gl_pathc > 90);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		const char *path = files.gl_pathv[i] + strlen("scenarios/"), *word;
		char name[160];

		snprintf(name, sizeof(name), "%.*s", (int)(strlen(path) - strlen(".yaml")), path);
		word = tl_subject(name);
		cr_assert(word, "%s is about nothing: see TL_SUBJECTS", name);
		cr_expect(tl_lexicon_find(word), "%s: explain does not know %s", name, word);
		cr_expect_null(strpbrk(word, "()'\"$&;"), "%s cannot be typed", word);
		strcat(name, "/variant");
		cr_expect_eq(tl_subject(name), word, "%s", name);
	}
	globfree(&files);
	cr_expect_null(tl_subject("field/half-ope"));
	cr_expect_null(tl_subject("test/mine"));
}

Test(lexicon, every_spelling_leads_to_its_entry)
{
	size_t n;
	const struct tl_entry *entries = tl_lexicon(&n);

	for (size_t i = 0; i < n; i++) {
		cr_expect_eq(tl_lexicon_find(entries[i].name), &entries[i], "%s",
			     entries[i].name);
		cr_expect(!entries[i].message || tl_lexicon_find(entries[i].message) == &entries[i],
			  "%s", entries[i].name);
		for (const char *const *also = entries[i].also; *also; also++)
			cr_expect_eq(tl_lexicon_find(*also), &entries[i], "%s of %s", *also,
				     entries[i].name);
	}
}

Test(lexicon, what_stands_in_a_table_or_a_message)
{
	static const struct {
		const char *typed, *name;
	} cases[] = {
		{ "*", "wildcard address" },
		{ "::", "wildcard address" },
		{ "0.0.0.0:*", "wildcard address" },
		{ ":::6379", "wildcard address" },
		{ "[::]:22", "wildcard address" },
		{ "127.0.0.1:6379", "loopback" },
		{ "on (0.20/1/0)", "timer column" },
		{ "off (0.00/0/0)", "timer column" },
		{ "keepalive (7199.90/0/0)", "timer column" },
		{ "[S.]", "flags" },
		{ "[.]", "flags" },
		{ "errno 104", "ECONNRESET" },
		{ "st 0A", "LISTEN" },
	};
	static const char *const unknown[] = { "", ":", "(", "-", "10.1.1.1:80", "on (0.20/1/0", "on",
					       "odd (1.0/0/0)" };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct tl_entry *entry = tl_lexicon_find(cases[i].typed);

		cr_assert(entry, "%s", cases[i].typed);
		cr_expect_str_eq(entry->name, cases[i].name, "%s", cases[i].typed);
	}
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		cr_expect_null(tl_lexicon_find(unknown[i]), "%s", unknown[i]);
}

Test(lexicon, states_in_any_spelling)
{
	static const struct {
		const char *typed;
		enum tl_state state;
	} states[] = {
		{ "SYN_RECV", TL_SYN_RECV },	   { "SYN-RECEIVED", TL_SYN_RECV },
		{ "syn received", TL_SYN_RECV },   { "TIME WAIT", TL_TIME_WAIT },
		{ "TimeWait", TL_TIME_WAIT },	   { "timewait", TL_TIME_WAIT },
		{ "fin-wait-2", TL_FIN_WAIT2 },	   { "FIN_WAIT_2", TL_FIN_WAIT2 },
		{ "CLOSE", TL_CLOSE },		   { "UNCONN", TL_CLOSE },
		{ "SYN_SEND", TL_SYN_SENT },	   { "estab", TL_ESTABLISHED },
		{ " close_wait ", TL_CLOSE_WAIT }, { "listening", TL_LISTEN },
	};

	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++)
		cr_expect_eq(tl_lexicon_find(states[i].typed), tl_lexicon_state(states[i].state),
			     "%s", states[i].typed);
	for (int state = 1; state < TL_STATE_MAX; state++) {
		const struct tl_state_info *info = tl_state_info(state);
		const struct tl_entry *entry = tl_lexicon_state(state);

		cr_expect(entry && tl_lexicon_find(info->name) == entry &&
			  tl_lexicon_find(info->ss) == entry &&
			  tl_lexicon_find(info->rfc) == entry &&
			  tl_lexicon_find(info->post) == entry, "%s", info->name);
	}
}

Test(lexicon, a_call_has_parentheses)
{
	const struct tl_entry *call = tl_lexicon_find("close()");

	cr_assert(call);
	cr_expect_eq(call->topic, TL_TOPIC_CALL);
	cr_expect_eq(tl_lexicon_find("close")->state, TL_CLOSE);
	cr_expect_null(tl_lexicon_find("TIME_WAIT()"));
}

Test(lexicon, words_in_a_message)
{
	static const struct {
		const char *text, *name;
	} messages[] = {
		{ "read: Connection reset by peer (104)", "ECONNRESET" },
		{ "connect ECONNREFUSED 127.0.0.1:6379", "ECONNREFUSED" },
		{ "dial tcp: connect: cannot assign requested address", "EADDRNOTAVAIL" },
		{ "what is a half-open connection?", "half-open" },
		{ "TCP: Possible SYN flooding on port 6379. Sending cookies.", "SYN flood" },
	};

	for (size_t i = 0; i < sizeof(messages) / sizeof(*messages); i++) {
		const struct tl_entry *entry = tl_lexicon_find_in(messages[i].text);

		cr_expect(entry && !strcmp(entry->name, messages[i].name), "%s: %s",
			  messages[i].text, entry ? entry->name : "nothing");
	}
	cr_expect_null(tl_lexicon_find_in("synthetic finite socks"));
	cr_expect_null(tl_lexicon_find_in(""));
}

Test(lexicon, slips)
{
	const struct tl_entry *near[TL_NEAR_MAX];
	size_t n = tl_lexicon_near("finwait", near);

	cr_assert_eq(n, 2);
	cr_expect_str_eq(near[0]->name, "FIN_WAIT1");
	cr_expect_str_eq(near[1]->name, "FIN_WAIT2");
	n = tl_lexicon_near("ECONREFUSED", near);
	cr_expect(n && !strcmp(near[0]->name, "ECONNREFUSED"));
	n = tl_lexicon_near("STABLISHED", near);
	cr_expect(n && !strcmp(near[0]->name, "ESTABLISHED"));
	cr_expect_eq(tl_lexicon_near("quetzalcoatl", near), 0);
	cr_expect_eq(tl_lexicon_near("", near), 0);
}

Test(lexicon, arrows)
{
	static const char *const ones[] = { "LISTEN->SYN_RECV", "listen -> syn-recv",
					    "LISTEN --> SYN_RECEIVED", "listen to syn received",
					    "LISTEN\u2192SYN_RECV", "LISTEN=>SYN-RECV" };
	struct tl_arrow arrow;

	for (size_t i = 0; i < sizeof(ones) / sizeof(*ones); i++) {
		cr_expect(tl_arrow_parse(ones[i], &arrow), "%s", ones[i]);
		cr_expect(arrow.from == TL_LISTEN && arrow.to == TL_SYN_RECV, "%s", ones[i]);
	}
	cr_expect(!tl_arrow_parse("LISTEN->", &arrow));
	cr_expect(!tl_arrow_parse("LISTEN->FIN", &arrow));
	cr_expect(!tl_arrow_parse("LISTEN", &arrow));
}

Test(lexicon, near)
{
	char longer[TL_NEAR_LONGEST + 2];
	unsigned d = TL_NEAR_NONE;

	memset(longer, 'a', sizeof(longer));
	cr_expect(tl_near("listen", 6, "lixtxn", 6, &d) && d == 2);
	cr_expect(tl_near("listen", 6, "lisetn", 6, &d) && d == 1);
	cr_expect(!tl_near("a", 1, "b", 1, &d) && d == 1, "as near as one before");
	d = TL_NEAR_NONE;
	cr_expect(tl_near("a", 1, "b", 1, &d) && d == 1);
	d = TL_NEAR_NONE;
	cr_expect(!tl_near("abc", 3, "xyz", 3, &d));
	cr_expect(!tl_near(longer, TL_NEAR_LONGEST + 1, longer, TL_NEAR_LONGEST + 1, &d));
}
