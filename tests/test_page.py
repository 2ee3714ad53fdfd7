"""The page in real browsers: from a file and from a server, by keys and clicks."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from browsers import Browser, running
from click.testing import CliRunner

from sheetgpt.book import Book, Formula, Sheet
from sheetgpt.book.area import Area
from sheetgpt.cli import cli
from sheetgpt.commands.lessons import lessons
from sheetgpt.commands.page import NUMBERS, PAGE, page
from sheetgpt.commands.predict import predict
from sheetgpt.errors import CapacityError, InputError
from sheetgpt.page.content import content
from sheetgpt.page.document import document
from sheetgpt.page.html import page_html

pytestmark = [pytest.mark.engine, pytest.mark.slow]
PROMPTS = [
    "Two plus two equals", "The capital of France is", "Café 😀 is", "日本語 is",
    "The cat sat on the", "Mike is slow. He moves",
]  # fmt: skip
START = "Mike is quick. He moves"


@pytest.fixture(scope="module")
def made(tiny_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the workbook's page as one file, and as a folder."""
    folder = tmp_path_factory.mktemp("pages")
    page(tiny_file, folder / "page.html")
    page(tiny_file, folder / "folder")
    return folder


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def server(made: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(made))) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()


@pytest.fixture(scope="module", params=["chromium", "firefox"])
def browser(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    with running(request.param, tmp_path_factory.mktemp("browser")) as found:
        yield found


@pytest.fixture
def opened(browser: Browser, made: Path) -> Browser:
    """The page from its file, as it opens."""
    open_page(browser, (made / "page.html").as_uri())
    return browser


def open_page(browser: Browser, address: str, width: int = 1366, height: int = 768) -> None:
    browser.requests.clear()
    browser.complaints.clear()
    browser.open(address, width, height)
    browser.wait("document.body.dataset.ready || document.body.dataset.error")
    assert browser.value("document.body.dataset.error ?? ''") == ""


def shown(browser: Browser, name: str) -> object:
    return browser.value(f"sheetgpt.book.named({name!r})")


def select(browser: Browser, field: str) -> None:
    """Everything in a field, so that what is typed replaces it."""
    element = f"document.getElementById({field!r})"
    browser.value(f"({element}.focus(), {element}.select(), 0)")


def type_prompt(browser: Browser, prompt: str) -> None:
    """Into the field on top, key by key."""
    select(browser, "prompt")
    browser.press(*prompt, "Enter")
    browser.wait(f"sheetgpt.book.named('prompt') === {json.dumps(prompt)}")


@pytest.mark.parametrize("way", ["file", "server", "folder on a server"])
def test_opens_and_predicts(browser: Browser, made: Path, server: str, way: str) -> None:
    own = {"file": made.as_uri(), "server": server, "folder on a server": server}[way]
    address = f"{own}/folder/{PAGE}" if "folder" in way else f"{own}/page.html"
    open_page(browser, address)
    assert shown(browser, "next_token") == " quickly"
    loaded = len(browser.requests)
    for prompt in PROMPTS:
        type_prompt(browser, prompt)
        best = predict(prompt, top=1).top[0]
        assert shown(browser, "next_token_id") == best.token_id, prompt
        assert shown(browser, "answer_probability") == pytest.approx(best.probability, abs=1e-6)
    assert browser.complaints == []
    assert browser.requests[loaded:] == []  # it needs no connection once it is there
    assert [a for a in browser.requests if not a.startswith((own, "data:", "blob:"))] == []


def test_a_folder_from_a_file_asks_for_its_numbers_once(browser: Browser, made: Path) -> None:
    address = (made / "folder" / PAGE).as_uri()
    browser.open(address)
    browser.wait("document.getElementById('choose')")
    browser.choose("#choose", made / "page.html")
    browser.wait("/and should have/.test(document.getElementById('status').textContent)")
    browser.choose("#choose", made / "folder" / NUMBERS)
    browser.wait("document.body.dataset.ready")
    assert shown(browser, "next_token") == " quickly"
    open_page(browser, address)  # without being asked again
    browser.value("(sheetgpt.app.large = true, 0)")
    for prompt in PROMPTS[:2]:
        type_prompt(browser, prompt)
        best = predict(prompt, top=1).top[0].token_id
        browser.wait(f"sheetgpt.book.named('next_token_id') === {best}")
    assert browser.complaints == []


def test_a_browser_that_keeps_nothing(browser: Browser, made: Path) -> None:
    nothing = "() => { Object.defineProperty(window, 'indexedDB', { value: undefined }); }"
    script = browser.send("script.addPreloadScript", functionDeclaration=nothing)["script"]
    try:
        browser.open((made / "folder" / PAGE).as_uri())
        browser.wait("document.getElementById('choose')")
        browser.choose("#choose", made / "folder" / NUMBERS)
        browser.wait("document.body.dataset.ready")
    finally:
        browser.send("script.removePreloadScript", script=script)
    said = browser.value("document.getElementById('status').textContent")
    assert said.startswith("The browser does not keep the file")
    assert shown(browser, "next_token") == " quickly"


def test_the_first_tab_before_anything_is_computed(tiny_book: Book) -> None:
    """Every value of its formulas is in the page, those of other tabs are not."""
    (first,) = [sheet for sheet in content(tiny_book).sheets if "shown" in sheet]
    sheet = tiny_book.sheets[first["name"]]
    cells = zip(*[iter(first["shown"])] * 3, strict=True)
    found = {(row, col): value for row, col, value in cells}
    assert found.keys() == {
        (row, col)
        for f in sheet.formulas
        for row in range(f.row, f.row + f.rows)
        for col in range(f.col, f.col + f.cols)
    }
    for (row, col), value in found.items():
        assert value == sheet.others.get((row, col), sheet.numbers[row, col])
    assert first["name"] == tiny_book.names["prompt"].sheet


def test_what_is_held_in_memory(browser: Browser, made: Path, server: str) -> None:
    """Weights as the file has them, five bytes each, and hardly any room for blank cells."""
    open_page(browser, f"{server}/folder/{PAGE}")
    weights, count, room, filled, cells = browser.value(
        """(() => { const { book, app } = sheetgpt;
        const { numbers } = book.sheets.find((s) => s.constant && s.patches.length).patches[0];
        const grids = book.sheets.filter((s) => !s.constant);
        const sum = (list) => list.reduce((a, b) => a + b, 0);
        const sizes = book.groups.map(({ area }) => area.rows * area.cols);
        return [numbers.integers.byteLength + numbers.places.byteLength, app.data.count,
          sum(grids.map((s) => s.numbers.length)), sum(sizes),
          sum(grids.map((s) => s.rows * s.cols))]; })()"""
    )
    assert weights == 5 * count
    assert room < 1.5 * filled < cells / 2
    held = "sheetgpt.book.sheets.flatMap((s) => s.patches ?? [])[0].numbers.integers.byteLength"
    assert browser.value(held) == 4 * count
    leaving = f"addEventListener('pagehide', () => {{ sessionStorage.left = {held}; }})"
    browser.value(f"({leaving}, 0)")
    open_page(browser, f"{server}/folder/{PAGE}")
    assert browser.value("sessionStorage.left") == "0"  # before the next page takes as much
    # The browser sends this to a page that it held for who goes back to it.
    again = "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))"
    browser.value(f"(sessionStorage.left = '', {leaving}, setTimeout(() => {again}), 0)")
    time.sleep(0.5)  # while a page is left, nobody can ask it
    browser.wait("document.body?.dataset.ready && sessionStorage.left")
    assert shown(browser, "next_token") == " quickly"
    assert browser.complaints == []


def test_a_file_is_read_through_one_buffer_and_kept_in_pieces(
    browser: Browser, tmp_path: Path
) -> None:
    """So that neither the page nor the browser holds a copy of all of it."""
    numbers = np.arange(3_600_000.0).reshape(1800, 2000)
    book = Book(
        {
            "w": Sheet("w", numbers, {}, []),
            "sum": Sheet("sum", np.full((1, 1), np.nan), {}, [Formula(0, 0, "SUM(w!A1:BXX1800)")]),
        },
        {"sum": Area("sum", 0, 0, 1, 1)},
    )
    held = document(book)
    data = b"".join(held.encode())
    held.data.update(formats=[{}], looks=[], steps=[])
    (tmp_path / NUMBERS).write_bytes(data)
    (tmp_path / PAGE).write_bytes(page_html("x", held.json(), None, (NUMBERS, len(data), "sums")))
    watch = """() => { window.buffers = new Set(); window.pieces = [];
        const { read } = ReadableStreamBYOBReader.prototype;
        ReadableStreamBYOBReader.prototype.read = function (view) {
          buffers.add(view.buffer.byteLength); return read.call(this, view); };
        const { put } = IDBObjectStore.prototype;
        IDBObjectStore.prototype.put = function (piece, key) {
          pieces.push(piece.size); return put.call(this, piece, key); };
        }"""
    script = browser.send("script.addPreloadScript", functionDeclaration=watch)["script"]
    try:
        browser.open((tmp_path / PAGE).as_uri())
        browser.wait("document.getElementById('choose')")
        browser.choose("#choose", tmp_path / NUMBERS)
        for kept in ([1 << 24, len(data) - (1 << 24)], []):  # and not again
            browser.wait("document.body.dataset.ready")
            assert shown(browser, "sum") == numbers.sum()
            assert browser.value("pieces") == kept
            assert browser.value("[...buffers]") == [1 << 18]
            browser.open((tmp_path / PAGE).as_uri())
    finally:
        browser.send("script.removePreloadScript", script=script)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of numbers in A1:A8 and B11:D14, and words in E301:E1400; A1:A2 are frozen."""
    numbers = np.full((1400, 5), np.nan)
    numbers[:8, 0] = FITTED
    numbers[10:14, 1:4] = 7
    sheet = Sheet("data", numbers, {(row, 4): f"word {row}" for row in range(300, 1400)}, [])
    made = document(Book({"data": sheet}))
    data = b"".join(made.encode())
    look = {"frozen": [2, 1], "styles": [7, 0, 1, 1, 1]}
    made.data.update(formats=[{}, {"format": "0.000"}], looks=[look], steps=[])
    path = tmp_path_factory.mktemp("plain") / PAGE
    path.write_bytes(page_html("x", made.json(), data, ("", len(data), "sums")))
    return path


def drawn(browser: Browser, characters: int) -> list[str]:
    """What is drawn of the first column, which has room for some characters.

    All are eight pixels wide: what fits shall not depend on the fonts that there are.
    """
    browser.value(
        f"""(() => {{ const {{ app, grid }} = sheetgpt; const {{ xs }} = app.view;
        grid.canvas.getContext("2d").measureText = (text) => ({{ width: 8 * text.length }});
        const by = 8 * {characters} + 1 - xs[1];
        for (let i = 1; i < xs.length; i++) xs[i] += by;
        return 0; }})()"""
    )
    return painted(browser, "y > 22 && x > 46 && x <= 46 + xs[1]")  # below and beside the heads


def painted(browser: Browser, where: str) -> list[str]:
    """The texts that the grid draws at some pixels."""
    texts: list[str] = browser.value(
        f"""(() => {{ const {{ canvas, app: {{ view: {{ xs, ys }} }} }} = sheetgpt.grid;
        const texts = []; const g = canvas.getContext("2d");
        g.fillText = (text, x, y) => {{ if ({where}) texts.push(text); }};
        sheetgpt.grid.draw(); delete g.fillText;
        return texts; }})()"""
    )
    return texts


#: Numbers in General format but for the last, and what is seen of them in columns of some width.
FITTED = [0.7978845608, -12345.678, 123456789.0, 0.000123456789, 1.5e-300, 1 / 3, 0.00004, 0.25]
SEEN = {
    11: ["0.797884561", "-12345.678", "123456789", "0.000123457", "1.5E-300", "0.333333333",
         "0.00004", "0.250"],
    7: ["0.79788", "-12346", "1.2E+08", "0.00012", "2E-300", "0.33333", "0.00004", "0.250"],
    5: ["0.798", "#", "1E+08", "1E-04", "#", "0.333", "4E-05", "0.250"],
    2: ["1", "#", "#", "0", "#", "0", "#", "#"],
}  # fmt: skip


def test_a_number_is_rounded_to_the_width_of_its_column(browser: Browser, plain: Path) -> None:
    open_page(browser, plain.as_uri())
    for characters, wanted in SEEN.items():
        texts = [re.sub("#+", "#", text) for text in drawn(browser, characters)]
        assert sorted(texts) == sorted(wanted), characters


def test_keys_to_the_edge_of_the_data(browser: Browser, plain: Path) -> None:
    open_page(browser, plain.as_uri())
    steps = [
        ("Control+Down", "A8"), ("Control+Down", "A1403"), ("Control+Up", "A8"),
        ("Control+Right", "H8"), ("Control+Left", "A8"), ("Right", "B8"), ("Control+Down", "B11"),
        ("Control+Down", "B14"), ("Control+Right", "D14"), ("Control+End", "E1400"),
        ("Control+Up", "E301"), ("Control+Up", "E1"), ("Control+Home", "A1"),
    ]  # fmt: skip
    for key, cell in steps:
        browser.press(key)
        assert browser.value("document.getElementById('name').value") == cell, key
    browser.press("Control+Down", "Right", "Control+Down", "Control+Shift+Down")
    browser.press("Control+Shift+Right")
    assert browser.value("document.getElementById('live').textContent") == "B11:D14 selected"
    browser.press("Control+Shift+End")
    assert browser.value("document.getElementById('live').textContent") == "B11:E1400 selected"
    assert browser.value("sheetgpt.grid.y(1399) < sheetgpt.grid.size.height")  # it is in sight
    heads = painted(browser, "x === 23 && y > 22 + ys[1] && y < 22 + ys[2]")
    assert heads[-1] == "2"  # frozen, over what has scrolled


def test_how_many_cells_are_found(browser: Browser, plain: Path) -> None:
    open_page(browser, plain.as_uri())
    browser.press("Control+f")
    for text, said in [("word", "More than 1,000 cells show it"), ("word 30", "10 cells show it"),
                       ("word 5", "100 cells show it"), ("word 1399", "data!E1400.")]:  # fmt: skip
        select(browser, "sought")
        browser.press(*text, "Enter")
        browser.wait(f"document.getElementById('panel').innerText.includes({said!r})")
        assert browser.value("document.querySelectorAll('#panel .way').length") <= 30
    heads = "[...document.querySelectorAll('#table th')].map((th) => th.textContent)"
    browser.wait("document.getElementById('table').textContent.includes('word 1399')")
    assert browser.value(heads)[:10] == [*"ABCDEFGH", "1", "2"]  # the frozen rows
    assert browser.value("document.querySelector('#table tbody td').textContent") == "0.797884561"


def test_keys(opened: Browser) -> None:
    opened.press(*"Two", "Enter")
    opened.wait("sheetgpt.book.named('prompt') === 'Two'")
    opened.press("Control+PageDown")
    assert opened.value("sheetgpt.app.sheet") == 1
    opened.press("Control+Home", "Enter")  # the link to the first tab
    assert opened.value("sheetgpt.app.sheet") == 0
    opened.value("sheetgpt.app.rest.then(() => (sheetgpt.app.jump('answer'), 0))")
    opened.press("9")
    assert "holds a formula" in opened.value("document.getElementById('status').textContent")
    opened.press("Control+z")
    opened.wait(f"sheetgpt.book.named('prompt') === {START!r}")
    select(opened, "name")
    opened.press(*"h.0.attn.pattern", "Enter")
    opened.wait("sheetgpt.book.sheets[sheetgpt.app.sheet].name === 'block.0'")


def test_a_value_that_does_not_suit_is_refused(opened: Browser) -> None:
    opened.value("(sheetgpt.app.jump('temperature'), sheetgpt.grid.scroll.focus(), 0)")
    opened.press("-", "5", "Enter")
    assert opened.value("sheetgpt.changes.list.length") == 0
    opened.press("Escape", "0", "Enter")
    opened.wait("sheetgpt.book.named('temperature') === 0")


def test_every_link_lands(opened: Browser) -> None:
    targets = "(look.links ?? []).filter((_, i) => i % 3 === 2)"
    links = f"sheetgpt.app.data.looks.flatMap((look) => {targets})"
    assert opened.value(f"{links}.length") > 300
    assert opened.value(f"{links}.filter((to) => !sheetgpt.app.jump(to))") == []


def test_every_tab_and_chart_is_drawn(opened: Browser) -> None:
    opened.value("""(window.colours = (x, y, w, h) => {
      const g = sheetgpt.grid.canvas.getContext('2d', { willReadFrequently: true });
      return new Set(new Uint32Array(g.getImageData(x, y, w, h).data.buffer)).size; }, 0)""")
    tabs = opened.value("sheetgpt.book.sheets.length")
    for tab in range(tabs):
        drawn = opened.value(
            f"(sheetgpt.app.goTo({{sheet: {tab}, row: 0, col: 0}}), sheetgpt.grid.draw(), "
            "colours(50, 26, 900, 500))"
        )
        assert drawn > 20, opened.value(f"sheetgpt.book.sheets[{tab}].name")
    corners = "(look.charts ?? []).map(({ at }) => [sheet, ...at[0].slice(0, 2), at[1][1]])"
    charts = opened.value(f"sheetgpt.app.data.looks.flatMap((look, sheet) => {corners})")
    assert len(charts) >= 6
    for sheet, row, col, last in charts:
        drawn = opened.value(
            f"(sheetgpt.app.goTo({{sheet: {sheet}, row: {row}, col: {last}}}), "
            f"sheetgpt.app.goTo({{sheet: {sheet}, row: {row}, col: {col}}}, true), "
            "sheetgpt.grid.draw(), "
            f"colours(sheetgpt.grid.x({col}) + 20, sheetgpt.grid.y({row}) + 2, 220, 160))"
        )
        assert drawn > 10, (sheet, row, col)


def test_steps_reach_the_right_rectangles(opened: Browser) -> None:
    inside = "((step) => sheetgpt.book.sheets[step.sheet].name === 'block.1')"
    steps = opened.value(f"sheetgpt.app.data.steps.filter{inside}")
    assert [step["number"] for step in steps] == list(range(1, 17))
    first = opened.value(f"sheetgpt.app.data.steps.findIndex{inside}")
    orange = "sheetgpt.app.outlines.filter((o) => o.color === '#D9480F').map((o) => o.area)"
    opened.value(f"(sheetgpt.modes.stepper.show({first}), sheetgpt.grid.scroll.focus(), 0)")
    for step in steps:
        own = opened.value(orange)
        wanted = opened.value(f"{json.dumps(step['areas'])}.map((n) => sheetgpt.book.names.get(n))")
        assert own == wanted
        assert opened.value("sheetgpt.book.sheets[sheetgpt.app.sheet].name") == "block.1"
        assert step["title"] in opened.value("document.getElementById('panel').innerText")
        opened.press("Space")


def test_steps_are_in_the_order_of_the_data(opened: Browser) -> None:
    """None reads what a later one computes; the first read the prompt."""
    first, late = opened.value(
        """(() => { const { app, book } = sheetgpt; const { steps } = app.data;
        const names = new Map(steps.flatMap((s, i) => s.areas.map((name) => [name, i])));
        const late = steps.flatMap((step, i) => step.areas.flatMap((name) =>
          book.graph.within([book.names.get(name)]).flatMap((g) => book.graph.reads[g])
            .map((area) => app.nameAt(area)).filter((read) => (names.get(read) ?? 0) > i)));
        return [steps.slice(0, 2).map((s) => s.title), late]; })()"""
    )
    assert first == ["Characters", "Words"]
    assert late == []


def test_space_steps_after_a_click(opened: Browser) -> None:
    heading = "document.querySelector('#panel h2').textContent"
    opened.click_on("#top button", "Step")
    opened.press("Space", "Space")
    assert opened.value(heading) == "Step 3 of 204"
    opened.click_on("#panel button", "Next")
    opened.press("Shift+Space", "Shift+Space")
    assert opened.value(heading) == "Step 2 of 204"
    opened.click_on("#top button", "tour")
    opened.press("Space")
    assert opened.value(heading) == "tour: 2 of 13"
    assert opened.value("document.querySelector('#panel h3').textContent") == "2. Tokens"
    opened.click_on("#top button", "Step")  # where it was left
    assert opened.value(heading) == "Step 2 of 204"
    opened.value("(sheetgpt.app.jump('h.1.mlp.post'), 0)")
    opened.click_on("#panel button", "Here")
    assert opened.value("document.querySelector('#panel h3').textContent") == "14. GELU"
    opened.click_on("#panel .read .way", "h.1.mlp.pre")
    assert opened.value("sheetgpt.app.nameAt(sheetgpt.app.cell)") == "h.1.mlp.pre"
    groups = opened.value("[...document.querySelectorAll('#panel optgroup')].map((g) => g.label)")
    assert groups[:5] == ["tokens.workings", "tokens", "token_embeddings", "position_embeddings",
                          "block.0"]  # fmt: skip


DECLARED = {
    "h.0.attn.z": "z[Q,h*d_head+D] = MMULT(pattern[h,Q,K], v[K,h*d_head+D])",
    "h.0.attn.pattern.exp": "exp[h,Q,K] = EXP(scores[h,Q,K] - peak[h,Q,0])",
    "merge.1.word": "new_word[s] = IF(from[s] = 0, 0, INDEX(word[S], from[s]))",
    "n_tokens": "count = SUMPRODUCT(1 * (word[S] > 0))",
    "answer": "{=IF(fits = 1,",
}


def test_a_formula_as_it_is_declared(opened: Browser) -> None:
    opened.press("F4")
    for name, formula in DECLARED.items():
        opened.value(f"(sheetgpt.app.jump({name!r}), 0)")
        assert opened.value("document.getElementById('formula').value").startswith(formula)


def test_a_number_is_the_sum_of_its_parts(opened: Browser) -> None:
    names = ["logits", "h.0.attn.qkv", "h.1.mlp.pre", "h.2.mlp.out", "h.0.resid_mid", "h.0.attn.z",
             "h.1.attn.scores", "ln_f.normalized.mean", "embedded"]  # fmt: skip
    for name in names:
        wrong = opened.value(
            f"""(() => {{ const a = sheetgpt.book.names.get({name!r}); const bad = [];
            for (const [i, j] of [[0, 0], [1, 0], [2, 5], [4, 3]]) {{
              const cell = {{ sheet: a.sheet, row: a.row + Math.min(i, a.rows - 1),
                              col: a.col + Math.min(j, a.cols - 1) }};
              const value = sheetgpt.book.get(cell.sheet, cell.row, cell.col);
              const found = sheetgpt.explain(cell);
              const sum = found.parts.reduce((t, p) => t + p.value, 0);
              const near = Math.abs(sum - value) <= 1e-9 * (1 + Math.abs(value));
              if (!found.sum || !found.parts.length || !near)
                bad.push([cell, sum, value]); }}
            return bad; }})()"""
        )
        assert wrong == [], name
    opened.value("(sheetgpt.app.jump('logits'), sheetgpt.grid.scroll.focus(), 0)")
    opened.press("?")
    assert "parts add up to" in opened.value("document.getElementById('panel').innerText")


def test_every_formula_is_explained(opened: Browser) -> None:
    """By parts that add up, or by what it reads; both lead to cells of the workbook."""
    counts, wrong = opened.value(
        """sheetgpt.app.rest.then(() => { const { book } = sheetgpt;
        const counts = { sum: 0, parts: 0, inputs: 0 }; const bad = [];
        for (const group of book.groups) for (const k of [0, group.count - 1]) {
          const cell = { sheet: group.sheet, ...group.placeOf(k) };
          const { parts, sum, inputs } = sheetgpt.explain(cell);
          const value = book.get(cell.sheet, cell.row, cell.col);
          const total = parts.reduce((t, p) => t + p.value, 0);
          const adds = Math.abs(total - value) <= 1e-9 * (1 + Math.abs(value));
          const where = [...parts.flatMap((p) => p.cells), ...inputs];
          const inside = where.every((c) => c.row >= 0 && c.row <= book.sheets[c.sheet].rows);
          counts[sum ? "sum" : parts.length > 1 ? "parts" : "inputs"]++;
          if ((sum || parts.length > 1) && !adds || !inside || !(sum || inputs.length))
            bad.push([group.text, cell, total, value]); }
        return [counts, bad]; })"""
    )
    assert wrong == []
    assert min(counts.values()) > 20, counts


@pytest.mark.parametrize(
    ("name", "words"),
    [("h.0.attn.pattern", ["It is not a sum.", "pattern.exp (", "pattern.total ("]),
     ("h.0.ln_1.normalized", ["2 parts add up to", ".var (", "eps ("]),
     ("h.0.mlp.post", ["2 parts add up to", "TANH(", "h.0.mlp.pre ("]),
     ("answer", ["It is not a sum.", "best.token ("])],
)  # fmt: skip
def test_the_panel_says_how_a_number_is_made(opened: Browser, name: str, words: list[str]) -> None:
    opened.value(f"(sheetgpt.app.jump({name!r}), sheetgpt.modes.ask(), 0)")
    panel = opened.value("document.getElementById('panel').innerText")
    assert [word for word in words if word not in panel] == []


#: What is clicked in the panel on the way from the answer to the letters of the prompt.
WAY = [
    "best.token (", "best.row (", "logits, ", "last_vector (", "ln_f (", "ln_f.normalized (",
    *(f"h.{block}.{x} (" for block in (2, 1, 0) for x in ("resid_post", "resid_mid", "resid_pre")),
    "embedded (", "wte_lookup (", "token_ids (", *(f"merge.{i} (" for i in range(16, -1, -1)),
    "bytes (", "merge.0.bits (", "code_points (", "code_units (", "characters_seen.first (",
    "prompt (",
]  # fmt: skip


def test_from_the_answer_back_to_the_prompt(opened: Browser) -> None:
    """One more click on a part goes there, and Back leads back."""
    opened.value("sheetgpt.app.rest.then(() => (sheetgpt.app.jump('answer'), 0))")
    opened.click_on("#top button", "Ask")
    here = "(({ sheet, row, col }) => sheetgpt.app.text(sheet, row, col))(sheetgpt.app.cell)"
    texts = "[...document.querySelectorAll('#panel .way')].map((way) => way.textContent)"
    for words in WAY:
        joined = [x for x in opened.value(texts) if x.startswith("merge.") and ".token (" in x]
        if joined and not any(words in x for x in opened.value(texts)):
            opened.click_on("#panel .way", joined[0])  # in this round two pieces became one
        opened.click_on("#panel .way", words)
        if words.startswith("logits"):
            assert float(opened.value(here)) == pytest.approx(shown(opened, "best.score"), abs=1e-4)
    assert opened.value(here) == START
    for _ in range(2):
        opened.click_on("#panel button", "Back")
    assert opened.value("sheetgpt.app.nameAt(sheetgpt.app.cell)") == "code_units"
    assert opened.value("document.activeElement.id") == "scroll"


#: A tensor, one of its heads, a column, and how its rows are called, if they are tokens.
ROWS = [
    ("h.0.attn.scores", 1, 2, ["Mike", "␣is", "␣quick", ".", "␣He", "␣moves"]),
    ("h.0.mlp.pre", 0, 5, ["Mike", "␣is", "␣quick", ".", "␣He", "␣moves"]),
    ("best.token", 0, 0, []),
    ("logits", 0, 0, []),
    ("wte.weight", 0, 0, []),
]


def test_a_number_for_the_other_tokens(opened: Browser) -> None:
    for name, head, col, words in ROWS:
        found = opened.value(
            f"""sheetgpt.app.rest.then(() => {{ const {{ app, book, modes }} = sheetgpt;
            const a = book.names.get({name!r});
            const axes = app.stepOf({name!r})?.axes ?? [];
            const row = a.row + {head} * (axes.find(([axis]) => axis === "position") ?? [0, 0])[1];
            app.goTo({{ sheet: a.sheet, row: row + {3 * bool(words)}, col: a.col + {col} }});
            modes.ask();
            const lines = [...document.querySelectorAll("#panel details[open] .way")];
            const column = lines.map((_, t) => book.get(a.sheet, row + t, a.col + {col}));
            return lines.map((line, t) => [line.textContent.split(": "), column[t]]); }})"""
        )
        assert [text[0] for text, _ in found] == words, name
        assert all(abs(float(text[1]) - value) < 1e-3 for text, value in found if text[1] != "–")


def test_a_formula_and_a_weight_can_be_changed_and_taken_back(opened: Browser) -> None:
    opened.value("(sheetgpt.changes.unlocked = true, 0)")
    before = shown(opened, "answer_probability")
    gelu = "sheetgpt.book.names.get('h.0.mlp.post')"
    text = opened.value(f"sheetgpt.changes.typed({gelu})")
    third = text.replace("/ 2", "/ 3").replace("/2", "/3")
    assert third != text
    assert opened.value(f"sheetgpt.changes.type({gelu}, {json.dumps(third)})") is None
    assert shown(opened, "answer_probability") != before
    refused = opened.value(f"sheetgpt.changes.type({gelu}, '=NOBODY(1)')")
    assert "NOBODY" in refused
    for cell, value in [("wte.weight", "3"), ("h.0.resid_post", "5")]:
        opened.value(f"sheetgpt.changes.type(sheetgpt.book.names.get({cell!r}), {value!r})")
        assert str(shown(opened, cell)) == value
    assert opened.value("sheetgpt.changes.undo(9)") == 3
    assert shown(opened, "answer_probability") == before


def test_a_formula_and_a_number_in_blank_cells(opened: Browser) -> None:
    """Also where no formula has ever stood, so that the tab has no room for one yet."""
    opened.value("(sheetgpt.changes.unlocked = true, 0)")
    sheet = opened.value("sheetgpt.book.scope.sheets.get('block.0')")
    bands = f"sheetgpt.book.sheets[{sheet}].bands"
    rows = f"[...{bands}.widths].flatMap((width, row) => width ? [] : [row])"
    row, other = opened.value(rows)[:2]
    before = opened.value(f"[...sheetgpt.book.sheets[{sheet}].numbers]")
    for cell, text in [((other, 5), "21"), ((row, 5), f"=2*F{other + 1}"), ((row, 1), "=F1&$")]:
        place = f"{{sheet: {sheet}, row: {cell[0]}, col: {cell[1]}}}"
        refused = opened.value(f"sheetgpt.changes.type({place}, {text!r})")
        assert (refused is None) == (not text.endswith("$"))
    opened.wait(f"sheetgpt.book.get({sheet}, {row}, 5) === 42")
    assert shown(opened, "next_token") == " quickly"
    assert opened.value("sheetgpt.changes.undo(9)") == 2
    assert opened.value(f"sheetgpt.book.get({sheet}, {row}, 5)") is None
    assert opened.value(f"sheetgpt.book.get({sheet}, {other}, 5)") is None
    after = opened.value(f"[...sheetgpt.book.sheets[{sheet}].numbers]")
    assert [n for n in after if n is not None] == [n for n in before if n is not None]


def test_a_text_that_goes_on(opened: Browser) -> None:
    prompt = START
    for _ in range(2):
        prompt += predict(prompt, top=1).top[0].text
        button = (
            "[...document.querySelectorAll('#top button')].find((b) => b.textContent === '+ best')"
        )
        opened.value(f"sheetgpt.app.rest.then(() => ({button}.click(), 0))")
        opened.wait(f"sheetgpt.book.named('prompt') === {json.dumps(prompt)}")
    best = predict(prompt, top=1).top[0].token_id
    opened.wait(f"sheetgpt.book.named('next_token_id') === {best}")


def test_find_by_keys(opened: Browser) -> None:
    opened.press("Control+f", *"GELU", "Enter")
    opened.wait("document.querySelectorAll('#panel .way').length > 1")
    found = opened.value(
        "(({ sheet, row, col }) => sheetgpt.app.text(sheet, row, col))(sheetgpt.app.cell)"
    )
    assert "gelu" in found.lower()
    place = opened.value("sheetgpt.app.cell")
    opened.press("Enter")
    same = json.dumps(json.dumps(place, separators=(",", ":")))
    opened.wait(f"JSON.stringify(sheetgpt.app.cell) !== {same}")
    opened.press("Control+a", *"zzzz", "Enter")
    opened.wait("document.getElementById('panel').innerText.includes('zzzz is nowhere.')")
    opened.press("Escape")
    assert opened.value("document.getElementById('panel').hidden")


def test_cells_are_copied_as_text(opened: Browser) -> None:
    opened.value(
        "(document.addEventListener('copy', () => "
        "{ window.copied = document.activeElement.value; }), sheetgpt.grid.scroll.focus(), 0)"
    )
    opened.value("(({ sheet, row, col }) => sheetgpt.app.goTo({ sheet, row, col }))"
                 "(sheetgpt.book.names.get('h.0.attn.pattern')), 0")  # fmt: skip
    opened.press("Shift+Right", "Shift+Down", "Control+c")
    lines = [line.split("\t") for line in opened.value("window.copied").split("\n")]
    assert [len(line) for line in lines] == [2, 2]
    assert float(lines[0][0]) == 1  # the first token looks at itself alone


def test_larger_and_smaller(opened: Browser) -> None:
    narrow = opened.value("sheetgpt.grid.x(3)")
    opened.value("(sheetgpt.bar.zoom(2), sheetgpt.grid.draw(), 0)")
    assert opened.value("sheetgpt.app.zoom") == pytest.approx(2 * opened.value(
        "(sheetgpt.app.view.look.zoom ?? 100) / 100"))  # fmt: skip
    assert opened.value("sheetgpt.grid.x(3)") == narrow  # in pixels of the sheet
    assert opened.value("document.documentElement.scrollWidth <= innerWidth")


#: Steps, of every ninth, of which nothing that they compute can be seen.
UNSEEN = """(() => { const { app, grid, modes } = sheetgpt; const seen = (area) => {
  const [x, y] = [grid.x(area.col), grid.y(area.row)]; const { frozen, size } = grid;
  return x >= 45 + (area.col < frozen.cols ? 0 : frozen.x) && x < size.width - 20
    && y >= 21 + (area.row < frozen.rows ? 0 : frozen.y) && y < size.height - 20; };
  return app.data.steps.filter((step, i) => i % 9 === 0).filter((step) => {
    modes.stepper.show(app.data.steps.indexOf(step));
    return !app.outlines.some(({ area, color }) => color === "#D9480F" && seen(area)); })
    .map((step) => step.title); })()"""


def test_on_a_phone(browser: Browser, made: Path) -> None:
    open_page(browser, (made / "page.html").as_uri(), 390, 844)
    assert browser.value("document.documentElement.scrollWidth <= innerWidth")
    assert browser.value(UNSEEN) == []
    assert browser.value("document.documentElement.scrollWidth <= innerWidth")
    assert browser.value("document.getElementById('scroll').clientHeight") > 120
    small = "({ width, height }) => width > 0 && (width < 24 || height < 40)"
    boxes = (
        "[...document.querySelectorAll('#top button, #bar button, #panel button, select, "
        "input:not([type])')].map((e) => [e.textContent || e.id, e.getBoundingClientRect()])"
    )
    assert browser.value(f"{boxes}.filter(([, box]) => ({small})(box)).map(([t]) => t)") == []
    browser.click_on("#top button", "Help")  # the last of a row that scrolls
    assert "Shift+Space back" in browser.value("document.getElementById('panel').innerText")


def test_a_finger_moves_the_grid(
    browser: Browser, made: Path, request: pytest.FixtureRequest
) -> None:
    if request.node.callspec.params["browser"] == "firefox":
        pytest.skip("Firefox moves nothing by a finger that its driver makes.")
    open_page(browser, (made / "page.html").as_uri(), 390, 844)
    browser.value("(sheetgpt.app.jump('h.0.ln_1'), 0)")
    place = "document.getElementById('scroll').scrollTop"
    before = browser.value(place)
    cell = browser.value("sheetgpt.app.cell")
    browser.drag((200, 700), (200, 450))
    browser.wait(f"{place} > {before} + 100")
    assert browser.value("sheetgpt.app.cell") == cell


def test_twice_as_large(browser: Browser, made: Path) -> None:
    """A window of 1366 by 768 at 200 %: all of it is there, nothing beside it."""
    open_page(browser, (made / "page.html").as_uri(), 683, 384)
    assert browser.value("document.documentElement.scrollWidth <= innerWidth")
    assert browser.value("document.getElementById('scroll').clientHeight") > 150
    assert browser.value(UNSEEN) == []


def test_by_keys_alone(opened: Browser) -> None:
    """F6 goes through the parts of the page, Escape leaves the panel, arrows go through tabs."""
    active = "(({ id, textContent }) => id || textContent)(document.activeElement)"
    opened.press("Space", "F6")
    assert opened.value(active) == "×"  # in the panel
    opened.press("F6", "Right")
    assert opened.value(active) == "token_embeddings"
    assert opened.value("sheetgpt.book.sheets[sheetgpt.app.sheet].name") == "token_embeddings"
    opened.press("F6", "F6")
    assert opened.value(active) == "name"
    opened.press("Escape")
    assert opened.value(active) == "scroll"
    opened.press("Shift+F6", "Escape", "F6", "F6", "Escape")
    assert opened.value("document.getElementById('panel').hidden")
    opened.press("Space", "Escape")
    assert opened.value("document.getElementById('panel').hidden")
    named = "[...document.querySelectorAll('button')].map((b) => [b.textContent, b.ariaLabel])"
    names = opened.value(f"{named}.filter(([, label]) => label)")
    assert [text for text, name in names if text.isalpha() and not name.startswith(text)] == []


def test_what_may_be_typed_is_said_at_the_cell(opened: Browser) -> None:
    note = "(({ hidden, innerText }) => hidden ? '' : innerText)(document.getElementById('note'))"
    assert opened.value(note) == ""
    for name, key, words in [("temperature", "", "bolder"), ("logits", "5", "holds a formula"),
                             ("wte.weight", "5", "is part of the model")]:  # fmt: skip
        opened.value(f"(sheetgpt.app.jump({name!r}), sheetgpt.grid.scroll.focus(), 0)")
        opened.press(*key)
        assert words in opened.value(note)
    opened.press("Down")
    assert opened.value(note) == ""
    opened.click_on("#top button", "Unlock")
    opened.click_on("#panel label")
    opened.wait("document.querySelector('#top button[aria-pressed=true]')")
    opened.value("(sheetgpt.app.jump('h.0.ln_1'), sheetgpt.grid.scroll.focus(), 0)")
    opened.press("5", "Enter")
    corner = "sheetgpt.grid.canvas.getContext('2d').getImageData(x, y, 1, 1).data.join()"
    cell = "sheetgpt.book.names.get('h.0.ln_1')"
    at = f"(sheetgpt.grid.draw(), [sheetgpt.grid.x({cell}.col), sheetgpt.grid.y({cell}.row)])"
    zoomed = f"{at}.map((v) => Math.round((v + 3) * sheetgpt.app.zoom * devicePixelRatio))"
    assert opened.value(f"(([x, y]) => {corner})({zoomed})") == "217,72,15,255"


def test_on_paper(opened: Browser) -> None:
    """What is in sight on one sheet, which is as light in dark mode."""
    if shutil.which("pdfinfo") is None:
        pytest.skip("pdfinfo is missing: `apt install poppler-utils`")
    pages = opened.send("browsingContext.print", context=opened.tab, background=True)["data"]
    said = subprocess.run(
        ["pdfinfo", "-"], input=base64.b64decode(pages), capture_output=True, check=True
    )
    assert re.search(rb"Pages:\s+1\n", said.stdout)
    dark = "[...document.styleSheets].flatMap((x) => [...x.cssRules]).filter((x) => /dark/.test"
    conditions = opened.value(f"{dark}(x.conditionText)).map((x) => x.conditionText)")
    assert conditions == ["screen and (prefers-color-scheme: dark)"]


@pytest.fixture(scope="module")
def lessons_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lessons")
    lessons(folder / "lessons.xlsx", only=["neuron", "direction"])
    return page(folder / "lessons.xlsx", folder / "lessons.html").path


def test_lessons(browser: Browser, lessons_page: Path) -> None:
    """A workbook without a prompt: exercises are marked, charts follow."""
    open_page(browser, lessons_page.as_uri())
    assert browser.value("document.getElementById('prompt')") is None
    first = browser.value("sheetgpt.book.named('neuron.relu')")
    browser.value("(sheetgpt.app.jump('neuron.bias'), sheetgpt.grid.scroll.focus(), 0)")
    browser.press("9", "Enter")
    browser.wait("sheetgpt.book.named('neuron.bias') === 9")
    browser.wait(f"sheetgpt.book.named('neuron.relu') !== {json.dumps(first)}")
    browser.value("(sheetgpt.app.jump('neuron.balance'), sheetgpt.modes.ask(), 0)")
    assert "This cell is a constant" in browser.value("document.getElementById('panel').innerText")
    assert browser.complaints == []


def test_what_is_in_sight_can_be_heard(opened: Browser) -> None:
    opened.wait(f"document.getElementById('table').textContent.includes({START!r})")
    assert START in opened.value("document.getElementById('live').textContent")


#: Roles and names that a screen reader is given; the first two rows of the table are frozen.
TOLD = {
    ("application", "Cells of the workbook"), ("textbox", "Content of the cell"),
    ("combobox", "Cell or name: type to go there"), ("textbox", "Prompt"), ("tablist", "Tabs"),
    ("status", "Next token"), ("complementary", "Step 1 of 204"), ("table", "tokens.workings"),
    ("columnheader", "A"), ("rowheader", "1"), ("rowheader", "2"), ("tab", "block.0"),
    ("button", "Step: Go through the steps of the model (Space)"),
}  # fmt: skip


def test_what_a_screen_reader_is_told(opened: Browser, request: pytest.FixtureRequest) -> None:
    if request.node.callspec.params["browser"] == "firefox":
        pytest.skip("Firefox's driver does not give the tree of what it tells.")
    opened.press("Space")
    opened.wait("document.querySelector('#table caption')?.textContent === 'tokens.workings'")
    session = opened.send("goog:cdp.getSession", context=opened.tab)["session"]
    command = {"method": "Accessibility.getFullAXTree", "params": {}, "session": session}
    nodes = opened.send("goog:cdp.sendCommand", **command)["result"]["nodes"]
    told = [
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in nodes
        if not node["ignored"]
    ]
    assert TOLD - set(told) == set()
    named = ("button", "tab", "textbox", "combobox", "slider", "table", "application")
    assert [role for role, name in told if role in named and not name] == []


def test_the_same_workbook_gives_the_same_page(tiny_file: Path, made: Path, tmp_path: Path) -> None:
    again = page(tiny_file, tmp_path / "again.html")
    assert again.path.read_bytes() == (made / "page.html").read_bytes()
    assert again.size < 2_500_000


def test_what_is_refused(tiny_file: Path, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="--force"):
        page(tiny_file, made / "page.html")
    with pytest.raises(InputError, match="--force"):
        page(tiny_file, made / "folder")
    monkeypatch.setattr("sheetgpt.commands.page.LARGE_MODEL", 1000)
    with pytest.raises(CapacityError, match="name a folder"):
        page(tiny_file, made / "large.html")


def test_the_command(tiny_file: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.html"
    result = CliRunner().invoke(cli, ["page", str(tiny_file), "-o", str(target)])
    assert result.exit_code == 0, result.output
    assert f"Wrote {target} (one file of" in result.stdout
    missing = CliRunner().invoke(cli, ["page", str(tmp_path / "nothing.xlsx")])
    assert missing.exit_code == 2


def test_of_a_large_model_only_what_is_looked_at_is_computed(opened: Browser) -> None:
    tab = "sheetgpt.book.scope.sheets.get('residual')"
    opened.value("(sheetgpt.app.large = true, 0)")
    type_prompt(opened, "Two plus two equals")
    opened.wait("sheetgpt.book.named('next_token') === ' four'")
    assert opened.value(f"sheetgpt.book.isStale({tab})")
    opened.value(f"(sheetgpt.app.goTo({{sheet: {tab}, row: 0, col: 0}}), 0)")
    opened.wait(f"!sheetgpt.book.isStale({tab})")
    values = f"[0, {tab}].flatMap((i) => [...sheetgpt.book.sheets[i].numbers])"
    opened.click_on("#top button", "drawn")  # which another tab works out
    opened.wait("sheetgpt.book.named('prompt') === 'Two plus two equals four'")
    opened.wait("sheetgpt.book.named('next_token') === '.'")
    opened.wait(f"!sheetgpt.book.isStale({tab})")
    lazy = opened.value(values)
    opened.value("(sheetgpt.book.stale.fill(2), sheetgpt.book.recalculate(), 0)")
    assert opened.value(values) == lazy
