// The tree: branches are fetched when they are opened; a record is dragged below another one.
import { again, change, filled, fragment } from "./moving.js";
import { toast } from "./toasts.js";

export function enliven(tree) {
  tree.addEventListener("click", (event) => {
    const summary = event.target.closest("[data-tree-open]");
    if (summary) open(tree, summary).catch(() => location.reload());
  });
  // The record at the top stands in the middle of what can be wider than the window.
  tree.scrollLeft = (tree.scrollWidth - tree.clientWidth) / 2;
  if ("movable" in tree.dataset) carry(tree, tree).catch(() => {});
}

async function open(tree, summary) {
  const address = summary.dataset.treeOpen;
  delete summary.dataset.treeOpen;
  const list = summary.parentElement.querySelector("[data-below]");
  list.replaceChildren(...(await fragment(address)));
  if ("movable" in tree.dataset) await carry(tree, list);
}

async function carry(tree, within) {
  const { default: Sortable } = await import("sortablejs");
  const lists = [...within.querySelectorAll("[data-below]"), ...(within.matches("[data-below]") ? [within] : [])];
  for (const list of lists) {
    if (Sortable.get(list)) continue;
    Sortable.create(list, {
      group: { name: "tree", put: (to, from, item) => !item.contains(to.el) },
      draggable: ".tree-item",
      filter: "summary",
      preventOnFilter: false,
      sort: false,
      delay: 180,
      delayOnTouchOnly: true,
      forceFallback: true,
      fallbackOnBody: true,
      fallbackTolerance: 4,
      emptyInsertThreshold: 18,
      animation: 0,
      ghostClass: "board-ghost",
      onStart: () => tree.classList.add("tree-dragging"),
      onEnd: (event) => dropped(tree, event),
    });
  }
}

async function dropped(tree, event) {
  tree.classList.remove("tree-dragging");
  if (event.to === event.from) return;
  const { item } = event;
  const above = event.to.dataset.below;
  const value = above === "" ? null : /^\d+$/.test(above) ? Number(above) : above;
  const answer = await change(`${tree.dataset.api}/${item.dataset.card}`, { [tree.dataset.parent]: value }, item.dataset.revision);
  if (!answer.ok) {
    event.from.insertBefore(item, event.from.children[event.oldIndex] ?? null);
    toast(filled(tree.dataset.undone, { reason: answer.reason }), true);
    return;
  }
  const titleOf = (element) => element?.querySelector(":scope > .tree-card .tree-title")?.textContent ?? "–";
  toast(filled(tree.dataset.done, { title: titleOf(item), to: titleOf(event.to.closest(".tree-item")) }));
  await again();
}
