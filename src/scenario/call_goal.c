/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a call leads to or comes from: an actor, an address, a port, or an address with one. */
#include "call.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static bool is_address(const char *text, size_t len, struct tl_endpoint *ep)
{
	char address[TL_ENDPOINT_TEXT];

	*ep = (struct tl_endpoint){ 0 };
	if (len >= sizeof(address) || strlen(text) < len)
		return false;
	memcpy(address, text, len);
	address[len] = '\0';
	ep->family = memchr(text, ':', len) ? AF_INET6 : AF_INET;
	if (inet_pton(ep->family, address, ep->addr) == 1)
		return true;
	ep->family = 0;
	return false;
}

/* "127.0.0.1:7000", "[::1]:7000" */
static bool is_endpoint(const char *text, struct tl_endpoint *ep)
{
	const char *colon = strrchr(text, ':');
	bool bracket = text[0] == '[';
	size_t len = colon ? colon - text : 0;
	unsigned port;
	char more;

	if (!colon || colon[1] == '0' || strspn(colon + 1, "0123456789") != strlen(colon + 1) ||
	    sscanf(colon + 1, "%5u%c", &port, &more) != 1 || port < 1 || port > 65535)
		return false;
	if (bracket && (len < 2 || text[len - 1] != ']'))
		return false;
	if (!is_address(text + bracket, len - 2 * bracket, ep) ||
	    (ep->family == AF_INET6) != bracket)
		return false;
	ep->port = port;
	return true;
}

static const char endpoint_shape[] =
	"an address and a port, as in 127.0.0.1:7000 or [::1]:7000";

/* An actor, or an address and a port. */
static bool find_goal(struct scn_reader *r, const char *text, size_t len, struct scn_span at,
		      struct tl_call *call)
{
	char goal[TL_ENDPOINT_TEXT + 8];

	call->to = -1;
	snprintf(goal, sizeof(goal), "%.*s", (int)len, text);
	if (len < sizeof(goal) && is_endpoint(goal, &call->at))
		return true;
	if (memchr(text, ':', len) || (len && *text >= '0' && *text <= '9')) {
		scn_mistake(r, at, "%s is not %s", SCN_QUOTE_NAME(text, len), endpoint_shape);
		return false;
	}
	call->to = scn_actor(r, text, len, at);
	return call->to >= 0;
}

void scn_call_goal(struct scn_reader *r, const char *text, size_t len, struct scn_span at,
		   struct tl_step *step)
{
	struct tl_call *call = &step->call;

	if (step->verb != TL_VERB_GIVE) {
		find_goal(r, text, len, at, call);
		return;
	}
	call->to = scn_actor(r, text, len, at);
	if (call->to < 0)
		return;
	call->given_to = scn_strndup(r, text, len);
	if (r->plan->actors[call->to].kind != TL_ACTOR_KIND_PEER || call->to == step->actor)
		scn_mistake(r, at, "%s: a descriptor is given to another peer",
			    SCN_QUOTE_NAME(text, len));
}

void scn_call_to(struct scn_reader *r, const struct scn_node *node, void *into)
{
	if (scn_is(r, node, SCN_TEXT, "to"))
		scn_call_goal(r, node->text, node->len, node->at, into);
}

void scn_call_port(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_step *step = into;
	long port;

	if (!scn_number(r, node, "a port", 1, 65535, &port))
		return;
	step->call.port = port;
	if (step->verb == TL_VERB_CONNECT && step->call.to < 0 && step->call.at.family)
		scn_mistake(r, node->at, "\"to\" has a port already: leave this one out");
}

void scn_call_address(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_step *step = into;

	if (scn_is(r, node, SCN_TEXT, "address") &&
	    !is_address(node->text, node->len, &step->call.at))
		scn_mistake(r, node->at,
			    "%s is not an IPv4 or IPv6 address, such as 127.0.0.1 or ::1",
			    SCN_QUOTE_NAME(node->text, node->len));
}

void scn_call_from_where(struct tl_call *call)
{
	uint16_t port = call->from.port;

	if (!call->from_port || call->at.family != AF_INET6 || call->from.family == AF_INET6)
		return;
	call->from = call->at; /* an address of this host, which reaches itself */
	call->from.port = port;
}

/* A port of the peer's own address, another address, or both. */
void scn_call_from(struct scn_reader *r, const struct scn_node *node, void *into)
{
	struct tl_step *step = into;
	long port;

	if (node->kind == SCN_NUMBER) {
		const char *bind = step->actor < 0 ? NULL : r->plan->actors[step->actor].bind;

		if (!scn_number(r, node, "a port", 1, 65535, &port) || !bind)
			return;
		is_address(bind, strlen(bind), &step->call.from);
		step->call.from.port = port;
		step->call.from_port = true;
	} else if (scn_is(r, node, SCN_TEXT, "from") &&
		   !is_endpoint(node->text, &step->call.from) &&
		   !is_address(node->text, node->len, &step->call.from)) {
		scn_mistake(r, node->at, "%s is neither a port nor an address, nor %s",
			    SCN_QUOTE_NAME(node->text, node->len), endpoint_shape);
	}
}
