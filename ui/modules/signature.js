// A signature: drawn on a canvas, sent as a picture when the pen rests. The line is black on white whatever the
// theme, since it is looked at and printed elsewhere.
import { send } from "./files.js";

const REST = 700;

export function signaturePad() {
  return {
    init() {
      const root = this.$el;
      const part = (name) => root.querySelector(`[data-signature-${name}]`);
      const [page, value, clear, said, file] = ["page", "value", "clear", "said", "file"].map(part);
      const pen = page.getContext("2d");
      let timer = 0;
      let last = null;
      file.removeAttribute("name");
      page.hidden = false;
      clear.hidden = false;
      if (part("picture")) page.hidden = true;

      const changed = () => value.dispatchEvent(new Event("change", { bubbles: true }));
      const place = (event) => {
        const box = page.getBoundingClientRect();
        return [((event.clientX - box.left) * page.width) / box.width, ((event.clientY - box.top) * page.height) / box.height];
      };
      const wipe = () => {
        pen.fillStyle = "#ffffff";
        pen.fillRect(0, 0, page.width, page.height);
      };
      const keep = async (picture) => {
        const { upload, entity, field, failed } = root.dataset;
        const token = root.closest("form").querySelector("[name=csrf_token]").value;
        try {
          const told = JSON.parse(await send(upload, { entity, field, file: picture }, token, failed));
          value.value = told.value;
          said.textContent = "";
          changed();
        } catch (problem) {
          said.textContent = problem.message;
        }
      };
      const drawn = () => {
        clearTimeout(timer);
        timer = setTimeout(() => {
          page.toBlob((blob) => keep(new File([blob], "signature.png", { type: "image/png" })), "image/png");
        }, REST);
      };
      wipe();
      page.addEventListener("pointerdown", (event) => {
        event.preventDefault();
        page.setPointerCapture(event.pointerId);
        clearTimeout(timer);
        last = place(event);
      });
      page.addEventListener("pointermove", (event) => {
        if (!last) return;
        const [x, y] = place(event);
        Object.assign(pen, { strokeStyle: "#16161a", lineWidth: 4, lineCap: "round", lineJoin: "round" });
        pen.beginPath();
        pen.moveTo(...last);
        pen.lineTo(x, y);
        pen.stroke();
        last = [x, y];
      });
      for (const name of ["pointerup", "pointercancel"]) {
        page.addEventListener(name, () => {
          if (last) drawn();
          last = null;
        });
      }
      clear.addEventListener("click", () => {
        clearTimeout(timer);
        wipe();
        part("picture")?.remove();
        page.hidden = false;
        value.value = "";
        changed();
      });
      file.addEventListener("change", (event) => {
        event.stopPropagation();
        if (!file.files[0]) return;
        keep(file.files[0]);
        createImageBitmap(file.files[0]).then((picture) => {
          wipe();
          page.hidden = false;
          part("picture")?.remove();
          const scale = Math.min(page.width / picture.width, page.height / picture.height, 1);
          pen.drawImage(picture, 0, 0, picture.width * scale, picture.height * scale);
        });
      });
    },
  };
}
