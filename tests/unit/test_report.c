/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The renderers over a run built by hand, and over one that is out to do harm. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <string.h>

#include "report_fixture.h"
#include "text_of.h"
#include "../../src/report/words.h"

#define HOSTILE                                                                              \
	"a\x1b[31mb\x07" "c\x7f" "d\xc2\x9b" "31me\xe2\x80\xae" "f\xff|`</script>]]>\"&'*_\\<!--"

/* No byte that could steer a terminal: C0 except for newlines, DEL, C1, marks of direction. */
static void steers_nothing(const struct tl_buf *buf)
{
	for (size_t i = 0; i < buf->len; i++) {
		unsigned char c = buf->data[i];

		cr_assert((c >= 0x20 && c != 0x7f) || c == '\n', "byte %#x at %zu", c, i);
	}
	lacks(buf, "\xc2\x9b");
	lacks(buf, "\xe2\x80\xae");
	lacks(buf, "\xff");
}

static struct fixture f;
static struct tl_buf text; /* until the next is rendered */

static void init(void)
{
	fixture_init(&f, false);
}

static void release(void)
{
	tl_buf_release(&text);
}

TestSuite(report, .init = init, .fini = release);

static void render_wide(const char *renderer, int width)
{
	tl_buf_release(&text);
	text = fixture_render(&f, renderer, false, width);
}

static void render(const char *renderer)
{
	render_wide(renderer, 80);
}

Test(report, every_renderer_is_found_by_its_name)
{
	size_t n;
	const struct tl_renderer *all = tl_renderers(&n);

	cr_assert_geq(n, 4);
	for (size_t i = 0; i < n; i++)
		cr_assert_eq(tl_renderer_find(all[i].name), &all[i]);
	cr_assert_null(tl_renderer_find("html5"));
}

Test(report, text_has_the_rows_of_netstat_unindented)
{
	render("text");
	has(&text, "\nProto Recv-Q Send-Q Local Address           Foreign Address         State\n");
	has(&text, "\ntcp        0      0 127.0.0.1:53525         127.0.0.1:6379          "
		   "TIME_WAIT\n");
	has(&text, "was ESTABLISHED     replica -> master");
	has(&text, "gone                master -> replica       was ESTABLISHED");
	has(&text, "\nmaster -> replica  LISTEN (SYN_RECV) ESTABLISHED (CLOSE_WAIT) CLOSED\n");
	has(&text, "\nreplica -> master  CLOSED (SYN_SENT) ESTABLISHED (FIN_WAIT1) TIME_WAIT\n");
	has(&text, "Passed in 16 ms: 2 of 2 phases as expected, 1 of 1 finding confirmed.\n");
	has(&text, "Next: tcplab explain TIME_WAIT\n");
}

Test(report, text_of_a_failure_compares_and_gives_no_hint)
{
	fixture_init(&f, true);
	render("text");
	has(&text, "✗ not as expected\n");
	has(&text, "   ✓ master LISTEN                          master LISTEN\n");
	has(&text, "   ✗ replica -> master TIME_WAIT (0 of 1)   nothing\n");
	has(&text, "✗ replica -> master ESTABLISHED\n");
	has(&text, "     13 ms  stop replica\n");
	has(&text, "  ✗ not confirmed; expected: refined, without evidence for or against it\n");
	has(&text, "Failed after 16 ms: ");
	lacks(&text, "explain");
}

/* What was said, by whom, the ruling, why, for what the evidence speaks; the name comes last. */
Test(report, text_of_a_claim)
{
	f.claims[0].tied = true;
	render("text");
	has(&text, "\"TIME_WAIT lasts up to four minutes.\" (RFC 9293 3.4.2)\n"
		   "  ✓ as expected; the scenario says: refined, without evidence against it\n"
		   "    Linux keeps it for a constant 60 seconds.\n"
		   "    ✓ for it: ");
	f.check[0].against = true;
	render("text");
	has(&text, "    ✓ against it: ");
	has(&text, "\n    [B7]\n");
	render("html");
	has(&text, "</span> against it: <a ");
	has(&text, "</ul><bdi class=\"id\">B7</bdi></li>");
	render("md");
	has(&text, "| RFC 9293 3.4.2 | as expected; the scenario says: refined, "
		   "without evidence for it | Linux keeps it for a constant 60 seconds. | against it: ");
}

