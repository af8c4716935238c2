/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of verbs. */
#include "tcplab/verb.h"

const struct tl_verb_row tl_verbs[TL_N_VERBS] = {
#define X(id, name, group, argument, needs, makes, does, help, more, example)                \
	[TL_VERB_##id] = { name, TL_VERBS_OF_##group, TL_ARGUMENT_##argument,                \
			   TL_NEEDS_##needs, TL_MAKES_##makes, TL_DOES_##does, help, more,        \
			   example },
	TL_VERBS(X)
#undef X
};

const char *tl_argument_schema(enum tl_argument argument)
{
	switch (argument) {
#define X(id, schema) case TL_ARGUMENT_##id: return schema;
	TL_ARGUMENTS(X)
#undef X
	}
	return NULL;
}
