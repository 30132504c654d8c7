import Glibc
import RecordLog

/// A directory for one test, removed with its last owner: in memory where the system has such a place, because these
/// tests sync thousands of times.
final class ScratchDirectory {
  let path: String

  init() {
    let place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    var template = Array("\(place)/baedal-test-\(String(repeating: "X", count: 6))".utf8CString)
    path = mkdtemp(&template).map { String(cString: $0) } ?? "/nonexistent"
  }

  deinit {
    for name in names { unlink(path(of: name)) }
    rmdir(path)
  }

  func path(of name: String) -> String { "\(path)/\(name)" }

  var names: [String] {
    guard let stream = opendir(path) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  subscript(name: String) -> [UInt8] {
    get {
      guard let file = fopen(path(of: name), "r") else { return [] }
      defer { fclose(file) }
      var bytes = [UInt8](repeating: 0, count: 1 << 20)
      return Array(bytes[..<fread(&bytes, 1, bytes.count, file)])
    }
    set {
      guard let file = fopen(path(of: name), "w") else { return }
      defer { fclose(file) }
      _ = newValue.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) }
    }
  }

  func remove(_ name: String) { unlink(path(of: name)) }

  func link(_ name: String, to target: String) { symlink(target, path(of: name)) }
}

extension PartitionLog {
  /// Every batch there is.
  func everything() throws(LogError) -> [RecordBatch] {
    try read(from: startOffset, upTo: endOffset, maxBytes: .max)
  }
}
