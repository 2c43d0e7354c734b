// The board: a card is dragged to another column, or moved there by its menu. For stages that is the transition
// between them; where it needs values or a comment they are asked for, and where it is refused the card springs
// back with the reason.
import { openDialog } from "./dialogs.js";
import { act, again, change, filled, fragment, read } from "./moving.js";
import { toast } from "./toasts.js";

export const enliven = (element) => new Board(element).start();

class Board {
  constructor(element) {
    this.element = element;
    this.ways = JSON.parse(element.dataset.moves || "{}");
    this.byStage = element.dataset.kind === "stage";
    this.panel = document.querySelector("[data-board-panel]");
  }

  columns() {
    return [...this.element.querySelectorAll("[data-column]")];
  }

  column(value) {
    return this.columns().find((each) => each.dataset.column === value);
  }

  way(from, to) {
    if (!this.byStage) return from === to ? null : { name: "", label: this.column(to).dataset.label };
    return this.ways[from]?.[to] ?? null;
  }

  async start() {
    this.element.addEventListener("click", (event) => this.clicked(event));
    const beside = (event) => {
      // A board that was drawn anew has a panel of its own.
      if (!this.panel.isConnected) document.removeEventListener("click", beside);
      else if (!this.panel.hidden && !this.panel.contains(event.target) && !event.target.closest("[data-board-menu]")) this.close();
    };
    document.addEventListener("click", beside);
    this.panel.addEventListener("keydown", (event) => this.key(event));
    if (!("movable" in this.element.dataset)) {
      for (const button of this.element.querySelectorAll("[data-board-menu]")) button.remove();
      return;
    }
    const { default: Sortable } = await import("sortablejs");
    for (const list of this.element.querySelectorAll("[data-cards]")) this.sortable(Sortable, list);
  }

  sortable(Sortable, list) {
    Sortable.create(list, {
      group: { name: "cards", put: (to, from, card) => this.fits(card, to.el) },
      draggable: ".board-card",
      filter: "[data-board-menu]",
      preventOnFilter: false,
      sort: false,
      delay: 180,
      delayOnTouchOnly: true,
      touchStartThreshold: 6,
      forceFallback: true,
      fallbackOnBody: true,
      fallbackTolerance: 4,
      animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 160,
      ghostClass: "board-ghost",
      fallbackClass: "board-carried",
      onStart: (event) => this.grey(event.item),
      onEnd: (event) => this.dropped(event),
    });
  }

  fits(card, list) {
    const to = list.closest("[data-column]").dataset.column;
    return Boolean(this.way(card.dataset.value, to)) && !this.refused?.has(to);
  }

  // Columns to which no way leads are grey at once; those that are closed to this person or this card when
  // the answer has come.
  async grey(card) {
    this.refused = new Set();
    this.element.classList.add("board-dragging");
    const from = card.dataset.value;
    for (const column of this.columns()) {
      const to = column.dataset.column;
      column.classList.toggle("board-closed", to !== from && !this.way(from, to));
    }
    if (!this.byStage) return;
    const found = await read(`${this.element.dataset.api}/${card.dataset.card}/transitions`);
    for (const each of found?.transitions ?? []) {
      if (each.enabled) continue;
      for (const [to, way] of Object.entries(this.ways[from] ?? {})) {
        if (way.name !== each.name) continue;
        this.refused.add(to);
        this.reasons = { ...this.reasons, [to]: each.reason };
        this.column(to)?.classList.add("board-closed");
      }
    }
  }

  async dropped(event) {
    this.element.classList.remove("board-dragging");
    for (const column of this.columns()) column.classList.remove("board-closed");
    const target = event.to.closest("[data-column]");
    const card = event.item;
    if (event.to === event.from) {
      this.tellWhyNot(card, event);
      return;
    }
    const back = () => event.from.insertBefore(card, event.from.children[event.oldIndex] ?? null);
    await this.move(card, target.dataset.column, back);
  }

