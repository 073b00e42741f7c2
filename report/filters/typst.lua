-- What pandoc's Typst writer leaves out: words for pictures, the looks of the blocks that template.typ names, and
-- how a table is set by its size.
local LOOKS = { answer = true, note = true, references = true }
local widths = dofile(pandoc.path.join({ pandoc.path.directory(PANDOC_SCRIPT_FILE), "widths.lua" }))
-- In letters: a line of a table, a table that stays on one page, a cell whose lines want a rule between rows, and one
-- that need not stay on one page.
local LINE, SHORT, LINES, LONG_CELL = 112, 1300, 70, 2500
local ROWS = 16

local function call(name, blocks)
  local made = pandoc.List({ pandoc.RawBlock("typst", "#" .. name .. "[") })
  made:extend(blocks)
  made:insert(pandoc.RawBlock("typst", "]"))
  return made
end

function Div(div)
  for _, class in ipairs(div.classes) do
    if LOOKS[class] then
      div.content = call(class, div.content)
      return div
    end
  end
end

local function quoted(text)
  return '"' .. text:gsub("\\", "\\\\"):gsub('"', '\\"') .. '"'
end

function Image(image)
  local words = image.attributes.alt or pandoc.utils.stringify(image.caption)
  return pandoc.RawInline("typst", "#drawing(" .. quoted(image.src) .. ", " .. quoted(words) .. ")")
end

-- Typst breaks no word that it does not know; a longer one would run over the edge. Addresses break where they may.
local PIECE = "(" .. utf8.charpattern:rep(20) .. ")"

function Str(string)
  string.text = string.text:gsub("[^/-]+", function(word)
    if utf8.len(word) > widths.LONG_WORD then
      return (word:gsub(PIECE, "%1\u{200B}"))
    end
  end)
  return string
end

-- A formula is read out as it was typed.
function Math(formula)
  local made = pandoc.write(pandoc.Pandoc({ pandoc.Plain({ formula }) }), "typst"):gsub("%s+$", "")
  return pandoc.RawInline("typst", "#{ set math.equation(alt: " .. quoted(formula.text) .. "); " .. made .. " }")
end

local function set(table)
  local least, most, longest, all, rows = widths.measure(table)
  local made = pandoc.List({ table })
  if widths.sum(most) > LINE then
    widths.share(table, least, most, LINE)
  end
  if widths.sum(least) > LINE then
    made = call("wide", made)
  end
  if longest > LINES then
    made = call("ruled", made)
  end
  if longest < LONG_CELL then
    made = call("steady", made)
  end
  return made, rows <= ROWS and all < SHORT
end

-- A short table stays on one page, with its note.
function Blocks(blocks)
  local made, place = pandoc.List(), 1
  while place <= #blocks do
    local block = blocks[place]
    if block.t == "Table" then
      local table, short = set(block)
      local note = blocks[place + 1]
      if short and note and note.t == "Div" and note.classes:includes("note") then
        table:insert(note)
        place = place + 1
      end
      made:extend(short and call("whole", table) or table)
    else
      made:insert(block)
    end
    place = place + 1
  end
  return made
end
