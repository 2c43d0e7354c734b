// Files: chosen or dropped, sent at once with their progress, shown in a dialog. A field keeps the number of what
// was sent in a hidden input; the attachments of a record are saved as they arrive.
const tokenOf = (root) => root.closest("form")?.querySelector("[name=csrf_token]")?.value ?? document.querySelector("[name=csrf_token]")?.value ?? "";

// Sends one file; answers what the server said, or throws its sentence.
export function send(address, values, token, failed, onProgress = () => {}) {
  const body = new FormData();
  for (const [name, value] of Object.entries(values)) body.append(name, value);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.setRequestHeader("X-CSRFToken", token);
    request.setRequestHeader("X-Part", "files");
    request.upload.addEventListener("progress", (event) => event.lengthComputable && onProgress(event.loaded / event.total));
    request.addEventListener("load", () => {
      if (request.status < 300) resolve(request.responseText);
      else {
        let said = failed;
        try {
          said = JSON.parse(request.responseText).message ?? failed;
        } catch {
          // An error page: the sentence that stands in the page is said.
        }
        reject(new Error(said));
      }
    });
    request.addEventListener("error", () => reject(new Error(failed)));
    request.send(body);
  });
}

function newItem(root, file) {
  const item = root.querySelector("template[data-file-blank]").content.firstElementChild.cloneNode(true);
  item.querySelector(".file-name").textContent = file.name;
  root.querySelector("[data-files]").append(item);
  return item;
}

function fail(item, sentence, root) {
  item.classList.add("file-failed");
  item.querySelector(".file-progress")?.remove();
  const said = document.createElement("span");
  said.className = "problem";
  said.textContent = sentence;
  item.append(said);
  root.querySelector("[data-file-said]").textContent = sentence;
}

function dropping(root, take) {
  const zone = root.querySelector("[data-file-drop]");
  if (!zone) return;
  for (const name of ["dragenter", "dragover"]) {
    root.addEventListener(name, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      zone.classList.add("is-over");
    });
  }
  for (const name of ["dragleave", "drop"]) root.addEventListener(name, () => zone.classList.remove("is-over"));
  root.addEventListener("drop", (event) => {
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    take([...event.dataTransfer.files]);
  });
  const input = root.querySelector("[data-file-input]");
  input.addEventListener("change", (event) => {
    event.stopPropagation();
    take([...input.files]);
    input.value = "";
  });
}

export function fileField() {
  return {
    init() {
      const root = this.$el;
      const { upload, entity, field, name, count, failed, remove } = root.dataset;
      const input = root.querySelector("[data-file-input]");
      input.removeAttribute("name");
      const changed = () => root.dispatchEvent(new Event("change", { bubbles: true }));
      const items = () => root.querySelectorAll(".file-item:not(.file-failed)");
      const settle = () => {
        root.querySelector("[data-file-drop]").hidden = items().length >= Number(count);
      };
      const one = async (file) => {
        const item = newItem(root, file);
        settle();
        const bar = item.querySelector(".file-progress");
        try {
          const shown = (part) => {
            bar.value = part;
          };
          const told = JSON.parse(await send(upload, { entity, field, file }, tokenOf(root), failed, shown));
          done(item, told);
          changed();
        } catch (problem) {
          fail(item, problem.message, root);
          settle();
        }
      };
      const done = (item, told) => {
        const kept = document.createElement("input");
        Object.assign(kept, { type: "hidden", name, value: told.value });
        item.querySelector(".file-progress").remove();
        item.querySelector(".file-size").textContent = told.size;
        const link = document.createElement("a");
        Object.assign(link, { className: "file-name", href: told.url, textContent: told.name });
        if (told.view) Object.assign(link.dataset, { view: told.view, shape: told.thumbnail ? "picture" : "page", name: told.name });
        item.querySelector(".file-name").replaceWith(link);
        if (told.thumbnail) {
          const picture = document.createElement("img");
          Object.assign(picture, { className: "file-picture", src: told.thumbnail, alt: "" });
          item.querySelector(".file-mark").replaceWith(picture);
        }
        item.querySelector("[data-file-remove]").setAttribute("aria-label", remove.replace("{name}", told.name));
        item.prepend(kept);
        root.querySelector("[data-file-said]").textContent = told.name;
      };
      root.addEventListener("click", (event) => {
        const button = event.target.closest("[data-file-remove]");
        if (!button) return;
        button.closest(".file-item").remove();
        settle();
        input.focus();
        changed();
      });
      dropping(root, (files) => files.slice(0, Math.max(0, Number(count) - items().length)).forEach(one));
      settle();
    },
  };
}

function openView(link) {
  const { view, shape, name } = link.dataset;
  const dialog = document.createElement("dialog");
  dialog.className = "dialog viewer";
  const head = document.createElement("div");
  head.className = "dialog-head";
  const heading = document.createElement("h1");
  heading.id = "viewer-title";
  heading.textContent = name;
  const save = document.createElement("a");
  Object.assign(save, { className: "button button-small", href: link.href, textContent: document.body.dataset.wordsSave });
  const close = document.createElement("button");
  Object.assign(close, { className: "button button-quiet button-small button-square", type: "button", textContent: "×" });
  close.setAttribute("aria-label", document.body.dataset.wordsClose);
  head.append(heading, save, close);
  const shown = document.createElement(shape === "picture" ? "img" : "iframe");
  shown.className = `viewer-${shape}`;
  shown.src = view;
  if (shape === "picture") shown.alt = name;
  else shown.title = name;
  dialog.append(head, shown);
  dialog.setAttribute("aria-labelledby", heading.id);
  document.body.append(dialog);
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    link.focus();
  });
  dialog.showModal();
  close.focus();
}

async function attach(card, files) {
  const { attach: address, failed } = card.dataset;
  let latest = null;
  const problems = [];
  for (const file of files) {
    const item = newItem(card, file);
    const bar = item.querySelector(".file-progress");
    try {
      latest = await send(address, { file }, tokenOf(card.querySelector("form")), failed, (part) => {
        bar.value = part;
      });
      item.remove();
      card = replaced(card, latest);
    } catch (problem) {
      item.remove();
      problems.push([file, problem.message]);
    }
  }
  for (const [file, sentence] of problems) fail(newItem(card, file), sentence, card);
}

function replaced(card, html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const fresh = document.adoptNode(page.getElementById("files"));
  card.replaceWith(fresh);
  dropping(fresh, (files) => attach(fresh, files));
  return fresh;
}

export function startFiles() {
  const card = document.querySelector("[data-attachments]");
  if (card) dropping(card, (files) => attach(card, files));
  document.addEventListener("submit", async (event) => {
    const form = event.target.closest?.("[data-file-detach]");
    if (!form) return;
    event.preventDefault();
    const own = form.closest("[data-attachments]");
    const html = await send(form.action, {}, tokenOf(form), own.dataset.failed).catch(() => null);
    if (html === null) form.submit();
    else replaced(own, html).querySelector("[data-file-input]")?.focus();
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-view]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    openView(link);
  });
}
