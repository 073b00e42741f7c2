-- A table wider than the page scrolls inside its own box, which the keyboard can reach; its caption stays in view.
-- Numbers are set right by a class: pandoc's own way is a style on every cell, which the page's policy forbids.
-- The attributes are a list: the order of a Lua table's keys changes from run to run.
local SHORT_CELL = 18 -- letters that stay on one line, as in print

local function mark(rows, aligned, body)
  for _, row in ipairs(rows) do
    for column, cell in ipairs(row.cells) do
      if aligned[column] == "AlignRight" then
        cell.attr.classes:insert("number")
      elseif body and utf8.len(pandoc.utils.stringify(cell.contents)) <= SHORT_CELL then
        cell.attr.classes:insert("short")
      end
    end
  end
end

function Table(table)
  local aligned, free = {}, {}
  for column, spec in ipairs(table.colspecs) do
    aligned[column], free[column] = spec[1], { "AlignDefault" }
  end
  mark(table.head.rows, aligned)
  for _, body in ipairs(table.bodies) do
    mark(body.body, aligned, true)
  end
  table.colspecs = free
  local caption = pandoc.utils.stringify(table.caption.long)
  for _, block in ipairs(table.caption.long) do
    block.content = { pandoc.Span(block.content, pandoc.Attr("", { "view" })) }
  end
  local attributes = { { "tabindex", "0" }, { "role", "region" }, { "aria-label", caption } }
  return pandoc.Div({ table }, pandoc.Attr("", { "scroll" }, attributes))
end
