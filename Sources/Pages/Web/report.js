'use strict';
// The page of `ganrm report`: prompts with their candidates, best first. Only prompts near the viewport
// have content and only candidates near it have media loaded, so that thousands of prompts scroll smoothly.

const data = readData();
const list = document.getElementById('prompts');
const tools = document.getElementById('tools');
const help = document.getElementById('help');
/** The most candidates shown per prompt; the rest is shown on demand. */
const mostCandidates = 12;

/** A prompt: its data, its list item and its players. */
class Prompt {
  constructor(entry, index) {
    this.entry = entry;
    this.index = index;
    const ranked = entry.candidates.filter((candidate) => candidate.rank);
    const unrankedCount = entry.candidates.length - ranked.length;
    const spreads = ranked.map((candidate) => candidate.spread ?? 0);
    this.range = ranked.length > 1 ? ranked[0].logit - ranked.at(-1).logit : NaN;
    this.best = ranked.length ? ranked[0].logit : NaN;
    this.worst = ranked.length ? ranked.at(-1).logit : NaN;
    this.spread = ranked.length ? Math.max(...spreads) : NaN;
    this.isIncomparable = ranked.length < 2;
    this.hasFailures = unrankedCount > 0;
    this.searchText = `${entry.prompt ?? ''}\n${entry.group}`.toLowerCase();
    this.clips = [];
    this.showsAll = false;
    this.item = document.createElement('li');
    this.item.prompt = this;
    this.item.tabIndex = -1;
    this.item.classList.add('prompt');
  }

  /** Creates the item's content. */
  fill() {
    if (this.item.firstChild) return;
    const { entry } = this;
    const head = make('div', 'head');
    const title = make('h2', '', entry.prompt ?? entry.group);
    title.dir = 'auto';
    const facts = [`prompt ${this.index + 1}`];
    if (entry.prompt !== undefined && entry.group !== entry.prompt) facts.push(`group ${entry.group}`);
    if (!Number.isNaN(this.range)) facts.push(`range ${number(this.range)}`);
    this.button = make('button', 'play', 'Play');
    this.button.type = 'button';
    this.button.addEventListener('click', () => this.ensemble.toggle());
    head.append(title, make('p', 'facts', facts.join(' · ')), this.button);
    this.item.append(head);
    if (entry.problem) this.item.append(make('p', 'problem', entry.problem));
    this.item.append(this.candidates());
    this.item.style.minHeight = '';
    this.item.addEventListener('pointerenter', this);
    this.item.addEventListener('pointerleave', this);
  }

  /** The row of candidates: all of them, or the first ones and the last one with a button for the rest. */
  candidates() {
    const row = make('div', 'candidates');
    const all = this.entry.candidates;
    const isCut = all.length > mostCandidates && !this.showsAll;
    const shown = isCut ? [...all.slice(0, mostCandidates - 1), all.at(-1)] : all;
    shown.forEach((candidate, index) => {
      if (isCut && index === shown.length - 1) {
        const more = make('button', 'more', `${all.length - shown.length} more`);
        more.type = 'button';
        more.addEventListener('click', () => {
          this.showsAll = true;
          this.empty();
          this.fill();
          focusOn(this);
        });
        row.append(more);
      }
      row.append(this.candidate(candidate));
    });
    this.ensemble = new Ensemble(this.clips, () => {
      this.button.textContent = this.ensemble.isPlaying ? 'Pause' : 'Play';
    });
    this.button.hidden = this.ensemble.clips.length === 0;
    for (const clip of this.clips) mediaObserver.observe(clip.box);
    return row;
  }

