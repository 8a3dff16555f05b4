// What a job has put out, below the table. Nothing of it is ever taken for HTML: text goes in as
// text nodes, and of the rich outputs only bitmaps are shown as more than their text.

const CODES = /\x1b\[([0-9;:]*)m|\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b.?/g;
const HUES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
const IMAGES = ["image/png", "image/jpeg", "image/gif", "image/webp"];

const withoutCodes = (text) => (text.includes("\x1b") ? text.replace(CODES, "") : text);

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text != null) made.textContent = text;
  return made;
}

/** Keep the notebook's own shortcuts from keys pressed here: it looks at the focused element only. */
function focusable(made) {
  made.setAttribute("data-lm-suppress-shortcuts", "true");
  return made;
}

function button(className, text, label, act) {
  const made = focusable(element("button", className, text));
  made.type = "button";
  if (label) made.setAttribute("aria-label", label);
  made.addEventListener("click", (event) => (event.stopPropagation(), act(event)));
  return made;
}

/** Text with a terminal's colours, as nodes. */
function colored(text) {
  const made = document.createDocumentFragment();
  let style = {};
  let at = 0;
  const add = (part) => {
    if (!part) return;
    const names = Object.values(style);
    made.append(names.length ? element("span", names.join(" "), part) : part);
  };
  for (const match of text.matchAll(CODES)) {
    add(text.slice(at, match.index));
    at = match.index + match[0].length;
    if (match[1] != null) style = restyled(style, match[1]);
  }
  add(text.slice(at));
  return made;
}

function restyled(before, codes) {
  let style = { ...before };
  const numbers = codes.split(/[;:]/).map(Number);
  while (numbers.length) {
    const code = numbers.shift();
    if (code === 0) style = {};
    else if (code === 1) style.weight = "nbj-bold";
    else if (code === 22) delete style.weight;
    else if (code === 4) style.line = "nbj-underlined";
    else if (code === 24) delete style.line;
    else if (code === 39) delete style.color;
    else if (code >= 30 && code <= 37) style.color = `nbj-${HUES[code - 30]}`;
    else if (code >= 90 && code <= 97) style.color = `nbj-${HUES[code - 90]}`;
    else if (code === 38 || code === 48) {
      // Of the larger palettes only the first sixteen are used here; the others keep the colour.
      const kind = numbers.shift();
      const value = kind === 5 ? numbers.shift() : numbers.splice(0, 3);
      if (code === 38 && kind === 5 && value < 16) style.color = `nbj-${HUES[value % 8]}`;
    }
  }
  return style;
}

/** A terminal shows of an overwritten line what was written last. */
const folded = (text) => text.replace(/[^\n]*\r(?!\n|$)/g, "").replace(/\r/g, "");

function outputNode(output) {
  if (output.output_type === "stream") return pre(output.name, folded(output.text));
  if (output.output_type === "error") return pre("error", output.traceback.join("\n"));
  const data = output.data || {};
  const plain = String(data["text/plain"] ?? "");
  for (const mime of IMAGES) {
    if (typeof data[mime] !== "string") continue;
    const image = element("img");
    image.alt = plain;
    image.src = `data:${mime};base64,${data[mime].replace(/[^A-Za-z0-9+/=]/g, "")}`;
    return image;
  }
  return pre(output.output_type === "execute_result" ? "result" : "display", plain);
}

function pre(kind, text) {
  const made = element("pre", `nbj-${kind}`);
  made.append(colored(text));
  return made;
}

/** The drawer of one view: `root` to be put in the page, `open`, `close` and `update`. */
class Drawer {
  constructor(store, closed) {
    this.store = store;
    this.closed = closed;
    this.num = null;
    this.shown = null; // the message that is shown
    this.job = null; // the row at the last request
    this.asked = 0;
    this.root = element("section", "nbj-drawer");
    this.root.hidden = true;
    this.root.setAttribute("aria-label", "Output of a job");
    this.title = element("span", "nbj-drawer-title");
    this.source = element("pre", "nbj-source");
    this.body = focusable(element("div", "nbj-drawer-body"));
    this.body.tabIndex = 0;
    this.body.setAttribute("role", "region");
    const head = element("div", "nbj-drawer-head");
    head.append(this.title, button("nbj-close", "✕", "Close the output", () => this.close()));
    this.root.append(head, this.body);
    this.root.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") this.close();
    });
  }

  open(num) {
    if (this.num === num) return;
    this.num = num;
    this.shown = this.job = null;
    this.asked = 0;
    this.root.hidden = false;
    this.title.textContent = `[${num}]`;
    this.body.replaceChildren(element("p", "nbj-hint", "…"));
    this.update();
  }

  close() {
    const num = this.num;
    this.num = null;
    this.root.hidden = true;
    this.closed(num);
  }

  /** Ask again when the job has changed, but not before the last answer and not too often. */
  update() {
    if (this.num == null) return;
    const { output } = this.store;
    if (output && output.num === this.num && output !== this.shown) this.show(output);
    const job = this.store.jobs.get(this.num);
    const late = seconds() - this.asked;
    const answered = this.shown && this.shown.at >= this.asked;
    if (job && job !== this.job && (!this.asked || (answered && late > 0.4) || late > 10)) {
      this.job = job;
      this.asked = seconds();
      this.store.request({ kind: "show", num: this.num });
    }
  }

  show(output) {
    const { body } = this;
    const atEnd = body.scrollHeight - body.scrollTop - body.clientHeight < 24;
    const first = !this.shown;
    output.at = seconds();
    this.shown = output;
    this.title.textContent = `[${output.num}] ${output.summary}`;
    this.body.setAttribute("aria-label", `Output of job ${output.num}`);
    this.source.textContent = output.source;
    const parts = [this.source];
    if (output.omitted > 0) {
      const text = `${output.omitted.toLocaleString()} characters before this: jobs[${output.num}].stdout`;
      parts.push(element("p", "nbj-hint", text));
    }
    parts.push(...output.outputs.map(outputNode));
    if (!output.outputs.length) parts.push(element("p", "nbj-hint", "No output so far."));
    body.replaceChildren(...parts);
    // Of what went wrong, and of what goes on, the end says most.
    if (first ? this.job.state !== "succeeded" : atEnd) body.scrollTop = body.scrollHeight;
  }
}
