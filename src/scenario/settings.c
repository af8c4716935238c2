/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel parameters and Redis settings. */
#include "settings.h"

#include <string.h>
#include <strings.h>

static void add(struct scn_reader *r, const struct scn_node *name, char *value,
		struct tl_setting *settings, size_t *n)
{
	struct tl_setting *setting = &settings[(*n)++];

	setting->name = scn_strndup(r, name->text, name->len);
	setting->value = value;
	setting->where = scn_where(&r->src, name->at.at);
}

/*
 * What lies in the sandbox's own network namespace. The rest of net.* is the host's, or acts on
 * all of it: net.netfilter.nf_hooks_lwtunnel is a switch of the kernel's for every namespace,
 * net.netfilter.nf_log of its log.
 */
static const char *const ours[] = {
	"net.ipv4.", "net.ipv6.", "net.core.", "net.unix.", "net.mptcp.",
	"net.netfilter.nf_conntrack_",
};

/* Is it the beginning of a name, with '/' for '.'? */
static bool begins(const char *name, size_t len, const char *with)
{
	for (; *with; with++, name++, len--)
		if (!len || (*name != *with && !(*name == '/' && *with == '.')))
			return false;
	return len;
}

/* Dots or slashes between the words, and no word that would lead elsewhere. */
static bool is_sysctl(const char *name, size_t len)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
	bool known = false;
	size_t at = 0;

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		known |= begins(name, len, ours[i]);
	while (known && at < len) {
		size_t word = strspn(name + at, letters);

		at += word;
		if (!word || at == len)
			return word && at == len;
		if (name[at] != '.' && name[at] != '/')
			return false;
		at++;
	}
	return false;
}

/* The kernel takes no such word for a number. */
static void refuse_switch(struct scn_reader *r, const struct scn_node *value)
{
	static const struct {
		const char *word;
		int number;
	} switches[] = {
		{ "true", 1 },	{ "yes", 1 }, { "on", 1 },
		{ "false", 0 }, { "no", 0 },  { "off", 0 },
	};

	for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
		if ((value->kind == SCN_BOOL || value->kind == SCN_TEXT) &&
		    !strcasecmp(value->text, switches[i].word))
			scn_mistake(r, value->at,
				    "a kernel parameter is switched by a number: write %d, not %s",
				    switches[i].number, switches[i].word);
}

void scn_read_sysctls(struct scn_reader *r, const struct scn_node *map,
		      struct tl_setting **settings, size_t *n)
{
	if (!scn_is(r, map, SCN_MAP, "sysctl"))
		return;
	*settings = scn_calloc(r, map->n, sizeof(**settings));
	for (size_t i = 0; *settings && i < map->n; i++) {
		const struct scn_node *name = &map->items[2 * i];

		if (!is_sysctl(name->text, name->len))
			scn_mistake(r, name->at,
				    "%s is not a kernel parameter of a network namespace: "
				    "those begin with \"net.ipv4.\", \"net.ipv6.\", "
				    "\"net.core.\", \"net.unix.\", \"net.mptcp.\" or "
				    "\"net.netfilter.nf_conntrack_\"",
				    SCN_QUOTE_NAME(name->text, name->len));
		refuse_switch(r, name + 1);
		add(r, name, scn_scalar(r, name + 1, "a kernel parameter"), *settings, n);
	}
}

/* Settings of Redis that are not the scenario's to make, and why. */
static const struct {
	const char *name;
	const char *why;
} reserved[] = {
	{ "port", "it is a key of the actor, beside config" },
	{ "bind", "it is a key of the actor, beside config" },
	{ "replicaof", "it is a key of the actor, beside config" },
	{ "slaveof", "it is the key replicaof of the actor, beside config" },
	{ "unixsocket", "tcplab talks to the server over a socket of its own" },
	{ "unixsocketperm", "tcplab talks to the server over a socket of its own" },
	{ "requirepass", "tcplab talks to the server without a password" },
	{ "dir", "the server lives in a directory that ends with the run" },
	{ "daemonize", "tcplab watches the process that it started" },
	{ "pidfile", "tcplab watches the process that it started" },
	{ "logfile", "tcplab reads the log to quote it when the server fails" },
	{ "include", "a scenario must itself contain all that it depends on" },
};

static void check_name(struct scn_reader *r, const struct scn_node *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-_";

	if (strspn(name->text, letters) != name->len)
		scn_mistake(r, name->at,
			    "%s is not a Redis setting: their names have letters, digits and "
			    "\"-\"",
			    SCN_QUOTE_NAME(name->text, name->len));
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (!strcasecmp(name->text, reserved[i].name))
			scn_mistake(r, name->at, "%s cannot be set here: %s", reserved[i].name,
				    reserved[i].why);
}

/* How many settings a mapping makes: a list gives one setting several times. */
static size_t count(const struct scn_node *map)
{
	size_t all = 0;

	for (size_t i = 0; i < map->n; i++) {
		size_t n;

		scn_items(&map->items[2 * i + 1], &n);
		all += n;
	}
	return all;
}

/* Redis's configuration file has "" for an empty value. */
static char *read_value(struct scn_reader *r, const struct scn_node *node)
{
	if (node->kind == SCN_TEXT && !node->len)
		return scn_strndup(r, "\"\"", 2);
	return scn_scalar(r, node, "a Redis setting");
}

void scn_read_config(struct scn_reader *r, const struct scn_node *map,
		     struct tl_setting **settings, size_t *n)
{
	if (!scn_is(r, map, SCN_MAP, "config"))
		return;
	*settings = scn_calloc(r, count(map), sizeof(**settings));
	for (size_t i = 0; *settings && i < map->n; i++) {
		const struct scn_node *name = &map->items[2 * i], *value;
		size_t values;

		check_name(r, name);
		value = scn_items(name + 1, &values);
		if (!values)
			scn_mistake(r, name[1].at, "a setting needs a value, or several");
		for (size_t v = 0; v < values; v++)
			add(r, name, read_value(r, &value[v]), *settings, n);
	}
}
