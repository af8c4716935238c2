/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options of a peer's socket: each is a key of the call that opens it, or of "set". */
#include "read_option.h"

#include <ctype.h>
#include <string.h>

#define NUMBER_MOST 65535
#define NS_PER_MS UINT64_C(1000000)

/* As many connections with data in their SYN as may wait, where only "yes" is said. */
#define FAST_OPEN_QUEUE 16

static void note(struct tl_step *step, enum tl_option option, uint32_t value)
{
	step->call.options.set |= 1u << option;
	step->call.options.value[option] = value;
}

/* A time, in the kernel's unit; one that is cut short by it is a mistake. */
static bool read_time(struct scn_reader *r, const struct scn_node *node, enum tl_option option,
		      long *value)
{
	uint64_t unit = tl_option_takes(option) == TL_TAKES_SECONDS ? 1000 * NS_PER_MS : NS_PER_MS;
	uint64_t ns;

	if (!scn_duration(r, node, tl_option_key(option), &ns))
		return false;
	*value = ns / unit;
	if (!(ns % unit))
		return true;
	scn_mistake(r, node->at, "the kernel takes %s in whole seconds", tl_option_key(option));
	return false;
}

static void read_option(struct scn_reader *r, const struct scn_node *node, struct tl_step *step,
			enum tl_option option)
{
	const char *key = tl_option_key(option);
	bool on = false, good = false;
	long value = 0;

	switch (tl_option_takes(option)) {
	case TL_TAKES_SWITCH:
		good = node->kind == SCN_TEXT || node->kind == SCN_BOOL;
		scn_yes_no(r, node, key, &on);
		value = on;
		break;
	case TL_TAKES_NUMBER:
		good = scn_number(r, node, key, 1, NUMBER_MOST, &value);
		break;
	case TL_TAKES_SECONDS:
	case TL_TAKES_MILLISECONDS:
		good = read_time(r, node, option, &value);
		break;
	}
	if (good)
		note(step, option, value);
}

#define READER(function, option)                                                             \
	void function(struct scn_reader *r, const struct scn_node *node, void *into)         \
	{                                                                                    \
		read_option(r, node, into, TL_OPTION_##option);                              \
	}

READER(scn_option_user_timeout, USER_TIMEOUT)
READER(scn_option_no_delay, NO_DELAY)
READER(scn_option_cork, CORK)
READER(scn_option_quick_ack, QUICK_ACK)
READER(scn_option_linger, LINGER)
READER(scn_option_defer_accept, DEFER_ACCEPT)
READER(scn_option_reuse_port, REUSE_PORT)
READER(scn_option_bind_no_port, BIND_NO_PORT)
READER(scn_option_v6_only, V6_ONLY)
static READER(read_idle, KEEP_IDLE)
static READER(read_interval, KEEP_INTERVAL)
static READER(read_probes, KEEP_PROBES)

/* yes, no, or how it probes. */
void scn_option_keepalive(struct scn_reader *r, const struct scn_node *node, void *into)
{
	static const struct scn_key keys[] = {
		{ "idle", false, read_idle },
		{ "interval", false, read_interval },
		{ "probes", false, read_probes },
	};

	if (node->kind == SCN_LIST || node->kind == SCN_NUMBER ||
	    (node->kind == SCN_TEXT && isdigit((unsigned char)node->text[0])))
		scn_mistake(r, node->at,
			    "keepalive is yes, no, or how it probes: { idle: 2s, interval: 1s, "
			    "probes: 3 }");
	else if (node->kind != SCN_MAP)
		read_option(r, node, into, TL_OPTION_KEEPALIVE);
	else if (SCN_READ_MAP(r, node, "keepalive", keys, into))
		note(into, TL_OPTION_KEEPALIVE, 1);
}

/* A connect says yes; a listener how many, or yes. */
void scn_option_fast_open(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_step *step = into;
	bool on = false;

	if (node->kind == SCN_NUMBER && step->verb == TL_VERB_LISTEN) {
		read_option(r, node, into, TL_OPTION_FAST_OPEN);
		return;
	}
	scn_yes_no(r, node, "fast-open", &on);
	if (on)
		note(step, TL_OPTION_FAST_OPEN,
		     step->verb == TL_VERB_LISTEN ? FAST_OPEN_QUEUE : 1);
}