/* The evidence is the run's, the finding the scenario's word: in the same words for each. */
Test(report, whose_word_a_finding_is)
{
	static const struct {
		enum tl_fact stands;
		enum tl_finding finding;
		const char *sides; /* of its evidence: for it, against it; NULL: not said */
		const char *says;
	} claims[] = {
		{ TL_FACT_SO, TL_FINDING_HOLDS, "+", "as expected; the scenario says: holds" },
		{ TL_FACT_SO, TL_FINDING_REFUTED, "-", "as expected; the scenario says: refuted" },
		{ TL_FACT_SO, TL_FINDING_REFINED, "+-", "as expected; the scenario says: refined" },
		{ TL_FACT_SO, TL_FINDING_REFINED, "++",
		  "as expected; the scenario says: refined, without evidence against it" },
		{ TL_FACT_SO, TL_FINDING_REFINED, "-",
		  "as expected; the scenario says: refined, without evidence for it" },
		{ TL_FACT_SO, TL_FINDING_REFINED, NULL,
		  "as expected; the scenario says: refined, without evidence for or against it" },
		{ TL_FACT_NOT_SO, TL_FINDING_HOLDS, "+", "not confirmed; expected: holds" },
		{ TL_FACT_UNSEEN, TL_FINDING_REFUTED, "-", "not observed; expected: refuted" },
		{ TL_FACT_UNSEEN, TL_FINDING_REFINED, "+",
		  "not observed; expected: refined, without evidence against it" },
	};

	for (size_t i = 0; i < sizeof(claims) / sizeof(*claims); i++) {
		const char *sides = claims[i].sides ? claims[i].sides : "";
		struct tl_evidence check[2] = { { .against = sides[0] == '-' } };
		struct tl_claim claim = { .finding = claims[i].finding, .tied = claims[i].sides,
					  .check = check, .n_check = strlen(sides) };
		struct tl_claim_verdict verdict = { .stands = claims[i].stands };
		struct tl_buf ruling = { 0 };

		check[1].against = sides[0] && sides[1] == '-';
		tl_report_ruling(&ruling, &claim, &verdict);
		cr_expect_str_eq(tl_buf_text(&ruling), claims[i].says);
		tl_buf_release(&ruling);
	}
}

/* Where a claim is one line, or a test's name, that says too which evidence is missing. */
Test(report, a_finding_in_a_line_says_what_it_lacks)
{
	f.claims[0].tied = true;
	f.recap = 10;
	render("text");
	has(&text, "✓ refined* [B7]\n* the scenario's own word: evidence for it or against it is "
		   "missing\n");
	f.claims[0].finding = TL_FINDING_HOLDS;
	render("text");
	has(&text, "✓ holds [B7]\n\n");
	fixture_init(&f, true);
	f.claims[0].tied = true;
	render("tap");
	has(&text, "claim B7, refined, without evidence against it: ");
	render("junit");
	has(&text, "\"not confirmed; expected: refined, without evidence against it\"");
}

/* The place comes first; and with -q, what went wrong alone. */
Test(report, text_of_a_failure_begins_with_its_place)
{
	fixture_init(&f, true);
	f.plan.file = "mine.yaml";
	f.expects[1][1].where = (struct tl_where){ 26, 9 };
	render("text");
	has(&text, "\nmine.yaml:26:9: phase 2: expected replica -> master TIME_WAIT, saw "
		   "ESTABLISHED\n✗ Failed after 16 ms: ");
	has(&text, "The replica is running");
	f.brief = true;
	render("text");
	has(&text, "\nmine.yaml:26:9: ");
	has(&text, "The replica has been shut down");
	lacks(&text, "The replica is running");
	lacks(&text, "The life of each socket");
}

