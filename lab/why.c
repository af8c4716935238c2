/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcplab why: what looks wrong on the reader's own host, with the evidence and what to do. */
#include <errno.h>

#include "reader_host.h"

static int tell_why(const struct lab_options *options, bool saved, const struct tl_sieve *sieve,
		    struct tl_err *err)
{
	const unsigned wants = TL_HOST_INFO | TL_HOST_PROCESSES | TL_HOST_WATCHED;
	struct lab_look look = { 0 };
	struct tl_buf out = { 0 };
	int rc = saved ? lab_host_saved(options, NULL, &look, err) :
			 lab_host_look(options, wants, NULL, &look, err);

	if (rc)
		goto out;
	if (options->n_args)
		tl_diagnoses_pick(&look.findings, &look.look, sieve);
	if (options->json) {
		tl_host_json(&look.look, &look.findings, &look.told, &out);
	} else {
		tl_host_why_text(&look.look, &look.findings, options->n_args ? sieve : NULL,
				     &look.told, &out);
		tl_host_not_seen(&look.look, &look.told, &out);
	}
	rc = out.failed ? tl_err_set(err, ENOMEM, "no memory for the output") : 0;
	rc = rc ? rc : lab_print(&out);
	rc = rc ? rc : look.findings.n ? LAB_FAILED : LAB_OK;
out:
	tl_buf_release(&out);
	lab_look_release(&look);
	return rc;
}

int lab_why(const struct lab_options *asked)
{
	static const struct lab_host_command why = { lab_why, NULL, tell_why };

	return lab_host_command(asked, &why);
}
