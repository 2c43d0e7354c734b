// What only some pages have is brought to life by a module of its own, which is loaded when such an element comes
// onto the page.
import { whenever } from "./moving.js";

const ELEMENTS = {
  "[data-board]": () => import("./board.js"),
  "[data-calendar][data-movable]": () => import("./calendar.js"),
  "[data-timeline]": () => import("./timeline.js"),
  "[data-tree]": () => import("./tree.js"),
  "[data-import-drop]": () => import("./imports.js"),
  "[data-publishing]": () => import("./publishing.js"),
  "[data-form-tabs]": () => import("./form_tabs.js"),
  "[data-gone]": () => import("./deleted.js"),
  "[data-recently]": () => import("./palette.js"),
};
// These listen to the whole document: once is enough.
const PAGES = {
  "[data-acts]": () => import("./list_acts.js"),
  "[data-list]": () => import("./list_cells.js"),
  "[data-peek]": () => import("./link_cards.js"),
  "[data-inbox]": () => import("./inbox.js"),
  "[data-mentions]": () => import("./mentions.js"),
  "[data-import-progress]": () => import("./imports.js"),
};

export function startParts() {
  for (const [selector, load] of Object.entries(ELEMENTS)) {
    whenever(selector, async (element) => (await load()).enliven(element));
  }
  for (const [selector, load] of Object.entries(PAGES)) {
    let begun = null;
    whenever(selector, async () => {
      begun ??= load().then((part) => part.listen());
      await begun;
    });
  }
}
