import Foundation
import Testing

/// Compares text with the file of that name in `Golden/`; with BAEDAL_RECORD=1 in the environment it writes the file
/// instead, and the difference is read in review.
func expectGolden(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) {
  let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")
  let file = folder.appending(path: name + ".txt")
  let text = text.hasSuffix("\n") ? text : text + "\n"
  if ProcessInfo.processInfo.environment["BAEDAL_RECORD"] == "1" {
    #expect(throws: Never.self, sourceLocation: sourceLocation) {
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    return
  }
  guard let recorded = try? String(contentsOf: file, encoding: .utf8) else {
    Issue.record("No golden file \(name).txt. Record it: BAEDAL_RECORD=1 swift test", sourceLocation: sourceLocation)
    return
  }
  if text != recorded {
    Issue.record("\(name).txt differs. Now:\n\(text)\nRecorded:\n\(recorded)", sourceLocation: sourceLocation)
  }
}
