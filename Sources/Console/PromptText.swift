import Workbench

/// A prompt as `EL_PROMPT_ESC` wants it: escape sequences between two U+0001.
///
/// libedit draws a sequence together with the character after it and loses one that ends the prompt or stands next
/// to another. So the end of one tone and the beginning of the next share one pair, and a prompt that ends in a tone
/// gets a space after it.
struct PromptText {
  private(set) var text = ""

  init(_ prompt: Line, _ palette: Palette) {
    var isColoured = false
    for span in prompt.spans {
      let shown = Composition.settle(span.text)
      guard !shown.isEmpty else { continue }
      let begins = palette.begins(span.tone)
      let change = (isColoured ? Palette.ends : "") + (begins ?? "")
      text += change.isEmpty ? shown : "\u{1}" + change + "\u{1}" + shown
      isColoured = begins != nil
    }
    if isColoured { text += "\u{1}" + Palette.ends + "\u{1} " }
  }
}