  // Dropped over a column that did not take it: say why, instead of nothing.
  tellWhyNot(card, event) {
    const at = event.originalEvent?.changedTouches?.[0] ?? event.originalEvent;
    const under = at && document.elementsFromPoint(at.clientX, at.clientY).map((each) => each.closest("[data-column]"));
    const to = under?.find((each) => each)?.dataset.column;
    const from = card.dataset.value;
    if (to === undefined || to === from) return;
    toast(this.reasons?.[to] ?? filled(this.element.dataset.noWay, this.names(from, to)), true);
  }

  names(from, to) {
    return { from: this.column(from)?.dataset.label, to: this.column(to)?.dataset.label };
  }

  async move(card, to, back) {
    const from = card.dataset.value;
    const way = this.way(from, to);
    const address = `${this.element.dataset.api}/${card.dataset.card}`;
    card.classList.add("board-waiting");
    const answer = this.byStage
      ? await act(`${address}/transitions/${way.name}`, {})
      : await change(address, { [this.element.dataset.field]: this.valueOf(to) }, card.dataset.revision);
    card.classList.remove("board-waiting");
    if (answer.ok) {
      this.said(card, to);
      await again();
    } else if (answer.status === 422 && this.byStage) {
      this.ask(card, way, to, back);
    } else {
      back?.();
      toast(filled(this.element.dataset.undone, { reason: answer.reason }), true);
    }
  }

  valueOf(column) {
    if (column === "") return null;
    if (column === "true" || column === "false") return column === "true";
    return /^\d+$/.test(column) ? Number(column) : column;
  }

  said(card, to) {
    const title = card.querySelector(".board-title").textContent;
    toast(filled(this.element.dataset.done, { title, to: this.column(to).dataset.label }));
  }

  // What the move needs is asked for in the same form as on the record's page.
  ask(card, way, to, back) {
    const address = `${this.element.dataset.page}/${card.dataset.card}/transitions/${way.name}`;
    openDialog({ href: address, focus: () => card.querySelector(".board-title").focus() }, () => {
      this.said(card, to);
      again();
    }).then((done) => {
      if (!done) back?.();
    });
  }

  clicked(event) {
    const menu = event.target.closest("[data-board-menu]");
    if (menu) this.open(menu);
    const open = event.target.closest("[data-board-open]");
    if (open) this.unfold(open);
    const rest = event.target.closest("[data-board-rest]");
    if (rest) this.more(rest);
  }

  async unfold(button) {
    const column = button.closest("[data-column]");
    column.classList.remove("board-folded");
    column.querySelector("[data-cards]").replaceChildren(...(await fragment(button.dataset.boardOpen)));
    button.remove();
  }

  async more(button) {
    const list = button.closest("[data-cards]");
    button.closest("li").remove();
    list.append(...(await fragment(button.dataset.boardRest)));
  }

  open(button) {
    if (this.opener === button && !this.panel.hidden) return this.close();
    const card = button.closest("[data-card]");
    const from = card.dataset.value;
    const items = this.columns()
      .map((column) => ({ column, way: this.way(from, column.dataset.column) }))
      .filter(({ way }) => way)
      .map(({ column, way }) => {
        const item = document.createElement("button");
        item.type = "button";
        item.className = "menu-item";
        item.setAttribute("role", "menuitem");
        item.textContent = this.byStage ? `${way.label} → ${column.dataset.label}` : column.dataset.label;
        item.addEventListener("click", () => {
          this.close();
          this.move(card, column.dataset.column);
        });
        return item;
      });
    this.panel.querySelector("[data-board-ways]").replaceChildren(...items);
    const at = button.getBoundingClientRect();
    this.opener = button;
    this.panel.hidden = false;
    const left = Math.max(8, Math.min(at.right - this.panel.offsetWidth, innerWidth - this.panel.offsetWidth - 8));
    const below = at.bottom + 4 + this.panel.offsetHeight < innerHeight;
    this.panel.style.left = `${left}px`;
    this.panel.style.top = `${below ? at.bottom + 4 : at.top - this.panel.offsetHeight - 4}px`;
    items[0]?.focus();
  }

  close() {
    this.panel.hidden = true;
    this.opener?.focus();
  }

  key(event) {
    const items = [...this.panel.querySelectorAll("[role=menuitem]")];
    const at = items.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      items[(at + step + items.length) % items.length]?.focus();
    }
    if (event.key === "Escape" || event.key === "Tab") this.close();
  }
}
