'use strict';
// Media elements shared by the pages: images and videos, optionally cropped, and synchronized playback.

/** An image or a video inside a box element (`box`). The media is loaded only while attached. */
class Clip {
  /**
   * @param media `{kind: 'video' | 'image', src, width, height, poster}`, where a poster is the first
   *   frame of a video, or `{missing}` with the reason
   * @param cell `[x, y, width, height]`, the visible region in pixels; undefined shows all of it
   * @param label the accessible name
   */
  constructor(media, cell, label) {
    this.media = media;
    this.isAttached = false;
    this.box = document.createElement('div');
    this.box.className = 'frame';
    if (media.missing) {
      this.fail('nothing to show', media.missing);
      return;
    }
    const [x, y, width, height] = cell ?? [0, 0, media.width, media.height];
    this.box.style.aspectRatio = `${width} / ${height}`;
    const isVideo = media.kind === 'video';
    const element = document.createElement(isVideo ? 'video' : 'img');
    element.setAttribute(isVideo ? 'aria-label' : 'alt', label);
    if (isVideo) {
      element.muted = true;
      element.playsInline = true;
      element.preload = 'auto';
      element.disablePictureInPicture = true;
      this.video = element;
    }
    // Scale and shift the media so that the visible region fills the box; lengths are relative to the box.
    element.style.width = `${100 * media.width / width}%`;
    element.style.height = `${100 * media.height / height}%`;
    element.style.left = `${-100 * x / width}%`;
    element.style.top = `${-100 * y / height}%`;
    element.addEventListener('error', () => {
      if (this.isAttached) this.fail('this browser cannot play it', media.src.slice(0, 200));
    });
    this.element = element;
    this.box.append(element);
  }

  /** Replaces the media by a message; `reason` becomes the tooltip. Dispatches `fail` on the box. */
  fail(message, reason) {
    this.detach();
    this.hasFailed = true;
    this.video = undefined;
    this.box.classList.add('missing');
    this.box.textContent = message;
    this.box.title = reason;
    this.box.dispatchEvent(new CustomEvent('fail'));
  }

  /** Starts loading. Attach only what is visible: browsers limit the number of simultaneous videos. */
  attach() {
    if (this.isAttached || this.hasFailed) return;
    this.isAttached = true;
    if (this.media.poster) this.element.poster = this.media.poster;
    this.element.src = this.media.src;
  }

  /** Unloads the media. */
  detach() {
    if (!this.isAttached) return;
    this.isAttached = false;
    this.element.removeAttribute('src');
    if (this.video) this.video.load();
  }
}

/** Videos that loop in sync. The longest one is the clock; shorter ones wait on their last frame. */
class Ensemble {
  /** @param onChange called when playback starts or pauses */
  constructor(clips, onChange = () => {}) {
    this.clips = clips.filter((clip) => clip.video);
    this.onChange = onChange;
    this.isPlaying = false;
    for (const { video } of this.clips) {
      video.addEventListener('canplay', () => this.start());
      video.addEventListener('timeupdate', () => this.align(video));
      video.addEventListener('ended', () => {
        // Do not loop a single-frame video: it would seek continuously.
        if (video === this.leader && video.duration > 0.1) this.rewind();
      });
    }
  }

  get videos() {
    return this.clips.filter((clip) => clip.isAttached && clip.video).map((clip) => clip.video);
  }

  /** The longest attached video, which is the clock of the others. */
  get leader() {
    return this.videos.reduce(
      (first, video) => (first && first.duration >= (video.duration || 0) ? first : video), undefined);
  }

  play() {
    this.isPlaying = true;
    this.onChange();
    this.start();
  }

  pause() {
    if (!this.isPlaying) return;
    this.isPlaying = false;
    for (const video of this.videos) video.pause();
    this.onChange();
  }

  toggle() {
    if (this.isPlaying) this.pause();
    else this.play();
  }

  /** Seeks to the first frame, and plays on if playing. */
  rewind() {
    for (const video of this.videos) video.currentTime = 0;
    this.start();
  }

  /** Starts playback once every video has enough data. */
  start() {
    const videos = this.videos;
    if (!this.isPlaying || videos.some((video) => video.readyState < 3)) return;
    const leader = this.leader;
    if (leader) this.align(leader);
    for (const video of videos) {
      // A video that is seeking fires `canplay` afterwards, which calls start() again.
      if (video.paused && !video.ended && !video.seeking) video.play().catch(() => {});
    }
  }

  /** Seeks videos that have drifted by more than 0.15 s to the leader's time. */
  align(leader) {
    if (leader !== this.leader) return;
    const time = leader.currentTime;
    for (const video of this.videos) {
      const target = Math.min(time, video.duration);
      if (video !== leader && !video.seeking && Math.abs(video.currentTime - target) > 0.15) {
        video.currentTime = target;
      }
    }
  }
}

/** Parses the page's data from the element `#data`. */
function readData() {
  return JSON.parse(document.getElementById('data').textContent);
}

/** Creates an element with a class and a text. */
function make(tag, className = '', text = '') {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.textContent = text;
  return element;
}

/** Whether a key event belongs to the browser or to the focused control rather than to the page. */
function isTyping(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  return event.target.closest?.('input, select, textarea, dialog[open]') != null;
}

const prefersStillness = matchMedia('(prefers-reduced-motion: reduce)').matches;
