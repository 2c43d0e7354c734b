// Ctrl-K (or ⌘K) opens the search for everything, which is loaded then; a record that is looked at is remembered.
const AT_MOST = 20;

function remember(link, record) {
  const key = `dougong-seen-${link.dataset.person}`;
  const before = JSON.parse(localStorage.getItem(key) ?? "[]");
  localStorage.setItem(key, JSON.stringify([record, ...before.filter((each) => each !== record)].slice(0, AT_MOST)));
}

export function startSearchKey() {
  const link = document.querySelector("a[data-palette]");
  if (!link) return;
  const open = (event) => {
    event.preventDefault();
    import("./palette.js").then((palette) => palette.openPalette(link)).catch(() => location.assign(link.href));
  };
  document.addEventListener("keydown", (event) => {
    const wanted = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
    if (wanted && !event.shiftKey && !event.altKey) open(event);
  });
  link.addEventListener("click", (event) => {
    if (!event.ctrlKey && !event.metaKey && !event.shiftKey) open(event);
  });
  const record = document.querySelector("[data-seen]")?.dataset.seen;
  if (record) remember(link, record);
}
