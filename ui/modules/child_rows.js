// Child rows edited in place. A new row is the server's blank row under the next number; Enter moves down and
// makes a row at the end, Ctrl+Delete removes one.
const PLACEHOLDER = "__row__";

export function childRows() {
  return {
    next: 0,

    init() {
      const root = this.$el;
      this.next = root.querySelectorAll("[data-row]").length;
      root.addEventListener("click", (event) => {
        if (event.target.closest("[data-row-add]")) this.add();
        const removed = event.target.closest("[data-row-remove]");
        if (removed) this.remove(removed.closest("[data-row]"));
      });
      root.addEventListener("keydown", (event) => this.key(event));
    },

    list() {
      return this.$el.querySelector("[data-rows]");
    },

    add() {
      const blank = this.$el.querySelector("template[data-row-blank]");
      const holder = document.createElement("template");
      holder.innerHTML = blank.innerHTML.replaceAll(PLACEHOLDER, String(this.next));
      this.next += 1;
      const row = holder.content.querySelector("[data-row]");
      const extra = this.list().querySelector(".row-extra");
      this.list().insertBefore(row, extra);
      this.settle();
      row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
    },

    remove(row) {
      const near = row.nextElementSibling ?? row.previousElementSibling;
      row.remove();
      this.settle();
      (near?.querySelector("[data-row-remove]") ?? this.$el.querySelector("[data-row-add]")).focus();
    },

    settle() {
      const rows = this.list().querySelectorAll("[data-row]:not(.row-extra)");
      this.$el.querySelector("[data-rows-none]").hidden = rows.length > 0;
      this.$el.dispatchEvent(new CustomEvent("rows-changed", { bubbles: true }));
    },

    key(event) {
      const cell = event.target.closest("td");
      const row = event.target.closest("[data-row]");
      if (!row || !cell) return;
      if (event.key === "Delete" && event.ctrlKey) {
        event.preventDefault();
        this.remove(row);
      } else if (event.key === "Enter" && !event.defaultPrevented && event.target.matches("input")) {
        event.preventDefault();
        const below = row.nextElementSibling;
        if (!below || below.matches(".row-extra")) this.add();
        else below.children[cell.cellIndex].querySelector("input:not([type=hidden]), select")?.focus();
      }
    },
  };
}
