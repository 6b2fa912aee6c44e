// What the page does by itself: hover cards, tabs, keys, the narrow layouts. Everything shown comes from the server as
// finished HTML; a button with data-act hands its data-* to the server through the wire.
"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let send = () => {};

  // ---- Light and dark: the reader's choice, else the system's

  function chosenTheme() {
    try { return localStorage.getItem("footnote-theme"); } catch { return null; }
  }
  function applyTheme() {
    const wanted = chosenTheme() ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    document.documentElement.classList.toggle("dark", wanted === "dark");
    document.body?.classList.toggle("dark", wanted === "dark");
  }
  function switchTheme() {
    const next = document.documentElement.classList.contains("dark") ? "light" : "dark";
    try { localStorage.setItem("footnote-theme", next); } catch { /* kept for this visit only */ }
    applyTheme();
  }

  // ---- The question box

  const box = () => $("#fn-box textarea");
  const scroller = () => $("#fn-scroll");

  function followEnd(smooth) {
    const area = scroller();
    const turn = $("#fn-live .fn-turn");
    if (!area) return;
    const top = turn ? area.scrollTop + turn.getBoundingClientRect().top - area.getBoundingClientRect().top - 24 : 0;
    area.scrollTo({ top, behavior: smooth && !calm.matches ? "smooth" : "auto" });
  }

  // ---- The hover card: one element, filled from the card that the chip describes itself by

  let card;
  function showCard(from) {
    hideCard();
    const source = from.dataset.card && document.getElementById(from.dataset.card);
    if (!source && !from.dataset.tip) return;
    card = document.createElement("div");
    card.className = "fn-hover";
    card.setAttribute("aria-hidden", "true"); // its words are already the chip's description
    if (source) card.append(...[...source.cloneNode(true).childNodes]);
    else card.textContent = from.dataset.tip;
    document.body.append(card);
    const at = from.getBoundingClientRect();
    const size = card.getBoundingClientRect();
    const left = Math.max(8, Math.min(at.left, innerWidth - size.width - 8));
    const above = at.top - size.height - 8;
    card.style.left = `${left}px`;
    card.style.top = `${above > 8 ? above : at.bottom + 8}px`;
  }
  function hideCard() { card?.remove(); card = undefined; }

  // ---- The side panel

  const isSheet = () => matchMedia("(max-width: 1099px)").matches;
  let opener;

  function openSide(which, from) {
    if (!isSheet() && which === "right") return;
    opener = from ?? document.activeElement;
    document.body.dataset.open = which;
    if (isSheet()) $(which === "right" ? "#fn-panel [role=tab][aria-selected=true]" : "#fn-new")?.focus();
  }
  function closeSide() {
    if (!document.body.dataset.open) return false;
    delete document.body.dataset.open;
    opener?.focus?.();
    return true;
  }
  function showTab(key, focus = false) {
    for (const tab of $$("#fn-panel [role=tab]")) {
      const on = tab.dataset.tab === key;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls"))?.toggleAttribute("hidden", !on);
      if (on && focus) tab.focus();
    }
  }
  function showMark() {
    const mark = $("#fn-panel mark.is-here");
    const area = $("#panel-article");
    if (!mark || !area || area.hidden) return;
    const top = area.scrollTop + mark.getBoundingClientRect().top - area.getBoundingClientRect().top - area.clientHeight / 3;
    area.scrollTo({ top, behavior: "auto" });
  }
  function lightChips(turn, number) {
    for (const chip of $$(".fn-chip.is-open")) chip.classList.remove("is-open");
    if (turn) $$(`.fn-chip[data-turn="${turn}"][data-number="${number}"]`).forEach((chip) => chip.classList.add("is-open"));
  }

  // ---- A question to the reader: null when refused, else what was typed (true where nothing was to be typed)

  function consult(question, yes, words) {
    const dialog = document.createElement("dialog");
    dialog.className = "fn-dialog";
    dialog.setAttribute("aria-label", question);
    const form = Object.assign(document.createElement("form"), { method: "dialog" });
    const text = Object.assign(document.createElement("p"), { textContent: question });
    const field = Object.assign(document.createElement("input"), { value: words ?? "", maxLength: 500 });
    field.setAttribute("aria-label", question);
    const row = document.createElement("div");
    // The first button is the one that Enter presses in the field.
    for (const [value, label] of [["yes", yes], ["no", "Cancel"]]) {
      row.append(Object.assign(document.createElement("button"), { value, textContent: label }));
    }
    row.style.flexDirection = "row-reverse";
    row.style.justifyContent = "flex-start";
    form.append(text, ...(words === undefined ? [] : [field]), row);
    dialog.append(form);
    document.body.append(dialog);
    dialog.showModal();
    return new Promise((resolve) => {
      dialog.addEventListener("close", () => {
        dialog.remove();
        resolve(dialog.returnValue !== "yes" ? null : words === undefined ? true : field.value);
      });
    });
  }

  // ---- Acts

  async function copy(words, button) {
    await navigator.clipboard.writeText(words);
    const label = button.textContent;
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = label; }, 1500);
  }
  const acts = {
    copy: (button) => copy(button.dataset.copy, button),
    open_source(button, data) {
      lightChips(data.turn, data.number);
      openSide("right", button);
      send("open_source", data);
    },
    open_sources(button, data) { openSide("right", button); send("open_sources", data); },
    open_chat(button, data) { closeSide(); send("open_chat", data); },
    async rename_chat(button, data) {
      const title = await consult("Name of this conversation", "Rename", data.title);
      if (title?.trim()) send("rename_chat", { ...data, title });
    },
    async delete_chat(button, data) {
      if (await consult(`Delete “${data.title}”? This cannot be undone.`, "Delete")) send("delete_chat", data);
    },
    async thumb(button, data) {
      const reason = data.way === "down" ? await consult("What was wrong? It stays on this machine.", "Send", "") : "";
      if (reason !== null) send("thumb", { ...data, reason });
    },
    read(button, data) { openSide("right", button); send("read", data); },
    async remove(button, data) {
      const question = `Delete the file of “${data.title}” from the corpus? This cannot be undone.`;
      if (await consult(question, "Delete")) send("remove", data);
    },
    edit(button, data) { send("edit", data); box()?.focus(); },
  };
  const toggles = { theme: switchTheme, menu: (button) => openSide("left", button), close: closeSide };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-act], [data-toggle], [data-tab]");
    if (!button) {
      if (document.body.dataset.open && !event.target.closest("#fn-right, #fn-left, .fn-hover")) closeSide();
      return;
    }
    hideCard();
    const { act, toggle, tab, card: _, copy: __, ...data } = button.dataset;
    if (tab) showTab(tab);
    else if (toggle) toggles[toggle]?.(button);
    else (acts[act] ?? ((_button, rest) => send(act, rest)))(button, data);
  });
  for (const kind of ["mouseover", "focusin"]) {
    document.addEventListener(kind, (event) => {
      const from = event.target.closest?.("[data-card], [data-tip]");
      if (from) showCard(from); else hideCard();
    });
  }
  document.addEventListener("scroll", hideCard, true);

  // ---- Keys

  const typing = () => document.activeElement?.matches("input, textarea, select, [contenteditable=true]");

  function stepChip(by) {
    const chips = $$(".fn-chip").filter((chip) => chip.offsetParent);
    if (!chips.length) return;
    const at = chips.indexOf(document.activeElement);
    const next = at < 0 ? (by > 0 ? 0 : chips.length - 1) : (at + by + chips.length) % chips.length;
    chips[next].focus();
    chips[next].scrollIntoView({ block: "nearest" });
  }
  function stepTab(by) {
    const tabs = $$("#fn-panel [role=tab]");
    const at = tabs.indexOf(document.activeElement);
    if (at >= 0) showTab(tabs[(at + by + tabs.length) % tabs.length].dataset.tab, true);
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || $("dialog[open]")) return;
    if (event.key === "Escape") { if (card) hideCard(); else if (!closeSide()) document.activeElement?.blur?.(); return; }
    if (typing()) return;
    if (event.key === "/") { event.preventDefault(); box()?.focus(); }
    else if (event.key === "]") stepChip(1);
    else if (event.key === "[") stepChip(-1);
    else if (event.key === "ArrowRight") stepTab(1);
    else if (event.key === "ArrowLeft") stepTab(-1);
  });
  document.addEventListener("input", (event) => {
    if (!event.target.closest("#fn-search")) return;
    const words = event.target.value.toLowerCase();
    for (const item of $$(".fn-chats > li")) item.hidden = !item.textContent.toLowerCase().includes(words);
  });

  // ---- Where gradio's components meet this page

  window.footnote = {
    wire(_element, trigger) { send = trigger; },
    live(element, watch) {
      let shown = "";
      const settle = () => {
        const root = $(".fn-root", element);
        const turn = $(".fn-turn", element);
        const chat = root?.dataset.chat ?? "";
        const address = chat ? `?c=${encodeURIComponent(chat)}` : location.pathname;
        if (root) history.replaceState(null, "", address);
        if (turn && turn.dataset.turn !== shown) {
          shown = turn.dataset.turn;
          // The turns above are drawn in the same update, maybe after this one: two frames later they stand.
          requestAnimationFrame(() => requestAnimationFrame(() => followEnd(true)));
        }
        if (!turn) shown = "";
      };
      watch("value", settle);
      settle();
    },
    filters(element, props) {
      element.addEventListener("change", () => {
        props.value = Object.fromEntries($$("select, input", element).map((field) => [field.name, field.value]));
      });
    },
    panel(element, watch) { watch("value", () => requestAnimationFrame(showMark)); },
  };

  applyTheme();
  document.addEventListener("DOMContentLoaded", () => {
    applyTheme();
    // Gradio sets the class by the system's wish when it starts; the reader's own choice comes first.
    new MutationObserver(applyTheme).observe(document.body, { attributeFilter: ["class"] });
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", applyTheme);
})();
