// What every page loads: htmx for parts of pages, Alpine (its build without eval) to bring elements to life.
// A component is found by its x-data name, also in parts that arrive later.
import Alpine from "@alpinejs/csp";
import htmx from "htmx.org";
import { startAmounts } from "./modules/amounts.js";
import { startBell } from "./modules/bell.js";
import { startCharts } from "./modules/charts.js";
import { childRows } from "./modules/child_rows.js";
import { combobox, comboboxMany } from "./modules/combobox.js";
import { startChosenFiles } from "./modules/chosen_files.js";
import { startCopying } from "./modules/copy.js";
import { fileField, startFiles } from "./modules/files.js";
import { startDateBoxes } from "./modules/date_boxes.js";
import { startDialogs } from "./modules/dialogs.js";
import { filterBuilder } from "./modules/filter_builder.js";
import { formulaBox } from "./modules/formula_box.js";
import { startListColumns } from "./modules/list_columns.js";
import { startListRows } from "./modules/list_rows.js";
import { startMenus } from "./modules/menus.js";
import { startNeeded } from "./modules/needed.js";
import { startNeighbours } from "./modules/neighbours.js";
import { startPrint } from "./modules/print.js";
import { recordForm } from "./modules/record_form.js";
import { colorBox, richText } from "./modules/rich_text.js";
import { signaturePad } from "./modules/signature.js";
import { startParts } from "./modules/parts.js";
import { startSearchKey } from "./modules/search_key.js";
import { startTabs } from "./modules/tabs.js";
import { startTheme } from "./modules/theme.js";
import { startToasts } from "./modules/toasts.js";

window.htmx = htmx;
for (const [name, component] of Object.entries({
  recordForm,
  childRows,
  combobox,
  comboboxMany,
  filterBuilder,
  formulaBox,
  richText,
  colorBox,
  fileField,
  signaturePad,
})) {
  Alpine.data(name, component);
}
Alpine.start();
startAmounts();
startBell();
startCharts();
startParts();
startTabs();
startMenus();
startNeeded();
startCopying();
startDateBoxes();
startChosenFiles();
startDialogs();
startListColumns();
startListRows();
startTheme();
startToasts();
startFiles();
startPrint();
startNeighbours();
startSearchKey();
document.addEventListener("htmx:after:swap", startNeighbours);
document.querySelector("[data-focus]")?.focus();
