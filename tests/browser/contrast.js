// SPDX-License-Identifier: GPL-2.0-or-later
// Every text that is shown, against the ground it stands on: WCAG 2.1, 1.4.3.
const number = (color) => color.match(/[\d.]+/g).map(Number);
const light = ([r, g, b]) => {
	const [x, y, z] = [r, g, b].map((v) => v / 255).map(
		(v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
	return 0.2126 * x + 0.7152 * y + 0.0722 * z;
};
const ratio = (a, b) => {
	const [high, low] = [light(a), light(b)].sort((x, y) => y - x);
	return (high + 0.05) / (low + 0.05);
};
const ground = (element) => {
	const box = element.closest && element.closest(".node");
	if (box)
		return number(getComputedStyle(box.querySelector("rect")).fill);
	for (let at = element; at; at = at.parentElement) {
		const color = number(getComputedStyle(at).backgroundColor);
		if (color.length < 4 || color[3] > 0.99)
			return color;
	}
	return [255, 255, 255];
};
const faint = [];
let looked = 0;
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let text; (text = walker.nextNode());) {
	const element = text.parentElement, style = getComputedStyle(element);
	if (!text.data.trim() || element.closest("script, style, title, #tip, button:disabled") ||
	    !element.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
		continue;
	const svg = element.namespaceURI.endsWith("svg");
	const ink = number(svg ? style.fill : style.color);
	const size = parseFloat(style.fontSize), bold = Number(style.fontWeight) >= 700;
	const least = size >= 24 || (bold && size >= 18.66) ? 3 : 4.5;
	const has = ratio(ink, ground(element));
	looked++;
	if (has < least)
		faint.push(`${has.toFixed(2)}: ${text.data.trim().slice(0, 40)} in ` +
			   (element.getAttribute("class") ?? element.localName));
}
return { looked, faint };
