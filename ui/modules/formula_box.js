// A box in which a formula is written: while it is typed it says what the formula gives or what is wrong and
// where, and offers fields and functions. Arrows choose, Enter or Tab takes, Escape closes; Ctrl+Space opens.
//
// Markup: blueprints/templates/parts/formula_box.html. `data-entity` is what the formula is about,
// `data-expected` the type that it has to give, `data-changes` is for places where a record is written.
import { suggestions, written } from "./formula_names.js";

const PAUSE = 350;
const WITHIN_A_WORD = 1500;
let boxes = 0;

export function formulaBox() {
  return {
    init() {
      const find = (name) => this.$el.querySelector(`[data-formula${name}]`);
      this.box = find("");
      this.said = find("-said");
      this.help = find("-help");
      this.live = find("-live");
      this.list = this.makeList();
      this.current = -1;
      this.box.addEventListener("input", () => this.typed());
      this.box.addEventListener("keydown", (event) => this.key(event));
      this.box.addEventListener("blur", () => setTimeout(() => this.close(), 120));
      this.box.addEventListener("click", () => this.close());
      this.list.addEventListener("mousedown", (event) => {
        event.preventDefault();
        const option = event.target.closest("[role=option]");
        if (option) this.take([...this.list.children].indexOf(option));
      });
      if (this.box.value.trim() && !this.said.textContent.trim()) this.check();
    },

    destroy() {
      clearTimeout(this.timer);
      this.request?.abort();
    },

    makeList() {
      const list = document.createElement("ul");
      list.className = "combo-list formula-list";
      list.id = `formula-names-${(boxes += 1)}`;
      list.setAttribute("role", "listbox");
      list.setAttribute("aria-label", this.box.labels?.[0]?.textContent.trim() ?? "");
      list.hidden = true;
      this.box.after(list);
      this.box.setAttribute("aria-autocomplete", "list");
      this.box.setAttribute("aria-controls", list.id);
      return list;
    },

    async typed() {
      clearTimeout(this.timer);
      await this.offer();
      clearTimeout(this.timer);
      // Half a word is no mistake yet.
      this.timer = setTimeout(() => this.check(), this.list.hidden ? PAUSE : WITHIN_A_WORD);
    },

    key(event) {
      if (event.key === " " && event.ctrlKey) {
        event.preventDefault();
        this.offer(true);
        return;
      }
      if (this.list.hidden) return;
      const steps = { ArrowDown: 1, ArrowUp: -1 };
      if (event.key in steps) this.mark(this.current + steps[event.key]);
      else if (event.key === "Enter" || event.key === "Tab") this.take(this.current);
      else if (event.key === "Escape") this.close();
      else return;
      event.preventDefault();
      event.stopPropagation();
    },

    async offer(always = false) {
      const place = written(this.box.value, this.box.selectionStart);
      const asked = Boolean(place) && (always || place.word || place.path?.length || place.field);
      const text = this.box.value;
      const found = asked ? await suggestions(this.$el.dataset.entity, place, document.documentElement.lang) : [];
      // The person may have typed on while the names were fetched.
      if (text !== this.box.value || document.activeElement !== this.box) return;
      const whole = found[0]?.insert === place?.word && !always;
      if (found.length === 0 || whole) this.close();
      else this.open(found, place);
    },

    open(found, place) {
      this.place = place;
      this.found = found;
      this.list.replaceChildren(
        ...found.map((each, number) => {
          const option = document.createElement("li");
          option.id = `${this.list.id}-${number}`;
          option.setAttribute("role", "option");
          const name = document.createElement("code");
          name.textContent = each.shown;
          const words = document.createElement("span");
          words.className = "faint";
          words.textContent = each.words;
          option.append(name, words);
          return option;
        }),
      );
      this.list.hidden = false;
      this.put();
      this.mark(0);
      this.live.textContent = this.$el.dataset.offered.replace("{count}", found.length);
    },

    // Fixed to the window, so that a panel that scrolls does not cut the list off.
    put() {
      const { left, bottom, width } = this.box.getBoundingClientRect();
      this.list.style.left = `${left}px`;
      this.list.style.top = `${bottom + 4}px`;
      this.list.style.width = `${width}px`;
      this.list.style.maxHeight = `${Math.max(120, window.innerHeight - bottom - 16)}px`;
    },

    mark(index) {
      const all = [...this.list.children];
      this.current = (index + all.length) % all.length;
      all.forEach((option, number) => option.setAttribute("aria-selected", String(number === this.current)));
      all[this.current].scrollIntoView({ block: "nearest" });
      this.box.setAttribute("aria-activedescendant", all[this.current].id);
    },

    take(index) {
      const { insert, call } = this.found[index];
      const caret = this.box.selectionStart;
      const rest = this.box.value.slice(caret).match(/^\w*/)[0].length;
      const opened = call && this.box.value[caret + rest] !== "(";
      this.box.setRangeText(opened ? `${insert}()` : insert, this.place.from, caret + rest, "end");
      if (opened) this.box.selectionStart = this.box.selectionEnd -= 1;
      this.close();
      this.box.dispatchEvent(new Event("input", { bubbles: true }));
      this.close();
    },

    close() {
      this.list.hidden = true;
      this.live.textContent = "";
      this.box.removeAttribute("aria-activedescendant");
    },

    async check() {
      const text = this.box.value;
      this.request?.abort();
      if (!text.trim()) {
        this.say([]);
        return;
      }
      this.request = new AbortController();
      const { entity, expected, changes, token } = this.$el.dataset;
      const asked = { entity, text, ...(expected && { expected }), ...(changes !== undefined && { changes: true }) };
      try {
        const answer = await fetch("/api/v1/formula/check", {
          method: "POST",
          body: JSON.stringify(asked),
          signal: this.request.signal,
          headers: { "Content-Type": "application/json", "X-CSRF-Token": token },
        });
        if (answer.ok && text === this.box.value) this.show(await answer.json());
      } catch (problem) {
        if (problem.name !== "AbortError") throw problem;
      }
    },

    show({ gives, problems }) {
      if (problems.length === 0) {
        this.say([this.line("fine", this.$el.dataset.gives.replace("{kind}", gives))]);
        return;
      }
      this.say(problems.slice(0, 3).map((each) => this.line("wrong", each.message, each.position)), true);
    },

    say(lines, wrong = false) {
      this.said.replaceChildren(...lines);
      this.help.hidden = lines.length > 0;
      if (wrong) this.box.setAttribute("aria-invalid", "true");
      else this.box.removeAttribute("aria-invalid");
      this.said.setAttribute("aria-live", "polite");
      this.said.removeAttribute("role");
    },

    line(kind, sentence, position) {
      const line = document.createElement("div");
      line.className = kind === "wrong" ? "problem" : "formula-fine";
      line.append(this.$el.querySelector(`template[data-formula-${kind}]`).content.cloneNode(true));
      const words = document.createElement("span");
      words.textContent = sentence;
      line.append(words);
      if (position) line.append(this.pointer(position));
      return line;
    },

    // Leads to the place: the word that stands there is selected.
    pointer(position) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "formula-place";
      button.textContent = this.$el.dataset.place.replace("{position}", position);
      button.addEventListener("click", () => {
        const from = position - 1;
        const word = this.box.value.slice(from).match(/^(\w+|.?)/su)[0].length;
        this.box.focus();
        this.box.setSelectionRange(from, from + word);
      });
      return button;
    },
  };
}