  candidate(candidate) {
    const figure = make('figure', candidate.rank === 1 ? 'candidate first' : 'candidate');
    const name = candidate.input.split('/').at(-1);
    const status = candidate.rank
      ? `rank ${candidate.rank}` : candidate.excluded ? 'excluded' : 'failed';
    const clip = new Clip(data.media[candidate.media], candidate.cell, `${status}: ${name}`);
    clip.box.clip = clip;
    clip.box.addEventListener('click', () => this.ensemble.toggle());
    this.clips.push(clip);
    const caption = make('figcaption');
    const scoreLine = make('div', 'score');
    if (candidate.rank) {
      scoreLine.append(make('span', 'rank', `${candidate.rank}`), make('b', '', candidate.score.toFixed(3)));
      const bar = make('span', 'bar');
      const level = make('span');
      level.style.width = `${100 * candidate.score}%`;
      bar.append(level);
      scoreLine.append(bar);
      const facts = [`logit ${number(candidate.logit)}`];
      if (candidate.spread !== undefined) facts.push(`± ${number(candidate.spread)}`);
      if (candidate.margin !== undefined) facts.push(`margin ${number(candidate.margin)}`);
      caption.append(scoreLine, make('div', '', facts.join(' · ')));
    } else if (candidate.excluded) {
      caption.append(
        make('div', 'problem', `excluded: ${candidate.excluded}`),
        make('div', '', `score ${candidate.score.toFixed(3)} · logit ${number(candidate.logit)}`));
    } else {
      caption.append(make('div', 'problem', candidate.error));
    }
    const metrics = Object.entries(candidate.metrics ?? {});
    if (metrics.length) {
      const texts = metrics.map(([metric, value]) => `${metric} ${digits(value)}`);
      caption.append(make('div', 'metrics', texts.join(' · ')));
    }
    // Browsers block top-level navigation to data URLs.
    const source = data.media[candidate.media].src ?? 'data:';
    const isFile = !source.startsWith('data:');
    const link = make(isFile ? 'a' : 'span', 'name', name);
    if (isFile) {
      link.href = source;
      link.target = '_blank';
      link.rel = 'noopener';
    }
    link.dir = 'auto';
    link.title = candidate.input;
    caption.append(link);
    figure.append(clip.box, caption);
    return figure;
  }

  /** Removes the item's content but keeps its height, so that the scroll position stays. */
  empty() {
    if (!this.item.firstChild) return;
    this.item.style.minHeight = `${this.item.offsetHeight}px`;
    this.ensemble.pause();
    for (const clip of this.clips) {
      mediaObserver.unobserve(clip.box);
      clip.detach();
    }
    this.clips = [];
    this.item.replaceChildren();
  }

  handleEvent(event) {
    if (tools.elements.play.value !== 'hover' || event.pointerType !== 'mouse') return;
    if (event.type === 'pointerenter') this.ensemble.play();
    else this.ensemble.pause();
  }
}

function number(value) {
  return value.toFixed(2).replace('-', '\u2212');
}

/** A number with four digits, for values of any scale. */
function digits(value) {
  return `${Number(value.toPrecision(4))}`.replace('-', '\u2212');
}

const prompts = data.prompts.map((entry, index) => new Prompt(entry, index));
let shown = prompts;
let current;

// Fills prompts within one viewport height of the viewport, and empties the others.
const contentObserver = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) {
      target.prompt.fill();
      playObserver.observe(target);
    } else {
      playObserver.unobserve(target);
      target.prompt.empty();
    }
  }
}, { rootMargin: '100% 0px' });

// Loads media that is about to become visible.
const mediaObserver = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) target.clip.attach();
    else target.clip.detach();
  }
}, { rootMargin: '300px' });

// Plays prompts in the middle of the viewport.
const playObserver = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    const { ensemble } = target.prompt;
    if (!ensemble) continue;
    if (!isIntersecting) ensemble.pause();
    else if (tools.elements.play.value === 'visible') ensemble.play();
  }
}, { rootMargin: '-30% 0px' });

const orders = {
  prompt: (a, b) => a.index - b.index,
  widest: descending('range'),
  narrowest: ascending('range'),
  best: descending('best'),
  worst: ascending('worst'),
  spread: descending('spread'),
};

/** A comparator by ascending `key`. NaN comes last; ties keep the prompt order. */
function ascending(key) {
  return (a, b) => {
    const nanOrder = Number.isNaN(a[key]) - Number.isNaN(b[key]);
    return nanOrder || (a[key] - b[key]) || a.index - b.index;
  };
}

