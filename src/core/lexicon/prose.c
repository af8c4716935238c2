/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of the lexicon as they stand in prose: what in a text can be explained. */
#include "tcplab/lexicon.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* These are words of any sentence as well, and there they mean no more than that. */
static const char *const ordinary[] = { "data", "exit", "fork", "abort", "socket", "window", "ACK",
					"SYN", "FIN", "RST", "PSH", "R1", "R2",
					"URG", "TCP", "UDP", "TTL", "capture", "tcp6", "socket table", "segment",
					"flags", "port", "replica", "container", "scenario", "claim",
					NULL };

static bool is_ordinary(const struct tl_entry *entry)
{
	return tl_list_has(ordinary, entry->name, strlen(entry->name));
}

/* So are these spellings. */
static const char *const plain[] = { "other end", "connection closed", "no process", "remote host",
				     "unread data", "idle connection", "program name", "byte stream",
				     "packet loss", "lost segment", "lost packet",
				     "failed to connect", "idle timeout", "tcp segment",
				     "established connections", "server socket", "server port",
				     "port number", "dropped packet", "all addresses", "let go",
				     "not observed", "open port", "closed port",
				     "connection lost", NULL };

static bool is_plain(const char *spelling)
{
	return tl_list_has(plain, spelling, strlen(spelling));
}

static bool is_of_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Does this spelling stand at the beginning of @text, alone or with the "s" of a plural? */
static size_t stands(const char *text, const char *spelling, bool as_it_is)
{
	size_t n;

	/* nearly always it begins with another letter, and every word is compared with all */
	if (tolower((unsigned char)*text) != tolower((unsigned char)*spelling))
		return 0;
	n = strlen(spelling);
	if (as_it_is ? strncmp(text, spelling, n) : strncasecmp(text, spelling, n))
		return 0;
	if (text[n] == 's' && !as_it_is)
		n++;
	return is_of_word(spelling[n - 1]) && is_of_word(text[n]) ? 0 : n;
}

/* Of a state only its name in capitals is one; of the others also spellings of several words. */
static size_t longest_of(const struct tl_entry *entry, const char *text)
{
	bool state = entry->topic == TL_TOPIC_STATE;
	size_t best = stands(text, entry->name, state), len;

	if (entry->message) {
		len = stands(text, entry->message, false);
		best = len > best ? len : best;
	}
	for (size_t i = 0; !state && entry->also[i]; i++) {
		len = stands(text, entry->also[i], false);
		if (len > best && strpbrk(entry->also[i], " _") && !is_plain(entry->also[i]))
			best = len;
	}
	return best;
}

const struct tl_entry *tl_lexicon_next(const char *text, size_t *at, size_t *len)
{
	size_t n;
	const struct tl_entry *entries = tl_lexicon(&n), *found = NULL;

	for (size_t i = 0; text[i] && !found; i++) {
		if (i && is_of_word(text[i - 1]))
			continue;
		*len = 0;
		for (size_t k = 0; k < n; k++) {
			size_t here = longest_of(&entries[k], text + i);

			if (here <= *len || is_ordinary(&entries[k]))
				continue;
			found = &entries[k];
			*len = here;
			*at = i;
		}
	}
	return found;
}
