"use strict";
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const make = (tag, text = "", attributes = {}) => {
    const element = document.createElement(tag);
    element.textContent = text;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const seen = (element) => element.getClientRects().length > 0;
  const items = all(".item");
  const passes = all('tr[id^="pass-"]');
  const nights = all("#nights > .panel");
  const target = (hash) => {
    try {
      return document.getElementById(decodeURIComponent(hash.slice(1)));
    } catch {
      return null;
    }
  };
  document.documentElement.classList.add("js");

  /* Filters: one rule of style each, so that every mark, row and list of the page follows. */
  const styles = document.styleSheets[0];
  const nRules = styles.cssRules.length;
  const chosen = {};
  const fields = [];
  const form = make("form", "", { id: "filters", "aria-label": "Filters" });
  const count = make("output", "", { "aria-live": "polite" });
  const clear = make("button", "Show all", { type: "button" });
  const whole = new Map();
  const fits = (element) => Object.entries(chosen).every(([kind, value]) => !value || element.dataset[kind] === value);

  function addField(kind, label, values) {
    if (values.size < 2) return;
    const select = make("select");
    select.append(make("option", "all", { value: "" }));
    for (const [value, text] of [...values].sort((a, b) => a[1].localeCompare(b[1], "en"))) {
      select.append(make("option", text, { value }));
    }
    select.addEventListener("change", () => { chosen[kind] = select.value; filter(); });
    const field = make("label", `${label} `);
    field.append(select);
    form.append(field);
    fields.push(select);
  }

  function filter() {
    while (styles.cssRules.length > nRules) styles.deleteRule(nRules);
    for (const [kind, value] of Object.entries(chosen)) {
      if (value) styles.insertRule(`[data-${kind}]:not([data-${kind}="${CSS.escape(value)}"]){display:none!important}`, nRules);
    }
    const active = Object.values(chosen).some(Boolean);
    clear.hidden = !active;
    form.classList.toggle("active", active);
    count.textContent = `${items.filter(fits).length} of ${items.length} contacts`
      + `, ${passes.filter(fits).length} of ${passes.length} passes not chosen`;
    for (const panel of all(".panel")) {
      const contacts = all('.row[data-site] a[href^="#contact-"]', panel).map((link) => target(link.getAttribute("href")));
      const starting = contacts.filter((item) => item && fits(item)).length;
      const text = panel.querySelector("h3 span");
      whole.set(panel, whole.get(panel) || text.textContent);
      text.textContent = active ? `· ${starting} shown of ${whole.get(panel).slice(2)}` : whole.get(panel);
    }
    rove();
  }

  function showAll() {
    for (const select of fields) select.value = "";
    for (const kind of Object.keys(chosen)) chosen[kind] = "";
    filter();
  }

  function buildFilters() {
    const rows = all("#overview .row");
    const name = (row) => row.firstElementChild.textContent;
    const sites = rows.filter((row) => row.dataset.site);
    addField("country", "Country", new Map(sites.map((row) => [row.dataset.country, row.dataset.country])));
    addField("site", "Site", new Map(sites.map((row) => [row.dataset.site, name(row)])));
    addField("satellite", "Satellite", new Map(rows.filter((row) => row.dataset.satellite).map((row) => [row.dataset.satellite, name(row)])));
    if (!fields.length) return;
    clear.addEventListener("click", showAll);
    form.append(clear, count);
    form.addEventListener("submit", (event) => event.preventDefault());
    document.querySelector("#demand").parentElement.after(form);
  }

  /* Nights: one at a time, or all. */
  function chooseNight(id) {
    document.getElementById("nights").classList.toggle("every", id === "nights");
    for (const night of nights) night.classList.toggle("off", id !== "nights" && night.id !== id);
    for (const link of all(".choice a")) {
      if (link.hash === `#${id}`) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    rove();
  }

  /* One stop of the tab key in each panel; arrows go on from there, left and right in time, up and down by rows. */
  const links = (panel) => all('.row a[href^="#contact-"]', panel).filter(seen);
  function rove() {
    for (const panel of all(".panel")) {
      const own = links(panel);
      const stop = own.find((link) => link === document.activeElement) || own[0];
      for (const link of own) link.setAttribute("tabindex", link === stop ? "0" : "-1");
    }
  }
  function nextLink(from, key) {
    const own = links(from.closest(".panel"));
    const middle = (link) => { const box = link.getBoundingClientRect(); return [box.left + box.width / 2, box.top]; };
    const [x, y] = middle(from);
    if (key === "ArrowLeft" || key === "ArrowRight") {
      const inTime = own.map((link) => [link, ...middle(link)]).sort((a, b) => a[1] - b[1] || a[2] - b[2]).map((entry) => entry[0]);
      return inTime[inTime.indexOf(from) + (key === "ArrowRight" ? 1 : -1)];
    }
    const way = key === "ArrowDown" ? 1 : -1;
    const ahead = own.map((link) => [link, ...middle(link)]).filter((entry) => way * (entry[2] - y) > 4);
    ahead.sort((a, b) => way * (a[2] - b[2]) || Math.abs(a[1] - x) - Math.abs(b[1] - x));
    return ahead.length ? ahead[0][0] : undefined;
  }

  /* Where a link leads: a night is chosen; a contact or a pass is opened, shown and focused. */
  function go(hash, scroll = true) {
    const element = hash ? target(hash) : null;
    if (!element) return;
    if (element.id === "nights" || nights.includes(element)) { chooseNight(element.id); return; }
    for (let outer = element; outer; outer = outer.parentElement) if (outer.tagName === "DETAILS") outer.open = true;
    if (!seen(element)) showAll();
    const focus = element.classList.contains("item") ? element.firstElementChild : passes.includes(element) ? element : null;
    if (focus) {
      if (focus === element) element.tabIndex = -1;
      focus.focus({ preventScroll: true });
      if (scroll) element.scrollIntoView({ block: focus === element ? "center" : "start" });
    }
  }

  /* The card of what the pointer or the focus is on; the browser's own tooltip gives way to it. */
  const card = make("div", "", { id: "hover-card", role: "tooltip" });
  const titles = new WeakMap();
  function titled(element) {
    for (let at = element; at && at.ownerSVGElement; at = at.parentElement) {
      if (titles.has(at)) return at;
      const title = [...at.children].find((child) => child.tagName === "title");
      if (title) {
        titles.set(at, title.textContent);
        if (!at.hasAttribute("aria-label")) at.setAttribute("aria-label", title.textContent);
        title.remove();
        return at;
      }
    }
    return null;
  }
  function lines(element) {
    const link = element.closest("a");
    const about = link && target(link.getAttribute("href"));
    if (about && about.classList.contains("item") && !element.classList.contains("backup")) {
      const heading = about.firstElementChild.children[1];
      return [heading.textContent.replace(/^Site /, ""), ...[...about.firstElementChild.children].filter((cell) => !cell.textContent.startsWith("Site")).map((cell) => cell.textContent)];
    }
    const text = titles.get(element).split("\n");
    if (about && passes.includes(about)) text.push(about.lastElementChild.textContent);
    return text;
  }
  function mark(element, on) {
    const link = element.closest("a");
    const about = link && target(link.getAttribute("href"));
    if (!about || !about.classList.contains("item")) return;
    const id = CSS.escape(about.id.slice(8));
    for (const other of all(`a[href="${CSS.escape(link.getAttribute("href"))}"]`)) other.classList.toggle("on", on);
    for (const other of all(`.map-track[data-contact="${id}"], .map-circle[data-site="${CSS.escape(about.dataset.site)}"][data-satellite="${CSS.escape(about.dataset.satellite)}"]`)) other.classList.toggle("map-on", on);
  }
  let shown = null;
  function hide() {
    if (shown) mark(shown, false);
    shown = null;
    card.classList.remove("on");
  }
  function show(element, x, y) {
    if (shown !== element) {
      hide();
      shown = element;
      mark(element, true);
      card.replaceChildren(...lines(element).filter((line) => line.trim()).map((line, number) => make(number ? "div" : "b", line)));
      card.classList.add("on");
    }
    const box = card.getBoundingClientRect();
    card.style.left = `${Math.max(4, Math.min(x + 14, document.documentElement.clientWidth - box.width - 4))}px`;
    card.style.top = `${y + 18 + box.height > window.innerHeight ? Math.max(4, y - box.height - 10) : y + 18}px`;
  }

  /* Tables sorted by a click on a heading: numbers as they are shown, units counted. */
  const UNITS = { kbit: 1e3, Mbit: 1e6, Gbit: 1e9, Tbit: 1e12, min: 60, h: 3600 };
  function value(cell, isNumber) {
    if (cell.dataset.v) return Number(cell.dataset.v);
    const text = cell.firstChild ? cell.firstChild.textContent : "";
    if (!isNumber) return text;
    const parts = [...text.matchAll(/(-?\d[\d.]*)\s*([A-Za-z]*)/g)];
    return parts.length ? parts.reduce((sum, [, number, unit]) => sum + number * (UNITS[unit] || 1), 0) : -Infinity;
  }
  function makeSortable(table) {
    const body = table.tBodies[0];
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = make("button", head.textContent, { type: "button" });
      head.replaceChildren(button);
      const isNumber = head.classList.contains("number");
      button.addEventListener("click", () => {
        const way = head.getAttribute("aria-sort") === (isNumber ? "descending" : "ascending") ? !isNumber : isNumber;
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", way ? "descending" : "ascending");
        const sign = way ? -1 : 1;
        const rows = [...body.rows].map((row) => [value(row.cells[column], isNumber), row]);
        rows.sort(([a], [b]) => sign * (typeof a === "string" ? a.localeCompare(b, "en") : a === b ? 0 : a < b ? -1 : 1));
        body.append(...rows.map(([, row]) => row));
        table.parentElement.scrollTop = 0;
      });
    });
  }

  buildFilters();
  if (items.some((item) => item.querySelector(".detail"))) {
    const button = make("button", "Open all sheets", { type: "button", class: "open-all" });
    button.addEventListener("click", () => {
      const open = items.some((item) => !item.open);
      for (const item of items) item.open = open;
      button.textContent = open ? "Close all sheets" : "Open all sheets";
    });
    document.querySelector("#contacts").after(button);
  }
  all("table.sortable").forEach(makeSortable);
  document.body.append(card);
  if (nights.length) chooseNight((nights.find((night) => night.querySelector('a[href^="#contact-"]')) || nights[0]).id);
  if (fields.length) filter();
  go(location.hash);
  /* Once more when all is loaded: the browser then goes to the fragment itself, and takes the focus away. */
  addEventListener("load", () => setTimeout(() => go(location.hash)));

  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const hash = link.getAttribute("href");
    const element = target(hash);
    if (!element) return;
    if (element.id === "nights" || nights.includes(element)) event.preventDefault();
    hide();
    history.replaceState(null, "", hash);
    go(hash);
    if (element.classList.contains("item") || passes.includes(element)) event.preventDefault();
  });
  addEventListener("hashchange", () => go(location.hash));
  document.addEventListener("pointerover", (event) => {
    const element = titled(event.target);
    if (element) show(element, event.clientX, event.clientY);
    else if (shown) hide();
  });
  document.addEventListener("focusin", (event) => {
    const element = titled(event.target);
    if (!element || !event.target.matches(":focus-visible")) return;
    const box = element.getBoundingClientRect();
    show(element, box.left, box.bottom - 10);
  });
  document.addEventListener("focusout", hide);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
    const link = event.target.closest('.panel a[href^="#contact-"]');
    if (!link || !event.key.startsWith("Arrow")) return;
    event.preventDefault();
    const next = nextLink(link, event.key);
    if (!next) return;
    link.setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
  });
})();
