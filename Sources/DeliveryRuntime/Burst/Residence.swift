internal import Glibc

/// What this process has in memory, as Linux counts it; 0 where it does not tell.
public enum Residence {
  public static var bytes: Int { field("VmRSS:") }
  /// The most that it ever was.
  public static var peakBytes: Int { field("VmHWM:") }

  /// A field of /proc/self/status, which is in kilobytes.
  private static func field(_ name: String) -> Int {
    guard let file = fopen("/proc/self/status", "r") else { return 0 }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 8192)
    let count = fread(&bytes, 1, bytes.count, file)
    for line in String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n") where line.hasPrefix(name) {
      return line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) }
        .map { $0 * 1024 } ?? 0
    }
    return 0
  }
}
