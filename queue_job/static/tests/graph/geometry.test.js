import { describe, expect, test } from "@odoo/hoot";
import { measure, NODE } from "@queue_job/graph/geometry";

describe.current.tags("headless");

/** A drawing of so many nodes; every place beyond them is a dot or a bend. */
function drawing(count, columns, lines = []) {
    return { nodes: Array.from({ length: count }, () => ({})), columns, lines };
}

test("a single node fills the drawing but for a margin", () => {
    const { width, height, places, paths } = measure(drawing(1, [[0]]));
    expect(places).toEqual([{ left: 8, right: 8 + NODE.width, y: height / 2 }]);
    expect(width).toBe(NODE.width + 16);
    expect(height).toBe(NODE.height + 16);
    expect(paths).toEqual([]);
});

test("nodes of a column stand below each other and do not touch", () => {
    const { places } = measure(drawing(3, [[2, 0, 1]]));
    const [first, second, third] = [places[2], places[0], places[1]];
    expect(second.left).toBe(first.left);
    expect(second.y - first.y).toBeGreaterThan(NODE.height);
    expect(third.y - second.y).toBe(second.y - first.y);
});

test("a short column is centred beside a long one", () => {
    const { height, places } = measure(drawing(3, [[0, 1], [], [2]]));
    expect(places[2].y).toBe(height / 2);
    expect(places[2].y).toBe((places[0].y + places[1].y) / 2);
});

test("a column between two columns of nodes is a point in their gap", () => {
    const { places } = measure(drawing(2, [[0], [2], [1]]));
    const [before, after, dot] = places;
    expect(dot.left).toBe(dot.right);
    expect(dot.left).toBe((before.right + after.left) / 2);
});

test("the drawing ends a margin behind its last column", () => {
    const { width, places } = measure(drawing(2, [[0], [], [1]]));
    expect(width).toBe(places[1].right + 8);
});

test("a line to a node is a curve with an arrow", () => {
    const { places, paths } = measure(drawing(2, [[0], [], [1]], [[0, 1, false]]));
    const [from, to] = places;
    const [{ id, d, ifFailed, hasArrow }] = paths;
    expect(id).toBe(0);
    expect(d).toMatch(new RegExp(`^M ${from.right} ${from.y} C `));
    expect(d).toMatch(new RegExp(` ${to.left} ${to.y}$`));
    expect(ifFailed).toBe(false);
    expect(hasArrow).toBe(true);
});

test("a line is level where it leaves and where it arrives", () => {
    const { places, paths } = measure(drawing(3, [[0], [], [1, 2]], [[0, 2, false]]));
    const numbers = paths[0].d.match(/[\d.]+/g).map(Number);
    const [, , , leaving, , arriving] = numbers;
    expect(leaving).toBe(places[0].y);
    expect(arriving).toBe(places[2].y);
});

test("a line to a bend has no arrow and goes on through its column", () => {
    const { places, paths } = measure(drawing(1, [[0], [], [1]], [[0, 1, true]]));
    expect(paths[0].hasArrow).toBe(false);
    expect(paths[0].ifFailed).toBe(true);
    expect(paths[0].d).toMatch(new RegExp(` H ${places[1].right}$`));
});
