import Foundation
import Testing

/// The rules of the house that a compiler does not hold, read off the sources themselves.
@Suite("The house is tidy")
struct TidyTests {
  /// What each floor may import of the house. Nothing sideways, nothing upward.
  static let allowed: [String: Set<String>] = [
    "Bytes": ["CChecksum"],
    "Clockwork": [],
    "Codecs": ["CCodecs"],
    "Histories": ["Clockwork"],
    "VersionStore": ["Histories"], "Converging": [], "DatabaseLab": ["CDatabase", "Histories", "VersionStore"],
    "RecordLog": ["Bytes", "Clockwork", "Codecs", "CMemoryFile"],
    "KafkaWire": ["Bytes"],
    "Scram": [],
    "EventSourcing": ["Bytes", "Clockwork"],
    "Delivery": ["Bytes", "Clockwork", "EventSourcing"],
    "Broker": ["Bytes", "Clockwork", "Codecs", "RecordLog"],
    "AtomicCommit": ["Clockwork"],
    "DeliveryEngine": ["Bytes", "Clockwork", "RecordLog", "EventSourcing", "Broker", "Delivery"],
    "DualWrite": ["Clockwork", "Delivery"],
    "Simulation": [
      "Bytes", "Clockwork", "RecordLog", "EventSourcing", "Broker", "Delivery", "DeliveryEngine", "DualWrite",
      "AtomicCommit", "CPrefetch",
    ],
    "BrokerServer": ["Bytes", "Clockwork", "Codecs", "RecordLog", "KafkaWire", "Scram", "Broker", "CMemoryFile"],
    "CheckoutServer": ["Bytes", "Clockwork", "RecordLog", "AtomicCommit"],
    "Workbench": [
      "Bytes", "Clockwork", "Converging", "EventSourcing", "Histories", "VersionStore", "DatabaseLab", "RecordLog",
      "Broker", "AtomicCommit", "Delivery", "DeliveryEngine", "DualWrite", "Simulation", "BrokerServer",
    ],
    "DeliveryRuntime": ["Bytes", "Clockwork", "RecordLog", "EventSourcing", "Delivery", "CKafkaClient"],
    "Notebook": ["Clockwork", "Workbench", "CMarkdown"],
    "Console": ["CLineEditor", "Clockwork", "Workbench"],
    "baedal": [
      "Bytes", "Clockwork", "EventSourcing", "RecordLog", "AtomicCommit", "Delivery", "Broker", "Simulation",
      "BrokerServer", "CheckoutServer", "DeliveryRuntime", "Workbench", "Notebook", "Console",
    ],
    "baedal-bench": [
      "Bytes", "Clockwork", "EventSourcing", "Histories", "RecordLog", "Delivery", "Broker", "AtomicCommit",
      "Simulation", "DeliveryRuntime",
    ],
  ]

  /// What may be imported from outside the house, and by whom.
  static let outside: [String: Set<String>] = [
    "ArgumentParser": ["Workbench", "baedal", "baedal-bench"],
    "HeapModule": ["EventSourcing", "Simulation", "BrokerServer"],
    "DequeModule": ["Delivery", "Simulation", "BrokerServer"], "OrderedCollections": ["BrokerServer"],
    "NIOCore": ["BrokerServer"], "NIOPosix": ["BrokerServer"], "NIOHTTP1": ["BrokerServer"], "NIOSSL": ["BrokerServer"],
    "Logging": ["BrokerServer", "baedal"], "ServiceLifecycle": ["baedal"], "UnixSignals": ["baedal"],
    "Crypto": ["Scram"],
    "Yams": ["Notebook"],
    "Foundation": ["Workbench", "Notebook", "Console", "baedal", "baedal-bench"],
    "FoundationEssentials": ["Workbench", "Notebook", "Console", "baedal", "baedal-bench"],
    "GRDB": ["CheckoutServer", "DeliveryRuntime"],
    "Glibc": [
      "RecordLog", "DatabaseLab", "BrokerServer", "CheckoutServer", "DeliveryRuntime", "Notebook", "Console", "baedal",
      "baedal-bench",
    ],
    "Synchronization": ["BrokerServer", "DeliveryRuntime", "Console", "baedal"],
    "Dispatch": ["DeliveryRuntime", "Workbench", "Console", "baedal", "baedal-bench"],
  ]

