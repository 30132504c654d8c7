import Glibc
import Synchronization

/// Holds a folder for one process: the system lets go of it when the process dies, however it does.
final class FolderLock: Sendable {
  private let held: Mutex<Int32?>

  init(_ folder: String) throws(DataError) {
    let path = folder + "/.lock"
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .unreadable(path, systemReason()) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let holder = Self.holder(descriptor)
      close(descriptor)
      throw .inUse(folder, by: holder)
    }
    // For whoever comes second. The lock is what counts, so it does not matter if this fails.
    let process = Array("\(getpid())\n".utf8)
    held = Mutex(descriptor)
    if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, process, process.count, 0) }
  }

  deinit { release() }

  func release() {
    held.withLock { descriptor in
      guard let held = descriptor else { return }
      // Said, not left to the closing: a process that was forked off meanwhile may hold the same descriptor.
      flock(held, LOCK_UN)
      close(held)
      descriptor = nil
    }
  }

  private static func holder(_ descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 16)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    let digits = bytes.prefix(max(0, count)).prefix { (0x30...0x39).contains($0) }
    return digits.isEmpty ? "unknown" : String(decoding: digits, as: UTF8.self)
  }
}

/// What the system says of the call that just failed.
func systemReason() -> String { String(cString: strerror(errno)) }
