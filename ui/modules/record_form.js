// The record's form while somebody types: computed values, conditions and requirements come from the server
// (the same formulas that saving uses); the save bar appears with the first change; leaving asks first.
const PAUSE = 350;

export function recordForm() {
  return {
    timer: 0,
    request: null,
    dirty: false,

    init() {
      const form = this.$el;
      this.dirty = form.dataset.dirty === "yes";
      const changed = (event) => this.changed(event);
      form.addEventListener("input", changed);
      form.addEventListener("change", changed);
      form.addEventListener("rows-changed", changed);
      form.addEventListener("submit", () => {
        this.dirty = false;
      });
      document.querySelector("[data-discard]")?.addEventListener("click", () => {
        this.dirty = false;
      });
      this.guard = (event) => {
        if (this.dirty) event.preventDefault();
      };
      window.addEventListener("beforeunload", this.guard);
    },

    destroy() {
      window.removeEventListener("beforeunload", this.guard);
      clearTimeout(this.timer);
    },

    changed(event) {
      // What is typed into the search of a link is not a value yet.
      if (event.target.matches?.("[data-combo-text]") && event.type === "input") return;
      this.dirty = true;
      this.$el.querySelector(".save-bar")?.classList.add("is-dirty");
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.preview(), event.type === "input" ? PAUSE : 0);
    },

    async preview() {
      this.request?.abort();
      const request = new AbortController();
      this.request = request;
      try {
        const body = new FormData(this.$el);
        const answer = await fetch(this.$el.dataset.preview, {
          method: "POST",
          body,
          signal: request.signal,
          headers: { Accept: "application/json", "X-CSRFToken": body.get("csrf_token") },
        });
        if (answer.ok) this.show(await answer.json());
      } catch (problem) {
        if (problem.name !== "AbortError") throw problem;
      }
    },

    show(preview) {
      const said = [];
      for (const [path, shown] of Object.entries(preview.values)) {
        for (const place of this.$el.querySelectorAll(`[data-value="${CSS.escape(path)}"]`)) {
          const before = place.textContent;
          place.innerHTML = shown;
          if (place.textContent === before) continue;
          place.classList.remove("value-fresh");
          void place.offsetWidth;
          place.classList.add("value-fresh");
          const label = place.closest("[data-field]")?.querySelector(".label");
          said.push(`${label?.firstChild?.textContent.trim() ?? ""} ${place.textContent.trim()}`);
        }
      }
      for (const section of this.$el.querySelectorAll("[data-section]")) {
        section.hidden = preview.hidden_sections.includes(section.dataset.section);
      }
      for (const field of this.$el.querySelectorAll("[data-field]")) {
        const path = field.dataset.field;
        if (!(path in preview.states)) continue;
        const state = preview.states[path];
        field.hidden = state.hidden;
        field.inert = state.locked;
        const mark = field.querySelector("[data-required-mark]");
        if (mark) mark.hidden = !state.required;
      }
      for (const rows of this.$el.querySelectorAll(".rows")) rows.dispatchEvent(new CustomEvent("rows-shown"));
      this.$el.querySelector("[data-live]").textContent = said.join(", ");
    },
  };
}
