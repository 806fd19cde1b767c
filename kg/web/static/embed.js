// Tells the page around a widget how high it is, so that its frame can be made as high; pages that do not listen lose nothing.
"use strict";
(() => {
  if (window.parent === window) return;
  const tell = () => {
    // the body is at least as high as the frame: its parts say how high it need be
    const height = [...document.body.children].reduce((sum, part) => sum + Math.max(part.scrollHeight, part.offsetHeight), 0);
    const main = document.querySelector("main");
    const spare = main.clientHeight - [...main.children].reduce((low, part) => Math.max(low, part.offsetTop + part.offsetHeight), 0);
    window.parent.postMessage({ type: "diplomatic-kg", height: Math.ceil(height - Math.max(spare - 8, 0)) + 2 }, "*");
  };
  new ResizeObserver(tell).observe(document.querySelector("main"));
  window.addEventListener("load", tell);
})();
