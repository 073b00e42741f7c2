-- A table wider than the page scrolls inside its own box, which the keyboard can reach.
-- The attributes are a list: the order of a Lua table's keys changes from run to run.
function Table(table)
  local caption = pandoc.utils.stringify(table.caption.long)
  local attributes = { { "tabindex", "0" }, { "role", "region" }, { "aria-label", caption } }
  return pandoc.Div({ table }, pandoc.Attr("", { "scroll" }, attributes))
end
