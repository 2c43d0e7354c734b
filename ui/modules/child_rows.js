// Child rows edited like a spreadsheet. A new row is the server's blank last row under the next number. Rows are sent
// in the order of their numbers, so whatever moves rows numbers them anew.
import { fillCell, readCells } from "./pasted_cells.js";
import { showTotals } from "./row_totals.js";

const NAMED = ["name", "id", "for", "list", "aria-labelledby", "aria-describedby", "aria-controls", "data-field", "data-value", "data-name", "data-row", "href"];
const CONTROLS = "input:not([type=hidden], [type=file]), select, textarea";

export function childRows() {
  return {
    next: 0,
    blank: {},

    init() {
      const root = this.$el;
      // It stands in the table for pages without scripts; its number would be another row's.
      const extra = root.querySelector(".row-extra");
      this.blank = { html: extra?.outerHTML, path: extra?.dataset.row };
      extra?.remove();
      this.next = root.querySelectorAll("[data-row]").length;
      root.addEventListener("click", (event) => {
        if (event.target.closest("[data-row-add]")) this.focus(this.add(), 0);
        const removed = event.target.closest("[data-row-remove]");
        if (removed) this.remove(removed.closest("[data-row]"));
        const doubled = event.target.closest("[data-row-copy]");
        if (doubled) this.focus(this.copy(doubled.closest("[data-row]")), 0);
      });
      root.addEventListener("keydown", (event) => this.key(event));
      root.addEventListener("paste", (event) => this.paste(event));
      root.addEventListener("input", () => showTotals(root));
      root.addEventListener("rows-shown", () => showTotals(root));
      showTotals(root);
    },

    list() {
      return this.$el.querySelector("[data-rows]");
    },

    rows() {
      return [...this.list().querySelectorAll("[data-row]")];
    },

    add(after = null) {
      const holder = document.createElement("template");
      const own = new RegExp(`${this.blank.path}(?=[-"])`, "g");
      holder.innerHTML = this.blank.html.replaceAll(own, `${this.$el.dataset.path}-${this.next}`);
      this.next += 1;
      const row = holder.content.querySelector("[data-row]");
      row.classList.remove("row-extra");
      if (after) after.after(row);
      else this.list().append(row);
      this.settle();
      return row;
    },

    remove(row) {
      const near = row.nextElementSibling ?? row.previousElementSibling;
      row.remove();
      this.settle();
      (near?.querySelector("[data-row-remove]") ?? this.$el.querySelector("[data-row-add]")).focus();
    },

    copy(row) {
      const made = this.add(row);
      const [from, to] = [row, made].map((each) => [...each.querySelectorAll("input:not([type=file]), select, textarea")]);
      const own = from.filter((control) => !/-__\w+$/.test(control.name));
      own.forEach((control, number) => {
        if (!to[number]) return;
        if (["checkbox", "radio"].includes(control.type)) to[number].checked = control.checked;
        else to[number].value = control.value;
      });
      this.number();
      this.settle();
      return made;
    },

    move(row, step) {
      const rows = this.rows();
      const other = rows[rows.indexOf(row) + step];
      if (!other) return;
      const focused = document.activeElement;
      if (step < 0) other.before(row);
      else other.after(row);
      this.number();
      this.settle();
      focused?.focus();
    },

    // In two steps, so that no two rows have one number in between: radio buttons would take each other's choice.
    number() {
      const path = this.$el.dataset.path;
      const rows = this.rows();
      rows.forEach((row, number) => this.rename(row, `${path}-moving${number}`));
      rows.forEach((row, number) => this.rename(row, `${path}-${number}`));
      this.next = Math.max(this.next, rows.length);
    },

    rename(row, to) {
      const from = row.dataset.row;
      for (const element of [row, ...row.querySelectorAll("*")]) {
        for (const name of NAMED) {
          const value = element.getAttribute(name);
          if (value?.includes(from)) element.setAttribute(name, value.replaceAll(new RegExp(`${from}(?=-|$)`, "g"), to));
        }
      }
    },

    settle() {
      this.$el.querySelector("[data-rows-none]").hidden = this.rows().length > 0;
      showTotals(this.$el);
      this.$el.dispatchEvent(new CustomEvent("rows-changed", { bubbles: true }));
    },

    focus(row, column) {
      const cells = row ? [...row.children].slice(column) : [];
      const control = cells.map((cell) => cell.querySelector(CONTROLS)).find(Boolean);
      control?.focus();
      if (control?.matches("input[type=text], input:not([type])")) control.select();
    },

    key(event) {
      const cell = event.target.closest("td");
      const row = event.target.closest("[data-row]");
      if (!row || !cell || event.defaultPrevented) return;
      const rows = this.rows();
      const place = rows.indexOf(row);
      const to = (index, column) => {
        event.preventDefault();
        this.focus(rows[index], column);
      };
      if (event.key === "Delete" && event.ctrlKey) {
        event.preventDefault();
        this.remove(row);
      } else if (event.key === "d" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        this.focus(this.copy(row), cell.cellIndex);
      } else if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
        event.preventDefault();
        this.move(row, event.key === "ArrowUp" ? -1 : 1);
      } else if (event.key === "Enter" && event.target.matches("input")) {
        event.preventDefault();
        this.focus(rows[place + 1] ?? this.add(), cell.cellIndex);
      } else if (event.key === "Tab" && !event.shiftKey && place === rows.length - 1 && this.isLast(row, event.target)) {
        event.preventDefault();
        this.focus(this.add(), 0);
      } else if (event.target.matches("input[type=text], input:not([type]), [data-combo-text]")) {
        const { selectionStart: start, selectionEnd: end, value } = event.target;
        const open = event.target.getAttribute("aria-expanded") === "true";
        const whole = start === 0 && end === value.length;
        if (event.key === "ArrowDown" && !open && rows[place + 1]) to(place + 1, cell.cellIndex);
        else if (event.key === "ArrowUp" && !open && rows[place - 1]) to(place - 1, cell.cellIndex);
        else if (event.key === "ArrowRight" && (whole || start === value.length)) this.beside(event, cell, 1);
        else if (event.key === "ArrowLeft" && (whole || end === 0)) this.beside(event, cell, -1);
      }
    },

    isLast(row, control) {
      const controls = [...row.querySelectorAll(CONTROLS)].filter((each) => each.tabIndex >= 0 && !each.closest("[hidden]"));
      return controls.at(-1) === control;
    },

    beside(event, cell, step) {
      for (let next = cell; next; ) {
        next = step > 0 ? next.nextElementSibling : next.previousElementSibling;
        const control = next?.querySelector(CONTROLS);
        if (!control) continue;
        event.preventDefault();
        control.focus();
        control.select?.();
        return;
      }
    },

    // A block of cells goes into the cells from here on, with new rows where there are too few.
    paste(event) {
      const cell = event.target.closest("td");
      const text = event.clipboardData?.getData("text/plain") ?? "";
      const block = readCells(text);
      if (!cell || (block.length < 2 && (block[0]?.length ?? 0) < 2)) return;
      event.preventDefault();
      const first = this.rows().indexOf(cell.closest("[data-row]"));
      block.forEach((values, down) => {
        const row = this.rows()[first + down] ?? this.add();
        const places = [...row.children].slice(cell.cellIndex).filter((each) => each.querySelector(CONTROLS));
        values.forEach((value, across) => places[across] && fillCell(places[across], value));
      });
      this.settle();
      this.$el.dispatchEvent(new Event("change", { bubbles: true }));
    },
  };
}
