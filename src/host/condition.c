/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conditions as they are typed: "CLOSE_WAIT > 100 for 60s". */
#include <errno.h>
#include <string.h>

#include "piece.h"
#include "tcplab/change.h"
#include "tcplab/text.h"

int tl_time_parse(const char *text, size_t len, uint64_t *ms)
{
	static const struct {
		const char *unit;
		uint64_t ms;
	} units[] = { { "", 1000 }, { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "min", 60000 },
		      { "h", 3600000 } };
	struct tl_piece unit;
	uint64_t number;

	if (!tl_piece_number((struct tl_piece){ text, len }, 10000000, &number, &unit))
		return -EINVAL;
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (tl_piece_is(unit, units[i].unit)) {
			*ms = number * units[i].ms;
			return 0;
		}
	return -EINVAL;
}

static const char blanks[] = " \t\n";

/* @at: what is wrong begins there, in @text */
static int bad(const char *text, const char *at, const char *why, struct tl_err *err)
{
	char quote[TL_QUOTE_TEXT];

	at += strspn(at, blanks);
	return tl_err_set(err, EINVAL, "%s, column %zu: %s, as in \"CLOSE_WAIT > 100 for 60s\"",
			  tl_text_quote(quote, text, strlen(text)), (size_t)(at - text) + 1, why);
}

static bool read_comparison(struct tl_piece *rest, enum tl_comparison *compare)
{
	const char *at = rest->at + strspn(rest->at, blanks);
	size_t n = tl_comparison_parse(at, compare);

	*rest = (struct tl_piece){ at + n, strlen(at + n) };
	return n;
}

int tl_condition_parse(const char *text, struct tl_condition *condition, struct tl_err *err)
{
	const char *state = text + strspn(text, blanks), *end = state + strcspn(state, " \t\n<>=");
	struct tl_piece rest = { end, strlen(end) }, word;
	const char *at;
	uint64_t number;

	*condition = (struct tl_condition){ .state = tl_state_parse(state, end - state) };
	if (!condition->state)
		return bad(text, state, "it must begin with a state", err);
	if (!read_comparison(&rest, &condition->compare))
		return bad(text, end, "after the state comes >, >=, <, <= or =", err);
	at = rest.at;
	if (!tl_piece_number(tl_piece_next(&rest), UINT32_MAX, &number, NULL))
		return bad(text, at, "then a number of rows", err);
	condition->number = number;
	at = rest.at;
	word = tl_piece_next(&rest);
	if (!word.len)
		return 0;
	if (!tl_piece_is(word, "for"))
		return bad(text, at, "after the number may follow \"for\" and a time", err);
	at = rest.at;
	word = tl_piece_next(&rest);
	if (!word.len || tl_time_parse(word.at, word.len, &condition->for_ms))
		return bad(text, at, "after \"for\" comes a time (ms, s, m, h)", err);
	at = rest.at;
	return tl_piece_next(&rest).len ? bad(text, at, "nothing may follow the time", err) : 0;
}

bool tl_condition_holds(const struct tl_condition *condition, const struct tl_host *look)
{
	return tl_compares(condition->compare, look->count[condition->state], condition->number);
}
