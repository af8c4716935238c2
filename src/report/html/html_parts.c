/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is the same on the page of every run: a book says it once, and its script puts it there. */
#include "html.h"

#include "book_parts.h"
#include "tcplab/state.h"

static void player(struct tl_html *page)
{
	struct tl_markup *to = &page->to;

	tl_open_class(to, "div", "player");
	tl_attr(to, "role", "group");
	tl_attr(to, "aria-label", "Steps of the run");
	tl_button(to, "first", "First step (Home)", "|◀");
	tl_button(to, "back", "Step back (left arrow)", "◀");
	tl_button(to, "play", "Play (Space)", "▶ play");
	tl_button(to, "next", "Step on (right arrow)", "▶");
	tl_button(to, "last", "Last step (End)", "▶|");
	tl_open(to, "button");
	tl_attr(to, "type", "button");
	tl_attr(to, "id", "predict");
	tl_attr(to, "aria-pressed", "false");
	tl_attr(to, "title", "Predict: the page asks you for the next state before it "
			     "shows it");
	tl_words(to, "predict");
	tl_close(to);
	tl_range(to, "Step", page->moments.n);
	tl_slot(to, "p", "said", "status");
	tl_slot(to, "p", "of-run", NULL);
	tl_slot(to, "p", "of-phase", NULL);
	tl_close(to);
}

/* Before a step is shown: which state will it lead to? The script asks, and counts. */
static void ask(struct tl_html *page)
{
	struct tl_markup *to = &page->to;

	tl_open(to, "div");
	tl_attr(to, "id", "ask");
	tl_attr(to, "role", "group");
	tl_attr(to, "aria-label", "Which state comes next?");
	tl_slot(to, "p", "question", NULL);
	tl_open_class(to, "p", "answer");
	tl_open(to, "label");
	tl_attr(to, "for", "answer");
	tl_words(to, "Choose a box of the diagram, or type a state: ");
	tl_close(to);
	tl_open(to, "input");
	tl_attr(to, "id", "answer");
	tl_attr(to, "list", "names-of-states");
	tl_attr(to, "autocomplete", "off");
	tl_attr(to, "size", "14");
	tl_close_void(to);
	tl_words(to, " ");
	tl_button(to, "answer-it", "Answer (Enter)", "answer");
	tl_close(to);
	tl_open(to, "datalist");
	tl_attr(to, "id", "names-of-states");
	for (enum tl_state i = 1; i < TL_STATE_MAX; i++) {
		tl_open(to, "option");
		tl_attr(to, "value", tl_state_figure(i));
		tl_close(to);
	}
	tl_close(to);
	tl_slot(to, "p", "ruling", "status");
	tl_close(to);
}

/* Where a click on a state says what it is, and a pointer on a word what that means. */
static void card(struct tl_html *page)
{
	struct tl_markup *to = &page->to;

	tl_open(to, "aside");
	tl_attr(to, "id", "card");
	tl_attr(to, "aria-label", "What this word means");
	tl_attr(to, "hidden", "hidden");
	tl_button(to, "card-close", "Close (Escape)", "✕");
	tl_slot(to, "div", "card-text", NULL);
	tl_close(to);
	tl_slot(to, "div", "tip", "tooltip");
}

static const struct {
	const char *name;
	void (*write)(struct tl_html *page);
	void (*instead)(struct tl_html *page); /* for who has no script; NULL: nothing */
} parts[TL_N_PARTS] = {
	[TL_PART_PLAYER] = { "player", player, NULL },
	[TL_PART_ASK] = { "ask", ask, NULL },
	[TL_PART_FIGURE] = { "figure", tl_html_figure, tl_html_to_figure },
	[TL_PART_WORDS] = { "words", tl_html_words, tl_html_to_words },
	[TL_PART_CARD] = { "card", card, NULL },
};

void tl_html_part(struct tl_html *page, enum tl_html_part part)
{
	if (!page->book) {
		parts[part].write(page);
		return;
	}
	tl_open(&page->to, "div");
	tl_attr(&page->to, "data-part", parts[part].name);
	if (parts[part].instead)
		parts[part].instead(page);
	tl_close(&page->to);
}

void tl_html_parts(struct tl_buf *out)
{
	tl_buf_str(out, "const parts = {\n");
	for (size_t i = 0; i < TL_N_PARTS; i++) {
		struct tl_html page = { .book = "../", .to.sparse = true };

		parts[i].write(&page);
		tl_buf_fmt(out, "%s: ", parts[i].name);
		tl_book_quote(out, tl_buf_text(&page.to.bytes));
		tl_buf_str(out, ",\n");
		out->failed |= page.to.failed || page.to.bytes.failed;
		tl_markup_release(&page.to);
	}
	tl_buf_str(out, "};\n");
}

