// What pages do beyond plain HTML. Every page can be read, and every look-up made, without this file.
(() => {
  "use strict";
  const find = (selector, from = document) => from.querySelector(selector);

  // data-open="id" opens that dialog; data-close closes the one around it.
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open]");
    if (opener) { document.getElementById(opener.dataset.open)?.showModal(); event.preventDefault(); }
    const closer = event.target.closest("[data-close]");
    if (closer) closer.closest("dialog, .toast")?.[closer.closest(".toast") ? "remove" : "close"]();
    if (event.target.closest("[data-print]")) window.print();
    const row = event.target.closest("tr[data-href]");
    if (row && !event.target.closest("a, button, input, label, select")) location.href = row.dataset.href;
  });

  // data-key="F2" (or "/", "Alt+n"): the key presses that control; a field is focused instead.
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    const name = (event.altKey ? "Alt+" : "") + (event.ctrlKey ? "Ctrl+" : "") + event.key;
    if (typing && name.length === 1) return;
    const within = find("dialog[open]") ?? document;
    const target = [...within.querySelectorAll("[data-key]")].find((one) => one.dataset.key === name);
    if (!target) return;
    event.preventDefault();
    if (target.matches("input:not([type=submit]), textarea, select")) { target.focus(); target.select?.(); } else target.click();
  });

  // A form is sent once: its button shows that it works, and a second press does nothing.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method === "dialog" || form.dataset.again !== undefined) return;
    if (form.dataset.sent && !form.hasAttribute("hx-post")) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    const button = event.submitter;
    if (button) button.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
    for (const button of document.querySelectorAll("[aria-busy=true]")) button.removeAttribute("aria-busy");
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest?.("form");
    if (form) { delete form.dataset.sent; form.querySelectorAll("[aria-busy=true]").forEach((one) => one.removeAttribute("aria-busy")); }
  });

  // data-look-again="address": what comes from elsewhere is asked for after a while, without a press.
  const awaited = find("[data-look-again]");
  if (awaited) setTimeout(() => location.replace(awaited.dataset.lookAgain), 3000);

  // data-send: the form is sent when this choice changes.
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-send]")) event.target.form.requestSubmit();
  });

  // Charts: the column under the pointer, the finger or the arrow keys says its figures in the line below.
  const tell = (column) => {
    const chart = column.closest("[data-chart]");
    const out = find("[data-readout]", chart);
    if (!out || column.classList.contains("told")) return;
    chart.querySelectorAll(".told").forEach((one) => one.classList.remove("told"));
    column.classList.add("told");
    out.textContent = column.dataset.say;
  };
  for (const happening of ["pointerover", "focusin", "click"]) {
    document.addEventListener(happening, (event) => { const column = event.target.closest?.("[data-chart] [data-say]"); if (column) tell(column); });
  }
  document.querySelectorAll("[data-chart] svg[role=group]").forEach((plot) => {
    if (!find("a", plot)) plot.tabIndex = 0;
    plot.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
      const columns = [...plot.querySelectorAll("[data-say]")];
      const place = columns.indexOf(find(".told", plot) ?? columns.at(-1));
      const next = columns[place + (event.key === "ArrowRight" ? 1 : -1)];
      if (next) tell(next);
      event.preventDefault();
    });
  });

  // Two minutes before a sign-in ends for want of a page, ask; staying loads a page unseen, else the sign-in page comes.
  const idle = find("dialog[data-idle]");
  if (idle) {
    const life = Number(idle.dataset.idle) * 1000;
    let asked, ended;
    const wait = () => {
      clearTimeout(asked); clearTimeout(ended);
      asked = setTimeout(() => idle.showModal(), life - 120000);
      ended = setTimeout(() => location.reload(), life + 2000);
    };
    find("[data-stay]", idle).addEventListener("click", async () => {
      const answer = await fetch(location.href, { redirect: "manual", cache: "no-store" }).catch(() => null);
      if (answer?.ok) { idle.close(); wait(); } else location.reload();
    });
    document.addEventListener("htmx:afterRequest", wait);
    wait();
  }

  // Toasts leave by themselves unless they tell of a failure or hold the pointer.
  const leave = (toast) => setTimeout(() => { if (toast.matches(":hover, :focus-within")) leave(toast); else toast.remove(); }, 6000);
  document.querySelectorAll(".toast:not(.bad)").forEach(leave);

  // A table on paper shows its folded parts too.
  window.addEventListener("beforeprint", () => document.querySelectorAll("details:not([data-folded])").forEach((one) => { one.open = true; }));
})();
