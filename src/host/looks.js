/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One look at a time: buttons, arrow keys, the slider, and the address's #look-N. */
"use strict";
const looks = document.querySelectorAll(".look");
const rows = document.querySelectorAll("[data-look]");
const scrub = document.getElementById("scrub");
let now = 0;
function show(i, address = true) {
	now = Math.max(0, Math.min(looks.length - 1, i));
	looks.forEach((look, k) => look.classList.toggle("now", k === now));
	rows.forEach((row, k) => row.classList.toggle("now", k === now));
	scrub.value = now + 1;
	if (address)
		history.replaceState(null, "", "#look-" + (now + 1));
}
function from_address() {
	const at = /^#look-(\d+)$/.exec(location.hash);
	show(at ? at[1] - 1 : 0, false);
}
if (looks.length > 1) {
	document.body.classList.add("stepped");
	document.querySelector(".player").hidden = false;
	scrub.max = looks.length;
	document.getElementById("back").onclick = () => show(now - 1);
	document.getElementById("next").onclick = () => show(now + 1);
	scrub.oninput = () => show(scrub.value - 1);
	addEventListener("hashchange", from_address);
	addEventListener("keydown", e => {
		if (e.target === scrub || e.altKey || e.ctrlKey || e.metaKey)
			return;
		if (e.key === "ArrowRight")
			show(now + 1);
		else if (e.key === "ArrowLeft")
			show(now - 1);
	});
	from_address();
}