  /// Below the console, time and chance come from the world. A lesson's runner alone looks at the wall clock, to stop a
  /// command that hangs.
  static let forbiddenBelowConsole = [
    "Date()", ".random(", ".shuffled()", ".randomElement(", "ContinuousClock", "SystemRandomNumberGenerator", " UUID()",
    "(UUID()",
  ]

  static let sources = files(under: "Sources")

  @Test("every target is on the list, and every import is downward", arguments: sources)
  func imports(of file: SourceFile) throws {
    let own = try #require(Self.allowed[file.target], "\(file.target) is not on the list of floors")
    for name in file.imports {
      let isHouse = Self.allowed[name] != nil || name.hasPrefix("C") && name.dropFirst().first?.isUppercase == true
      let ok = isHouse ? own.contains(name) : Self.outside[name]?.contains(file.target) ?? false
      #expect(ok, "\(file.path) imports \(name)")
    }
  }

  @Test(
    "time and chance come from the world",
    arguments: sources.filter {
      !["Console", "baedal", "baedal-bench"].contains($0.target) && !$0.path.hasPrefix("Sources/Notebook/Run/")
    })
  func determinism(of file: SourceFile) {
    for word in Self.forbiddenBelowConsole {
      #expect(!file.code.contains(word), "\(file.path) uses \(word)")
    }
  }

  @Test("no file outgrows one sitting", arguments: sources)
  func size(of file: SourceFile) {
    #expect(file.lines.count <= 500, "\(file.path) has \(file.lines.count) lines: one concept, one file")
  }

  @Test(
    "nothing is left undone in place", arguments: sources + files(under: "Tests").filter { $0.target != "TidyTests" })
  func leftovers(of file: SourceFile) {
    for word in ["TODO", "FIXME", "XXX:", "fatalError(\"not implemented"] {
      #expect(!file.text.contains(word), "\(file.path) says \(word)")
    }
  }

  @Test("bytes and users are never forced", arguments: sources)
  func force(of file: SourceFile) {
    #expect(!file.code.contains("try!"), "\(file.path) uses try!")
    #expect(!file.code.contains(" as! "), "\(file.path) uses as!")
  }
}

struct SourceFile: Sendable, CustomTestStringConvertible {
  let path: String
  let text: String

  var target: String { String(path.split(separator: "/")[1]) }
  var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
  var testDescription: String { path }

  /// The text without comments.
  var code: String {
    lines.map { line in line.firstRange(of: "//").map { line[..<$0.lowerBound] } ?? line }.joined(separator: "\n")
  }

  var imports: [String] {
    lines.compactMap { line in
      let words = line.split(separator: " ")
      guard let at = words.firstIndex(of: "import"), at <= 2, words.count > at + 1, !line.hasPrefix(" ") else {
        return nil
      }
      let modifiers: Set<Substring> = ["public", "package", "internal", "private", "@testable", "@preconcurrency"]
      guard words[..<at].allSatisfy({ modifiers.contains($0) }) else { return nil }
      let kinds: Set<Substring> = ["struct", "class", "enum", "func", "protocol", "typealias", "var", "let"]
      let name = kinds.contains(words[at + 1]) && words.count > at + 2 ? words[at + 2] : words[at + 1]
      return String(name.split(separator: ".")[0])
    }
  }
}

/// Every Swift file below a top-level folder of the checkout.
func files(under folder: String) -> [SourceFile] {
  let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  let walker = FileManager.default.enumerator(at: root.appending(path: folder), includingPropertiesForKeys: nil)
  var found: [SourceFile] = []
  while let url = walker?.nextObject() as? URL {
    guard url.pathExtension == "swift", let text = try? String(contentsOf: url, encoding: .utf8) else { continue }
    found.append(SourceFile(path: String(url.path().dropFirst(root.path().count)), text: text))
  }
  return found.sorted { $0.path < $1.path }
}
