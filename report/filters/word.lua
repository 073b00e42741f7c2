-- Word shows no SVG everywhere: the drawing's PNG stands in. Notes get the style of their name.
function Image(image)
  image.src = image.src:gsub("%.svg$", ".png")
  return image
end

function Div(div)
  if div.classes:includes("note") then
    div.attributes["custom-style"] = "Note"
    return div
  end
end

-- What pandoc was told is no property of the document: the path of the references would be one.
function Meta(meta)
  meta.bibliography, meta["link-citations"] = nil, nil
  return meta
end
