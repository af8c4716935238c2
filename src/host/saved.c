/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A look out of saved text: lines, whose form they have, and what rows come of them. */
#include "tcplab/saved.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arrange.h"
#include "piece.h"

/* Nothing breaks a row into more lines, not even one with hundreds of holders. */
enum { BROKEN_MOST = 1000 };

static int grow_pids(struct tl_saved *saved)
{
	const struct tl_processes *all = &saved->look->processes;

	tl_slots_release(&saved->pids);
	if (tl_slots_make(&saved->pids, 2 * all->n))
		return -ENOMEM;
	for (size_t i = 0; i < all->n; i++)
		tl_slots_put(&saved->pids,
			     tl_host_hash(TL_HOST_HASH, &all->v[i].pid, sizeof(pid_t)), i);
	return 0;
}

/* The index of a process, added where it is new. */
static long process_of(struct tl_saved *saved, pid_t pid, struct tl_piece name)
{
	struct tl_processes *all = &saved->look->processes;
	uint32_t at = tl_host_hash(TL_HOST_HASH, &pid, sizeof(pid)), found;
	long added;

	if (all->n * 2 >= saved->pids.mask && grow_pids(saved))
		return -1;
	for (; tl_slots_at(&saved->pids, at, &found); at++)
		if (all->v[found].pid == pid)
			return found;
	added = tl_processes_add(all, pid, name.at, name.len);
	if (added >= 0)
		tl_slots_put(&saved->pids, at, added);
	return added;
}

int tl_saved_holder(struct tl_saved *saved, pid_t pid, struct tl_piece name, int fd)
{
	long process = process_of(saved, pid, name);

	if (process < 0)
		return -ENOMEM;
	saved->look->says |= TL_HOST_PROCESSES;
	saved->facts++;
	return tl_processes_hold(&saved->look->processes, process, 0, fd);
}

static bool is_heading(struct tl_piece line)
{
	return tl_piece_after(line, "Recv-Q").at;
}

/* "127.0.0.1:redis": the port of one of the ends is a name. */
static bool is_named(struct tl_piece line)
{
	struct tl_piece word;

	for (int i = 0; i < 6 && (word = tl_piece_next(&line)).len; i++) {
		const char *colon = memrchr(word.at, ':', word.len);

		if (colon && colon + 1 < word.at + word.len && isalpha((unsigned char)colon[1]))
			return true;
	}
	return false;
}

/* "TCP    0.0.0.0:135", where a summary has a number */
static bool is_windows(struct tl_piece line)
{
	bool protocol = tl_piece_is(tl_piece_next(&line), "TCP");
	struct tl_piece end = tl_piece_next(&line);

	return protocol && end.len && memchr(end.at, ':', end.len);
}

static int read_row(struct tl_saved *saved, struct tl_piece line, size_t number,
		    struct tl_err *err)
{
	struct tl_saved_row row = { .first_hold = saved->look->processes.n_holds };
	size_t facts = saved->facts;
	int rc = is_heading(line) ? tl_saved_end_table(saved) : 0;

	rc = rc ? rc : tl_saved_netstat(saved, line, &row);
	if (!rc) {
		row = (struct tl_saved_row){ .first_hold = row.first_hold };
		rc = tl_saved_ss(saved, line, &row);
	}
	row.facts = saved->facts - facts;
	if (rc == 1)
		return tl_saved_keep(saved, &row, err);
	saved->look->processes.n_holds = row.first_hold;
	if (!rc) {
		saved->windows += is_windows(line);
		saved->proc += tl_piece_after(line, " local_address ").at != NULL;
		saved->stateless += tl_saved_ends(&line, &row.sock) == 1;
	}
	if (rc == -ENOMEM)
		return tl_err_set(err, ENOMEM, "no memory for %zu rows", saved->look->n);
	if (rc < 0) {
		saved->unread.line = saved->unread.n++ ? saved->unread.line : number;
		saved->look->says |= is_named(line) ? TL_HOST_NAMED : 0;
	}
	return 0;
}

