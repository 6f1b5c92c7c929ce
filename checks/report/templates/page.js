"use strict";
(() => {
  const controls = document.getElementById("controls");
  const search = document.getElementById("search");
  const shown = document.getElementById("shown");
  const buttons = [...controls.querySelectorAll("button")];
  const rows = [...document.querySelectorAll("table.ledger tbody tr")];
  let status = "";
  controls.hidden = false;

  const fits = (row, words) => {
    if (status !== "") { if (row.dataset.status !== status) return false; }
    const text = row.textContent.toLowerCase();
    return words.every((word) => text.includes(word));
  };
  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const fit = fits(row, words);
      row.hidden = !fit;
      document.getElementById(row.dataset.claim).hidden = !fit;
      count += fit ? 1 : 0;
    }
    shown.textContent = count === rows.length ? "" : `${count} of ${rows.length} shown`;
  };
  for (const button of buttons) {
    button.addEventListener("click", () => {
      status = button.getAttribute("aria-pressed") === "true" ? "" : button.dataset.status;
      for (const other of buttons) other.setAttribute("aria-pressed", String(other.dataset.status === status));
      filter();
    });
  }
  search.addEventListener("input", filter);

  // A link to a claim that the filter hides shows everything again.
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target === null || !target.hidden) return;
    search.value = "";
    status = "";
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.status === ""));
    filter();
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);

  for (const graph of document.querySelectorAll("svg.graph")) {
    const light = (name) => {
      graph.classList.toggle("focus", name !== "");
      for (const arc of graph.querySelectorAll(".arc"))
        arc.classList.toggle("lit", [arc.dataset.from, arc.dataset.to].includes(name));
    };
    for (const node of graph.querySelectorAll(".node")) {
      node.addEventListener("mouseenter", () => light(node.dataset.node));
      node.addEventListener("mouseleave", () => light(""));
    }
  }
})();
