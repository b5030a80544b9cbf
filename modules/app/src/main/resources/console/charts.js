// The two pictures of a subject's page: where it logged in, and how much it sends beside what is usual.
import { BORDERS, LAND } from "./world.js";

const SVG = "http://www.w3.org/2000/svg";

/** An SVG element; children that are text become text. */
function s(name, attributes, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes || {})) element.setAttribute(key, value);
  for (const child of children) element.append(child);
  return element;
}

const x = (longitude) => (longitude + 180) * 10;
const y = (latitude) => (90 - latitude) * 10;

/** Places of logins: [{latitude, longitude, name, count, usual}], in order of their first login. */
export function map(places, label) {
  const box = frame(places);
  const unit = box.width / 1000;
  const picture = s("svg", { viewBox: `${box.x} ${box.y} ${box.width} ${box.height}`, role: "img", "aria-label": label });
  picture.append(
    s("rect", { class: "sea", x: box.x, y: box.y, width: box.width, height: box.height }),
    s("path", { class: "land", d: LAND }),
    s("path", { class: "borders", d: BORDERS, "stroke-width": 1.6 * unit })
  );
  for (let i = 1; i < places.length; i++) {
    const from = places[i - 1], to = places[i];
    const x1 = x(from.longitude), y1 = y(from.latitude), x2 = x(to.longitude), y2 = y(to.latitude);
    const lift = Math.min(200, Math.hypot(x2 - x1, y2 - y1) / 5);
    picture.append(s("path", {
      class: "route", "stroke-width": 2.6 * unit,
      d: `M${x1} ${y1}Q${(x1 + x2) / 2} ${(y1 + y2) / 2 - lift} ${x2} ${y2}`,
    }));
  }
  const names = [];
  for (const place of places) {
    const px = x(place.longitude), py = y(place.latitude);
    const r = (9 + Math.min(12, Math.sqrt(place.count) * 2)) * unit;
    const mark = place.usual
      ? s("circle", { class: "usual", cx: px, cy: py, r, "stroke-width": 2 * unit })
      : s("path", { class: "strange", "stroke-width": 2 * unit, d: `M${px} ${py - r * 1.3}l${r * 1.3} ${r * 1.3}l${-r * 1.3} ${r * 1.3}l${-r * 1.3} ${-r * 1.3}z` });
    mark.append(s("title", {}, `${place.name}: ${place.count}`));
    const left = px > box.x + box.width * 0.72;
    let ty = py + 8 * unit;
    while (names.some((n) => Math.abs(n.ty - ty) < 26 * unit && Math.abs(n.px - px) < 260 * unit)) ty += 28 * unit;
    names.push({ px, ty });
    picture.append(mark, s("text", {
      class: "place", x: left ? px - r * 1.5 : px + r * 1.5, y: ty, "text-anchor": left ? "end" : "start",
      "stroke-width": 5 * unit,
    }, place.name));
  }
  for (const text of picture.querySelectorAll("text")) {
    text.style.fontSize = `${24 * unit}px`;
  }
  return picture;
}

/** The part of the world that has all places, with room around them. */
function frame(places) {
  const xs = places.map((p) => x(p.longitude)), ys = places.map((p) => y(p.latitude));
  const x1 = Math.min(...xs), x2 = Math.max(...xs), y1 = Math.min(...ys), y2 = Math.max(...ys);
  let width = Math.max(900, (x2 - x1) * 1.5, (y2 - y1) * 1.5 * 1.9);
  width = Math.min(3600, width);
  const height = Math.min(1440, width / 1.9);
  width = Math.min(3600, height * 1.9 >= 2736 ? 3600 : height * 1.9);
  const clamp = (value, least, most) => Math.max(least, Math.min(most, value));
  return {
    x: clamp((x1 + x2) / 2 - width / 2, 0, 3600 - width),
    y: clamp((y1 + y2) / 2 - height / 2, 60, 1500 - height),
    width, height,
  };
}

/** Bars of counts, oldest first, over a band of what is usual. */
export function bars(counts, { most, ticks, label }) {
  const width = 560, height = 210, left = 40, bottom = 28, top = 14;
  const highest = Math.max(4, ...counts, most ? most * 1.15 : 0);
  const scale = (value) => height - bottom - (value / highest) * (height - bottom - top);
  const picture = s("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
  const step = (width - left - 6) / counts.length;
  for (const value of niceTicks(highest)) {
    picture.append(
      s("line", { class: "axis", x1: left, x2: width, y1: scale(value), y2: scale(value) }),
      s("text", { x: left - 6, y: scale(value) + 4, "text-anchor": "end" }, String(value))
    );
  }
  if (most) {
    picture.append(s("rect", { class: "band", x: left, y: scale(most), width: width - left, height: scale(0) - scale(most) }));
  }
  counts.forEach((count, i) => {
    if (count > 0) {
      const bar = s("rect", {
        class: most && count > most ? "bar over" : "bar",
        x: left + i * step + 1, y: scale(count), width: Math.max(1, step - 2), height: scale(0) - scale(count), rx: 1.5,
      });
      bar.append(s("title", {}, String(count)));
      picture.append(bar);
    }
  });
  if (most) {
    picture.append(
      s("line", { class: "normal", x1: left, x2: width, y1: scale(most), y2: scale(most) }),
      s("text", { class: "normal-label", x: left + 6, y: scale(most) - 5 }, `usual: up to ${most}`)
    );
  }
  ticks.forEach(([position, text]) => {
    picture.append(s("text", { x: left + position * step, y: height - 8, "text-anchor": position === 0 ? "start" : position >= counts.length ? "end" : "middle" }, text));
  });
  return picture;
}

function niceTicks(highest) {
  const raw = highest / 4, power = 10 ** Math.floor(Math.log10(raw));
  const step = Math.max(1, [1, 2, 5, 10].map((m) => m * power).find((m) => m >= raw));
  const ticks = [];
  for (let value = 0; value <= highest; value += step) ticks.push(value);
  return ticks;
}
