// The filter builder offers only the conditions that make sense for the chosen field, and its choices.
export function filterBuilder() {
  return {
    init() {
      const root = this.$el;
      this.field = root.querySelector("[data-filter-field]");
      this.operator = root.querySelector("[data-filter-operator]");
      this.value = root.querySelector("[data-filter-value]");
      this.plain = this.value.querySelector("input");
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
      this.value.hidden = this.operator.selectedOptions[0]?.dataset.values === "0";
      this.offer(this.$el.querySelector(`template[data-choices-of="${CSS.escape(this.field.value)}"]`));
    },

    // A field with choices gets a list of them in the place of the text box, under the same name.
    offer(choices) {
      this.value.querySelector("select")?.remove();
      this.plain.hidden = Boolean(choices);
      this.plain.disabled = Boolean(choices);
      if (!choices) return;
      const list = document.createElement("select");
      list.className = "input";
      list.name = this.plain.name;
      list.setAttribute("aria-label", this.value.querySelector("label").textContent);
      list.append(choices.content.cloneNode(true));
      list.value = this.plain.value || list.options[0]?.value;
      this.plain.after(list);
    },
  };
}