/* A whole table may be indented. */
static bool begins_row(struct tl_piece text)
{
	static const char *const protocols[] = { "tcp", "tcp4", "tcp6", "tcp46", "TCP" };
	struct tl_piece word = tl_piece_next(&text);

	for (size_t i = 0; i < sizeof(protocols) / sizeof(*protocols); i++)
		if (tl_piece_is(word, protocols[i]))
			return true;
	return word.len && tl_state_parse(word.at, word.len);
}

/* Without blanks, and the marks of a mail ("> "), at its beginning. */
static struct tl_piece unquoted(struct tl_piece text)
{
	while (text.len && *text.at && strchr("> \t", *text.at))
		text = (struct tl_piece){ text.at + 1, text.len - 1 };
	return text;
}

/* Without what a mail or "grep -n" and "cat -n" ("12:") put before a row. */
static struct tl_piece unmarked(struct tl_piece lines)
{
	struct tl_piece row = unquoted(lines);

	while (row.len && isdigit((unsigned char)*row.at))
		row = (struct tl_piece){ row.at + 1, row.len - 1 };
	if (row.len && *row.at && strchr(":- \t", *row.at))
		row = (struct tl_piece){ row.at + 1, row.len - 1 };
	return begins_row(row) ? row : lines;
}

/* What -i adds, where something has taken the blanks before it, such as "column -t". */
static bool is_info(struct tl_piece line)
{
	return line.len && isalpha((unsigned char)*line.at) &&
	       memmem(line.at, line.len, " cwnd:", 6);
}

static bool is_queue(struct tl_piece word)
{
	uint32_t bytes;

	return tl_piece_queue(word, &bytes);
}

/* Both queues are among its first words: it is a row, of whatever protocol. */
static bool has_queues(struct tl_piece text)
{
	for (int i = 0, numbers = 0; i < 4 && numbers < 2; i++) {
		struct tl_piece word = tl_piece_next(&text);

		numbers = is_queue(word) ? numbers + 1 : 0;
		if (numbers == 2)
			return true;
	}
	return false;
}

/* What netstat has after the state: "4711/redis-server", "off (0.00/0/0)" */
static bool is_netstat_end(struct tl_piece line)
{
	struct tl_piece last = { 0 }, word, rest = line, name;
	uint64_t pid;

	if (tl_piece_number(tl_piece_next(&rest), INT32_MAX, &pid, &name) &&
	    tl_piece_begins(name, "/"))
		return true;
	while ((word = tl_piece_next(&line)).len)
		last = word;
	return last.len && *last.at == '(' && last.at[last.len - 1] == ')' &&
	       memchr(last.at, '/', last.len);
}

/*
 * Does this line belong to the row before it, as where a mail was wrapped? Until it has both
 * ends, and with netstat its state, a row takes what follows; what -p, -o, -e and -i add has no
 * order.
 */
static bool goes_on(struct tl_piece row, struct tl_piece line)
{
	struct tl_piece text = row, first = tl_piece_next(&text), second = tl_piece_next(&text);
	bool protocol = tl_piece_begins(first, "tcp"), netstat = protocol && is_queue(second);
	size_t words = 1 + !!second.len, wanted = protocol ? 6 : 5;
	struct tl_piece own = unmarked(line);

	if (!begins_row(row) || !line.len || is_heading(line))
		return false;
	while (words < wanted && tl_piece_next(&text).len)
		words++;
	/* "TIME_WAIT -" and "timewait (9.00/0/0)" do not begin a row of ss. */
	if (netstat)
		return !tl_piece_begins(own, "tcp") && (words < wanted || is_netstat_end(line));
	return !begins_row(own) && (words < wanted || !has_queues(line));
}

static bool has_words(struct tl_piece line)
{
	tl_piece_next(&line);
	return tl_piece_next(&line).len;
}

/* What a terminal has broken goes on with anything but a row, of this protocol or another. */
static bool follows(struct tl_piece row, struct tl_piece line)
{
	return begins_row(row) && line.len && !begins_row(unmarked(line)) && !has_queues(line) &&
	       !is_heading(line);
}

