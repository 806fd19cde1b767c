// Tells the page around a widget how high it is, so that its frame can be made as high; pages that do not listen lose nothing.
"use strict";
(() => {
  if (window.parent === window) return;
  const main = document.querySelector("main");
  const tell = () => {
    // what is shown fills the frame: its parts, not the whole, say how high it need be
    const bottoms = [...main.children].map((part) => part.getBoundingClientRect().bottom + parseFloat(getComputedStyle(part).marginBottom));
    const inner = Math.max(...bottoms) - document.body.getBoundingClientRect().top + parseFloat(getComputedStyle(main).paddingBottom);
    const height = Math.ceil(inner + document.querySelector("footer").offsetHeight) + 2;
    window.parent.postMessage({ type: "diplomatic-kg", height }, "*");
  };
  new ResizeObserver(tell).observe(main);
  window.addEventListener("load", tell);
})();
