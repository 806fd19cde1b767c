// Adds to a document what needs a script: a button that copies a block of code, and a mark in the contents for the part that is read.
for (const block of document.querySelectorAll("pre.code")) {
  if (!navigator.clipboard) break;
  const box = document.createElement("div");
  const button = document.createElement("button");
  box.className = "code-box";
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    const text = block.textContent.replace(/^\$ /gm, "");
    button.textContent = await navigator.clipboard.writeText(text).then(() => "Copied", () => "Not allowed");
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  block.replaceWith(box);
  box.append(block, button);
}

const links = new Map([...document.querySelectorAll('.docs-side a[href^="#"]')].map((link) => [link.hash.slice(1), link]));
const heads = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
const mark = () => {
  const page = document.documentElement;
  // the last parts are too short to come to the top
  const low = page.scrollTop + innerHeight > page.scrollHeight - 4 ? innerHeight : 120;
  const read = heads.filter((head) => head.getBoundingClientRect().top < low).at(-1);
  for (const [id, link] of links) {
    if (id === read?.id) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
};
if (heads.length) {
  new IntersectionObserver(mark, { rootMargin: "0px 0px -60% 0px" }).observe(heads[0]);
  addEventListener("scroll", () => requestAnimationFrame(mark), { passive: true });
}
