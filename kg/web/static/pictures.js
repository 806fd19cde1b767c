// What scripts add to a picture: words at the pointer, zoom and pan, and a PNG. Without them everything is there but these.
"use strict";

/** Shows the words of a mark beside it, at once and for the keyboard too; the browser's own, slower ones are kept back. */
function addTips(canvas) {
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  tip.setAttribute("aria-hidden", "true");
  canvas.append(tip);
  const words = new Map([...canvas.querySelectorAll("svg a")].map((mark) => [mark, mark.querySelector(":scope > title")]));
  for (const svg of canvas.querySelectorAll("svg")) {
    // the drawing's own title would be shown wherever there is no mark
    const title = svg.querySelector(":scope > title");
    svg.setAttribute("aria-label", title.textContent);
    svg.removeAttribute("aria-labelledby");
    title.remove();
  }
  let bare = null; // the mark under the pointer, whose title is taken out meanwhile
  const hover = (mark) => {
    if (bare && bare !== mark) bare.prepend(words.get(bare));
    if (mark) words.get(mark).remove();
    bare = mark;
  };
  const show = (mark, x) => {
    tip.hidden = !mark;
    if (!mark) return;
    tip.textContent = words.get(mark).textContent;
    const frame = canvas.getBoundingClientRect();
    const box = mark.getBoundingClientRect();
    const middle = (x ?? box.left + Math.min(box.width, 300) / 2) - frame.left;
    const left = Math.max(0, Math.min(middle - tip.offsetWidth / 2, frame.width - tip.offsetWidth));
    const above = box.top - frame.top - tip.offsetHeight - 6;
    tip.style.left = `${left}px`;
    tip.style.top = `${above > 0 ? above : Math.min(box.bottom - frame.top + 6, frame.height - tip.offsetHeight)}px`;
  };
  canvas.addEventListener("pointerover", (event) => {
    const mark = event.target.closest("svg a");
    hover(mark);
    show(mark, event.clientX);
  });
  canvas.addEventListener("pointerleave", () => { hover(null); show(null); });
  canvas.addEventListener("focusin", (event) => show(event.target.closest("svg a")));
  canvas.addEventListener("focusout", () => show(null));
  canvas.addEventListener("keydown", (event) => { if (event.key === "Escape") show(null); });
}

/** Zoom by buttons, by the wheel with Ctrl, and by + - 0; pan by dragging and by arrows once zoomed. */
function addZoom(figure, canvas) {
  const shown = () => [...canvas.querySelectorAll("svg")].find((svg) => svg.getClientRects().length);
  const whole = new Map([...canvas.querySelectorAll("svg")].map((svg) => [svg, svg.getAttribute("viewBox").split(" ").map(Number)]));
  const view = (svg) => svg.getAttribute("viewBox").split(" ").map(Number);
  const set = (svg, x, y, width) => {
    const [, , fullWidth, fullHeight] = whole.get(svg);
    const wide = Math.min(Math.max(width, fullWidth / 16), fullWidth);
    const tall = (wide * fullHeight) / fullWidth;
    const left = Math.min(Math.max(x, 0), fullWidth - wide);
    const top = Math.min(Math.max(y, 0), fullHeight - tall);
    svg.setAttribute("viewBox", [left, top, wide, tall].map((n) => n.toFixed(2)).join(" "));
    canvas.classList.toggle("near", wide < fullWidth);
  };
  const zoom = (factor, at = [0.5, 0.5]) => {
    const svg = shown();
    const [x, y, width, height] = view(svg);
    const next = Math.min(width / factor, whole.get(svg)[2]);
    set(svg, x + (width - next) * at[0], y + (height - (height * next) / width) * at[1], next);
  };
  const pan = (dx, dy) => {
    const svg = shown();
    const [x, y, width] = view(svg);
    set(svg, x + dx * width, y + dy * width, width);
  };
  const actions = {
    "+": () => zoom(1.5), "=": () => zoom(1.5), "-": () => zoom(1 / 1.5), "0": () => zoom(1e-9),
    ArrowLeft: () => pan(-0.1, 0), ArrowRight: () => pan(0.1, 0), ArrowUp: () => pan(0, -0.1), ArrowDown: () => pan(0, 0.1),
  };
  const bar = document.createElement("div");
  bar.className = "zoom";
  for (const [key, words] of [["+", "Zoom in"], ["-", "Zoom out"], ["0", "Whole picture"]]) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = words;
    button.addEventListener("click", actions[key]);
    bar.append(button);
  }
  document.querySelector(".downloads").append(bar);
  canvas.addEventListener("keydown", (event) => {
    const arrow = event.key.startsWith("Arrow");
    if (!actions[event.key] || event.ctrlKey || event.metaKey || event.altKey || (arrow && !canvas.classList.contains("near"))) return;
    event.preventDefault();
    actions[event.key]();
  });
  canvas.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return; // plain scrolling is the page's
    event.preventDefault();
    const box = shown().getBoundingClientRect();
    zoom(event.deltaY < 0 ? 1.25 : 0.8, [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]);
  }, { passive: false });
  let held = null;
  canvas.addEventListener("pointerdown", (event) => {
    if (canvas.classList.contains("near") && event.button === 0) held = { x: event.clientX, y: event.clientY, far: 0 };
  });
  window.addEventListener("pointermove", (event) => {
    if (!held) return;
    const wide = shown().getBoundingClientRect().width;
    held.far += Math.abs(event.clientX - held.x) + Math.abs(event.clientY - held.y);
    pan((held.x - event.clientX) / wide, (held.y - event.clientY) / wide);
    held.x = event.clientX;
    held.y = event.clientY;
  });
  window.addEventListener("pointerup", () => { setTimeout(() => { held = null; }); });
  canvas.addEventListener("dragstart", (event) => { if (canvas.classList.contains("near")) event.preventDefault(); });
  canvas.addEventListener("click", (event) => { if (held && held.far > 6) event.preventDefault(); }, true);
}

/** The SVG file, drawn at twice its size and saved; it comes from this server, so the canvas may be read. */
function addPng(button) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const image = new Image();
    image.src = button.dataset.picture;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth * 2;
    canvas.height = image.naturalHeight * 2;
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = button.dataset.name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    }, "image/png");
  });
}

for (const figure of document.querySelectorAll(".drawing")) {
  const canvas = figure.querySelector(".canvas");
  addTips(canvas);
  addZoom(figure, canvas);
}
document.querySelectorAll(".png").forEach(addPng);
// an address says only what was asked
document.querySelectorAll("form.choices").forEach((form) => form.addEventListener("formdata", (event) => {
  for (const [name, value] of [...event.formData]) if (!value) event.formData.delete(name);
}));
// on a phone the picture comes first: the form opens at a touch
if (matchMedia("(max-width: 40rem)").matches) document.querySelectorAll(".asked").forEach((form) => { form.open = false; });