/** As `ascending`, but with the highest value first; NaN still comes last. */
function descending(key) {
  return (a, b) => {
    const nanOrder = Number.isNaN(a[key]) - Number.isNaN(b[key]);
    return nanOrder || (b[key] - a[key]) || a.index - b.index;
  };
}

function matches(prompt, filter) {
  if (filter.kind === 'failed' && !prompt.hasFailures) return false;
  if (filter.kind === 'incomparable' && !prompt.isIncomparable) return false;
  if (!filter.words.every((word) => prompt.searchText.includes(word))) return false;
  if (!Number.isNaN(filter.low) && !(prompt.range >= filter.low)) return false;
  return Number.isNaN(filter.high) || prompt.range <= filter.high;
}

/** Filters and sorts the list of prompts by the form's settings. */
function update() {
  const { search, low, high, kind, order } = tools.elements;
  const filter = {
    words: search.value.toLowerCase().split(/\s+/u).filter(Boolean),
    low: low.valueAsNumber,
    high: high.valueAsNumber,
    kind: kind.value,
  };
  shown = prompts.filter((prompt) => matches(prompt, filter)).sort(orders[order.value]);
  for (const prompt of prompts) {
    contentObserver.unobserve(prompt.item);
    playObserver.unobserve(prompt.item);
    prompt.empty();
  }
  list.replaceChildren(...shown.map((prompt) => prompt.item));
  // The height of the first prompt is the estimate for prompts that were not filled yet.
  shown[0]?.fill();
  list.style.setProperty('--typical', `${shown[0]?.item.offsetHeight ?? 0}px`);
  for (const prompt of shown) contentObserver.observe(prompt.item);
  current = undefined;
  const all = `${prompts.length} prompt${prompts.length === 1 ? '' : 's'}`;
  document.getElementById('count').textContent = shown.length === prompts.length
    ? all : `${shown.length} of ${all}`;
}

/** Scrolls a prompt to the top of the viewport and focuses it. */
function focusOn(prompt) {
  current = prompt;
  prompt.fill();
  prompt.item.scrollIntoView({ block: 'start' });
  prompt.item.focus({ preventScroll: true });
}

/** The index of the current prompt: the focused one if it is visible, else the first visible one. */
function currentIndex() {
  const top = tools.getBoundingClientRect().bottom;
  const isVisible = (prompt) => {
    const { top: upper, bottom: lower } = prompt.item.getBoundingClientRect();
    return lower > top + 40 && upper < innerHeight;
  };
  if (current && isVisible(current)) return shown.indexOf(current);
  return shown.findIndex(isVisible);
}

/** Focuses the next or previous prompt; the first step forward focuses the prompt that is visible. */
function step(offset) {
  const index = currentIndex();
  const isUnfocused = index < 0 || shown[index] !== current;
  const next = index < 0 ? 0 : isUnfocused && offset > 0 ? index : index + offset;
  if (shown[next]) focusOn(shown[next]);
}

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && event.target === tools.elements.search) event.target.blur();
  if (isTyping(event)) return;
  const isControl = event.target.closest('button, a, summary') != null;
  switch (event.key) {
    case 'j': case 'ArrowRight': step(1); break;
    case 'k': case 'ArrowLeft': step(-1); break;
    case ' ':
      if (isControl) return;
      shown[currentIndex()]?.ensemble?.toggle();
      break;
    case '/': tools.elements.search.focus(); break;
    case '?': help.showModal(); break;
    default: return;
  }
  event.preventDefault();
});

tools.addEventListener('submit', (event) => event.preventDefault());
tools.addEventListener('input', (event) => {
  if (event.target.name !== 'play') update();
});
tools.addEventListener('reset', () => setTimeout(update));
tools.elements.play.addEventListener('change', () => {
  const mode = tools.elements.play.value;
  for (const prompt of shown) prompt.ensemble?.pause();
  for (const prompt of shown) playObserver.unobserve(prompt.item);
  if (mode === 'visible') {
    for (const prompt of shown) if (prompt.item.firstChild) playObserver.observe(prompt.item);
  }
});
document.getElementById('show-help').addEventListener('click', () => help.showModal());

if (prefersStillness) tools.elements.play.value = 'hand';
update();
