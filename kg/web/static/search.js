// Suggestions while a name is typed, for every form with data-suggest: the address that gives them as OpenSearch suggestions.
// A combobox with a list, after the ARIA Authoring Practices: https://www.w3.org/WAI/ARIA/apg/patterns/combobox/
"use strict";

(() => {
  const PAUSE = 120; // milliseconds of rest before the next question
  let number = 0;

  function element(name, attributes, text = "") {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.textContent = text;
    return made;
  }

  class Combobox {
    constructor(form, input) {
      this.form = form;
      this.input = input;
      this.options = [];
      this.active = -1;
      this.asked = null;
      this.typed = input.value;
      const id = `suggestions-${++number}`;
      this.list = element("ul", { id, role: "listbox", class: "suggestions", "aria-label": "Suggestions", hidden: "" });
      this.status = element("span", { class: "unseen", role: "status" });
      const attributes = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id, autocomplete: "off" };
      for (const [key, value] of Object.entries(attributes)) input.setAttribute(key, value);
      input.parentElement.append(this.list, this.status);
      input.addEventListener("input", () => this.later());
      input.addEventListener("keydown", (event) => this.key(event));
      input.addEventListener("blur", () => this.close());
      // pressing on an option must not take the focus from the field before the click
      this.list.addEventListener("mousedown", (event) => event.preventDefault());
      this.list.addEventListener("click", (event) => {
        const option = event.target.closest("[role=option]");
        if (option) this.go(this.options.indexOf(option));
      });
    }

    later() {
      clearTimeout(this.timer);
      this.typed = this.input.value;
      this.timer = setTimeout(() => this.ask(this.typed.trim()), PAUSE);
    }

    async ask(text) {
      if (this.asked) this.asked.abort();
      if (!text || text.length > 200) return this.close();
      const asked = new AbortController();
      this.asked = asked;
      try {
        const address = `${this.form.dataset.suggest}?${new URLSearchParams({ q: text })}`;
        const answer = await fetch(address, { signal: asked.signal, headers: { Accept: "application/x-suggestions+json" } });
        if (!answer.ok) return this.close();
        const [, names, told, links] = await answer.json();
        if (this.asked === asked && document.activeElement === this.input) this.show(names, told, links);
      } catch (error) {
        if (error.name !== "AbortError") this.close();
      }
    }

    show(names, told, links) {
      this.options = names.map((name, n) => {
        const option = element("li", { role: "option", id: `${this.list.id}-${n}`, "aria-selected": "false" });
        // of an address its path alone is followed: a suggestion leads nowhere else
        option.dataset.path = new URL(links[n], location.href).pathname;
        option.dataset.name = name;
        option.append(element("span", {}, name), " ", element("small", {}, told[n]));
        return option;
      });
      this.list.replaceChildren(...this.options);
      this.active = -1;
      const some = this.options.length > 0;
      this.list.hidden = !some;
      this.input.setAttribute("aria-expanded", String(some));
      this.input.removeAttribute("aria-activedescendant");
      this.status.textContent = some ? `${names.length} suggestion${names.length === 1 ? "" : "s"}` : "No suggestions";
    }

    close() {
      clearTimeout(this.timer);
      if (this.asked) this.asked.abort();
      this.asked = null;
      this.show([], [], []);
      this.status.textContent = "";
    }

    mark(active) {
      if (this.active >= 0) this.options[this.active].setAttribute("aria-selected", "false");
      this.active = active;
      if (active < 0) {
        this.input.removeAttribute("aria-activedescendant");
        this.input.value = this.typed;
        return;
      }
      const option = this.options[active];
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      this.input.setAttribute("aria-activedescendant", option.id);
      this.input.value = option.dataset.name;
    }

    go(active) {
      location.assign(this.options[active].dataset.path);
    }

    key(event) {
      const open = !this.list.hidden;
      const last = this.options.length - 1;
      if (event.isComposing || event.ctrlKey || event.metaKey) return;
      if (event.key === "ArrowDown") {
        event.preventDefault();
        if (!open) this.ask(this.input.value.trim());
        else this.mark(this.active === last ? -1 : this.active + 1);
      } else if (event.key === "ArrowUp" && open) {
        event.preventDefault();
        this.mark(this.active === -1 ? last : this.active - 1);
      } else if (event.key === "Enter" && open && this.active >= 0) {
        event.preventDefault();
        this.go(this.active);
      } else if (event.key === "Escape" && open) {
        event.preventDefault();
        this.mark(-1);
        this.close();
      }
    }
  }

  for (const form of document.querySelectorAll("form[data-suggest]:not([data-ready])")) {
    const input = form.querySelector("input[type=search]");
    if (!input) continue;
    form.dataset.ready = "";
    new Combobox(form, input);
  }
})();
