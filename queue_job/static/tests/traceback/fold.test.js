import { expect, test } from "@odoo/hoot";
import { foldTraceback } from "@queue_job/traceback/fold";

const ROOTS = ["/srv/addons/", "/usr/odoo/addons/"];

function frame(file, line = 1) {
    return `  File "${file}", line ${line}, in call\n    work()\n    ~~~~^^`;
}

const HEAD = "Traceback (most recent call last):";
const ORM = frame("/usr/odoo/orm/models.py");
const QUEUE = frame("/srv/addons/queue_job/job.py");
const SHOP = frame("/srv/addons/shop/order.py", 12);
const LIBRARY = frame("/usr/lib/python3/requests/api.py");

test("frames between those of add-ons are folded, and counted", () => {
    const text = [HEAD, QUEUE, ORM, SHOP, LIBRARY, "OSError: closed"].join("\n");
    expect(foldTraceback(text, ROOTS)).toEqual([
        { text: HEAD, frames: 0 },
        { text: [QUEUE, ORM].join("\n"), frames: 2 },
        { text: SHOP, frames: 0 },
        { text: LIBRARY, frames: 1 },
        { text: "OSError: closed", frames: 0 },
    ]);
});

test("nothing is lost, whatever it is", () => {
    for (const text of [
        "",
        "no traceback at all\nof two lines",
        [HEAD, SHOP, "E: a", "", "During handling:", "", HEAD, ORM, "E: b", "c"].join(
            "\n"
        ),
    ]) {
        const parts = foldTraceback(text, ROOTS);
        expect(parts.map((part) => part.text).join("\n")).toBe(text);
    }
});

test("where no frame is of an add-on, nothing is folded", () => {
    const text = [HEAD, QUEUE, ORM, LIBRARY, "OSError: closed"].join("\n");
    expect(foldTraceback(text, ROOTS)).toEqual([{ text, frames: 0 }]);
});

test("a message of several lines is read at once", () => {
    const text = [HEAD, SHOP, ORM, "Error: first", "  second", "third"].join("\n");
    expect(foldTraceback(text, ROOTS).at(-1)).toEqual({
        text: "Error: first\n  second\nthird",
        frames: 0,
    });
});
