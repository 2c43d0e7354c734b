// The filter builder offers only the conditions that make sense for the chosen field, a second box for the end
// of a range, the choices of a field (one to choose, or several to tick), and boxes for days where values are days.
export function filterBuilder() {
  return {
    init() {
      const root = this.$el;
      this.field = root.querySelector("[data-filter-field]");
      this.operator = root.querySelector("[data-filter-operator]");
      this.value = root.querySelector("[data-filter-value]");
      this.first = root.querySelector("[data-filter-first]");
      this.second = root.querySelector("[data-filter-second]");
      this.to = root.querySelector("[data-filter-to]");
      this.ticks = root.querySelector("[data-filter-choices]");
      this.several = root.querySelector("[data-filter-several]");
      this.field.addEventListener("change", () => this.settle());
      this.operator.addEventListener("change", () => this.settle());
      this.settle();
    },

    settle() {
      const allowed = this.field.selectedOptions[0]?.dataset.operators.split(" ") ?? [];
      for (const option of this.operator.options) {
        option.hidden = !allowed.includes(option.value);
        option.disabled = option.hidden;
      }
      if (this.operator.selectedOptions[0]?.disabled ?? true) {
        this.operator.value = [...this.operator.options].find((option) => !option.disabled)?.value ?? "";
      }
      const values = this.operator.selectedOptions[0]?.dataset.values;
      const choices = this.$el.querySelector(`template[data-choices-of="${CSS.escape(this.field.value)}"]`);
      this.value.hidden = values === "0";
      this.second.hidden = this.to.hidden = this.second.disabled = values !== "2";
      this.several.hidden = values !== "many" || Boolean(choices);
      this.value.querySelector("select")?.remove();
      this.ticks.hidden = !(choices && values === "many");
      this.ticks.replaceChildren();
      this.first.hidden = this.first.disabled = Boolean(choices);
      const box = values === "many" ? "text" : (this.field.selectedOptions[0]?.dataset.box ?? "text");
      for (const each of [this.first, this.second]) if (each.type !== box) each.type = box;
      if (!choices) return;
      if (values === "many") this.tickOff(choices);
      else this.offer(choices);
    },

    // A field with choices gets a list of them in the place of the text box, under the same name.
    offer(choices) {
      const list = document.createElement("select");
      list.className = "input";
      list.name = this.first.name;
      list.setAttribute("aria-label", this.value.querySelector("label").textContent);
      list.append(choices.content.cloneNode(true));
      list.value = this.first.value || list.options[0]?.value;
      this.first.after(list);
    },

    tickOff(choices) {
      for (const option of choices.content.querySelectorAll("option")) {
        const pill = document.createElement("label");
        pill.className = "choice-pill";
        const tick = document.createElement("input");
        Object.assign(tick, { type: "checkbox", name: this.first.name, value: option.value, className: "tick" });
        tick.checked = this.first.value.split(";").includes(option.value);
        pill.append(tick, option.textContent);
        this.ticks.append(pill);
      }
    },
  };
}