Test(report, text_keeps_to_its_width)
{
	static const char *const longer =
		"Words go on and on, and between them stands one that no line can hold: "
		"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"
		"abcdefghijklmnopqrstuvwxyz; then they end.";

	fixture_init(&f, true);
	f.plan.title = f.plan.about = f.phases[0].title = f.phases[0].note = (char *)longer;
	f.claims[0].says = f.claims[0].because = f.phase_verdicts[1].reason = (char *)longer;
	f.plan.name = "a/name-that-is-a-good-deal-longer-than-names-of-scenarios-should-be";
	for (int width = 80; width <= 220; width += 10) {
		render_wide("text", width);
		cr_assert_leq(widest(&text), width, "at %d:\n%s", width, text.data);
	}
}

Test(report, remarks_stand_beside_the_rows_of_a_wide_terminal)
{
	render_wide("text", 200);
	has(&text, "127.0.0.1:6379          TIME_WAIT    was ESTABLISHED  replica -> master  "
		   "closed first; lingers 60 s in case the last ACK was lost\n");
}

/* The same bytes without the escape sequences that begin with ESC [ and end with m. */
static struct tl_buf without_sgr(const struct tl_buf *coloured)
{
	struct tl_buf out = { 0 };

	for (const char *p = tl_buf_text(coloured); *p; p++) {
		if (*p != '\033') {
			tl_buf_add(&out, p, 1);
			continue;
		}
		cr_assert_eq(p[1], '[');
		p += 2 + strspn(p + 2, "0123456789;");
		cr_assert_eq(*p, 'm');
	}
	return out;
}

Test(report, colour_adds_nothing_but_colour)
{
	for (int unmet = 0; unmet < 2; unmet++) {
		struct tl_buf plain, coloured, stripped;

		fixture_init(&f, unmet);
		plain = fixture_render(&f, "text", false, 80);
		coloured = fixture_render(&f, "text", true, 80);
		stripped = without_sgr(&coloured);
		cr_assert_str_eq(stripped.data, plain.data);
		cr_assert_gt(coloured.len, plain.len);
		tl_buf_release(&plain);
		tl_buf_release(&coloured);
		tl_buf_release(&stripped);
	}
}

/* Every text that comes from a scenario or a trace, made hostile. */
static void poison(void)
{
	static char evil[] = HOSTILE;
	static struct tl_event fault = { .kind = TL_EVENT_FAULT, .phase = 1,
					 .fault = { evil, -1 } };
	static struct tl_event witness = { .kind = TL_EVENT_WITNESS, .phase = 1,
					   .witness = { evil, evil } };

	static struct tl_event output = { .kind = TL_EVENT_OUTPUT, .phase = 1,
					  .output = { 1, evil, 5 } };

	f.plan.name = f.plan.title = f.plan.about = evil;
	f.actors[0].name = f.actors[1].name = evil;
	f.phases[1].title = f.phases[1].note = f.steps[1].text = evil;
	f.expects[1][0].text = f.expects[1][1].text = evil;
	f.claims[0].id = f.claims[0].says = f.claims[0].because = evil;
	f.claims[0].source = f.evidence[0].text = evil;
	f.phase_verdicts[1].reason = f.verdict.reason = f.lives[1].reason = evil;
	f.lives[1].legal = false;
	f.events[0].run.kernel = f.events[0].run.tcplab = f.events[0].run.file = evil;
	f.events[2].actor.program = evil;
	f.events[1] = fault;
	f.events[7] = witness;
	f.events[5] = output; /* events 3 and 6 are the looks of the verdict */
}

Test(report, nothing_hostile_gets_through)
{
	size_t n;
	const struct tl_renderer *all = tl_renderers(&n);

	for (size_t i = 0; i < n; i++) {
		if (all[i].binary)
			continue;
		fixture_init(&f, true);
		poison();
		render(all[i].name);
		steers_nothing(&text);
	}
}

static json_t *rendered_json(void)
{
	json_error_t error;
	json_t *json;

	render("json");
	json = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, &error);
	cr_assert_not_null(json, "%s", error.text);
	return json;
}