/* The text, and how far it has been read. */
struct lines {
	char *at;
	size_t len;
	size_t n;        /* lines */
	size_t longest[2]; /* columns of the longest line, and its characters */
	bool terminal;   /* of that width, which has broken lines wherever they were full */
	size_t broken;   /* lines that go on in the next one */
	size_t full;     /* of these, as long as the longest */
	size_t rich;     /* of these, those whose next line has several words */
	size_t more;     /* others of that length, that go on if a terminal has broken them */
};

/* @tab: it leads to the next column that is a multiple of this */
static size_t columns_of(struct tl_piece line, size_t tab)
{
	size_t columns = 0;

	for (size_t i = 0; i < line.len; i++)
		if (line.at[i] == '\t')
			columns = columns / tab * tab + tab;
		else
			columns += ((unsigned char)line.at[i] & 0xc0) != 0x80;
	return columns;
}

static bool is_full(const struct lines *text, struct tl_piece line)
{
	return columns_of(line, 8) == text->longest[0] || columns_of(line, 1) == text->longest[1];
}

/* The next one; without what ends it */
static struct tl_piece peek(const struct lines *text)
{
	const char *end = text->len ? memchr(text->at, '\n', text->len) : NULL;
	struct tl_piece line = { text->at, end ? (size_t)(end - text->at) : text->len };

	line.len -= line.len && line.at[line.len - 1] == '\r';
	return line;
}

/* Return: the line that is skipped */
static struct tl_piece skip(struct lines *text)
{
	struct tl_piece line = peek(text);
	const char *end = memchr(text->at, '\n', text->len);
	size_t len = end ? (size_t)(end - text->at) + 1 : text->len;

	text->at += len;
	text->len -= len;
	text->n++;
	return line;
}

/* The two are one line again: what is before the break moves up to what is behind it. */
static void mend(struct tl_piece *row, struct tl_piece *last, const char *behind)
{
	size_t gap = behind - last->at - last->len;

	memmove((char *)row->at + gap, row->at, last->at + last->len - row->at);
	row->at += gap;
}

/*
 * A line, and those after it that belong to it: ss without -O breaks what -i adds, and begins it
 * with a blank. Of those that a mail has broken, the break and the mark become one; a terminal
 * breaks in the middle of a word as well.
 */
static struct tl_piece next_lines(struct lines *text)
{
	struct tl_piece row = { text->at, 0 }, last = skip(text), line;

	row.len = text->at - row.at;
	row = unmarked(row);
	for (int broken = 0; broken < BROKEN_MOST; row.len = text->at - row.at) {
		bool full = is_full(text, last) && begins_row(row), info, goes;
		struct tl_piece own;

		line = peek(text);
		own = text->terminal && full ? line : unquoted(line); /* "<-" and ">" */
		info = (tl_piece_begins(line, "\t") || tl_piece_begins(line, " ") ||
			is_info(line)) &&
		       !begins_row(unmarked(line));
		goes = info || goes_on(row, own);
		text->broken += goes && (full || !info);
		text->full += goes && full;
		text->rich += goes && full && has_words(own);
		text->more += !goes && full && follows(row, own);
		if (!goes && !(text->terminal && full && follows(row, own)))
			break;
		if (text->terminal && full) {
			mend(&row, &last, line.at);
		} else if (!info) {
			*(char *)--own.at = ' ';
			mend(&row, &last, own.at);
		}
		broken += !info || full;
		last = skip(text);
	}
	return tl_piece_trimmed(row);
}

/* What there may be in place of rows. */
static int no_rows(const struct tl_saved *saved, struct tl_err *err)
{
	const char *why = saved->windows ? ": it looks like netstat of Windows" :
			  saved->proc ? ": it looks like /proc/net/tcp" :
			  saved->stateless ? ": ss leaves the state out when it is asked for one "
					     "state alone" :
			  saved->look->says & TL_HOST_FOREIGN ?
				  " whose state is in English (LC_ALL=C)" :
			  saved->cut ? " whose addresses netstat has not cut off (-W)" :
			  saved->unread.n ? " that can be read (it needs numbers: -n)" : "";

	return tl_err_set(err, EINVAL, "it has no row of a TCP socket%s; give it what "
			  "\"ss -tanpoieO\" or \"netstat -tanop\" prints", why);
}

