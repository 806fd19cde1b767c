// Puts a button beside the code of a widget that copies it.
"use strict";
for (const button of document.querySelectorAll("button[data-copies]")) {
  const text = document.getElementById(button.dataset.copies);
  const told = button.parentElement.querySelector("[data-copied]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text.value);
      told.textContent = "Copied.";
    } catch {
      // without leave for the clipboard it is chosen, to be copied by hand
      text.select();
      told.textContent = document.execCommand("copy") ? "Copied." : "Press Ctrl+C to copy it.";
    }
  });
}