Test(report, json_says_what_a_ci_job_asserts_on)
{
	const char *result, *title, *state, *was, *gone, *stands, *first, *hostile;
	json_int_t took, status;
	json_t *json;

	f.phases[1].note = HOSTILE;
	json = rendered_json();
	cr_assert_eq(json_unpack(json, "{s:s, s:I, s:I, s:{s:s}}", "result", &result, "status",
				 &status, "took_ns", &took, "scenario", "title", &title), 0);
	cr_assert_str_eq(result, "passed");
	cr_assert_eq(status, 0);
	cr_assert_eq(took, 16000000);
	cr_assert_str_eq(title, "A Redis replica comes and goes");
	json_t *phase = json_array_get(json_object_get(json, "phases"), 1);
	json_t *row = json_array_get(json_object_get(phase, "rows"), 1);
	cr_assert_eq(json_unpack(row, "{s:s, s:s}", "state", &state, "was", &was), 0);
	cr_assert_str_eq(state, "TIME_WAIT");
	cr_assert_str_eq(was, "ESTABLISHED");
	cr_assert_eq(json_unpack(phase, "{s:[{s:s}], s:s}", "gone", "owner", &gone, "note",
				 &hostile), 0);
	cr_assert_str_eq(gone, "master");
	cr_assert_not_null(strstr(hostile, "\x1b[31m"), "JSON keeps what can be kept");
	json_t *life = json_array_get(json_object_get(json, "sockets"), 2);
	cr_assert_eq(json_unpack(life, "{s:[{s:s}]}", "states", "state", &first), 0);
	cr_assert_str_eq(first, "CLOSE");
	cr_assert_eq(json_unpack(json, "{s:[{s:s}]}", "claims", "stands", &stands), 0);
	cr_assert_str_eq(stands, "so");
	json_decref(json);
}

/*
 * The strings at .definitions.<def>[.properties.<key>].enum or .properties.<key>.enum; where
 * there is a choice, the first of it.
 */
static json_t *enumeration(json_t *schema, const char *def, const char *key)
{
	json_t *at = def ? json_object_get(json_object_get(schema, "definitions"), def) : schema;

	if (key)
		at = json_object_get(json_object_get(at, "properties"), key);
	if (json_object_get(at, "anyOf"))
		at = json_array_get(json_object_get(at, "anyOf"), 0);
	at = json_object_get(at, "enum");
	cr_assert(json_is_array(at), "no enumeration %s %s", def ? def : "", key ? key : "");
	return at;
}

static void lists(json_t *schema, const char *def, const char *key, const char *const *names,
		  size_t n)
{
	json_t *list = enumeration(schema, def, key);

	cr_assert_eq(json_array_size(list), n, "%s %s", def ? def : "", key ? key : "");
	for (size_t i = 0; i < n; i++)
		cr_assert_str_eq(json_string_value(json_array_get(list, i)), names[i]);
}

#define LISTS(schema, def, key, ...)                                                         \
	do {                                                                                 \
		static const char *const names[] = { __VA_ARGS__ };                          \
		lists(schema, def, key, names, sizeof(names) / sizeof(names[0]));            \
	} while (0)

Test(report, schema_and_tables_name_the_same)
{
	json_error_t error;
	json_t *schema = json_load_file("scenarios/schema/report.v1.json", 0, &error);

	cr_assert_not_null(schema, "%s", error.text);
#define X(id, number, netstat, ...) netstat,
	LISTS(schema, "state", NULL, TL_STATES(X));
#undef X
#define X(id, name, ...) name,
	LISTS(schema, NULL, "result", TL_RESULTS(X));
	LISTS(schema, "phase", "outcome", TL_OUTCOMES(X));
#undef X
#define X(id, name) name,
	LISTS(schema, "fact", NULL, TL_FACTS(X));
	LISTS(schema, "claim", "finding", TL_FINDINGS(X));
	LISTS(schema, "row", "known_by", TL_KNOWN_BY(X));
	LISTS(schema, "segment", "fate", TL_FATES(X));
#undef X
#define X(id, name, of, help) name,
	LISTS(schema, "segment", "name", TL_SEGMENT_KINDS(X));
#undef X
#define X(id, name, help) name,
	LISTS(schema, "wire", "mode", TL_WIRE_MODES(X));
#undef X
#define X(id, number, name) name,
	LISTS(schema, "row", "timer", TL_TIMERS(X));
#undef X
	json_decref(schema);
}

