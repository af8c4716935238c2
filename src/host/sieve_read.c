/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Filters in the words that people use for ss, read: states, processes, and an expression. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "names.h"
#include "sieve_words.h"
#include "tcplab/sieve.h"
#include "tcplab/text.h"

enum { NESTED_MOST = 16 };

/* Every state that netstat has a row for. */
#define ALL_STATES (((1u << TL_STATE_MAX) - 2) & ~(1u << TL_CLOSE))

struct reading {
	struct tl_words words;
	struct tl_sieve *sieve;
	int nested;          /* in so many parentheses, or behind as many "or" and "not" */
	bool excluded;       /* a state was taken out */
	struct tl_err *err;
};

static int bad(const char *word, const char *why, struct tl_err *err)
{
	char quote[TL_QUOTE_TEXT];

	return tl_err_set(err, EINVAL, "%s %s", tl_text_quote(quote, word, strlen(word)), why);
}

static bool number(const char *text, unsigned long most, unsigned long *value)
{
	char *end;

	errno = 0;
	*value = strtoul(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && !errno && *value <= most;
}

/* Those of "[::1]", "[fe80::1]%eth0" and "[fe80::1%eth0]" go. Return: false for one alone. */
static bool take_brackets(char *text)
{
	char *end = strchr(text, ']');

	if (*text != '[')
		return !end;
	if (!end || (end[1] && end[1] != '%' && end[1] != '/'))
		return false;
	memmove(end, end + 1, strlen(end));
	memmove(text, text + 1, strlen(text));
	return true;
}

/* What follows "%" goes to @term. Return: false where that is not a name of an interface. */
static bool take_zone(char *text, struct tl_sieve_term *term)
{
	char *percent = strchr(text, '%');

	if (!percent)
		return true;
	if (!percent[1] || strchr(percent, ':') || strlen(percent + 1) >= sizeof(term->zone))
		return false;
	snprintf(term->zone, sizeof(term->zone), "%s", percent + 1);
	*percent = '\0';
	return true;
}

/* "*" is any address. Return: false where it is none. */
static bool address(const char *text, size_t len, struct tl_sieve_term *term)
{
	char plain[TL_WORD];
	unsigned long bits;
	char *slash;

	if (len >= sizeof(plain))
		return false;
	memcpy(plain, text, len);
	plain[len] = '\0';
	if (!take_brackets(plain))
		return false;
	if (!strcmp(plain, "*"))
		return true;
	slash = strchr(plain, '/');
	if (slash)
		*slash = '\0';
	if (!take_zone(plain, term))
		return false;
	term->at.family = strchr(plain, ':') ? AF_INET6 : AF_INET;
	term->bits = term->at.family == AF_INET6 ? 128 : 32;
	if (inet_pton(term->at.family, plain, term->at.addr) != 1 ||
	    (*term->zone && term->at.family != AF_INET6))
		return false;
	if (!slash)
		return true;
	if (!number(slash + 1, term->bits, &bits))
		return false;
	term->bits = bits;
	return true;
}

/* "80", "8000-8099", "https", "*" */
static bool port(const char *text, struct tl_sieve_term *term)
{
	const char *dash = strchr(text, '-');
	unsigned long first, last = 0;
	char low[8] = "";

	if (!strcmp(text, "*"))
		return true;
	if (dash && (size_t)(dash - text) < sizeof(low))
		memcpy(low, text, dash - text);
	if (number(text, UINT16_MAX, &first))
		last = first;
	else if (!number(low, UINT16_MAX, &first) || !number(dash + 1, UINT16_MAX, &last) ||
		 term->compare != TL_VERSION_EQUAL)
		first = last = tl_service_port("/etc/services", text);
	/* 0 is the port of no other end: of a listener's. */
	if ((!last && (!*text || strspn(text, "0") != strlen(text))) || last < first)
		return false;
	term->at.port = first;
	term->last = last;
	term->has_port = true;
	return true;
}

/* ADDRESS, ADDRESS:PORT or :PORT; an IPv6 address with a port has brackets, as it may without. */
static bool endpoint(const char *text, struct tl_sieve_term *term)
{
	const char *colon = strrchr(text, ':');
	struct tl_sieve_term whole = *term;

	if (address(text, strlen(text), &whole)) {
		*term = whole;
		return true;
	}
	return colon && port(colon + 1, term) &&
	       (colon == text || address(text, colon - text, term));
}

static int add(struct reading *r, const struct tl_sieve_term *term)
{
	if (r->sieve->n == TL_SIEVE_TERMS)
		return tl_err_set(r->err, EINVAL, "a filter of more than %d terms", TL_SIEVE_TERMS);
	r->sieve->term[r->sieve->n++] = *term;
	return 0;
}

static int join(struct reading *r, enum tl_sieve_kind kind)
{
	return add(r, &(struct tl_sieve_term){ .kind = kind });
}

/* "=" and its like, in both spellings of ss. @negated: it is "!=" */
static bool comparison(const char *word, enum tl_comparison *compare, bool *negated)
{
	static const struct {
		const char *text, *name;
		enum tl_comparison compare;
	} all[] = { { "=", "eq", TL_VERSION_EQUAL }, { "==", "eq", TL_VERSION_EQUAL },
		    { "!=", "ne", TL_VERSION_EQUAL }, { "!=", "neq", TL_VERSION_EQUAL },
		    { ">=", "ge", TL_VERSION_AT_LEAST }, { ">=", "geq", TL_VERSION_AT_LEAST },
		    { "<=", "le", TL_VERSION_AT_MOST }, { "<=", "leq", TL_VERSION_AT_MOST },
		    { ">", "gt", TL_VERSION_ABOVE }, { "<", "lt", TL_VERSION_BELOW } };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (!strcmp(word, all[i].text) || !strcmp(word, all[i].name)) {
			*compare = all[i].compare;
			*negated = *all[i].text == '!';
			return true;
		}
	return false;
}

static const char not_a_port[] = "is not a port: a number up to 65535, as in :80, a range as in "
				 "= :8000-8099, or a service of /etc/services, as in :https";
static const char no_service[] = "names no service that /etc/services has, as :https does";

/* Is it ":" and a word? */
static bool names_no_service(const char *word)
{
	const char *colon = strrchr(word, ':');
	struct tl_sieve_term term = { .compare = TL_VERSION_EQUAL };

	return colon && strspn(colon + 1, "0123456789-") != strlen(colon + 1) &&
	       (colon == word || address(word, colon - word, &term));
}

/* What follows "sport" and "dport": "= :80", ":80", ">= 80"; "src" and "dst": an endpoint. */
static int read_end(struct reading *r, const char *word, bool *value)
{
	struct tl_sieve_term term = { .compare = TL_VERSION_EQUAL };
	bool only_port = word[1] == 'p', negated = false, read;
	const char *what;

	term.end = word[0] == 's' ? TL_SIEVE_LOCAL : TL_SIEVE_REMOTE;
	what = tl_words_next(&r->words);
	if (what && comparison(what, &term.compare, &negated))
		what = tl_words_next(&r->words);
	if (!what)
		return tl_err_set(r->err, EINVAL, "%s", only_port ?
		    "\"sport\" and \"dport\" must be followed by a port, as in \"sport = :80\"" :
		    "\"src\" and \"dst\" must be followed by an address, as in \"dst 10.0.0.1\"");
	read = only_port ? port(what + (*what == ':'), &term) : endpoint(what, &term);
	if (!read)
		return bad(what, only_port ? not_a_port : names_no_service(what) ? no_service :
			   "is not an address in numbers, as 10.0.0.1, 10.0.0.0/8, :80 and "
			   "[::1]:80 are", r->err);
	if (!only_port && term.compare != TL_VERSION_EQUAL)
		return tl_err_set(r->err, EINVAL,
				  "an address takes = or !=; < and > are for ports");
	*value = true;
	return add(r, &term) ? -EINVAL : negated ? join(r, TL_SIEVE_NOT) : 0;
}

/* A state in any spelling, or one of ss's names for several. 0: neither. */
static uint32_t states_of(const char *word)
{
	static const struct {
		const char *name;
		uint32_t states;
	} several[] = {
		{ "all", ALL_STATES | 1u << TL_CLOSE },
		{ "connected", ALL_STATES & ~(1u << TL_LISTEN) },
		{ "synchronized", ALL_STATES & ~(1u << TL_LISTEN | 1u << TL_SYN_SENT) },
		{ "bucket", 1u << TL_SYN_RECV | 1u << TL_TIME_WAIT },
		{ "big", ALL_STATES & ~(1u << TL_SYN_RECV | 1u << TL_TIME_WAIT) },
		{ "listening", 1u << TL_LISTEN },
		{ "bound-inactive", 1u << TL_CLOSE },
		{ "unconnected", 1u << TL_CLOSE },
		{ "syn-rcv", 1u << TL_SYN_RECV },
		{ "syn_rcvd", 1u << TL_SYN_RECV }, /* netstat of BSD */
	};
	enum tl_state state = tl_state_parse(word, strlen(word));

	for (size_t i = 0; i < sizeof(several) / sizeof(*several); i++)
		if (!strcasecmp(word, several[i].name))
			return several[i].states;
	return state ? 1u << state : 0;
}

static int take_states(struct reading *r, uint32_t states, bool out)
{
	if (r->nested && (r->sieve->n || out))
		return tl_err_set(r->err, EINVAL, "states stand before the expression, outside "
				  "of its parentheses, \"or\" and \"not\", as in \"state "
				  "close-wait ( sport = :80 or dport = :80 )\"");
	if (r->excluded && !out)
		return tl_err_set(r->err, EINVAL, "states stand before \"exclude\", as in "
				  "\"connected exclude time-wait\"");
	r->excluded |= out;
	if (out)
		r->sieve->states = (r->sieve->states ? r->sieve->states : ALL_STATES) & ~states;
	else
		r->sieve->states |= states;
	if (!r->sieve->states)
		return tl_err_set(r->err, EINVAL, "no state is left");
	return 0;
}

/* @word: "state" or "exclude" */
static int read_state(struct reading *r, const char *word, bool out)
{
	const char *value = tl_words_next(&r->words);
	uint32_t states = value ? states_of(value) : 0;

	if (!value)
		return tl_err_set(r->err, EINVAL, "\"%s\" must be followed by a state, as in "
				  "\"%s close-wait\"", word, word);
	if (!states)
		return bad(value, "is not a TCP state; \"tcplab explain\" lists them", r->err);
	return take_states(r, states, out);
}

static int read_pid(struct reading *r, const char *value)
{
	unsigned long pid;

	if (!value || !number(value, INT32_MAX, &pid) || !pid)
		return tl_err_set(r->err, EINVAL, "\"pid\" must be followed by the number of a "
				  "process, as in \"pid 22408\"");
	if (r->sieve->pid && r->sieve->pid != (pid_t)pid)
		return tl_err_set(r->err, EINVAL, "a filter takes one process by its number");
	r->sieve->pid = pid;
	return 0;
}

static int read_process(struct reading *r)
{
	const char *name = tl_words_whole(&r->words);

	if (!name)
		return tl_err_set(r->err, EINVAL, "\"process\" must be followed by a name, as in "
				  "\"process redis-server\"");
	if (r->sieve->process && strcmp(r->sieve->process, name) != 0)
		return tl_err_set(r->err, EINVAL, "a filter takes one name of processes");
	r->sieve->process = name;
	return 0;
}

/* A word that says itself what it is. */
static int read_bare(struct reading *r, const char *word, bool *value)
{
	struct tl_sieve_term term = { .compare = TL_VERSION_EQUAL };
	unsigned long pid;

	if (states_of(word))
		return take_states(r, states_of(word), false);
	if (!r->nested && number(word, INT32_MAX, &pid))
		return read_pid(r, word);
	if (!endpoint(word, &term))
		return bad(word, names_no_service(word) ? no_service : "is not a state, :PORT, "
			   "ADDRESS, ADDRESS:PORT or the number of a process; a filter may also "
			   "say \"state\", \"exclude\", \"pid\", \"process\", \"src\", \"dst\", "
			   "\"sport\" or \"dport\" with a value, \"not\", \"or\" and "
			   "parentheses", r->err);
	*value = true;
	return add(r, &term);
}

static bool is_one_of(const char *word, const char *a, const char *b, const char *c)
{
	return word && (!strcmp(word, a) || !strcmp(word, b) || !strcmp(word, c));
}

static int read_or(struct reading *r, bool *value);

static int read_term(struct reading *r, bool *value);

static int read_not(struct reading *r, bool *value)
{
	struct tl_words ahead = r->words;
	const char *word = tl_words_next(&ahead);
	int rc;

	if (!word)
		return tl_err_set(r->err, EINVAL, "\"not\" must be followed by a port or an "
				  "address");
	if (!strcmp(word, "state") || !strcmp(word, "exclude") || states_of(word)) {
		r->words.column = ahead.column;
		return bad(word, "cannot follow \"not\": \"exclude\" takes a state out, as in "
			   "\"exclude time-wait\"", r->err);
	}
	r->nested++;
	rc = r->nested > NESTED_MOST ? bad("not", "is nested too deeply", r->err) :
				       read_term(r, value);
	r->nested--;
	return rc ? rc : join(r, TL_SIEVE_NOT);
}

static int read_parentheses(struct reading *r, bool *value)
{
	const char *word;
	int rc;

	r->nested++;
	rc = r->nested > NESTED_MOST ? bad("(", "is nested too deeply", r->err) : read_or(r, value);
	r->nested--;
	if (rc)
		return rc;
	word = tl_words_next(&r->words);
	if (!word || strcmp(word, ")"))
		return tl_err_set(r->err, EINVAL, "\"(\" has no \")\"");
	return *value ? 0 : tl_err_set(r->err, EINVAL, "parentheses are for ports and "
				       "addresses, as in \"( sport = :80 or dport = :80 )\"");
}

/* @value: it will be joined with others; a state or a process is not */
static int read_term(struct reading *r, bool *value)
{
	const char *word = tl_words_next(&r->words);

	if (!word)
		return tl_err_set(r->err, EINVAL, "something is missing at the end of the filter");
	if (!strcmp(word, "("))
		return read_parentheses(r, value);
	if (!strcmp(word, "not") || !strcmp(word, "!"))
		return read_not(r, value);
	if (!strcmp(word, "src") || !strcmp(word, "dst") || !strcmp(word, "sport") ||
	    !strcmp(word, "dport"))
		return read_end(r, word, value);
	if (!strcmp(word, "state"))
		return read_state(r, "state", false);
	if (!strcmp(word, "exclude"))
		return read_state(r, "exclude", true);
	if (r->nested && (!strcmp(word, "pid") || !strcmp(word, "process")))
		return bad(word, "must stand outside parentheses, \"or\" and \"not\"", r->err);
	if (!strcmp(word, "pid"))
		return read_pid(r, tl_words_next(&r->words));
	if (!strcmp(word, "process"))
		return read_process(r);
	return read_bare(r, word, value);
}

static const char *peek(const struct reading *r, struct tl_words *ahead)
{
	*ahead = r->words;
	return tl_words_next(ahead);
}

/* @terms: so many are joined, which have no parentheses around them */
static int read_and(struct reading *r, bool *value, int *terms)
{
	struct tl_words ahead;
	const char *word;
	int rc = 0;

	*value = false;
	*terms = 0;
	while (!rc && (word = peek(r, &ahead)) && strcmp(word, ")") != 0 &&
	       !is_one_of(word, "or", "||", "|")) {
		bool more = false, both = is_one_of(word, "and", "&&", "&");
		uint32_t states = r->sieve->states;

		if (both)
			r->words = ahead;
		rc = read_term(r, &more);
		if (!rc && both && states && r->sieve->states & ~states)
			rc = tl_err_set(r->err, EINVAL, "a row is in one state alone: several "
					"need no \"and\", as in \"close-wait last-ack\"");
		if (!rc && more && *value)
			rc = join(r, TL_SIEVE_AND);
		*value |= more;
		*terms += more;
	}
	return rc;
}

/*
 * ss has no precedence: it reads "a or b and c" from left to right, which few expect. What the two
 * ways to read it agree about is taken.
 */
static int read_or(struct reading *r, bool *value)
{
	struct tl_words ahead;
	bool right;
	int terms, rc = read_and(r, value, &terms);

	while (!rc && is_one_of(peek(r, &ahead), "or", "||", "|")) {
		bool last;

		r->words = ahead;
		last = !peek(r, &ahead);
		r->nested++;
		rc = read_and(r, &right, &terms);
		r->nested--;
		if (!rc && (last || right != *value))
			rc = tl_err_set(r->err, EINVAL, "\"or\" must stand between two ports or "
							  "addresses");
		else if (!rc && terms > 1)
			rc = tl_err_set(r->err, EINVAL, "what follows \"or\" needs parentheses, "
					  "as in \"( :80 or :81 ) and dst 10.0.0.1\" or \":80 "
					  "or ( :81 and dst 10.0.0.1 )\": ss reads the one, "
					  "others the other");
		else if (!rc && right)
			rc = join(r, TL_SIEVE_OR);
	}
	return rc;
}

/* Where it is wrong, in words with one blank between each two. */
static int at_column(size_t column, struct tl_err *err)
{
	struct tl_err why = *err;

	return tl_err_set(err, why.code, "column %zu of the filter: %.200s", column, why.text);
}

int tl_sieve_parse(char *const *words, size_t n, struct tl_sieve *sieve, struct tl_err *err)
{
	struct reading r = { .words = { .at = words, .left = n }, .sieve = sieve, .err = err };
	struct tl_buf ends = { 0 };
	bool value = false, is_row = tl_words_of_row(words, n, &ends);
	int rc;

	if (is_row)
		r.words = (struct tl_words){ .at = &ends.data, .left = 1 };
	*sieve = (struct tl_sieve){ 0 };
	rc = read_or(&r, &value);
	if (!rc && tl_words_next(&r.words))
		rc = tl_err_set(err, EINVAL, "\")\" closes nothing");
	tl_buf_release(&ends);
	return rc && r.words.column > 1 ? at_column(r.words.column, err) : rc;
}