/* How many bytes of a sequence that colours a terminal */
static size_t color_of(const char *text, size_t len)
{
	size_t n = 1;

	if (len > 1 && text[1] == '[')
		for (n = 2; n < len && (unsigned char)text[n] < '@';)
			n++;
	return n < len ? n + 1 : n;
}

/*
 * Without colours, and without what editors and web pages put in: blanks that do not break,
 * marks of the order of bytes, and the zeros of UTF-16. Return: owned; NULL without memory
 */
static char *plain_of(const char *text, size_t *len)
{
	char *plain = calloc(1, *len + 1);
	size_t n = 0;

	for (size_t i = 0, left; plain && i < *len; i++) {
		left = *len - i;
		if (text[i] == '\033') {
			i += color_of(text + i, left) - 1;
		} else if (left > 1 && !memcmp(text + i, "\302\240", 2)) {
			plain[n++] = ' ';
			i++;
		} else if (left > 2 && !memcmp(text + i, "\357\273\277", 3)) {
			i += 2;
		} else if (text[i] && (unsigned char)text[i] < 0xfe) {
			plain[n++] = text[i];
		}
	}
	*len = n;
	return plain;
}

static void find_longest(struct lines text, size_t *longest)
{
	while (text.len) {
		struct tl_piece line = skip(&text);

		for (int i = 0; i < 2; i++) {
			size_t columns = columns_of(line, i ? 1 : 8);

			longest[i] = columns > longest[i] ? columns : longest[i];
		}
	}
}

/* @terminal: as one of the width of the longest line has broken it; else a mail, or nobody */
static int read_text(struct tl_saved *saved, const char *text, size_t len, bool terminal,
		     struct tl_err *err)
{
	char *plain = plain_of(text, &len);
	struct lines rest = { .at = plain, .len = len, .terminal = terminal };
	size_t number;
	int rc = 0;

	tl_knobs_unknown(&saved->look->knobs);
	if (!plain)
		return tl_err_set(err, ENOMEM, "no memory for the saved table");
	find_longest(rest, rest.longest);
	while (!rc && rest.len) {
		number = rest.n + 1;
		rc = read_row(saved, next_lines(&rest), number, err);
	}
	saved->can_be_broken = rest.full || rest.more;
	/* Of one line alone a number can be what is behind: a count of the rows above. */
	saved->mostly_full = 2 * rest.full > rest.broken && !rest.more && rest.full + rest.rich > 1;
	if (tl_saved_end_tables(saved))
		rc = tl_err_set(err, ENOMEM, "no memory for %zu rows", saved->look->n);
	tl_slots_release(&saved->pids);
	free(plain);
	return rc;
}

/* Does more come of the text as a terminal breaks it? Or as much, and most were full? */
static bool is_terminals(const struct tl_saved *saved, const struct tl_saved *terminal)
{
	if (terminal->look->n != saved->look->n)
		return terminal->look->n > saved->look->n;
	if (terminal->facts != saved->facts)
		return terminal->facts > saved->facts;
	return saved->mostly_full;
}

int tl_saved_read(const char *text, size_t len, const struct tl_sieve *sieve,
		  struct tl_host *look, struct tl_unread *unread, struct tl_err *err)
{
	struct tl_host other = { 0 };
	struct tl_saved saved = { .look = look }, terminal = { .look = &other };
	int rc = read_text(&saved, text, len, false, err);

	if (!rc && saved.can_be_broken)
		rc = read_text(&terminal, text, len, true, err);
	if (!rc && saved.can_be_broken && is_terminals(&saved, &terminal)) {
		tl_host_release(look);
		*look = other;
		saved = terminal;
		saved.look = look;
	} else {
		tl_host_release(&other);
	}
	*unread = saved.unread;
	unread->twice = saved.twice;
	unread->cut = saved.wide ? 0 : saved.cut;
	look->partly = saved.unread.n;
	if (!rc && !look->n)
		rc = no_rows(&saved, err);
	rc = rc ? rc : tl_processes_index(&look->processes, err);
	return rc ? rc : tl_host_arrange(look, sieve, err);
}