static double count(xmlXPathContext *context, const char *path)
{
	char expression[256];
	xmlXPathObject *found;
	double n;

	snprintf(expression, sizeof(expression), "number(%s)", path);
	found = xmlXPathEvalExpression(BAD_CAST expression, context);
	cr_assert_not_null(found, "%s", path);
	n = found->floatval;
	xmlXPathFreeObject(found);
	return n;
}

static void junit_adds_up(double failures, double errors, double skipped)
{
	xmlXPathContext *context;
	xmlDoc *doc;

	render("junit");
	doc = xmlReadMemory(text.data, text.len, "report.xml", NULL, XML_PARSE_NONET);
	context = xmlXPathNewContext(doc);
	cr_assert_not_null(doc, "%s", text.data);
	cr_assert_eq(count(context, "count(//testcase)"), 5);
	cr_assert_eq(count(context, "/testsuites/@tests"), 5);
	cr_assert_eq(count(context, "/testsuites/testsuite/@tests"), 5);
	cr_assert_eq(count(context, "count(//failure)"), failures);
	cr_assert_eq(count(context, "/testsuites/testsuite/@failures"), failures);
	cr_assert_eq(count(context, "count(//error)"), errors);
	cr_assert_eq(count(context, "/testsuites/testsuite/@errors"), errors);
	cr_assert_eq(count(context, "count(//skipped)"), skipped);
	cr_assert_eq(count(context, "/testsuites/testsuite/@skipped"), skipped);
	cr_assert_eq(count(context, "count(//testcase[@name = following::testcase/@name])"), 0);
	xmlXPathFreeContext(context);
	xmlFreeDoc(doc);
}

Test(report, junit_counts_what_it_contains)
{
	junit_adds_up(0, 0, 0);
	fixture_init(&f, true);
	junit_adds_up(2, 0, 0);
	poison();
	junit_adds_up(3, 0, 0);
	fixture_init(&f, true);
	f.verdict.result = TL_RESULT_ERROR;
	f.phase_verdicts[1].outcome = TL_OUTCOME_UNFINISHED;
	f.claim_verdicts[0].stands = TL_FACT_UNSEEN;
	junit_adds_up(0, 1, 2);
	fixture_init(&f, true);
	f.verdict.result = TL_RESULT_SKIPPED;
	f.verdict.n_lives = 0;
	f.phase_verdicts[0].outcome = f.phase_verdicts[1].outcome = TL_OUTCOME_NOT_REACHED;
	f.claim_verdicts[0].stands = TL_FACT_UNSEEN;
	junit_adds_up(0, 0, 5);
}

/* A trace with nothing in it but its beginning still renders. */
Test(report, a_run_that_showed_nothing_renders)
{
	size_t n;
	const struct tl_renderer *all = tl_renderers(&n);

	f.trace.n = 1;
	f.verdict = (struct tl_verdict){
		.result = TL_RESULT_INTERRUPTED, .reason = "the trace is cut short",
		.phases = f.phase_verdicts, .n_phases = 2,
		.claims = f.claim_verdicts, .n_claims = 1, .phases_expected = 2,
	};
	for (int i = 0; i < 2; i++)
		f.phase_verdicts[i] = (struct tl_phase_verdict){
			.outcome = TL_OUTCOME_NOT_REACHED, .seen = f.seen[i] };
	for (size_t i = 0; i < n; i++) {
		struct tl_buf out = fixture_render(&f, all[i].name, true, 80);

		if (!all[i].binary)
			has(&out, "the trace is cut short");
		tl_buf_release(&out);
	}
}
