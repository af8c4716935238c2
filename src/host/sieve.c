/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Filters in the words that people use for ss, read and applied. */
#include "tcplab/sieve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tcplab/text.h"

/* The words that are left. */
struct words {
	char *const *at;
	size_t left;
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

/* "*" is any address. Return: false where it is none. */
static bool address(const char *text, size_t len, struct tl_sieve_term *term)
{
	char plain[INET6_ADDRSTRLEN + 4];
	unsigned long bits;
	char *slash;

	if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	if (len >= sizeof(plain))
		return false;
	memcpy(plain, text, len);
	plain[len] = '\0';
	if (!strcmp(plain, "*"))
		return true;
	slash = strchr(plain, '/');
	if (slash)
		*slash = '\0';
	term->at.family = strchr(plain, ':') ? AF_INET6 : AF_INET;
	term->bits = term->at.family == AF_INET6 ? 128 : 32;
	if (inet_pton(term->at.family, plain, term->at.addr) != 1)
		return false;
	if (!slash)
		return true;
	if (!number(slash + 1, term->bits, &bits))
		return false;
	term->bits = bits;
	return true;
}

static bool port(const char *text, struct tl_sieve_term *term)
{
	unsigned long value;

	if (!strcmp(text, "*"))
		return true;
	if (!number(text, UINT16_MAX, &value) || !value)
		return false;
	term->at.port = value;
	return true;
}

/* ADDRESS, ADDRESS:PORT or :PORT; an IPv6 address with a port has brackets. */
static bool endpoint(const char *text, struct tl_sieve_term *term)
{
	const char *colon = strrchr(text, ':');
	struct tl_sieve_term whole = *term;

	if (address(text, strlen(text), &whole) && whole.at.family) {
		*term = whole;
		return true;
	}
	if (!colon)
		return false;
	return port(colon + 1, term) &&
	       (colon == text || address(text, colon - text, term));
}

static int add_term(struct tl_sieve *sieve, const struct tl_sieve_term *term, const char *word,
		    struct tl_err *err)
{
	if (sieve->n == TL_SIEVE_TERMS)
		return bad(word, "is one term too many: 16 are the most", err);
	sieve->term[sieve->n++] = *term;
	return 0;
}

static const char *next(struct words *words)
{
	if (!words->left)
		return NULL;
	words->left--;
	return *words->at++;
}

/* What follows "sport" and "dport": "= :80", ":80", "80"; "src" and "dst": an endpoint. */
static int read_end(struct tl_sieve *sieve, struct words *words, const char *word,
		    struct tl_sieve_term *term, struct tl_err *err)
{
	bool only_port = word[1] == 'p';
	const char *value = next(words);

	term->end = word[0] == 's' ? TL_SIEVE_LOCAL : TL_SIEVE_REMOTE;
	if (value && (!strcmp(value, "=") || !strcmp(value, "==") || !strcmp(value, "eq")))
		value = next(words);
	if (!value)
		return bad(word, only_port ? "is followed by a port, as in \"sport = :80\"" :
					     "is followed by an address, as in \"dst 10.0.0.1\"",
			   err);
	if (only_port ? !port(value + (*value == ':'), term) : !endpoint(value, term))
		return bad(value, only_port ? "is no port" : "is no address", err);
	return add_term(sieve, term, word, err);
}

static int read_state(struct tl_sieve *sieve, const char *value, struct tl_err *err)
{
	enum tl_state state = value ? tl_state_parse(value, strlen(value)) : 0;

	if (!value)
		return tl_err_set(err, EINVAL, "\"state\" is followed by a state, as in \"state "
				  "close-wait\"");
	if (!strcmp(value, "all"))
		return 0;
	if (!state)
		return bad(value, "is no state of TCP; \"tcplab explain\" lists them", err);
	sieve->states |= 1u << state;
	return 0;
}

static int read_pid(struct tl_sieve *sieve, const char *value, struct tl_err *err)
{
	unsigned long pid;

	if (!value || !number(value, INT32_MAX, &pid) || !pid)
		return tl_err_set(err, EINVAL, "\"pid\" is followed by the number of a process, "
				  "as in \"pid 22408\"");
	sieve->pid = pid;
	return 0;
}

/* A word that says itself what it is. */
static int read_bare(struct tl_sieve *sieve, const char *word, struct tl_sieve_term *term,
		     struct tl_err *err)
{
	unsigned long pid;

