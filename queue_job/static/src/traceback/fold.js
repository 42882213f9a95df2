const FRAME = /^\s+File "([^"]+)", line \d+/;
/** Frames of the queue itself tell nothing of a job. */
const OWN = "queue_job/";

/**
 * Parts of a traceback: those to be read at once, and, folded, the frames of Odoo and
 * of libraries between them. Where no frame is of an add-on, nothing is folded.
 *
 * @param {string} text
 * @param {string[]} roots folders of add-ons, each with a slash at its end
 * @returns {{ text: string, frames: number }[]} `frames`: how many are folded; 0 for a
 *  part to be read at once
 */
export function foldTraceback(text, roots) {
    const blocks = blocksOf(text.split("\n"));
    if (!blocks.some((block) => isOfAddon(block.file, roots))) {
        return [{ text, frames: 0 }];
    }
    const parts = [];
    for (const { file, lines } of blocks) {
        const isFolded = Boolean(file) && !isOfAddon(file, roots);
        const last = parts.at(-1);
        if (last && last.frames > 0 === isFolded) {
            last.text += "\n" + lines.join("\n");
            last.frames += isFolded ? 1 : 0;
        } else {
            parts.push({ text: lines.join("\n"), frames: isFolded ? 1 : 0 });
        }
    }
    return parts;
}

/** Lines that belong together: those of a frame, or others. */
function blocksOf(lines) {
    const blocks = [];
    for (const line of lines) {
        const frame = FRAME.exec(line);
        const last = blocks.at(-1);
        if (frame) {
            blocks.push({ file: frame[1], lines: [line] });
        } else if (last && (last.file ? /^\s/.test(line) : true)) {
            last.lines.push(line);
        } else {
            blocks.push({ file: null, lines: [line] });
        }
    }
    return blocks;
}

function isOfAddon(file, roots) {
    const root = file && roots.find((folder) => file.startsWith(folder));
    return Boolean(root) && !file.slice(root.length).startsWith(OWN);
}
