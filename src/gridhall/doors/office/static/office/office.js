// What the office does beyond plain HTML: change at the counter, the count of a drawer, marking many rows, moving by arrows.
(() => {
  "use strict";
  const decimals = (box) => Number(box.dataset.decimals ?? 2);
  // Amounts are whole minor units here too: no fraction is ever computed with.
  const minor = (text, places) => {
    const plain = text.normalize("NFKC").replace(/[¥$€£,\s]/g, "");
    if (!/^\d*\.?\d*$/.test(plain) || !/\d/.test(plain)) return null;
    const [whole, part = ""] = plain.split(".");
    return Number(whole || "0") * 10 ** places + Number((part + "0".repeat(places)).slice(0, places) || "0");
  };
  const shown = (value, places) => {
    const sign = value < 0 ? "−" : "";
    const digits = String(Math.abs(value)).padStart(places + 1, "0");
    const whole = digits.slice(0, digits.length - places).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
    return sign + whole + (places ? "." + digits.slice(-places) : "");
  };

  // Counter: given − amount = change.
  const reckon = (form) => {
    const places = decimals(form);
    const amount = minor(form.elements.amount.value, places);
    const given = minor(form.elements.given.value, places);
    const cash = form.elements.method.value === "cash";
    form.querySelectorAll("[data-cash]").forEach((one) => { one.hidden = !cash; });
    form.querySelectorAll("[data-for]").forEach((one) => { one.hidden = one.dataset.for !== form.elements.method.value; });
    form.querySelectorAll("[data-way]").forEach((one) => { one.hidden = one.dataset.way !== form.elements.method.value; });
    const out = form.querySelector("[data-change]");
    if (amount === null || given === null) { out.textContent = "–"; out.classList.remove("short"); return; }
    out.textContent = shown(given - amount, places);
    out.classList.toggle("short", given < amount);
  };
  // Till: pieces × denomination.
  const count = (form) => {
    let total = 0;
    for (const input of form.querySelectorAll("[data-worth]")) {
      const sum = Number(input.value.normalize("NFKC").replace(/\D/g, "") || "0") * Number(input.dataset.worth);
      input.closest("tr").querySelector("[data-sum]").textContent = sum ? shown(sum, decimals(form)) : "–";
      total += sum;
    }
    form.querySelector("[data-total]").textContent = shown(total, decimals(form));
  };
  // Lists: one box marks all; the bar says how many are marked.
  const marked = (form) => {
    const boxes = [...form.querySelectorAll("input[data-row]")];
    const number = boxes.filter((one) => one.checked).length;
    form.querySelectorAll("[data-marked]").forEach((one) => { one.textContent = String(number); });
    form.querySelectorAll("[data-needs-mark]").forEach((one) => { one.disabled = number === 0; });
    const all = form.querySelector("input[data-all]");
    if (all) { all.checked = number > 0 && number === boxes.length; all.indeterminate = number > 0 && number < boxes.length; }
  };
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form?.dataset.reckon !== undefined) reckon(form);
    if (form?.dataset.count !== undefined) count(form);
  });
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (!form) return;
    if (event.target.matches("input[data-all]")) form.querySelectorAll("input[data-row]").forEach((one) => { one.checked = event.target.checked; });
    if (form.dataset.many !== undefined) marked(form);
    if (form.dataset.reckon !== undefined) reckon(form);
  });
  // ↓ and ↑ move through found rows, Enter opens; from the find box ↓ enters the list.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const links = [...document.querySelectorAll("[data-walk] a[data-step]")];
    if (!links.length || event.target.matches("select, textarea, input:not([type=search])")) return;
    const place = links.indexOf(document.activeElement);
    if (place < 0 && event.key === "ArrowUp") return;
    event.preventDefault();
    links[Math.min(links.length - 1, Math.max(0, place + (event.key === "ArrowDown" ? 1 : -1)))].focus();
  });
  // A table that is wider than its place can be scrolled by keyboard.
  const reach = () => document.querySelectorAll(".table-wrap").forEach((one) => {
    if (one.scrollWidth > one.clientWidth) one.tabIndex = 0; else one.removeAttribute("tabindex");
  });
  window.addEventListener("resize", reach);
  const begin = () => {
    reach();
    document.querySelectorAll("form[data-reckon]").forEach(reckon);
    document.querySelectorAll("form[data-count]").forEach(count);
    document.querySelectorAll("form[data-many]").forEach(marked);
  };
  begin();
  document.addEventListener("htmx:afterSwap", begin);
})();
