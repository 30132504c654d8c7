import Glibc
import RecordLog

/// A folder for one test, removed with everything in it.
final class Scratch: Sendable {
  let path: String

  init() {
    var template = Array("/tmp/baedal-test-XXXXXX".utf8CString)
    path = mkdtemp(&template).map { String(cString: $0) } ?? "/tmp/baedal-test"
  }

  deinit { Self.remove(path) }

  private static func remove(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    if status.st_mode & S_IFMT == S_IFDIR {
      for name in (try? LogDirectory(path).names()) ?? [] { remove("\(path)/\(name)") }
      rmdir(path)
    } else {
      unlink(path)
    }
  }
}