	if (!term->negated && tl_state_parse(word, strlen(word)))
		return read_state(sieve, word, err);
	if (!term->negated && number(word, INT32_MAX, &pid))
		return read_pid(sieve, word, err);
	if (endpoint(word, term))
		return add_term(sieve, term, word, err);
	return bad(word, "is no state, no :PORT, no ADDRESS or ADDRESS:PORT and no process's "
			 "number; there are also \"state\", \"pid\", \"process\", \"src\", \"dst\", "
			 "\"sport\" and \"dport\" with what they are to be, and \"not\"", err);
}

static int read_term(struct tl_sieve *sieve, struct words *words, struct tl_err *err)
{
	struct tl_sieve_term term = { 0 };
	const char *word = next(words);

	if (!strcmp(word, "and") || !strcmp(word, "&&"))
		return 0;
	if (!strcmp(word, "not") || !strcmp(word, "!")) {
		term.negated = true;
		word = next(words);
		if (!word)
			return tl_err_set(err, EINVAL, "\"not\" is followed by a port or an address");
	}
	if (!strcmp(word, "src") || !strcmp(word, "dst") || !strcmp(word, "sport") ||
	    !strcmp(word, "dport"))
		return read_end(sieve, words, word, &term, err);
	if (!term.negated && !strcmp(word, "state"))
		return read_state(sieve, next(words), err);
	if (!term.negated && !strcmp(word, "pid"))
		return read_pid(sieve, next(words), err);
	if (!term.negated && !strcmp(word, "process")) {
		sieve->process = next(words);
		return sieve->process ? 0 : tl_err_set(err, EINVAL, "\"process\" is followed by a "
						       "name, as in \"process redis-server\"");
	}
	return read_bare(sieve, word, &term, err);
}

int tl_sieve_parse(char *const *words, size_t n, struct tl_sieve *sieve, struct tl_err *err)
{
	struct words rest = { words, n };
	int rc = 0;

	*sieve = (struct tl_sieve){ 0 };
	while (!rc && rest.left)
		rc = read_term(sieve, &rest, err);
	return rc;
}

static bool prefix_equal(const uint8_t *a, const uint8_t *b, int bits)
{
	int bytes = bits / 8, rest = bits % 8;

	if (memcmp(a, b, bytes))
		return false;
	return !rest || !((a[bytes] ^ b[bytes]) >> (8 - rest));
}

static bool is_at(const struct tl_sieve_term *term, const struct tl_endpoint *end)
{
	struct tl_endpoint plain = tl_endpoint_plain(end);

	if (term->at.port && term->at.port != end->port)
		return false;
	if (!term->at.family)
		return true;
	if (term->at.family == plain.family)
		return prefix_equal(term->at.addr, plain.addr, term->bits);
	return term->at.family == end->family && prefix_equal(term->at.addr, end->addr, term->bits);
}

bool tl_sieve_passes(const struct tl_sieve *sieve, const struct tl_sock *sock)
{
	if (sieve->states && !(sieve->states & 1u << sock->state))
		return false;
	for (size_t i = 0; i < sieve->n; i++) {
		const struct tl_sieve_term *term = &sieve->term[i];
		bool at = (term->end != TL_SIEVE_REMOTE && is_at(term, &sock->local)) ||
			  (term->end != TL_SIEVE_LOCAL && is_at(term, &sock->remote));

		if (at == term->negated)
			return false;
	}
	return true;
}

bool tl_sieve_holds(const struct tl_sieve *sieve, const struct tl_processes *processes,
		    const struct tl_hold *hold)
{
	if (!sieve->pid && !sieve->process)
		return true;
	for (; hold; hold = tl_hold_next(processes, hold)) {
		const struct tl_process *p = &processes->v[hold->process];

		if ((!sieve->pid || p->pid == sieve->pid) &&
		    (!sieve->process || !strcmp(p->name, sieve->process)))
			return true;
	}
	return false;
}
