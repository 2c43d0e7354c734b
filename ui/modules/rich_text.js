// Formatted text: a page to write on over the textarea that is sent. What is pasted comes as plain text with its
// lines; the server keeps only harmless elements whatever is sent.
const STATES = ["bold", "italic", "underline", "strikeThrough", "insertUnorderedList", "insertOrderedList"];
const BLOCKS = { heading: "h2", quote: "blockquote", plain: "p" };

function link(words) {
  const address = window.prompt(words, "https://");
  if (/^(https?:\/\/|mailto:|tel:)\S+$/.test(address ?? "")) document.execCommand("createLink", false, address);
}

export function richText() {
  return {
    init() {
      const root = this.$el;
      const [tools, source, page] = ["tools", "source", "page"].map((name) => root.querySelector(`[data-rich-${name}]`));
      // An empty page begins with a paragraph, or the first line would stand outside of any.
      page.innerHTML = source.value || "<p><br></p>";
      page.contentEditable = "true";
      for (const name of ["aria-describedby", "aria-invalid", "aria-required"]) {
        if (source.hasAttribute(name)) page.setAttribute(name, source.getAttribute(name));
      }
      tools.hidden = false;
      page.hidden = false;
      source.hidden = true;
      document.execCommand("defaultParagraphSeparator", false, "p");
      const keep = () => {
        const blank = page.textContent.trim() === "" && !page.querySelector("hr");
        source.value = blank ? "" : page.innerHTML;
        source.dispatchEvent(new Event("input", { bubbles: true }));
      };
      const shown = () => {
        for (const name of STATES) {
          const button = tools.querySelector(`[data-rich-command="${name}"]`);
          button?.setAttribute("aria-pressed", String(page.contains(document.activeElement) && document.queryCommandState(name)));
        }
      };
      page.addEventListener("input", keep);
      page.addEventListener("keyup", shown);
      page.addEventListener("mouseup", shown);
      page.addEventListener("paste", (event) => {
        event.preventDefault();
        document.execCommand("insertText", false, event.clipboardData.getData("text/plain"));
      });
      tools.addEventListener("mousedown", (event) => event.preventDefault());
      tools.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        event.preventDefault();
        const all = [...tools.querySelectorAll("button")];
        const next = all[(all.indexOf(event.target) + step + all.length) % all.length];
        for (const each of all) each.tabIndex = each === next ? 0 : -1;
        next.focus();
      });
      tools.addEventListener("click", (event) => {
        const command = event.target.closest("[data-rich-command]")?.dataset.richCommand;
        if (!command) return;
        page.focus();
        if (command === "link") link(root.dataset.ask);
        else if (command in BLOCKS) document.execCommand("formatBlock", false, BLOCKS[command]);
        else document.execCommand(command);
        keep();
        shown();
      });
      const label = document.getElementById(`${source.id}-label`);
      label?.addEventListener("click", () => page.focus());
    },
  };
}

export function colorBox() {
  return {
    init() {
      const pick = this.$el.querySelector("[data-color-pick]");
      const text = this.$el.querySelector("[data-color-text]");
      pick.hidden = false;
      pick.addEventListener("input", () => {
        text.value = pick.value;
        text.dispatchEvent(new Event("input", { bubbles: true }));
      });
      text.addEventListener("input", () => {
        if (/^#[0-9a-fA-F]{6}$/.test(text.value)) pick.value = text.value;
      });
    },
  };
}
