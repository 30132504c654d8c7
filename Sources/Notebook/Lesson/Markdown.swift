import CMarkdown

/// A Markdown document as a tree of values, parsed by libcmark-gfm with tables and strikethrough.
struct Markdown {
  enum Kind: Equatable {
    case document, quote, paragraph, item, rule, table, row, cell, emphasis, strong, softBreak, lineBreak
    case heading(level: Int)
    /// `first` is the number of an ordered list's first item.
    case list(first: Int?)
    case code(info: String, text: String)
    case html(String)
    case text(String)
    case inlineCode(String)
    case link(to: String)
    case image(of: String)
    /// Anything that has no form of its own in a terminal: its children stand for it.
    case other
  }

  var kind: Kind
  var line: Int
  var column: Int
  var endLine: Int
  var children: [Markdown]

  /// The text of the node and of all below it.
  var text: String {
    switch kind {
    case .text(let text), .inlineCode(let text): text
    case .softBreak, .lineBreak: " "
    default: children.map(\.text).joined()
    }
  }

  init(parsing source: String) {
    cmark_gfm_core_extensions_ensure_registered()
    guard let parser = cmark_parser_new(CMARK_OPT_DEFAULT) else {
      self.init(.document, children: [])
      return
    }
    defer { cmark_parser_free(parser) }
    for name in ["table", "strikethrough"] {
      if let syntax = cmark_find_syntax_extension(name) { cmark_parser_attach_syntax_extension(parser, syntax) }
    }
    var bytes = source
    bytes.withUTF8 { utf8 in
      utf8.withMemoryRebound(to: CChar.self) { cmark_parser_feed(parser, $0.baseAddress, $0.count) }
    }
    guard let root = cmark_parser_finish(parser) else {
      self.init(.document, children: [])
      return
    }
    defer { cmark_node_free(root) }
    self.init(root, depth: 0)
  }

  private init(_ kind: Kind, children: [Markdown]) {
    self.kind = kind
    self.children = children
    (line, column, endLine) = (1, 1, 1)
  }

  /// Nesting beyond 64 levels is cut off, so that a hostile file cannot exhaust the stack.
  private init(_ node: OpaquePointer, depth: Int) {
    kind = Markdown.kind(of: node)
    line = Int(cmark_node_get_start_line(node))
    column = max(1, Int(cmark_node_get_start_column(node)))
    endLine = Int(cmark_node_get_end_line(node))
    children = []
    var next = depth < 64 ? cmark_node_first_child(node) : nil
    while let child = next {
      children.append(Markdown(child, depth: depth + 1))
      next = cmark_node_next(child)
    }
  }

  private static func kind(of node: OpaquePointer) -> Kind {
    func string(_ pointer: UnsafePointer<CChar>?) -> String { pointer.map { String(cString: $0) } ?? "" }
    switch string(cmark_node_get_type_string(node)) {
    case "document": return .document
    case "block_quote": return .quote
    case "paragraph": return .paragraph
    case "heading": return .heading(level: Int(cmark_node_get_heading_level(node)))
    case "list":
      let ordered = cmark_node_get_list_type(node) == CMARK_ORDERED_LIST
      return .list(first: ordered ? Int(cmark_node_get_list_start(node)) : nil)
    case "item": return .item
    case "thematic_break": return .rule
    case "code_block":
      return .code(info: string(cmark_node_get_fence_info(node)), text: string(cmark_node_get_literal(node)))
    case "html_block", "html_inline": return .html(string(cmark_node_get_literal(node)))
    case "text": return .text(string(cmark_node_get_literal(node)))
    case "code": return .inlineCode(string(cmark_node_get_literal(node)))
    case "softbreak": return .softBreak
    case "linebreak": return .lineBreak
    case "emph": return .emphasis
    case "strong": return .strong
    case "link": return .link(to: string(cmark_node_get_url(node)))
    case "image": return .image(of: string(cmark_node_get_url(node)))
    case "table": return .table
    case "table_row", "table_header": return .row
    case "table_cell": return .cell
    default: return .other
    }
  }
}
