-- A table wider than the page scrolls inside its own box, which the keyboard can reach.
function Table(table)
  local caption = pandoc.utils.stringify(table.caption.long)
  return pandoc.Div({ table }, { class = "scroll", tabindex = "0", role = "region", ["aria-label"] = caption })
end
