// Measures every framed letter and writes the result as JSON into the page.  See browser.py for the keys.
const number = (colour) => (colour.match(/[\d.]+/g) || []).map(Number);

const luminance = (colour) => {
  const [r, g, b] = number(colour).map((value) => {
    const share = value / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

const contrast = (one, other) => {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
};

const ground = (element) => {
  for (let at = element; at; at = at.parentElement) {
    const colour = getComputedStyle(at).backgroundColor;
    if ((number(colour)[3] ?? 1) > 0) return colour;
  }
  return matchMedia("(prefers-color-scheme: dark)").matches ? "rgb(18, 18, 18)" : "rgb(255, 255, 255)";
};

const measure = (page) => {
  const shown = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
  const low = new Set();
  for (let node = shown.nextNode(); node; node = shown.nextNode()) {
    const box = node.parentElement.getBoundingClientRect();
    if (!node.data.trim() || box.height < 2 || box.width < 2) continue;
    const ratio = contrast(getComputedStyle(node.parentElement).color, ground(node.parentElement));
    if (ratio < 4.5) low.add(`${node.data.trim().slice(0, 40)} (${ratio.toFixed(1)})`);
  }
  const buttons = [...page.querySelectorAll("a.button")];
  const fetched = [...page.querySelectorAll("[src], [background], link, script, form, object, embed, video, audio")];
  return {
    overflow: page.documentElement.scrollWidth - page.documentElement.clientWidth,
    low: [...low],
    small: buttons.filter((one) => one.getBoundingClientRect().height < 44).map((one) => one.textContent),
    remote: fetched.map((one) => one.outerHTML.slice(0, 80)).filter((tag) => !/^<img [^>]*src="cid:/.test(tag)),
    lang: page.documentElement.lang,
    dir: page.documentElement.dir,
    title: page.title,
  };
};

addEventListener("load", () => {
  const found = {};
  for (const frame of document.querySelectorAll("iframe")) {
    frame.contentDocument.querySelectorAll("details").forEach((one) => (one.open = true));
    found[frame.title] = measure(frame.contentDocument);
  }
  document.getElementById("measured").textContent = JSON.stringify(found);
});
