/** Where places, given as columns and lines, lie in pixels. */

export const NODE = { width: 200, height: 60 };
const GAP = { x: 48, y: 14 };
const SMALL = 12; // height that a dot or a bend takes
const MARGIN = 8;
const STEP = NODE.width + GAP.x;

function isBetween(column) {
    return column % 2 === 1;
}

function left(column) {
    const start = MARGIN + Math.floor(column / 2) * STEP;
    return isBetween(column) ? start + NODE.width + GAP.x / 2 : start;
}

/**
 * @param {{nodes: Object[], columns: number[][], lines: Array}} drawing as the server
 *  sends it: places below `nodes.length` are nodes
 * @returns {{width: number, height: number, places: Object[], paths: Object[]}} of each
 *  place `left` and `right`, and `y` of its middle; of each line its SVG path `d`
 */
export function measure({ nodes, columns, lines }) {
    const heightOf = (place) => (place < nodes.length ? NODE.height : SMALL);
    const total = (column) =>
        column.reduce((sum, place) => sum + heightOf(place) + GAP.y, -GAP.y);
    const height = Math.max(...columns.map(total)) + 2 * MARGIN;
    const places = [];
    columns.forEach((column, number) => {
        let top = (height - total(column)) / 2;
        for (const place of column) {
            const x = left(number);
            const right = isBetween(number) ? x : x + NODE.width;
            places[place] = { left: x, right, y: top + heightOf(place) / 2 };
            top += heightOf(place) + GAP.y;
        }
    });
    const paths = lines.map(([start, end, ifFailed], id) => ({
        id,
        d: path(places[start], places[end], end >= nodes.length),
        ifFailed,
        hasArrow: end < nodes.length,
    }));
    const width = left(columns.length - 1) + NODE.width + MARGIN;
    return { width, height, places, paths };
}

/** A curve that leaves and arrives horizontally; a bend leads it on through its column. */
function path(from, to, leadsOn) {
    const middle = (from.right + to.left) / 2;
    const curve = `M ${from.right} ${from.y} C ${middle} ${from.y} ${middle} ${to.y} ${to.left} ${to.y}`;
    return leadsOn ? `${curve} H ${to.right}` : curve;
}
