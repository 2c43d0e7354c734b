// The import page: a file that is dropped is chosen, and while rows are checked or written a bar shows how far it
// is. The server answers line by line, a JSON text each.
async function send(form, submitter) {
  const progress = document.querySelector("[data-import-progress]");
  const said = document.querySelector("[data-import-said]");
  const result = document.getElementById("import-result");
  const body = new FormData(form, submitter);
  for (const button of document.querySelectorAll("[data-import-form] button")) button.disabled = true;
  progress.hidden = false;
  progress.querySelector("progress").value = 0;
  said.textContent = "";
  let html = "";
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body,
      credentials: "same-origin",
      headers: { Accept: "application/x-ndjson" },
    });
    if (!answer.headers.get("Content-Type")?.startsWith("application/x-ndjson")) {
      // What is wrong with the columns stands in the page that the server answers.
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      document.getElementById("page").replaceChildren(...page.getElementById("page").childNodes);
      return;
    }
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let kept = "";
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      kept += part.value;
      const lines = kept.split("\n");
      kept = lines.pop();
      for (const line of lines) {
        const told = JSON.parse(line);
        if (told.total) {
          progress.querySelector("progress").value = told.done / told.total;
          said.textContent = said.dataset.words.replace("{done}", told.done).replace("{count}", told.total);
        }
        if (told.problem) throw new Error(told.problem);
        if (told.html) html = told.html;
      }
    }
    if (!html) throw new Error(said.dataset.failed);
    progress.hidden = true;
    result.innerHTML = html;
    result.focus();
    result.scrollIntoView({ block: "start" });
  } catch (error) {
    said.textContent = error instanceof TypeError ? said.dataset.failed : error.message;
  }
  for (const button of document.querySelectorAll("[data-import-form] button")) button.disabled = false;
}

export function enliven(drop) {
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("import-over");
    });
  }
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("import-over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!event.dataTransfer.files.length) return;
    drop.querySelector("input[type=file]").files = event.dataTransfer.files;
    drop.requestSubmit();
  });
}

export function listen() {
  document.addEventListener("submit", (event) => {
    if (!event.target.matches?.("[data-import-form]")) return;
    event.preventDefault();
    send(event.target, event.submitter);
  });
}
